import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import {
  ACCESS_KEY,
  BROWSER_REQUEST,
  makeRegistrations,
  SSO,
} from "../../testing/connectionFixtures";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR, HOSTILE, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

function rows(): string[] {
  return screen.queryAllByTestId("registration-row").map((row) => row.textContent ?? "");
}

async function openMenu(user: ReturnType<typeof openWindow>["user"], name: string, item: string) {
  await user.click(await screen.findByRole("button", { name: `Actions for ${name}` }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
}

test("thirty registrations are shown page by page, as the URL says", async () => {
  const backend = new FakeBackend();
  backend.registrations = makeRegistrations(30);
  const { cloudscape, user } = openWindow(backend, "/connections?page=2");
  await waitFor(() => expect(screen.getByTestId("range")).toHaveTextContent("11–20 of 30"));
  expect(rows()[0]).toBe("Account 11");
  await user.click(cloudscape.findPagination()?.findNextPageButton().getElement() as HTMLElement);
  await waitFor(() => expect(place()).toBe("/connections?page=3"));
  await waitFor(() => expect(screen.getByTestId("range")).toHaveTextContent("21–30 of 30"));
  expect(await lastAsked(backend, "find_registrations")).toEqual({
    query: { id: "", name: "", account: "", cloud: null, skip: 20, limit: 10 },
  });
});

test("a filter of the URL is asked of the backend, and every property can be filtered by", async () => {
  const backend = new FakeBackend();
  backend.registrations = makeRegistrations(30);
  const { cloudscape, user } = openWindow(backend, "/connections?account=55556666771&cloud=aws-cn");
  await waitFor(() => expect(rows()).toEqual(["Account 10", "Account 15"]));
  const { query } = await lastAsked(backend, "find_registrations");
  expect(query).toMatchObject({ account: "55556666771", cloud: "aws-cn" });
  const filter = cloudscape.findPropertyFilter();
  await user.click(filter?.findRemoveAllButton()?.getElement() as HTMLElement);
  await waitFor(() => expect(place()).toBe("/connections"));
  filter?.setInputValue("Name : Account 07");
  filter?.findNativeInput().keydown({ key: "Enter", keyCode: 13 });
  await waitFor(() => expect(place()).toBe("/connections?name=Account+07"));
  await waitFor(() => expect(rows()).toEqual(["Account 07"]));
});

test("no match and no registration are told apart", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  const { user } = openWindow(backend, "/connections?name=nobody");
  await screen.findByText("No registration matches");
  await user.click(screen.getByText("Show all registrations"));
  await waitFor(() => expect(rows()).toEqual(["Production", "Sandbox"]));
  backend.registrations = [];
  await backend.announce({ what: "registrations" });
  await screen.findByText("No account is connected");
});

test("a page that is past the end shows the last one", async () => {
  const backend = new FakeBackend();
  backend.registrations = makeRegistrations(12);
  openWindow(backend, "/connections?page=9");
  await waitFor(() => expect(place()).toBe("/connections?page=2"));
  await waitFor(() => expect(rows()).toEqual(["Account 11", "Account 12"]));
});

test("registrations that cannot be listed are not shown as none", async () => {
  const backend = new FakeBackend();
  const { user } = openWindow(backend, "/connections");
  await screen.findByRole("button", { name: "Actions for Sandbox" });
  backend.refusals = { find_registrations: EVERY_ERROR.unexpected };
  await backend.announce({ what: "registrations" });
  await screen.findByText("Something unforeseen happened");
  expect(screen.queryByText("No account is connected")).toBeNull();
  backend.refusals = {};
  await user.click(screen.getByText("Try again"));
  await screen.findByRole("button", { name: "Actions for Sandbox" });
});

test("removing a registration says that AWS is not touched and asks for its name", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  const { user } = openWindow(backend, "/connections");
  await openMenu(user, "Production", "Synchronise");
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent("Synchronising Production"),
  );
  await openMenu(user, "Production", "Remove");
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("Nothing in AWS is touched");
  const remove = within(dialog).getByRole("button", { name: "Remove registration" });
  expect(remove).toBeDisabled();
  await user.type(within(dialog).getByLabelText(/To confirm, type/), "Production");
  await user.click(remove);
  await waitFor(() =>
    expect(backend.asked("remove_registration")).toEqual([{ id: PRODUCTION.id }]),
  );
  expect(backend.asked("cancel_task")).toEqual([{ task: backend.syncs[0]?.task }]);
  await waitFor(() => expect(rows()).toEqual(["Sandbox"]));
  expect(screen.queryByText(/Synchronising/)).toBeNull();
});

