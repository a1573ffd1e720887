import { cleanup, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Preference } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import {
  DENIED,
  EVERY_ERROR,
  HOSTILE,
  makeReport,
  PRODUCTION,
  SANDBOX,
} from "../../testing/fixtures";
import { lastAsked, openWindow, place } from "../../testing/window";
import { NOT_BEGUN, type Progress } from "./progress";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** A start at which so much is remembered. */
function remembering(progress: Partial<Progress>, backend = new FakeBackend()): FakeBackend {
  const kept: Preference = {
    name: "firstSteps",
    value: JSON.stringify({ ...NOT_BEGUN, ...progress }),
  };
  backend.preferences = [...backend.preferences.filter(({ name }) => name !== kept.name), kept];
  return backend;
}

function remembered(backend: FakeBackend): Progress {
  const kept = backend.preferences.find(({ name }) => name === "firstSteps");
  return JSON.parse(kept?.value ?? "null");
}

function open(backend: FakeBackend, path = "/first-steps") {
  const opened = openWindow(backend, path);
  const press = async (name: string | RegExp) =>
    opened.user.click(await screen.findByRole("button", { name }));
  const at = (name: string) => screen.findByRole("heading", { level: 2, name });
  return { press, at, ...opened };
}

/** Closes the window and starts the program again, where it was. */
async function restart(backend: FakeBackend) {
  const where = place();
  cleanup();
  await new Promise((settled) => setTimeout(settled));
  return open(backend, where);
}

test("from nothing to the first key, one step after the other", async () => {
  const backend = new FakeBackend();
  const { user, press, at } = open(backend, "/overview");
  await press("Connect your AWS account");
  await at("Connect");
  await user.click(await screen.findByRole("radio", { name: /^staging/ }));
  await press("Sign in and test");
  await at("What was found");
  expect(document.querySelector("main")).toHaveTextContent("444455556666");
  await press("Next");
  await at("What these credentials may do");
  await screen.findByText("Key policies were not evaluated");
  await press("Next");
  await at("Register");
  expect(screen.getByText("AWS is not changed")).toBeVisible();
  await press("Register and synchronise");
  await at("Synchronise");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  const [sync] = backend.syncs;
  sync?.progress({
    registration: "r-2",
    listed: 500,
    read: 212,
    regions: [
      { region: "eu-west-1", stage: "reading", listed: 500, read: 212, waiting: null },
      { region: "us-east-1", stage: "queued", listed: 0, read: 0, waiting: null },
    ],
  });
  const main = document.querySelector("main") as HTMLElement;
  await waitFor(() => expect(main).toHaveTextContent("eu-west-1: 212 of 500 keys"));
  const registration = backend.registrations.find(({ id }) => id === "r-2") ?? PRODUCTION;
  sync?.end(makeReport(registration));
  await waitFor(() => expect(main).toHaveTextContent(/keys? read in/));
  await press("Next");
  await at("First key");
  await press("Upload key");
  await waitFor(() => expect(place()).toBe("/keys/upload"));
  const draft = backend.preferences.find(({ name }) => name === "upload.draft");
  expect(JSON.parse(draft?.value ?? "{}")).toMatchObject({ registration: "r-2", region: "" });
  expect(remembered(backend).step).toBe("done");
});

test("left after signing in with an access key, it goes on there after a restart, without the secret", async () => {
  const backend = new FakeBackend();
  const first = open(backend);
  await first.at("Connect");
  await first.user.click(screen.getByRole("radio", { name: /^Access key/ }));
  await first.user.type(screen.getByLabelText("Access key ID"), "AKIAIOSFODNN7EXAMPLE");
  await first.user.click(screen.getByLabelText("Secret access key"));
  await first.user.paste(SECRET);
  await first.press("Sign in and test");
  await first.at("What was found");
  await first.press("Next");
  await first.at("What these credentials may do");

  const again = await restart(backend);
  await again.at("What these credentials may do");
  expect(document.querySelector("main")).toHaveTextContent(
    "signs in over the connection AKIAIOSFODNN7EXAMPLE once more",
  );
  await again.press("Sign in and go on");
  await screen.findByText("Key policies were not evaluated");
  expect(backend.asked("add_connection")).toHaveLength(1);
  expect(JSON.stringify([backend.calls, backend.preferences])).not.toContain(SECRET);
});

test.each([
  ["found", "What was found"],
  ["permissions", "What these credentials may do"],
  ["register", "Register"],
])(
  "left at %s, it goes on at “%s”, also over a connection that was chosen elsewhere",
  async (step, title) => {
    const backend = remembering({
      connection: SANDBOX.connection.id,
      before: [SANDBOX.id],
      step,
    });
    const { at, press } = open(backend);
    await at(title);
    await press("Sign in and go on");
    await waitFor(() => expect(backend.asked("read_account")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByText(/You left the first steps here/)).toBeNull());
    await at(title);
    expect(await lastAsked(backend, "read_account")).toMatchObject({
      connection: SANDBOX.connection.id,
    });
  },
);

