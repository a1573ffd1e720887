import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { ConnectionDraft } from "../../api/bindings";
import { BROWSER_REQUEST, makeProfile, SIGN_IN_NEEDED } from "../../testing/connectionFixtures";
import { FakeBackend } from "../../testing/fake";
import { DENIED, EVERY_ERROR, HOSTILE, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const ROLE = "arn:aws:iam::777788889999:role/KeyAdmin";

async function openWizard(backend = new FakeBackend()) {
  const opened = openWindow(backend, "/connections/new");
  await screen.findByText("How to sign in");
  const button = (name: string) => screen.getByRole("button", { name });
  const press = async (name: string) => opened.user.click(button(name));
  const next = () => press("Next");
  const paste = async (label: RegExp | string, text: string) => {
    await opened.user.click(screen.getByLabelText(label));
    await opened.user.paste(text);
  };
  const chooseProfile = async (name: RegExp) =>
    opened.user.click(await screen.findByRole("radio", { name }));
  const found = () => screen.findByRole("heading", { name: "What was refused" });
  return { backend, press, next, paste, chooseProfile, found, ...opened };
}

/** All that has crossed to the backend so far. */
function crossed(backend: FakeBackend): string {
  return JSON.stringify([backend.calls, backend.preferences]);
}

test("an account is registered by Next, Next, Next: the connection is kept, its name proposed", async () => {
  const backend = new FakeBackend();
  backend.connections.found.refused = [
    { region: null, action: "iam:ListAccountAliases", error: DENIED, times: 1 },
  ];
  const { next, press, chooseProfile, found } = await openWizard(backend);
  await chooseProfile(/^staging/);
  expect(screen.getByLabelText("Name of the connection")).toHaveValue("staging");
  await next();
  await found();
  const { draft, kept } = await lastAsked(backend, "test_connection");
  expect([draft, kept]).toEqual([
    {
      name: "staging",
      kind: { kind: "profile", profile: "staging" },
      role: { arn: "", externalId: "" },
      region: "",
      endpointUrl: "",
      fips: false,
    },
    null,
  ]);
  expect(backend.asked("add_connection")).toEqual([{ draft }]);
  for (const text of [
    "444455556666",
    "arn:aws:iam::444455556666:user/jo",
    "iam:ListAccountAliases",
    DENIED.cause,
    "It does not run out",
  ]) {
    expect(document.querySelector("main")).toHaveTextContent(text);
  }
  await next();
  await screen.findByText("Key policies were not evaluated");
  await next();
  expect(await screen.findByLabelText("Name")).toHaveValue("acme-production");
  await next();
  await screen.findByText("AWS is not changed");
  expect(backend.asked("register_account")).toEqual([]);
  await press("Register and synchronise");
  const [connection] = backend.connections.connections.filter(({ name }) => name === "staging");
  expect((await lastAsked(backend, "register_account")).draft).toEqual({
    name: "acme-production",
    connection: connection?.id,
    role: { arn: "", externalId: "" },
    regions: ["eu-central-1", "eu-west-1", "us-east-1"],
  });
  await waitFor(() => expect(place()).toBe("/connections"));
  await waitFor(() => expect(backend.syncs.map((sync) => sync.registration)).toContain("r-2"));
});

test("every kind of profile can be chosen, says how it signs in, or why it cannot be used", async () => {
  await openWizard();
  const shown = async (name: RegExp) => {
    const radio = await screen.findByRole("radio", { name });
    const described = document.getElementById(radio.getAttribute("aria-describedby") ?? "");
    return [described?.textContent, (radio as HTMLInputElement).disabled];
  };
  expect(await shown(/^production/)).toEqual(["Access key, eu-central-1", false]);
  expect(await shown(/^corporate-sso/)).toEqual(["IAM Identity Center, eu-west-1", false]);
  expect(await shown(/^audit/)).toEqual(["Role Audit assumed from “production”", false]);
  expect(await shown(/^with-mfa/)).toEqual([
    "Access key, MFA device arn:aws:iam::444455556666:mfa/jo",
    false,
  ]);
  expect(await shown(/^pipeline/)).toEqual([
    "Role Pipeline assumed with a token from a file",
    false,
  ]);
  expect(await shown(/^vault/)).toEqual(["credential_process", false]);
  expect(await shown(/^console/)).toEqual(["aws login", false]);
  expect(await shown(/^loop/)).toEqual(["The profile names itself as its source_profile.", true]);
  expect(await shown(/^empty/)).toEqual(["The profile has no credentials.", true]);
});

test("without profiles the commands that make one are there to copy, and one can look again", async () => {
  const backend = new FakeBackend();
  backend.connections.profiles = [];
  const { press } = await openWizard(backend);
  await screen.findByText("There are no AWS profiles on this computer");
  expect(screen.getByLabelText("Copy aws configure sso --profile production")).toBeVisible();
  backend.connections.profiles = [makeProfile("new")];
  await press("Look again");
  expect(await screen.findByRole("radio", { name: /^new/ })).toBeEnabled();
});

test("many profiles can be searched, by name and by role", async () => {
  const backend = new FakeBackend();
  backend.connections.profiles = Array.from({ length: 80 }, (_, index) =>
    makeProfile(`team-${index}`, {
      signIn: "assumeRole",
      roleArn: `arn:aws:iam::7777888899${String(index).padStart(2, "0")}:role/Keys`,
    }),
  );
  const { user } = await openWizard(backend);
  await screen.findByText(/30 more profiles/);
  await user.type(screen.getByLabelText("Search the profiles"), "777788889977");
  expect(await screen.findByRole("radio", { name: /^team-77/ })).toBeEnabled();
  expect(screen.queryByRole("radio", { name: /^team-1\b/ })).toBeNull();
});

test("an access key: its secret crosses sealed, once for each use, and is remembered nowhere", async () => {
  const { backend, user, next, press, paste, found } = await openWizard();
  await user.click(screen.getByRole("radio", { name: /^Access key/ }));
  await paste("Access key ID", "AKIAIOSFODNN7EXAMPLE");
  const field = screen.getByLabelText("Secret access key");
  await paste("Secret access key", SECRET);
  expect(field).toHaveAttribute("type", "password");
  await press("Show what is typed");
  expect(screen.getByLabelText("Secret access key")).toHaveAttribute("type", "text");
  await press("Hide what is typed");
  await paste(/^MFA device/, "GAHT12345678");
  await next();
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByRole("textbox"), `${backend.connections.mfaCode}{Enter}`);
  await found();
  const secrets = ["test_connection", "add_connection"].map((command) => {
    const draft = backend.asked(command)[0]?.draft as ConnectionDraft | undefined;
    return draft?.kind.kind === "accessKey" ? draft.kind.secret : null;
  });
  expect(secrets[0]?.envelope).not.toBe(secrets[1]?.envelope);
  for (const secret of secrets) {
    expect(secret && (await backend.store.open(secret))).toBe(SECRET);
  }
  expect(crossed(backend)).not.toContain(SECRET);
  expect(crossed(backend)).toContain("GAHT12345678");

  await press("Previous");
  expect(screen.getByLabelText("Secret access key")).toHaveValue("");
  expect(screen.getByText("Leave it empty to keep the one that is in the keychain.")).toBeVisible();
});

