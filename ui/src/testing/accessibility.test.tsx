// axe on every page. What needs a layout (contrast, scrolling) is looked at in the real window.

import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { ACCESS_KEY, BROWSER_REQUEST, LOGIN_REQUEST, MFA_REQUEST, SSO } from "./connectionFixtures";
import { FakeBackend } from "./fake";
import { DENIED, EVERY_ERROR, makeCompany, makeReport, PRODUCTION, SANDBOX } from "./fixtures";
import { makeFinished, makeOperation, makeStopped, makeStore } from "./operationFixtures";
import { openWindow } from "./window";

function company(): FakeBackend {
  const backend = new FakeBackend();
  backend.keys = makeCompany().slice(-12);
  backend.lastSyncs = [
    makeReport(SANDBOX, {
      outcome: "partial",
      refusals: [{ region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 2 }],
    }),
  ];
  backend.store.materials = makeStore(8);
  backend.store.operations = [makeOperation(1), makeStopped(2), makeFinished(3)];
  return backend;
}

/** The same company with connections of several kinds. */
function connected(): FakeBackend {
  const backend = company();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.connections.connections = [ACCESS_KEY, SSO];
  backend.connections.signIns.set(SSO.id, { state: "failed", error: EVERY_ERROR.signInNeeded });
  return backend;
}

async function serious(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

const PAYMENTS = encodeURIComponent(
  makeCompany().find(({ aliases }) => aliases.includes("alias/prod/payments-2024"))?.key.arn ?? "",
);

test.each([
  ["/overview", "What needs you today"],
  [`/keys?selected=${PAYMENTS}`, "Copy ARN"],
  [`/keys/${PAYMENTS}`, "Copy as aws command"],
  [`/keys/${PAYMENTS}?tab=material`, "Key materials"],
  [`/keys/${PAYMENTS}?tab=policy`, "Copy policy"],
  [`/keys/${PAYMENTS}?tab=replicas`, "Multi-Region key"],
  [`/keys/${PAYMENTS}?tab=names`, "Tags"],
  [`/keys/${PAYMENTS}?tab=activity`, "OwnKey changed nothing about this key"],
  ["/keys/upload", "where its material comes from"],
  [`/keys/${PAYMENTS}/import`, "Does not expire"],
  ["/keys/upload/op-0002", "Steps"],
  ["/sources", "card-data"],
  ["/sources/m-0001", "As OwnKey imported it"],
  ["/activity", "Needs attention"],
  ["/activity/op-0001", "Nothing was done in AWS"],
  ["/activity/op-0002", "Technical details"],
  ["/connections", "Registrations"],
  ["/connections?name=nobody", "No registration matches"],
  ["/connections/sign-ins", "Used by"],
  ["/connections/sign-ins/new", "Save"],
  ["/connections/sign-ins/c-production", "Registrations are reached over this connection"],
  ["/connections/registrations/r-production", "External ID"],
  ["/connections/new", "corporate-sso"],
  ["/settings", "Data folder"],
])("%s", async (path, text) => {
  openWindow(path.startsWith("/connections") ? connected() : company(), path);
  await waitFor(() => expect(document.body).toHaveTextContent(text));
  expect(await serious()).toEqual([]);
});

test("every step of an upload", async () => {
  const backend = company();
  backend.registrations = [PRODUCTION];
  backend.store.settings = { folder: null, proposed: "/backups", passphraseKept: false };
  const { cloudscape, user } = openWindow(backend, "/keys/upload");
  const next = async (words: string) => {
    await user.click(cloudscape.findWizard()?.findPrimaryButton().getElement() as HTMLElement);
    await waitFor(() => expect(document.body).toHaveTextContent(words));
  };
  await user.click(await screen.findByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  await screen.findByText("payments.key");
  expect(await serious()).toEqual([]);
  await next("Where the key lives");
  await user.click(screen.getByText("Add tag"));
  expect(await serious()).toEqual([]);
  await user.type(screen.getByLabelText("Key of tag 1"), "x");
  await next("How long the material lasts");
  await user.click(screen.getByLabelText("Expires at a time"));
  await user.click(screen.getByText("In 30 days"));
  await user.click(screen.getByText("Basic"));
  await user.click(screen.getByText("Policy that OwnKey writes"));
  expect(await serious()).toEqual([]);
  await user.click(screen.getByText("JSON"));
  expect(await serious()).toEqual([]);
  await next("Keep the passphrase somewhere else too");
  expect(await serious()).toEqual([]);
  for (const field of document.querySelectorAll("input[type=password]")) {
    await user.click(field);
    await user.paste("a passphrase that is long enough");
  }
  await next("Copy all commands");
  expect(await serious()).toEqual([]);
}, 120_000);

test("the palette, a dialog, a running synchronisation", async () => {
  const { user } = openWindow(company(), "/overview");
  await screen.findByText("What needs you today");
  await user.keyboard("{Control>}r{/Control}{Control>}k{/Control}");
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent("Synchronising Sandbox"),
  );
  expect(await serious()).toEqual([]);
  await user.keyboard("{Escape}");
  await user.click(screen.getByText("What could not be read"));
  expect(await serious()).toEqual([]);
});

test.each(["Generate", "Import from file", "Restore from backup"])(
  "the dialog %s",
  async (name) => {
    const { user } = openWindow(company(), "/sources");
    await screen.findAllByTestId("source-row");
    await user.click(screen.getByRole("button", { name }));
    await screen.findByRole("dialog");
    expect(await serious()).toEqual([]);
  },
);

test.each(["Back up now", "Verify backup", "Export", "Remove"])(
  "the dialog %s of a source",
  async (name) => {
    const { user } = openWindow(company(), "/sources");
    await screen.findAllByTestId("source-row");
    await user.click(screen.getByRole("button", { name: "Actions for payments" }));
    await user.click(await screen.findByRole("menuitem", { name }));
    await screen.findByRole("dialog");
    expect(await serious()).toEqual([]);
  },
);

test.each([MFA_REQUEST, BROWSER_REQUEST, LOGIN_REQUEST])(
  "a person is asked for $wanted.what",
  async (request) => {
    const backend = company();
    backend.connections.ask(request).catch(() => undefined);
    openWindow(backend, "/keys");
    await screen.findByRole("dialog");
    expect(await serious()).toEqual([]);
  },
);

test.each(["Change connection", "Change regions", "Remove"])(
  "the dialog %s of a registration",
  async (name) => {
    const { user } = openWindow(connected(), "/connections/registrations/r-production");
    await user.click(await screen.findByRole("button", { name }));
    await screen.findByRole("dialog");
    expect(await serious()).toEqual([]);
  },
);

test.each(["Test", "Remove"])("the dialog %s of a connection", async (name) => {
  const { user } = openWindow(connected(), "/connections/sign-ins");
  await user.click(await screen.findByRole("button", { name: "Actions for Corporate" }));
  await user.click(await screen.findByRole("menuitem", { name }));
  await screen.findByRole("dialog");
  expect(await serious()).toEqual([]);
});

test("the page of a start that failed", async () => {
  const backend = company();
  backend.refusals = { "*": EVERY_ERROR.diskFull };
  openWindow(backend);
  await screen.findByTestId("start-problem");
  expect(await serious()).toEqual([]);
});