test("going on is refused with words, and can be tried again", async () => {
  const backend = remembering({
    connection: SANDBOX.connection.id,
    before: [SANDBOX.id],
    step: "found",
  });
  backend.refusals = { read_account: EVERY_ERROR.endpointUnreachable };
  const { at, press } = open(backend);
  await press("Sign in and go on");
  await screen.findByText("AWS cannot be reached");
  backend.refusals = {};
  await press("Try again");
  await screen.findByRole("heading", { name: "What was refused" });
  await at("What was found");
});

test("left at the synchronisation, it goes on there, and says what was read", async () => {
  const backend = remembering({ registration: PRODUCTION.id, step: "synchronise" });
  backend.registrations = [SANDBOX, PRODUCTION];
  const { at, press } = open(backend);
  await at("Synchronise");
  expect(screen.getByText(/^Synchronised/)).toBeVisible();
  await press("Synchronise again");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  backend.syncs[0]?.end(
    makeReport(PRODUCTION, {
      outcome: "partial",
      refusals: [{ region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 2 }],
    }),
  );
  await press("Show what could not be read");
  expect(await screen.findByRole("dialog")).toHaveTextContent(DENIED.cause);
});

test("left at the first key, it goes on there; “Later” ends it", async () => {
  const backend = remembering({ registration: PRODUCTION.id, step: "firstKey" });
  backend.registrations = [SANDBOX, PRODUCTION];
  const { at, press } = open(backend);
  await at("First key");
  await press("Later");
  await waitFor(() => expect(place()).toBe("/overview"));
  expect(remembered(backend).step).toBe("done");
  expect(screen.queryByText("The first steps are not finished")).toBeNull();
});

test("left for later, the overview leads back; nobody has to go on", async () => {
  const backend = remembering({
    connection: SANDBOX.connection.id,
    before: [SANDBOX.id],
    step: "permissions",
  });
  const { at, press, user } = open(backend);
  await at("What these credentials may do");
  await press("Leave for later");
  await screen.findByText("The first steps are not finished");
  await press("Go on");
  await at("What these credentials may do");
  await press("Leave for later");
  await user.click(await screen.findByLabelText("Do not go on with the first steps"));
  await screen.findByText("This is the sandbox account");
  expect(remembered(backend).step).toBe("done");
});

test("an account that was registered elsewhere is recognised", async () => {
  const backend = remembering({ connection: PRODUCTION.connection.id, step: "permissions" });
  backend.registrations = [SANDBOX, PRODUCTION];
  const { at } = open(backend);
  await at("Synchronise");
  const heading = await screen.findByRole("heading", { name: "Production" });
  expect(heading).toBeVisible();
});

test("who has an account already goes on with it, or connects another", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, { ...PRODUCTION, name: HOSTILE.markup }];
  const { at, press } = open(backend);
  await screen.findByText("An account is registered already");
  await press(/^Go on with <img/);
  await at("Synchronise");
  expect(screen.getByText(/^Synchronised/)).toBeVisible();
  expect(remembered(backend)).toMatchObject({ registration: PRODUCTION.id });
  expect(document.querySelector("main img")).toBeNull();
});

test("a name that is taken is marked, and nothing is lost", async () => {
  const backend = remembering({
    connection: SANDBOX.connection.id,
    before: [SANDBOX.id],
    step: "register",
  });
  const { at, press, user } = open(backend);
  await press("Sign in and go on");
  await screen.findByText("Every region of this account is registered already");
  backend.refusals = { register_account: EVERY_ERROR.nameTaken };
  await user.clear(await screen.findByLabelText("Name"));
  await user.type(screen.getByLabelText("Name"), "Production");
  await press("Register and synchronise");
  await waitFor(() => expect(screen.getByLabelText("Name")).toBeInvalid());
  await at("Register");
  expect(screen.getByLabelText("Name")).toHaveValue("Production");
});

test("lists that cannot be read are not taken for empty ones", async () => {
  const backend = remembering({ registration: PRODUCTION.id, step: "firstKey" });
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.refusals = { list_connections: EVERY_ERROR.unexpected };
  const { at, press } = open(backend);
  await screen.findByText("Something unforeseen happened");
  expect(screen.queryByRole("heading", { level: 2, name: "Connect" })).toBeNull();
  backend.refusals = {};
  await press("Try again");
  await at("First key");
});
