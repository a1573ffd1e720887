import { expect, test } from "vitest";
import { duration } from "./Time";

test.each([
  ["2026-11-22T10:00:00Z", "under 1 s"],
  ["2026-11-22T10:00:04Z", "4 s"],
  ["2026-11-22T10:02:05Z", "2 min 5 s"],
  ["2026-11-22T10:02:00Z", "2 min"],
  ["2026-11-22T11:00:30Z", "1 h"],
  ["2026-11-22T13:30:00Z", "3 h 30 min"],
  ["2026-11-23T14:00:00Z", "1 d 4 h"],
])("until %s it took %s", (to, words) => {
  expect(duration("2026-11-22T10:00:00Z", to)).toBe(words);
});
