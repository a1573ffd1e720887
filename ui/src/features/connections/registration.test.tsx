import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { ACCESS_KEY, MFA_DEVICE, SSO } from "../../testing/connectionFixtures";
import { FakeBackend } from "../../testing/fake";
import { REFUSED_CODE } from "../../testing/fakeConnections";
import { EVERY_ERROR, HOSTILE, makeKey, PRODUCTION } from "../../testing/fixtures";
import { makeOperation } from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

const ROLE = { arn: "arn:aws:iam::444455556666:role/KeyAdmin", externalId: "acme-7" };

function company(): FakeBackend {
  const backend = new FakeBackend();
  backend.registrations = [
    { ...PRODUCTION, role: ROLE },
    { ...PRODUCTION, id: "r-other", name: "Virginia", regions: ["us-east-1"] },
  ];
  backend.keys = [1, 2].map((number) =>
    makeKey(number, { row: { registration: PRODUCTION.id, region: "eu-west-1" } }),
  );
  backend.connections.found.regions = ["eu-central-1", "eu-north-1", "eu-west-1", "us-east-1"].map(
    (region) => ({ region, heldBy: null }),
  );
  return backend;
}

function openPage(backend = company()) {
  return { backend, ...openWindow(backend, `/connections/registrations/${PRODUCTION.id}`) };
}

test("a registration’s page has all that is known of it", async () => {
  const backend = company();
  backend.store.operations = [{ ...makeOperation(1), registration: PRODUCTION.id }];
  backend.connections.signIns.set(PRODUCTION.connection.id, { state: "signedIn", until: null });
  const { user } = openPage(backend);
  await screen.findByRole("heading", { name: "Production", level: 1 });
  const page = document.querySelector("main") as HTMLElement;
  for (const text of [
    PRODUCTION.id,
    "444455556666",
    "acme-production",
    PRODUCTION.callerArn,
    ROLE.arn,
    ROLE.externalId,
    "Signed in",
    "1 operation",
    "2 keys in the cache",
  ]) {
    expect(page).toHaveTextContent(text);
  }
  expect(screen.getByRole("button", { name: "Copy registration ID" })).toBeVisible();
  await user.click(screen.getByRole("link", { name: "2 keys" }));
  await waitFor(() =>
    expect(place()).toBe(`/keys?registrations=${PRODUCTION.id}&regions=eu-west-1`),
  );
});

test("a registration that is not there says so", async () => {
  openWindow(new FakeBackend(), "/connections/registrations/r-none");
  await screen.findByText("Not found");
});

