import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR } from "../../testing/fixtures";
import { openWindow } from "../../testing/window";

async function openDialog(change: (backend: FakeBackend) => void = () => undefined) {
  const backend = new FakeBackend();
  change(backend);
  const { user } = openWindow(backend, "/settings");
  await user.click(await screen.findByRole("button", { name: "Start over" }));
  return { backend, user, dialog: screen.getByRole("dialog") };
}

test("starting the sandbox over says what goes and what stays, then reads it anew", async () => {
  const { backend, user, dialog } = await openDialog();
  expect(dialog).toHaveTextContent("Every change made in the sandbox account goes");
  expect(dialog).toHaveTextContent("What stays: the material in OwnKey’s store");
  expect(backend.sandboxStarts).toBe(0);
  await user.click(within(dialog).getByRole("button", { name: "Start over" }));
  await screen.findByText("The sandbox account is as it was at first.");
  expect(backend.sandboxStarts).toBe(1);
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent("Synchronising Sandbox"),
  );
});

test("operations that have not ended hold the sandbox as it is", async () => {
  const { user, dialog } = await openDialog((backend) => {
    backend.refusals = { start_sandbox_over: EVERY_ERROR.operationsOpen };
  });
  await user.click(within(dialog).getByRole("button", { name: "Start over" }));
  await waitFor(() => expect(dialog).toHaveTextContent("2 operations there have not ended"));
  expect(dialog).toHaveTextContent("Finish or undo");
});

test("a sandbox whose changes are not kept says so", async () => {
  const backend = new FakeBackend();
  backend.computer = { ...backend.computer, sandboxKept: false };
  openWindow(backend, "/settings");
  await screen.findByText("Changes in the sandbox are not kept");
});
