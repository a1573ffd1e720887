import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Operation } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import { DENIED, EVERY_ERROR, HOSTILE, makeKey, makeReport, SANDBOX } from "../../testing/fixtures";
import {
  arnOf,
  makeFinished,
  makeMaterial,
  makeOperation,
  makePlace,
  makeSteps,
  makeStopped,
} from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

function open(operations: Operation[], path = "/activity") {
  const backend = new FakeBackend();
  backend.keys = [makeKey(1)];
  backend.lastSyncs = [makeReport(SANDBOX)];
  backend.store.operations = operations;
  backend.store.materials = [makeMaterial(1, { name: "payments" })];
  return { backend, store: backend.store, ...openWindow(backend, path) };
}

async function openOne(operation: Operation) {
  const opened = open([operation], `/activity/${operation.id}`);
  await screen.findByRole("table", { name: "Steps of the operation" });
  return opened;
}

function rows(): HTMLElement[] {
  return screen.queryAllByTestId("operation-row").map((one) => one.closest("tr") as HTMLElement);
}

function main(): HTMLElement {
  return document.querySelector("main") as HTMLElement;
}

test("every operation is listed, the latest first, with its state in words", async () => {
  const { user } = open([
    makeFinished(5),
    makeOperation(1, { running: true }),
    makeOperation(2, { state: "undoing" }),
    makeFinished(3, { state: "undone", kind: "importMaterial" }),
    makeStopped(4),
  ]);
  await screen.findAllByTestId("operation-row");
  const expected = ["Running", "Half undone", "Undone", "Stopped by an error", "Finished"];
  for (const [index, text] of expected.entries()) {
    expect(rows()[index]).toHaveTextContent(text);
  }
  expect(rows()[0]).toHaveTextContent("alias/prod/payments");
  expect(rows()[0]).toHaveTextContent("Sandbox");
  expect(rows()[0]).toHaveTextContent("111122223333 · eu-central-1");
  expect(rows()[2]).toHaveTextContent("Import key material");
  await user.click(screen.getByText("Needs attention"));
  await waitFor(() => expect(rows()).toHaveLength(3));
  expect(place()).toBe("/activity?show=open");
  await user.click(within(rows()[2] as HTMLElement).getByText("Upload key"));
  await waitFor(() => expect(place()).toBe("/activity/op-0004"));
});

test("pages follow one another", async () => {
  const { backend, user } = open(Array.from({ length: 120 }, (_, index) => makeFinished(index)));
  await screen.findAllByTestId("operation-row");
  expect(rows()).toHaveLength(50);
  await user.click(screen.getByRole("button", { name: "Page 3 of all pages" }));
  await waitFor(() => expect(rows()).toHaveLength(20));
  const { query } = await lastAsked(backend, "list_operations");
  expect(query).toEqual({ openOnly: false, key: null, skip: 100, limit: 50 });
});

test("an empty list says what would be here, and nothing open is no failure", async () => {
  const { user } = open([]);
  await screen.findByText("No operation yet");
  await user.click(screen.getByText("Needs attention"));
  await screen.findByText("Nothing needs attention");
  await user.click(screen.getByText("Show all operations"));
  await screen.findByText("No operation yet");
  await user.click(screen.getByText("Upload a key"));
  await waitFor(() => expect(place()).toContain("/keys/upload"));
});

test("a list that cannot be read is not shown as empty", async () => {
  const { backend } = open([]);
  await screen.findByText("No operation yet");
  backend.refusals = { list_operations: EVERY_ERROR.unexpected };
  await backend.announce({ what: "operations" });
  await screen.findByText("Something unforeseen happened");
  expect(screen.queryByText("No operation yet")).toBeNull();
});

test("before the first import, undoing is offered first and needs no typing", async () => {
  const { backend, store, user } = await openOne(makeOperation(1));
  const buttons = within(main()).getAllByRole("button", { name: /^(Undo|Finish)/ });
  expect(buttons.map((one) => one.textContent)).toEqual(["Undo", "Finish"]);
  expect(main()).toHaveTextContent("Nothing was done in AWS");
  expect(main()).toHaveTextContent("Create the key");
  await user.click(buttons[0] as HTMLElement);
  const asked = await lastAsked(backend, "undo_operation");
  expect(asked).toMatchObject({ id: "op-0001", confirmation: "" });
  store.works[0]?.end(
    makeOperation(1, { state: "undone", undo: null, closedAt: new Date().toISOString() }),
  );
  await waitFor(() => expect(main()).toHaveTextContent("Undone"));
  expect(within(main()).queryByRole("button", { name: "Finish" })).toBeNull();
});

