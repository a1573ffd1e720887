// The list of stored material as asked for: filtered, sorted, one page of it.

import type { StoredMaterial } from "../../api/bindings";
import type { SourceSort, SourcesPlace } from "../../app/paths";
import { heldPlaces, isUnprotected, lastVerified, originInWords } from "./material";

export const PAGE_SIZE = 25;

export interface Arranged {
  rows: StoredMaterial[];
  matching: number;
  pages: number;
  /** The page that is shown: the last one if a later one was asked for. */
  page: number;
}

export function arrange(
  all: readonly StoredMaterial[],
  place: SourcesPlace,
  sandboxAccounts: ReadonlySet<string>,
  now: number,
): Arranged {
  const words = place.text.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = all
    .filter((one) => !place.unprotected || isUnprotected(one, sandboxAccounts, now))
    .filter((one) => {
      const text = textOf(one);
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => compare(a, b, place.sort.by, now) * (place.sort.descending ? -1 : 1));
  const pages = Math.max(1, Math.ceil(matching.length / PAGE_SIZE));
  const page = Math.min(place.page, pages);
  return {
    rows: matching.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    matching: matching.length,
    pages,
    page,
  };
}

function textOf(one: StoredMaterial): string {
  return [
    one.name,
    one.id,
    one.spec,
    originInWords(one.origin),
    one.fingerprint,
    one.checkValue ?? "",
    ...one.places.map(({ key }) => key),
    ...one.backups.map(({ path }) => path),
  ]
    .join("\n")
    .toLowerCase();
}

const IN_LANGUAGE = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });

function compare(a: StoredMaterial, b: StoredMaterial, by: SourceSort, now: number): number {
  const [x, y] = [sortable(a, by, now), sortable(b, by, now)];
  const order =
    typeof x === "number" && typeof y === "number"
      ? x - y
      : IN_LANGUAGE.compare(String(x), String(y));
  return order || IN_LANGUAGE.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

function sortable(one: StoredMaterial, by: SourceSort, now: number): string | number {
  switch (by) {
    case "name":
      return one.name;
    case "spec":
      return one.spec;
    case "origin":
      return originInWords(one.origin);
    case "created":
      return Date.parse(one.createdAt);
    case "held":
      return heldPlaces(one, now).length;
    case "verified":
      return Date.parse(lastVerified(one)?.verifiedAt ?? "1970-01-01T00:00:00Z");
  }
}
