// Instants in words. Local time first, UTC beside it, relative where nearness matters.

import { useSyncExternalStore } from "react";
import type { Timestamp } from "../api/bindings";

/** "in 12 days", "4 min ago"; the exact instant is in the tooltip. */
export function Relative({ at, prefix }: { at: Timestamp; prefix?: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {prefix ? `${prefix} ` : ""}
      {relative(at, now)}
    </time>
  );
}

/** The local date and time; UTC is in the tooltip. */
export function Instant({ at }: { at: Timestamp }) {
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {local(at)}
    </time>
  );
}

/** The local date; the exact instant is in the tooltip. */
export function Day({ at }: { at: Timestamp }) {
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {DAY.format(new Date(at))}
    </time>
  );
}

/** The local time to the second, for what takes seconds; date and UTC are in the tooltip. */
export function Clock({ at }: { at: Timestamp }) {
  return (
    <time dateTime={at} title={bothTimes(at)}>
      {CLOCK.format(new Date(at))}
    </time>
  );
}

/** "under 1 s", "4 s", "2 min 5 s" */
export function duration(from: Timestamp, to: Timestamp): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds === 0 ? "under 1 s" : inSeconds(seconds);
}

/** In the two largest units that say something: "2 min 5 s", "3 h", "1 d 4 h". */
export function inSeconds(seconds: number): string {
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24];
  const [minutes, rest] = [Math.floor(seconds / 60) % 60, seconds % 60];
  const parts: [number, string][] = [
    [days, "d"],
    [hours, "h"],
    [minutes, "min"],
    [rest, "s"],
  ];
  const first = parts.findIndex(([number]) => number > 0);
  const words = parts
    .slice(first, first + 2)
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`);
  return first < 0 ? "0 s" : words.join(" ");
}

/** Everything about an instant, for where it is the subject. */
export function FullInstant({ at }: { at: Timestamp }) {
  const now = useNow();
  return (
    <time dateTime={at}>
      {local(at)} <span className="unbroken">({relative(at, now)})</span>
      <br />
      <small className="secondary">{utc(at)}</small>
    </time>
  );
}

export function relative(at: Timestamp, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 60) {
    return seconds > 0 ? "in less than a minute" : "just now";
  }
  const [unit, length] = UNITS.find(([, length]) => size >= length) ?? ["minute", 60];
  const words = size < 3600 ? SHORT : LONG;
  // Towards zero: "in 12 days" never promises more time than there is.
  return words.format(Math.trunc(seconds / length), unit);
}

export function bothTimes(at: Timestamp): string {
  return `${local(at)} (${utc(at)})`;
}

export function local(at: Timestamp): string {
  return LOCAL.format(new Date(at));
}

/** The present; whatever shows it is drawn anew every half minute. */
export function useNow(): number {
  useSyncExternalStore(watchClock, () => present);
  // The last tick may be older than what is shown, which would then seem to lie in the future.
  return Date.now();
}

const LANGUAGE = navigator.language.startsWith("en") ? navigator.language : "en-GB";
const LOCAL = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" });
const LONG = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });
const SHORT = new Intl.RelativeTimeFormat("en-GB", { numeric: "always", style: "short" });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 2 * 365 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

function utc(at: Timestamp): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

let present = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function watchClock(watcher: () => void): () => void {
  if (watchers.size === 0) {
    present = Date.now();
  }
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    present = Date.now();
    for (const each of watchers) {
      each();
    }
  }, 30_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}
