import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { NextAction } from "../../api/bindings";
import { withoutExpiry } from "../../parts/words";
import { FakeBackend } from "../../testing/fake";
import {
  DENIED,
  type FakeKey,
  HOSTILE,
  inDays,
  makeByok,
  makeCompany,
  makeKey,
  PRODUCTION,
  SANDBOX,
} from "../../testing/fixtures";
import { openWindow, place } from "../../testing/window";

async function openKey(one: FakeKey, tab = "", others: FakeKey[] = []) {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.keys = [one, ...others];
  const opened = openWindow(
    backend,
    `/keys/${encodeURIComponent(one.key.arn)}${tab && `?tab=${tab}`}`,
  );
  await screen.findByText("Copy as aws command");
  return { backend, ...opened };
}

function content(): HTMLElement {
  return document.querySelector("main") as HTMLElement;
}

test("the details carry what AWS said, with copies of id and ARN", async () => {
  const one = makeByok(1, 100, {
    row: { registration: PRODUCTION.id },
    aliases: ["alias/a", "alias/b"],
    key: { description: "Card data" },
  });
  const { user } = await openKey(one);
  const copied = vi.spyOn(navigator.clipboard, "writeText");
  for (const text of [
    "BYOK (EXTERNAL)",
    "Encrypt and decrypt",
    "alias/a and 1 more",
    "Card data",
    one.key.arn,
  ]) {
    expect(content()).toHaveTextContent(text);
  }
  expect(document.title).toBe("alias/a – OwnKey");
  await user.click(screen.getByLabelText("Copy ARN"));
  expect(copied).toHaveBeenLastCalledWith(one.key.arn);
  await user.click(screen.getByText("Copy as aws command"));
  expect(copied).toHaveBeenLastCalledWith(expect.stringContaining("aws kms describe-key"));
});

const NEXT: [NextAction, Parameters<typeof makeKey>[1], RegExp][] = [
  ["gone", { row: { goneAt: inDays(-2) } }, /no longer in AWS/],
  [
    "pendingDeletion",
    { key: { deletionAt: inDays(9.5), state: "PendingDeletion" } },
    /AWS deletes this key in 9 days/,
  ],
  [
    "importMaterial",
    { key: { state: "PendingImport" } },
    /AWS accepts only exactly the same bytes/,
  ],
  ["reimportMaterial", { key: { state: "PendingImport" } }, /only the same/],
  ["materialExpires", { key: { validTo: inDays(12.5) } }, /The key material expires in 12 days/],
  ["disabled", { key: { state: "Disabled" } }, /kms:EnableKey/],
];

test.each(NEXT)("what would help most is on top: %s", async (nextAction, change, words) => {
  await openKey(makeKey(1, { ...change, nextAction }));
  expect(content()).toHaveTextContent(words);
});

test("every tab shows what it is about", async () => {
  const primary = makeCompany().find(({ key }) => key.multiRegion?.role === "PRIMARY") as FakeKey;
  const { cloudscape, user } = await openKey(primary);
  const expected: [string, string][] = [
    ["material", "from the HSM in Frankfurt"],
    ["policy", "Enable IAM User Permissions"],
    ["replicas", "Not read: its region is not in any registration"],
    ["names", "alias/prod/payments-2024"],
  ];
  for (const [id, text] of expected) {
    await user.click(cloudscape.findTabs()?.findTabLinkById(id)?.getElement() as HTMLElement);
    await waitFor(() => expect(content()).toHaveTextContent(text));
    expect(place()).toContain(`tab=${id}`);
  }
});

test("what AWS refused to show is not shown as empty, but with the reason", async () => {
  const unknown = { reading: "unknown", value: DENIED } as const;
  const one = makeKey(1, {
    key: {
      origin: "EXTERNAL",
      policy: unknown,
      tags: unknown,
      rotation: unknown,
      materials: unknown,
    },
  });
  const { backend, cloudscape, user } = await openKey(one);
  expect(content()).toHaveTextContent(
    `Automatic rotationNot read: The credentials may not call ${DENIED.action}`,
  );
  for (const id of ["material", "policy", "names"]) {
    await user.click(cloudscape.findTabs()?.findTabLinkById(id)?.getElement() as HTMLElement);
    await screen.findByText("Not read: Not allowed");
    expect(content()).not.toHaveTextContent(/has no tags|No material was imported/);
  }
  await user.click(screen.getByText("Try again"));
  await waitFor(() => expect(backend.asked("refresh_key")).toEqual([{ arn: one.key.arn }]));
});

