import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import {
  BROWSER_REQUEST,
  LOGIN_REQUEST,
  MFA_DEVICE,
  MFA_REQUEST,
} from "../testing/connectionFixtures";
import { FakeBackend } from "../testing/fake";
import { REFUSED_CODE } from "../testing/fakeConnections";
import { EVERY_ERROR, HOSTILE, makeKey } from "../testing/fixtures";
import { lastAsked, openWindow } from "../testing/window";

/** The window with something asked of a person; what came of it is given back. */
function openAsked(request = MFA_REQUEST, backend = new FakeBackend()) {
  const ends: string[] = [];
  backend.connections.ask(request).then(
    () => ends.push("done"),
    ({ code }) => ends.push(code),
  );
  return { backend, ends, ...openWindow(backend, "/keys") };
}

/** Cloudscape asks for the code of the key, which user-event leaves out. */
function pressEscape(field: HTMLElement): void {
  fireEvent.keyDown(field, { key: "Escape", keyCode: 27 });
}

test("a code is asked for by device and connection, and crosses sealed", async () => {
  const { backend, ends, user } = openAsked();
  const dialog = await screen.findByRole("dialog", { name: "MFA code" });
  expect(dialog).toHaveTextContent(MFA_DEVICE);
  expect(dialog).toHaveTextContent("production");
  const field = within(dialog).getByLabelText("Code");
  await waitFor(() => expect(field).toHaveFocus());
  expect(field).toHaveAttribute("inputmode", "numeric");
  expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await user.keyboard("12345");
  expect(within(dialog).getByRole("button", { name: "Sign in" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await user.clear(field);
  await user.paste(" 123 456 ");
  expect(field).toHaveValue("123456");
  await user.keyboard("{Enter}");
  const { id, code } = await lastAsked(backend, "answer_mfa_request");
  expect(id).toBe(MFA_REQUEST.id);
  expect(JSON.stringify(code)).not.toContain("123456");
  expect(field).toHaveValue("");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(backend.store.openedTexts).toEqual(["123456"]);
  expect(ends).toEqual(["done"]);
});

test("a refused code says what AWS said, and the next one is taken", async () => {
  const { ends, user } = openAsked();
  const dialog = await screen.findByRole("dialog", { name: "MFA code" });
  const field = within(dialog).getByLabelText("Code");
  await user.type(field, "654321");
  await user.click(within(dialog).getByRole("button", { name: "Sign in" }));
  await screen.findByText(REFUSED_CODE);
  // The same dialog, ready for the next code.
  expect(dialog).toBeInTheDocument();
  await waitFor(() => expect(field).toHaveFocus());
  await user.keyboard("123456{Enter}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(ends).toEqual(["done"]);
});

test("while AWS judges a code, the dialog says that it works and can be given up", async () => {
  const backend = new FakeBackend();
  const judged = new Promise<never>(() => undefined);
  const answer = vi.spyOn(backend.connections, "judgeCode").mockReturnValue(judged);
  const { ends, user } = openAsked(MFA_REQUEST, backend);
  await user.type(await screen.findByLabelText("Code"), "123456{Enter}");
  await waitFor(() => expect(answer).toHaveBeenCalled());
  await user.type(screen.getByLabelText("Code"), "654321{Enter}");
  expect(backend.asked("answer_mfa_request")).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(ends).toEqual(["signInCancelled"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("Escape and Cancel give the request up, a click beside it does not", async () => {
  const { backend, ends, user } = openAsked();
  const dialog = await screen.findByRole("dialog");
  await user.click(dialog);
  expect(backend.asked("cancel_sign_in_request")).toEqual([]);
  pressEscape(screen.getByLabelText("Code"));
  await waitFor(() => expect(ends).toEqual(["signInCancelled"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("requests are answered one at a time, the oldest first", async () => {
  const backend = new FakeBackend();
  const { user } = openAsked(MFA_REQUEST, backend);
  backend.connections.ask(BROWSER_REQUEST).catch(() => undefined);
  await screen.findByRole("dialog", { name: "MFA code" });
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await screen.findByRole("dialog", { name: "Sign in in the browser" });
  expect(screen.getAllByRole("dialog")).toHaveLength(1);
});

test("the browser’s code can be compared and copied, and the page opened again", async () => {
  const { backend, ends, user } = openAsked(BROWSER_REQUEST);
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  const dialog = await screen.findByRole("dialog", { name: "Sign in in the browser" });
  expect(screen.getByTestId("user-code")).toHaveTextContent("BQKC-RWMT");
  expect(dialog).toHaveTextContent("only if it is exactly this one");
  expect(dialog).toHaveTextContent(/The time for it ends in \d min/);
  const again = within(dialog).getByRole("button", { name: "Open the page again" });
  await waitFor(() => expect(again).toHaveFocus());
  await user.click(within(dialog).getByRole("button", { name: "Copy code" }));
  expect(copied).toHaveBeenLastCalledWith("BQKC-RWMT");
  await user.click(within(dialog).getByRole("button", { name: "Copy link" }));
  expect(copied).toHaveBeenLastCalledWith(
    "https://device.sso.eu-west-1.amazonaws.com/?user_code=BQKC-RWMT",
  );
  await user.click(again);
  expect(await lastAsked(backend, "open_sign_in_page")).toEqual({ id: BROWSER_REQUEST.id });
  backend.connections.settle(BROWSER_REQUEST.id);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(ends).toEqual(["done"]);
});

test("aws login says where to go on", async () => {
  const { user, ends } = openAsked(LOGIN_REQUEST);
  const dialog = await screen.findByRole("dialog", { name: "Sign in in the browser" });
  expect(dialog).toHaveTextContent("aws login has opened the browser for the profile console");
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(ends).toEqual(["signInCancelled"]));
});

test("hostile names stay text", async () => {
  openAsked({
    id: "q",
    connection: HOSTILE.markup,
    wanted: { what: "mfaCode", serial: HOSTILE.rightToLeft },
  });
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent(HOSTILE.markup);
  expect(dialog.querySelector("img")).toBeNull();
});

test("the focus comes back to where it was", async () => {
  const backend = new FakeBackend();
  backend.keys = [makeKey(1)];
  openWindow(backend, "/keys");
  const settings = await screen.findByRole("button", { name: "Settings" });
  settings.focus();
  backend.connections.ask(MFA_REQUEST).catch(() => undefined);
  await screen.findByRole("dialog");
  pressEscape(screen.getByLabelText("Code"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(settings).toHaveFocus();
});

test("a sign-in that is missing has one button, which signs in and does again what failed", async () => {
  const backend = new FakeBackend();
  backend.refusals = { list_keys: EVERY_ERROR.signInNeeded };
  const { user } = openWindow(backend, "/keys");
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(await lastAsked(backend, "sign_in")).toMatchObject({ id: "sso-acme" });
  await screen.findByTestId("user-code");
  const asked = backend.asked("list_keys").length;
  backend.refusals = {};
  backend.connections.settle(BROWSER_REQUEST.id);
  await waitFor(() => expect(backend.asked("list_keys").length).toBeGreaterThan(asked));
  await waitFor(() => expect(screen.queryByText("Sign-in needed")).toBeNull());
});

test("a sign-in that fails says so beside its button", async () => {
  const backend = new FakeBackend();
  backend.refusals = { list_keys: EVERY_ERROR.signInNeeded, sign_in: EVERY_ERROR.signInFailed };
  const { user } = openWindow(backend, "/keys");
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The browser’s page refused");
  expect(screen.getByRole("button", { name: "Sign in" })).toBeEnabled();
});

test("a sign-in that was asked for before a restart is asked for anew by what failed for want of it", async () => {
  const backend = new FakeBackend();
  const forgotten = { ...EVERY_ERROR.signInNeeded, signIn: "before-the-restart" } as const;
  backend.refusals = { sign_in: { code: "notFound", what: "sign-in" } };
  const { user } = openWindow(backend, "/overview");
  await user.click(await screen.findByRole("button", { name: "Synchronise" }));
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  backend.syncs[0]?.fail(forgotten);
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(backend.syncs).toHaveLength(2));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Sign in" })).toBeNull());
  backend.refusals = {};
  backend.syncs[1]?.fail(EVERY_ERROR.signInNeeded);
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  await screen.findByTestId("user-code");
  expect(backend.asked("sign_in").map(({ id }) => id)).toEqual(["before-the-restart", "sso-acme"]);
  backend.connections.settle(BROWSER_REQUEST.id);
  await waitFor(() => expect(backend.syncs).toHaveLength(3));
});

test("a synchronisation that lacks a sign-in goes on after it", async () => {
  const backend = new FakeBackend();
  const { user } = openWindow(backend, "/overview");
  await user.click(await screen.findByRole("button", { name: "Synchronise" }));
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  backend.syncs[0]?.fail(EVERY_ERROR.signInNeeded);
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  await screen.findByTestId("user-code");
  backend.connections.settle(BROWSER_REQUEST.id);
  await waitFor(() => expect(backend.syncs).toHaveLength(2));
});