test("a keychain that is locked or missing is told with what to do", async () => {
  const { backend, user, next, paste } = await openWizard();
  backend.refusals = { add_connection: EVERY_ERROR.keychainMissing };
  await user.click(screen.getByRole("radio", { name: /^Access key/ }));
  await paste("Access key ID", "AKIAIOSFODNN7EXAMPLE");
  await paste("Secret access key", SECRET);
  await next();
  await screen.findByText("No keychain");
  expect(screen.getByLabelText("Secret access key")).toHaveValue(SECRET);
  expect(crossed(backend)).not.toContain(SECRET);
});

test("going back and changing changes the connection that was made; unchanged, it is only asked", async () => {
  const { backend, user, next, press, chooseProfile, found } = await openWizard();
  await chooseProfile(/^staging/);
  await next();
  await found();
  await press("Previous");
  await next();
  await found();
  expect(backend.asked("test_connection")).toHaveLength(1);
  await press("Previous");
  await chooseProfile(/^production/);
  await user.clear(screen.getByLabelText("Name of the connection"));
  await user.type(screen.getByLabelText("Name of the connection"), "Mine");
  await next();
  await found();
  expect(backend.asked("add_connection")).toHaveLength(1);
  const [{ id, draft } = {}] = backend.asked("change_connection");
  expect(draft).toMatchObject({ name: "Mine", kind: { kind: "profile", profile: "production" } });
  expect(backend.asked("test_connection").at(-1)).toMatchObject({ kept: id });
});