test("hostile texts are text on the page too", async () => {
  const { user } = await openKey(
    makeKey(1, {
      key: {
        description: HOSTILE.long,
        policy: { reading: "known", value: HOSTILE.markup },
        tags: { reading: "known", value: [{ key: HOSTILE.markup, value: HOSTILE.lines }] },
      },
    }),
    "names",
  );
  expect(screen.getByText(HOSTILE.markup)).toHaveAttribute("dir", "auto");
  await user.click(screen.getByText("Details"));
  await user.click(await screen.findByText("Show all of it"));
  expect(content()).toHaveTextContent(HOSTILE.long);
  await user.click(screen.getByText("Policy"));
  expect(await screen.findByText(HOSTILE.markup)).toBeVisible();
  expect(document.querySelector("img")).toBeNull();
});

test("the console opens for a real account and is off, with the reason, for the sandbox", async () => {
  const { backend, user } = await openKey(makeKey(1, { row: { registration: PRODUCTION.id } }));
  await user.click(screen.getByText("Open in AWS console"));
  await waitFor(() => expect(backend.asked("open_key_in_console")).toHaveLength(1));
});

test("a key behind another endpoint has a command and no console", async () => {
  const { backend, user } = await openKey({
    ...makeKey(1, { row: { registration: PRODUCTION.id } }),
    consoleUrl: null,
  });
  await user.hover(screen.getByText("Open in AWS console"));
  expect(document.body).toHaveTextContent("Keys behind another endpoint have no page");
  expect(backend.asked("open_key_in_console")).toEqual([]);
});

test("a key without material does not read as one whose material stays", async () => {
  const one = makeKey(1, {
    nextAction: "importMaterial",
    key: { origin: "EXTERNAL", state: "PendingImport" },
  });
  await openKey(one, "material");
  expect(content()).toHaveTextContent("If it had material before, AWS accepts only exactly");
  expect(content()).toHaveTextContent("AWS holds no key material for this key.");
  expect(content()).not.toHaveTextContent("Never");
  expect(withoutExpiry(one.row)).toBe("No key material");
  expect(withoutExpiry({ ...one.row, state: "Enabled" })).toBe("Never");
});

test("a material without an id is shown", async () => {
  const material = {
    id: null,
    description: null,
    imported: true,
    state: "CURRENT" as const,
    validTo: null,
    rotatedAt: null,
  };
  await openKey(
    makeByok(1, null, { key: { materials: { reading: "known", value: [material] } } }),
    "material",
  );
  expect(content()).toHaveTextContent("AWS gives no id for this kind of key");
});

test("the sandbox has no console and no command", async () => {
  const { backend, user } = await openKey(makeKey(1));
  const button = screen.getByText("Open in AWS console").closest("button") as HTMLElement;
  expect(button).toHaveAttribute("aria-disabled", "true");
  await user.hover(button);
  expect(document.body).toHaveTextContent("The sandbox has no AWS console.");
  await user.hover(screen.getByText("Copy as aws command"));
  expect(document.body).toHaveTextContent("opens no port for other programs");
  await user.click(button);
  expect(backend.asked("open_key_in_console")).toEqual([]);
});

test("a refused refresh says so and leaves what was read", async () => {
  const { backend, user } = await openKey(makeKey(1));
  backend.refusals = { refresh_key: DENIED };
  await user.click(screen.getByText("Refresh"));
  await screen.findByText("Not allowed");
  expect(content()).toHaveTextContent("alias/key-1");
});

test("a key that nobody knows is said to be missing", async () => {
  const backend = new FakeBackend();
  openWindow(backend, `/keys/${encodeURIComponent("arn:aws:kms:eu-west-1:111122223333:key/none")}`);
  await screen.findByText("Not found");
});
