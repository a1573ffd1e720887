// Synchronising in words and numbers.

import type { RegionProgress, Scope, SyncProgress, SyncReport } from "../api/bindings";

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
}

/** "eu-west-1: 212 of 500 keys; waiting for AWS's quota, 40 s left" */
export function regionInWords({ region, stage, read, listed, waiting }: RegionProgress): string {
  const far =
    stage === "listing"
      ? `${read.toLocaleString("en-GB")} of at least ${count(listed, "key")}`
      : `${read.toLocaleString("en-GB")} of ${count(listed, "key")}`;
  const wait = waiting
    ? `; ${waiting.on === "quota" ? "waiting for AWS’s quota" : "AWS is throttling, waiting"}, ${waiting.seconds} s left`
    : "";
  return `${region}: ${far}${wait}`;
}

export function progressInWords({ regions, read, listed }: SyncProgress): string {
  const finished = regions.filter(({ stage }) => isFinished(stage)).length;
  return `${read.toLocaleString("en-GB")} of ${count(listed, "key")}, ${finished} of ${count(regions.length, "region")} finished`;
}

/** The regions at work; those not begun and those finished say nothing new. */
export function atWork({ regions }: SyncProgress): RegionProgress[] {
  return regions.filter(({ stage }) => stage === "listing" || stage === "reading");
}

/** In per cent of what is known so far; the list itself may still grow. */
export function share({ read, listed }: SyncProgress): number {
  return listed === 0 ? 0 : Math.floor((100 * read) / listed);
}

export function reportInWords({ outcome, keys, gone, regions, refusals }: SyncReport): string {
  const refused = refusals.reduce((sum, { times }) => sum + times, 0);
  const parts = [
    `${count(keys, "key")} read in ${count(regions.length, "region")}`,
    ...(gone > 0 ? [`${count(gone, "key")} newly gone`] : []),
    ...(refused > 0 ? [`${count(refused, "reading")} refused`] : []),
  ];
  const end = outcome === "cancelled" ? "Cancelled; what was read is kept. " : "";
  return `${end}${parts.join(", ")}.`;
}

/** Whether the scope may have keys that the list does not show, because AWS refused to. */
export function mayLackKeys({ outcome, regions, refusals }: SyncReport, scope: Scope): boolean {
  const isLookedAt = (region: string | null) =>
    region === null || scope.regions.length === 0 || scope.regions.includes(region);
  return (
    outcome === "failed" ||
    (outcome === "partial" &&
      (regions.some(
        ({ region, stage, listComplete }) =>
          isLookedAt(region) && (stage === "refused" || !listComplete),
      ) ||
        refusals.some(
          ({ region, action }) =>
            isLookedAt(region) && (action === "kms:ListKeys" || action === "kms:DescribeKey"),
        )))
  );
}

function isFinished(stage: RegionProgress["stage"]): boolean {
  return stage === "done" || stage === "refused" || stage === "cancelled";
}