test("connections say how they sign in, what uses them and how they stand", async () => {
  const backend = new FakeBackend();
  backend.registrations = [PRODUCTION];
  backend.connections.connections = [ACCESS_KEY, SSO];
  backend.connections.signIns.set(PRODUCTION.connection.id, { state: "signedIn", until: null });
  const { user } = openWindow(backend, "/connections");
  await user.click(await screen.findByRole("tab", { name: "Connections" }));
  await waitFor(() => expect(place()).toBe("/connections/sign-ins"));
  const table = await screen.findByRole("grid", { name: "Connections" });
  const row = async (name: string) =>
    (await within(table).findByRole("link", { name })).closest("tr") as HTMLElement;
  await waitFor(async () =>
    expect(await row("Corporate")).toHaveTextContent(
      "Profile “corporate-sso”, IAM Identity Center",
    ),
  );
  expect(await row("Corporate")).toHaveTextContent("https://kms.example.com");
  expect(await row("Key robot")).toHaveTextContent("Access key AKIAIOSFODNN7EXAMPLE");
  expect(await row("Key robot")).toHaveTextContent("KeyAdmin");
  expect(await row("Key robot")).toHaveTextContent("AWS, FIPS");
  expect(await row("Key robot")).toHaveTextContent("Not signed in yet");
  expect(await row("production")).toHaveTextContent("Signed in");
  await user.click(within(await row("production")).getByRole("link", { name: "Production" }));
  await waitFor(() => expect(place()).toBe(`/connections/registrations/${PRODUCTION.id}`));
});

test("a connection whose sign-in ran out has the one button, and stands well afterwards", async () => {
  const backend = new FakeBackend();
  backend.connections.connections = [SSO];
  backend.connections.signIns.set(SSO.id, { state: "failed", error: EVERY_ERROR.signInNeeded });
  const { user } = openWindow(backend, "/connections/sign-ins");
  await screen.findByText("Sign-in needed");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await screen.findByTestId("user-code");
  backend.connections.settle(BROWSER_REQUEST.id);
  await screen.findByText(/Signed in/);
  expect(screen.queryByText("Sign-in needed")).toBeNull();
});

test("a connection is tested where it stands", async () => {
  const backend = new FakeBackend();
  backend.registrations = [PRODUCTION];
  const { user } = openWindow(backend, "/connections/sign-ins");
  await openMenu(user, "production", "Test");
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("444455556666");
  expect(backend.asked("read_account")).toEqual([
    { connection: PRODUCTION.connection.id, role: { arn: "", externalId: "" } },
  ]);
});

test("a connection in use is not removed, and says what uses it", async () => {
  const backend = new FakeBackend();
  backend.registrations = [PRODUCTION];
  const { user } = openWindow(backend, "/connections/sign-ins");
  await openMenu(user, "production", "Remove");
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("The connection is in use");
  expect(within(dialog).getByRole("link", { name: "Production" })).toBeVisible();
  expect(within(dialog).queryByRole("button", { name: "Remove connection" })).toBeNull();
  expect(backend.asked("remove_connection")).toEqual([]);
});

test("removing a connection says what becomes of its secret", async () => {
  const backend = new FakeBackend();
  backend.connections.connections = [ACCESS_KEY];
  const { user } = openWindow(backend, "/connections/sign-ins");
  await openMenu(user, "Key robot", "Remove");
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("removed from the keychain");
  await user.click(within(dialog).getByRole("button", { name: "Remove connection" }));
  await waitFor(() => expect(backend.asked("remove_connection")).toEqual([{ id: ACCESS_KEY.id }]));
  await waitFor(() => expect(screen.queryByText("Key robot")).toBeNull());
});

test("a secret that the keychain does not let go of keeps its connection, with what to do", async () => {
  const backend = new FakeBackend();
  backend.connections.connections = [ACCESS_KEY];
  backend.refusals = { remove_connection: EVERY_ERROR.keychainLocked };
  const { user } = openWindow(backend, "/connections/sign-ins");
  await openMenu(user, "Key robot", "Remove");
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Remove connection" }));
  expect(await within(dialog).findByText(/^Unlock the keychain/)).toBeVisible();
  backend.refusals = { remove_connection: EVERY_ERROR.keychainMissing };
  await user.click(within(dialog).getByRole("button", { name: "Try again" }));
  expect(await within(dialog).findByText(/Secret Service/)).toBeVisible();
  backend.refusals = {};
  await user.click(within(dialog).getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.queryByText("Key robot")).toBeNull());
  expect(backend.asked("remove_connection")).toHaveLength(3);
});

test("hostile names stay text", async () => {
  const backend = new FakeBackend();
  const connection = { ...SSO, name: HOSTILE.markup };
  backend.registrations = [{ ...PRODUCTION, name: HOSTILE.markup, connection }];
  const { user } = openWindow(backend, "/connections");
  await waitFor(() => expect(rows()).toEqual([HOSTILE.markup]));
  await user.click(screen.getByRole("tab", { name: "Connections" }));
  await screen.findByTestId("connection-row");
  expect(document.querySelector("main img")).toBeNull();
  expect(document.body.dataset.hacked).toBeUndefined();
});