test("a sign-in that is needed has one button; what was asked for goes on afterwards", async () => {
  const { backend, next, press, chooseProfile, found } = await openWizard();
  await chooseProfile(/^corporate-sso/);
  await next();
  await screen.findByText("Sign-in needed");
  await press("Sign in");
  expect(await lastAsked(backend, "sign_in")).toMatchObject({
    id: SIGN_IN_NEEDED["corporate-sso"].signIn,
  });
  await waitFor(() => expect(backend.connections.requests).toHaveLength(1));
  backend.connections.settle(BROWSER_REQUEST.id);
  await found();
  expect(backend.asked("add_connection")).toHaveLength(1);
});

test("who leaves while it is tried has no connection made", async () => {
  const { backend, user, chooseProfile, next } = await openWizard();
  await chooseProfile(/^with-mfa/);
  await next();
  const dialog = within(await screen.findByRole("dialog"));
  window.location.hash = "#/keys";
  await waitFor(() => expect(screen.queryByText("How to sign in")).toBeNull());
  await user.type(dialog.getByRole("textbox"), `${backend.connections.mfaCode}{Enter}`);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(backend.asked("test_connection")).toHaveLength(1);
  expect(backend.asked("add_connection")).toEqual([]);
});

test("the role that was refused is blamed, not the other one", async () => {
  const { backend, user, next, paste, chooseProfile } = await openWizard();
  await chooseProfile(/^staging/);
  for (const part of [/^Role, region and endpoints/, /^Role of this registration/]) {
    await user.click(screen.getByRole("button", { name: part }));
  }
  await paste("Role to assume – optional", ROLE);
  await paste(/^Role of the registration/, `${ROLE}2`);
  backend.refusals = { read_account: { ...EVERY_ERROR.roleRefused, role: ROLE } };
  await next();
  await screen.findByText("AWS does not let the caller assume this role.");
  expect(screen.getByLabelText("Role to assume – optional")).toBeInvalid();
  expect(screen.getByLabelText(/^Role of the registration/)).toBeValid();
});

test("by a role over a connection that exists: the account is the role's, its fields are blamed", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.connections.externalIds.set(ROLE, "acme-7");
  const { cloudscape, user, next, press, paste, found } = await openWizard(backend);
  await user.click(screen.getByRole("radio", { name: /^A connection that OwnKey has already/ }));
  await next();
  expect(await screen.findByText("Choose a connection.")).toBeVisible();
  const select = cloudscape.findSelect();
  await user.click(select?.findTrigger().getElement() as HTMLElement);
  await user.click(await screen.findByRole("option", { name: /^production/ }));
  await user.click(screen.getByRole("button", { name: /^Role of this registration/ }));
  await paste(/^Role of the registration/, ROLE);
  await paste(/^External ID of the registration/, "wrong");
  await next();
  await screen.findByText("AWS does not let the caller assume this role.");
  expect(screen.getByText("It may not be the external ID that the role asks for.")).toBeVisible();
  await user.clear(screen.getByLabelText(/^External ID of the registration/));
  await paste(/^External ID of the registration/, "acme-7");
  await next();
  await found();
  expect(await lastAsked(backend, "read_account")).toEqual({
    connection: PRODUCTION.connection.id,
    role: { arn: ROLE, externalId: "acme-7" },
  });
  expect(backend.asked("add_connection")).toEqual([]);
  for (let step = 0; step < 3; step++) {
    await next();
  }
  const review = await screen.findByText("What OwnKey keeps");
  expect(review.closest("main")).toHaveTextContent("External ID acme-7");
  await press("Register and synchronise");
  expect((await lastAsked(backend, "register_account")).draft).toMatchObject({
    name: "777788889999",
    connection: PRODUCTION.connection.id,
    role: { arn: ROLE, externalId: "acme-7" },
  });
});

