import { expect, test } from "vitest";
import { PRODUCTION, SANDBOX } from "../../testing/fixtures";
import { isUnderWay, NOT_BEGUN, type Progress, STEPS, standingOf } from "./progress";

const OVER = PRODUCTION.connection.id;
const BEGUN: Progress = { ...NOT_BEGUN, connection: OVER, step: "permissions" };

test("it goes on at the step where it was left, as long as the connection is there", () => {
  for (const step of ["signIn", "found", "permissions", "register"] as const) {
    expect(standingOf({ ...BEGUN, step }, [SANDBOX], true).step).toBe(step);
    expect(standingOf({ ...BEGUN, step }, [SANDBOX], false).step).toBe("signIn");
  }
});

test("what was registered meanwhile over the connection counts; what was there before does not", () => {
  expect(standingOf(BEGUN, [SANDBOX, PRODUCTION], true)).toEqual({
    step: "synchronise",
    registration: PRODUCTION,
  });
  const before = { ...BEGUN, before: [PRODUCTION.id] };
  expect(standingOf(before, [SANDBOX, PRODUCTION], true).step).toBe("permissions");
  expect(standingOf(NOT_BEGUN, [SANDBOX, PRODUCTION], false).step).toBe("signIn");
});

test("a registration that was removed has to be made again", () => {
  for (const step of ["synchronise", "firstKey"]) {
    const kept = { ...BEGUN, registration: PRODUCTION.id, step };
    expect(standingOf(kept, [SANDBOX, PRODUCTION], true).step).toBe(step);
    expect(standingOf(kept, [SANDBOX], true).step).toBe("register");
    expect(standingOf(kept, [SANDBOX], false).step).toBe("signIn");
  }
});

test("a step that this version does not know, and the end", () => {
  expect(standingOf({ ...NOT_BEGUN, step: "later" }, [], false).step).toBe("signIn");
  expect(standingOf({ ...NOT_BEGUN, step: "done" }, [PRODUCTION], true)).toEqual({
    step: "done",
    registration: undefined,
  });
  expect(STEPS).toHaveLength(6);
});

test("only what was begun and not ended is under way", () => {
  expect(isUnderWay(NOT_BEGUN)).toBe(false);
  expect(isUnderWay(BEGUN)).toBe(true);
  expect(isUnderWay({ ...BEGUN, step: "done" })).toBe(false);
});