test("the regions are changed: what another registration holds is off, and what is left is forgotten here", async () => {
  const { backend, user } = openPage();
  await user.click(await screen.findByRole("button", { name: "Change regions" }));
  const dialog = await screen.findByRole("dialog");
  expect(await lastAsked(backend, "read_account")).toEqual({
    connection: PRODUCTION.connection.id,
    role: ROLE,
  });
  const held = await within(dialog).findByLabelText("us-east-1");
  expect(held).toBeDisabled();
  const why = within(dialog).getByText(/^Held by the registration/);
  expect(why).toHaveTextContent("Held by the registration “Virginia”");
  const change = within(dialog).getByRole("button", { name: "Change regions" });
  expect(change).toHaveAttribute("aria-disabled", "true");
  await user.click(within(dialog).getByLabelText("eu-west-1"));
  await user.click(within(dialog).getByLabelText("eu-north-1"));
  expect(dialog).toHaveTextContent("eu-west-1: 2 cached keys");
  expect(dialog).toHaveTextContent("Nothing in AWS changes");
  await user.click(change);
  expect(await lastAsked(backend, "change_registration")).toEqual({
    id: PRODUCTION.id,
    change: { part: "regions", regions: ["eu-central-1", "eu-north-1"] },
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const regions = screen.getByRole("grid", { name: "Regions" });
  await waitFor(() => expect(regions).toHaveTextContent("eu-north-1"));
  expect(regions).not.toHaveTextContent("eu-west-1");
  expect(backend.syncs.map((sync) => sync.registration)).toEqual([PRODUCTION.id]);
});

test("a code that is needed meanwhile is asked for above the dialog, which then goes on", async () => {
  const backend = company();
  const connection = {
    ...PRODUCTION.connection,
    kind: { kind: "profile" as const, profile: "with-mfa" },
  };
  backend.registrations = [{ ...PRODUCTION, connection }];
  const { user } = openPage(backend);
  await user.click(await screen.findByRole("button", { name: "Change regions" }));
  const dialog = await screen.findByRole("dialog", { name: "Change regions" });
  await screen.findByRole("dialog", { name: "MFA code" });
  expect(screen.getAllByRole("dialog").at(-1)).toHaveTextContent(MFA_DEVICE);
  await waitFor(() => expect(screen.getByLabelText("Code")).toHaveFocus());
  await user.keyboard("000000{Enter}");
  await screen.findByText(REFUSED_CODE);
  await waitFor(() => expect(screen.getByLabelText("Code")).toHaveFocus());
  await user.keyboard("123456{Enter}");
  await within(dialog).findByLabelText("eu-north-1");
  await waitFor(() => expect(screen.queryByRole("dialog", { name: "MFA code" })).toBeNull());
  expect(dialog).toContainElement(document.activeElement as HTMLElement);
});

test("regions can be left without an answer of AWS", async () => {
  const backend = company();
  backend.refusals = { read_account: EVERY_ERROR.endpointUnreachable };
  const { user } = openPage(backend);
  await user.click(await screen.findByRole("button", { name: "Change regions" }));
  const dialog = await screen.findByRole("dialog");
  await within(dialog).findByText("Which other regions there are is not known");
  await user.click(within(dialog).getByLabelText("eu-west-1"));
  await user.click(within(dialog).getByRole("button", { name: "Change regions" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(backend.registrations[0]?.regions).toEqual(["eu-central-1"]);
});

test("a region that was taken since is told at the regions", async () => {
  const backend = company();
  backend.refusals = { change_registration: EVERY_ERROR.regionsTaken };
  const { user } = openPage(backend);
  await user.click(await screen.findByRole("button", { name: "Change regions" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(await within(dialog).findByLabelText("eu-north-1"));
  await user.click(within(dialog).getByRole("button", { name: "Change regions" }));
  await within(dialog).findByText(/already holds eu-west-1/);
});

test("the connection is changed after signing in the new way", async () => {
  const backend = company();
  backend.connections.connections = [{ ...ACCESS_KEY, role: null }];
  const { cloudscape, user } = openPage(backend);
  await user.click(await screen.findByRole("button", { name: "Change connection" }));
  const dialog = await screen.findByRole("dialog");
  const change = within(dialog).getByRole("button", { name: "Sign in and change" });
  expect(change).toHaveAttribute("aria-disabled", "true");
  const select = cloudscape.findModal()?.findContent().findSelect();
  select?.openDropdown();
  select?.selectOptionByValue(ACCESS_KEY.id, { expandToViewport: true });
  await user.click(change);
  expect(await lastAsked(backend, "change_registration")).toEqual({
    id: PRODUCTION.id,
    change: { part: "connection", connection: ACCESS_KEY.id, role: ROLE },
  });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(await screen.findByRole("link", { name: "Key robot" })).toBeVisible();
});

test("another account than the registered one is refused, and nothing is changed", async () => {
  const { backend, user } = openPage();
  await user.click(await screen.findByRole("button", { name: "Change connection" }));
  const dialog = await screen.findByRole("dialog");
  const role = within(dialog).getByLabelText(/^Role/);
  await user.clear(role);
  await user.click(role);
  await user.paste("arn:aws:iam::777788889999:role/KeyAdmin");
  await user.click(within(dialog).getByRole("button", { name: "Sign in and change" }));
  await within(dialog).findByText("This is another account");
  expect(backend.registrations[0]?.role).toEqual(ROLE);
});

test("a refused role is told at its fields, with what to look at", async () => {
  const backend = company();
  backend.connections.externalIds.set(ROLE.arn, "another");
  const { user } = openPage(backend);
  await user.click(await screen.findByRole("button", { name: "Change connection" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(/^External ID/), "8");
  await user.click(within(dialog).getByRole("button", { name: "Sign in and change" }));
  await within(dialog).findByText("The role cannot be assumed");
  expect(dialog).toHaveTextContent("trust policy");
  expect(dialog).toHaveTextContent("sts:AssumeRole");
  expect(dialog).toHaveTextContent("It may not be the external ID that the role asks for.");
});

test("a connection is added: tested, then saved; its secret crosses sealed", async () => {
  const backend = new FakeBackend();
  const { user } = openWindow(backend, "/connections/sign-ins/new");
  await user.click(await screen.findByLabelText(/^Access key/));
  await user.type(screen.getByLabelText("Access key ID"), "AKIAIOSFODNN7EXAMPLE");
  await user.type(screen.getByLabelText("Secret access key"), "wJalrXUtnFEMI/K7MDENG");
  const name = screen.getByLabelText("Name of the connection");
  await user.clear(name);
  await user.type(name, "Robot");
  await user.click(screen.getByRole("button", { name: "Test" }));
  await screen.findByText("arn:aws:iam::444455556666:user/jo");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const { draft } = await lastAsked(backend, "add_connection");
  expect(draft).toMatchObject({ name: "Robot", kind: { accessKeyId: "AKIAIOSFODNN7EXAMPLE" } });
  expect(JSON.stringify(backend.calls)).not.toContain("wJalrXUtnFEMI");
  await waitFor(() => expect(place()).toBe("/connections/sign-ins"));
  await screen.findByText("Robot");
});

test("a connection is changed; a taken name is told at the name", async () => {
  const backend = company();
  backend.connections.connections = [SSO];
  const { user } = openWindow(backend, `/connections/sign-ins/${PRODUCTION.connection.id}`);
  const name = await screen.findByDisplayValue("production");
  expect(screen.getByText("Registrations are reached over this connection")).toBeVisible();
  expect(screen.getByRole("link", { name: "Virginia" })).toBeVisible();
  await user.clear(name);
  await user.type(name, "Corporate");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("Another one is already called “Corporate”.");
  await user.clear(name);
  await user.type(name, "Main");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(place()).toBe("/connections/sign-ins"));
  expect(backend.registrations[0]?.connection.name).toBe("Main");
});

test("a test that lacks a sign-in goes on after it", async () => {
  const backend = new FakeBackend();
  backend.connections.connections = [SSO];
  const { user } = openWindow(backend, `/connections/sign-ins/${SSO.id}`);
  await user.click(await screen.findByRole("button", { name: "Test" }));
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  await screen.findByTestId("user-code");
  backend.connections.settle("q-browser");
  await screen.findByText("arn:aws:iam::444455556666:user/jo");
});

test("a missing secret leads to the connection’s form", async () => {
  const backend = company();
  backend.connections.connections = [ACCESS_KEY];
  backend.connections.signIns.set(ACCESS_KEY.id, {
    state: "failed",
    error: { code: "accessKeyMissing", connection: ACCESS_KEY.name },
  });
  const { user } = openWindow(backend, "/connections/sign-ins");
  await user.click(await screen.findByRole("button", { name: "Enter the secret" }));
  await waitFor(() => expect(place()).toBe(`/connections/sign-ins/${ACCESS_KEY.id}`));
  await screen.findByLabelText("Secret access key");
});

test("hostile text of a registration stays text", async () => {
  const backend = new FakeBackend();
  backend.registrations = [
    {
      ...PRODUCTION,
      name: HOSTILE.markup,
      accountAlias: HOSTILE.rightToLeft,
      callerArn: HOSTILE.markup,
    },
  ];
  openWindow(backend, `/connections/registrations/${PRODUCTION.id}`);
  await screen.findByRole("heading", { name: HOSTILE.markup, level: 1 });
  expect(document.querySelector("main img")).toBeNull();
});