test("what may be done is told by feature; what is not known is never told as fine", async () => {
  const { next, press, chooseProfile, found, user } = await openWizard();
  await chooseProfile(/^staging/);
  await next();
  await found();
  await next();
  const ability = async (feature: string) => screen.findByTestId(`ability-${feature}`);
  expect(await ability("synchronise")).toHaveTextContent("Allowed");
  expect(await ability("reimportMaterial")).toHaveTextContent("Refused");
  const unknown = await ability("proveMaterial");
  expect(unknown).toHaveTextContent("Not known");
  expect(unknown).not.toHaveTextContent("Allowed");
  expect(screen.getByText(/2 of 5 allowed, 2 refused, 1 not known/)).toBeVisible();
  await user.click(within(unknown).getByRole("button", { name: "1 action" }));
  expect(within(unknown).getByText("Not found out")).toBeVisible();
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  await press("Copy the list");
  expect(copied.mock.calls[0]?.[0]).toContain("kms:Encrypt: Not known (Not found out)");
});

test("a probe that fails is told, and can be skipped", async () => {
  const { backend, next, chooseProfile, found } = await openWizard();
  backend.refusals = { probe_permissions: EVERY_ERROR.endpointUnreachable };
  await chooseProfile(/^staging/);
  await next();
  await found();
  await next();
  await screen.findByText("AWS cannot be reached");
  await next();
  expect(await screen.findByLabelText("Name")).toHaveValue("acme-production");
});

test("regions that another registration holds are off with the reason, many can be searched", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  const regions = [
    "eu-central-1",
    "eu-west-1",
    ...Array.from({ length: 9 }, (_, i) => `us-x-${i}`),
  ];
  backend.connections.found.regions = regions.map((region) => ({ region, heldBy: null }));
  const { user, next, press, chooseProfile, found } = await openWizard(backend);
  await chooseProfile(/^staging/);
  await next();
  await found();
  await next();
  await next();
  expect(await screen.findByLabelText("Name")).toHaveValue("acme-production");
  expect(screen.getByLabelText("eu-west-1")).toBeDisabled();
  expect(screen.getAllByText(/^Held by the registration/)).toHaveLength(2);
  await press("Choose none");
  await user.type(screen.getByLabelText("Search the regions"), "x-3");
  await press("Choose these");
  expect(screen.queryByLabelText("us-x-4")).toBeNull();
  await next();
  await press("Register and synchronise");
  expect((await lastAsked(backend, "register_account")).draft).toMatchObject({
    regions: ["us-x-3"],
  });
});

test("where AWS lists no regions, one that is not usual is typed", async () => {
  const backend = new FakeBackend();
  const refusal = { region: null, action: "ec2:DescribeRegions", error: DENIED, times: 1 };
  backend.connections.found.refused = [refusal];
  const { user, next, press, chooseProfile, found } = await openWizard(backend);
  await chooseProfile(/^staging/);
  await next();
  await found();
  await next();
  await next();
  await press("Choose none");
  await user.type(await screen.findByLabelText("Search the regions"), "eu-central");
  expect(screen.queryByRole("button", { name: /^Add/ })).toBeNull();
  await user.type(screen.getByLabelText("Search the regions"), "-2");
  await press("Add eu-central-2");
  expect(screen.getByLabelText("eu-central-2")).toBeChecked();
  await next();
  await press("Register and synchronise");
  expect((await lastAsked(backend, "register_account")).draft).toMatchObject({
    regions: ["eu-central-2"],
  });
});

