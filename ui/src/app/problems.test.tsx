import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import type { ProcessProblem } from "../api/bindings";
import { refused } from "../api/call";
import { DENIED, EVERY_ERROR } from "../testing/fixtures";
import { ProblemAlert, problemOf } from "./problems";

describe("every refusal", () => {
  test.each(Object.values(EVERY_ERROR))("$code has words", (error) => {
    const { title, happened, toDo } = problemOf(error);
    expect(title).not.toMatch(/[.!]$/);
    for (const sentence of [happened, toDo]) {
      expect(sentence).toMatch(/^\S.*\.$/);
      expect(sentence).not.toMatch(/!|undefined|null|\[object/);
    }
  });

  test("names what was refused on what", () => {
    expect(problemOf(DENIED).happened).toContain(DENIED.action);
    expect(problemOf(DENIED).happened).toContain(DENIED.resource);
  });
});

test.each<ProcessProblem>([
  { problem: "notStarted", cause: "No such file or directory (os error 2)" },
  { problem: "timedOut", seconds: 60 },
  { problem: "failed", status: 1, said: "vault is sealed\nask jo.\n" },
  { problem: "failed", status: null, said: "" },
  { problem: "unreadable", cause: "no AccessKeyId" },
  { problem: "expired" },
])("a credential process that was $problem is told in sentences", (problem) => {
  const { happened, toDo } = problemOf({ code: "credentialProcessFailed", profile: "p", problem });
  for (const sentence of [happened, toDo]) {
    expect(sentence).toMatch(/^\S.*\.$/);
    expect(sentence).not.toMatch(/\.\.|null|undefined/);
  }
});

test("a refused role says what to look at, the external ID first as it was given", () => {
  const refused = EVERY_ERROR.roleRefused;
  expect(problemOf(refused).points?.join()).toContain("none was given");
  const given = problemOf({ ...refused, externalIdGiven: true });
  expect(given.points?.join()).toContain("is not the one");
  expect(given.points?.join()).toContain("sts:AssumeRole");
});

test("only what the log has is looked for in the log", () => {
  expect(problemOf(EVERY_ERROR.unexpected).toDo).toContain("log");
  expect(problemOf(refused("invalid args").error).toDo).not.toContain("log");
});

test("a damaged cache is no loss, a damaged journal is left as it is", () => {
  const damaged = EVERY_ERROR.storageDamaged;
  expect(problemOf({ ...damaged, path: "/home/jo/cache.db" }).happened).toContain(
    "nothing is lost",
  );
  expect(problemOf(damaged).happened).toContain("It was left as it is");
  expect(problemOf(damaged).toDo).toContain("backup");
});

test("the request id and AWS's sentence are one click below, and can be copied", async () => {
  const user = userEvent.setup();
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  render(<ProblemAlert error={DENIED} />);
  await user.click(screen.getByText("Technical details"));
  expect(screen.getByText(DENIED.requestId ?? "")).toBeVisible();
  expect(screen.getByText(DENIED.cause)).toBeVisible();
  await user.click(screen.getByText("Copy details"));
  expect(JSON.parse(copied.mock.calls[0]?.[0] ?? "")).toEqual(DENIED);
});

test("a bare string from Tauri becomes an unexpected failure with its cause", () => {
  const text = "invalid args `query` for command `list_keys`";
  expect(refused(text).error).toEqual({ code: "unexpected", reference: `window: ${text}` });
  expect(refused(new Error(text)).error).toEqual(refused(text).error);
});