test("after it, undoing a key asks for what the offer names", async () => {
  const { backend, user } = await openOne(makeStopped(4));
  expect(main()).toHaveTextContent(`The credentials may not call ${DENIED.action}`);
  expect(within(main()).getByTitle("request-of-step-3")).toBeVisible();
  const buttons = within(main()).getAllByRole("button", { name: /^(Undo|Finish)/ });
  expect(buttons.map((one) => one.textContent)).toEqual(["Finish", "Undo: remove the key"]);
  await user.click(buttons[1] as HTMLElement);
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("AWS deletes it after 7 days");
  const undo = within(dialog).getByRole("button", { name: "Undo" });
  expect(undo).toBeDisabled();
  await user.type(within(dialog).getByRole("textbox"), "alias/prod/payments");
  await user.click(undo);
  expect(await lastAsked(backend, "undo_operation")).toMatchObject({
    id: "op-0004",
    confirmation: "alias/prod/payments",
  });
});

test("an operation that can neither be finished nor undone is left as it is, by typing", async () => {
  const { backend, user } = await openOne(makeStopped(4));
  await user.click(within(main()).getByRole("button", { name: "Leave it as it is" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("AWS is asked nothing");
  const leave = within(dialog).getByRole("button", { name: "Leave it as it is" });
  expect(leave).toBeDisabled();
  await user.type(within(dialog).getByRole("textbox"), "alias/prod/payments");
  await user.click(leave);
  expect(await lastAsked(backend, "leave_operation")).toEqual({
    id: "op-0004",
    confirmation: "alias/prod/payments",
  });
  await waitFor(() => expect(main()).toHaveTextContent("Left as it is"));
});

test("finishing shows each step as it comes, can be cancelled, and ends in words", async () => {
  const { backend, store, user } = await openOne(makeStopped(4));
  await user.click(within(main()).getByRole("button", { name: "Finish" }));
  await waitFor(() => expect(store.works).toHaveLength(1));
  const running = { ...makeStopped(4), running: true, error: null, steps: makeSteps(7) };
  store.works[0]?.progress(running);
  await waitFor(() => expect(main()).toHaveTextContent("Step 8 of 8"));
  await user.click(within(main()).getByRole("button", { name: "Cancel" }));
  expect(await lastAsked(backend, "cancel_task")).toEqual({ task: store.works[0]?.task });
  await within(main()).findByText("Cancelling after this step");
  // The page shows it: no notice says the same again.
  expect(screen.getByTestId("notices")).not.toHaveTextContent("Upload key");
  store.works[0]?.end(makeFinished(4));
  await waitFor(() => expect(main()).toHaveTextContent("Finished"));
  expect(within(main()).queryByText("Stopped half-way")).toBeNull();
});

test("work that was refused as a whole says why and leaves the choice", async () => {
  const { store, user } = await openOne(makeStopped(4));
  await user.click(within(main()).getByRole("button", { name: "Finish" }));
  await waitFor(() => expect(store.works).toHaveLength(1));
  store.works[0]?.fail(EVERY_ERROR.keychainLocked);
  await screen.findByText("This could not be done");
  expect(within(main()).getByRole("button", { name: "Finish" })).toBeEnabled();
});

test("undoing that was begun is only finished; what cannot be undone says so", async () => {
  const { backend, user } = await openOne(
    makeOperation(2, { state: "undoing", undo: { undo: "close" } }),
  );
  expect(within(main()).queryByRole("button", { name: "Undo" })).toBeNull();
  await user.click(within(main()).getByRole("button", { name: "Finish undoing" }));
  expect(await lastAsked(backend, "finish_operation")).toMatchObject({ id: "op-0002" });
});

test("an import whose former expiry has passed can only be finished", async () => {
  await openOne(
    makeOperation(6, { kind: "importMaterial", undo: { undo: "tooLate" }, key: arnOf(6) }),
  );
  expect(main()).toHaveTextContent("This cannot be undone: the former expiry has passed.");
  expect(within(main()).getByRole("button", { name: "Finish" })).toBeEnabled();
  expect(within(main()).queryByRole("button", { name: /^Undo/ })).toBeNull();
});

test("a step whose answer is unknown says that it is looked up first", async () => {
  await openOne(makeOperation(1, { steps: makeSteps(2, { state: "asked" }) }));
  expect(main()).toHaveTextContent("whether it was done is looked up first");
  expect(main()).toHaveTextContent("Not known whether it was done");
});

test("hostile words of AWS are text on the operation's page", async () => {
  await openOne(makeStopped(4, { ...DENIED, cause: HOSTILE.markup, resource: HOSTILE.long }));
  expect(document.querySelector("main img")).toBeNull();
  expect(document.body.dataset.hacked).toBeUndefined();
});

test("an unknown operation is not found", async () => {
  open([], "/activity/op-none");
  await screen.findByText("Not found");
});

test("what was interrupted is said above every page at the start, once, and leads to it", async () => {
  const { user } = open([makeStopped(4), makeFinished(5)], "/keys");
  const notices = await screen.findByTestId("notices");
  await within(notices).findByText("1 operation was interrupted");
  expect(notices).toHaveTextContent(
    "Upload key alias/prod/payments in eu-central-1. Finish or undo it.",
  );
  await user.click(within(notices).getByText("Show the operation"));
  await waitFor(() => expect(place()).toBe("/activity/op-0004"));
  // Its own page needs no notice.
  await waitFor(() => expect(notices).not.toHaveTextContent("interrupted"));
});

test("several interrupted operations are one notice, which can be dismissed; the overview keeps them", async () => {
  const { user } = open(
    [1, 2, 3, 4, 5].map((number) => makeOperation(number)),
    "/overview",
  );
  const notices = await screen.findByTestId("notices");
  await within(notices).findByText("5 operations were interrupted");
  await user.click(within(notices).getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(notices).not.toHaveTextContent("interrupted"));
  const needs = document.querySelector(".needs") as HTMLElement;
  expect(within(needs).getAllByText(/^Half done/)).toHaveLength(3);
  await user.click(within(needs).getByText("2 more half-done operations"));
  await waitFor(() => expect(place()).toBe("/activity?show=open"));
});

test("an operation that runs is not interrupted", async () => {
  const { backend } = open([makeOperation(1, { running: true })], "/overview");
  await lastAsked(backend, "list_operations");
  await screen.findByText(/^Nothing\. No operation is half done/);
  expect(screen.getByTestId("notices")).not.toHaveTextContent("interrupted");
});

test("the overview names material that AWS holds without a verified backup", async () => {
  const { store, backend, user } = open([], "/overview");
  await screen.findByText(/^Nothing\./);
  store.materials = [makeMaterial(2, { places: [makePlace(arnOf(2))] })];
  await backend.announce({ what: "materials" });
  await user.click(await screen.findByText("1 material held by AWS without a verified backup"));
  await waitFor(() => expect(place()).toBe("/sources?show=unprotected"));
});

test("a store that cannot be opened is not fine on the overview", async () => {
  const backend = new FakeBackend();
  backend.keys = [makeKey(1)];
  backend.lastSyncs = [makeReport(SANDBOX)];
  backend.refusals = { list_materials: EVERY_ERROR.keychainLocked };
  openWindow(backend, "/overview");
  await screen.findByText("Whether stored material is backed up is not known");
  expect(screen.queryByText(/^Nothing\./)).toBeNull();
});

test("the palette and the navigation lead to the sources and to what needs attention", async () => {
  const { user } = open([]);
  await screen.findByText("No operation yet");
  await user.keyboard("{Control>}k{/Control}attention{Enter}");
  await waitFor(() => expect(place()).toBe("/activity?show=open"));
  await user.keyboard("{Control>}k{/Control}verified backup{Enter}");
  await waitFor(() => expect(place()).toBe("/sources?show=unprotected"));
  const pages = ["Overview", "Keys", "Sources", "Activity", "Connections"];
  const links = [...document.querySelectorAll("a")].map((link) => link.textContent ?? "");
  expect(links.filter((text) => pages.includes(text))).toEqual(pages);
});