test("a taken name and taken regions are marked where they are", async () => {
  const { backend, next, press, chooseProfile, found } = await openWizard();
  await chooseProfile(/^staging/);
  await next();
  await found();
  for (let step = 0; step < 3; step++) {
    await next();
  }
  backend.refusals = { register_account: EVERY_ERROR.nameTaken };
  await press("Register and synchronise");
  expect(await screen.findByText(/is already called “Production”/)).toBeVisible();
  expect(screen.getByLabelText("Name")).toBeInvalid();
  await next();
  backend.refusals = { register_account: EVERY_ERROR.regionsTaken };
  await press("Register and synchronise");
  expect(await screen.findByText(/already holds eu-west-1/)).toBeVisible();
  expect(place()).toBe("/connections/new");
});

test("a refused field is marked where it is, also where it was out of sight", async () => {
  const { backend, chooseProfile, next } = await openWizard();
  backend.refusals = {
    test_connection: {
      code: "invalidInput",
      field: "endpointUrl",
      reason: "An endpoint URL starts with https://.",
    },
  };
  await chooseProfile(/^staging/);
  await next();
  expect(await screen.findByText("An endpoint URL starts with https://.")).toBeVisible();
  expect(screen.getByLabelText(/^Endpoint URL/)).toBeInvalid();
  expect(screen.queryByText("This cannot be accepted")).toBeNull();
});

test("FIPS endpoints and an endpoint URL exclude each other", async () => {
  const { user, paste } = await openWizard();
  await user.click(screen.getByRole("button", { name: /^Role, region and endpoints/ }));
  await user.click(screen.getByLabelText(/^Use AWS’s FIPS endpoints/));
  expect(screen.getByLabelText(/^Endpoint URL/)).toBeDisabled();
  await user.click(screen.getByLabelText(/^Use AWS’s FIPS endpoints/));
  await paste(/^Endpoint URL/, "https://kms.example.com");
  expect(screen.getByLabelText(/^Use AWS’s FIPS endpoints/)).toBeDisabled();
  expect(screen.getByLabelText("External ID – optional")).toBeDisabled();
});

test("what was typed survives leaving the wizard, but for the secret", async () => {
  const { backend, user, paste } = await openWizard();
  await user.click(screen.getByRole("radio", { name: /^Access key/ }));
  await paste("Access key ID", "AKIAIOSFODNN7EXAMPLE");
  await paste("Secret access key", SECRET);
  await user.click(screen.getByRole("link", { name: "Keys" }));
  await waitFor(() => expect(place()).toBe("/keys"));
  window.location.hash = "#/connections/new";
  expect(await screen.findByLabelText("Access key ID")).toHaveValue("AKIAIOSFODNN7EXAMPLE");
  expect(screen.getByLabelText("Secret access key")).toHaveValue("");
  expect(crossed(backend)).not.toContain(SECRET);
});

test("what others named is shown as text and nothing else", async () => {
  const backend = new FakeBackend();
  backend.connections.profiles = [
    makeProfile(HOSTILE.markup, { signIn: "assumeRole", sourceProfile: HOSTILE.rightToLeft }),
    makeProfile("bad", { problem: HOSTILE.markup }),
  ];
  backend.connections.found = {
    ...backend.connections.found,
    accountAlias: HOSTILE.markup,
    endpointUrl: `https://${HOSTILE.markup}`,
  };
  const { user, next, found } = await openWizard(backend);
  await user.click(await screen.findByRole("radio", { name: /^<img/ }));
  await next();
  await found();
  expect(screen.getByText(HOSTILE.markup).tagName).toBe("BDI");
  expect(document.querySelector("main img")).toBeNull();
  expect(document.body.dataset.hacked).toBeUndefined();
  expect(screen.getByText(/is asked instead of AWS/)).toBeVisible();
});
