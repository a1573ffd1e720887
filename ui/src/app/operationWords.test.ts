import { describe, expect, test } from "vitest";
import type { FileProblem, PlanNote, Step, StepOutcome, UndoOffer } from "../api/bindings";
import { DENIED, inDays } from "../testing/fixtures";
import { makeFinished, makeOperation, makeSteps, makeStopped } from "../testing/operationFixtures";
import { fileProblemInWords } from "./fileWords";
import {
  noteInWords,
  operationStateInWords,
  outcomeInWords,
  stepDetail,
  stepInWords,
  stepsInWords,
  undoInWords,
} from "./operationWords";

const NONSENSE = /undefined|null|\[object|NaN|!/;
const KEY = "arn:aws:kms:eu-central-1:111122223333:key/0000";

const STEPS: Step[] = [
  ...makeSteps(0).map(({ step }) => step),
  { step: "sealMaterial", spec: "HMAC_224", known: true },
  { step: "tagKey", tags: [{ key: "owner", value: "" }] },
  { step: "deleteAlias", alias: "alias/a" },
  { step: "scheduleKeyDeletion", days: 7 },
  { step: "deleteMaterial" },
];

test.each(STEPS)("$step has words", (step) => {
  expect(stepInWords(step)).toMatch(/^[A-Z].*[^.]$/);
  expect(stepInWords(step) + stepDetail(step)).not.toMatch(NONSENSE);
});

const OUTCOMES: StepOutcome[] = [
  { outcome: "done" },
  { outcome: "foundDone" },
  { outcome: "keyMade", key: KEY, found: true },
  { outcome: "backedUp", path: "/media/a.age" },
  { outcome: "imported", kmsMaterialId: null },
  { outcome: "proved", proof: "mac" },
  { outcome: "notProved", error: DENIED },
  { outcome: "deletionScheduled", at: inDays(7) },
  { outcome: "deletionScheduled", at: null },
];

test.each(OUTCOMES)("$outcome has words", (outcome) => {
  expect(outcomeInWords(outcome)).not.toMatch(NONSENSE);
});

const NOTES: PlanNote[] = [
  { note: "fileStays", name: "a.key" },
  { note: "expires", at: inDays(9) },
  { note: "multiRegionIsForGood", multiRegion: true },
  { note: "lockoutCheckBypassed" },
  { note: "waits" },
  { note: "sameBytesUnknown" },
  { note: "sameBytesProved", fingerprint: "3f9a" },
  { note: "aliasNotChecked", error: DENIED },
  { note: "usedElsewhere", keys: [KEY, KEY] },
  { note: "sandbox" },
];

test.each(NOTES)("$note has words", (note) => {
  expect(noteInWords(note).text).toMatch(/^\S.*\.$/);
  expect(noteInWords(note).text).not.toMatch(NONSENSE);
});

const UNDO: UndoOffer[] = [
  { undo: "close" },
  { undo: "removeKey", key: null, confirmation: null },
  { undo: "removeKey", key: KEY, confirmation: "alias/a" },
  { undo: "removeMaterial", key: KEY, confirmation: "alias/a" },
  { undo: "restoreExpiry", expiry: { expires: "at", at: inDays(3) } },
  { undo: "tooLate" },
];

test.each(UNDO)("undo: $undo has words", (offer) => {
  expect(undoInWords(offer).does).toMatch(/^\S.*\.$/);
  expect(undoInWords(offer).does).not.toMatch(NONSENSE);
  expect(undoInWords(offer).verb === null).toBe(offer.undo === "tooLate");
});

const FILES: FileProblem[] = [
  { problem: "empty" },
  { problem: "tooLarge", found: 70_000, limit: 65_536 },
  { problem: "ambiguous", readings: [{ reading: "hex", length: 32 }] },
  { problem: "unreadable" },
  { problem: "wrongLength", reading: "base64", found: 16, expected: 32 },
  { problem: "wrongKind", found: "an RSA private key" },
  { problem: "wrongSize", found: 1024 },
  { problem: "wrongCurve" },
  { problem: "encrypted" },
  { problem: "trailingBytes", count: 1 },
  { problem: "inconsistent" },
  { problem: "allZero" },
  { problem: "oneByteRepeated" },
  { problem: "severalKeys", found: 2 },
];

describe("what is wrong with a file", () => {
  test.each(FILES)("$problem has words that name the file", (problem) => {
    const { happened, toDo } = fileProblemInWords("a.key", problem, "RSA_2048");
    expect(happened).toContain("“a.key”");
    for (const sentence of [happened, toDo]) {
      expect(sentence).toMatch(/^\S.*\.$/);
      expect(sentence).not.toMatch(NONSENSE);
    }
  });

  test("what was found and what was expected are named", () => {
    const wrong: FileProblem = {
      problem: "wrongLength",
      reading: "hex",
      found: 16,
      expected: 32,
    };
    const { happened } = fileProblemInWords("a.key", wrong, "SYMMETRIC_DEFAULT");
    expect(happened).toContain("16 bytes of key material, read as Hexadecimal");
    expect(happened).toContain("Symmetric (AES-256) needs exactly 32 bytes");
  });
});

test("progress counts the steps under way, and those of undoing by themselves", () => {
  expect(stepsInWords(makeOperation(1))).toEqual({
    text: "Step 3 of 8: Create the key",
    percent: 25,
  });
  expect(stepsInWords(makeFinished(1)).percent).toBe(100);
  const undoing = makeOperation(1, {
    state: "undoing",
    steps: [
      ...makeSteps(3),
      {
        ...(makeSteps(0)[0] as ReturnType<typeof makeSteps>[0]),
        number: 8,
        step: { step: "scheduleKeyDeletion", days: 7 },
        undo: true,
      },
    ],
  });
  expect(stepsInWords(undoing).text).toBe("Step 1 of 1: Schedule the key’s deletion");
});

test("an operation that has not ended runs, or waits for a person", () => {
  expect(operationStateInWords(makeOperation(1, { running: true })).text).toBe("Running");
  expect(operationStateInWords(makeOperation(1)).text).toBe("Stopped half-way");
  expect(operationStateInWords(makeStopped(1)).text).toBe("Stopped by an error");
  expect(operationStateInWords(makeFinished(1)).text).toBe("Finished");
});
