import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { ImportDraft, ImportOffer } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR, inDays, makeKey } from "../../testing/fixtures";
import { makeMaterial, makePlace } from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

const WAITING = makeKey(1, {
  nextAction: "importMaterial",
  key: { origin: "EXTERNAL", state: "PendingImport" },
});

async function openImport(offer: Partial<ImportOffer> = {}, backend = new FakeBackend()) {
  backend.keys = [WAITING];
  backend.uploads.offer = offer;
  const opened = openWindow(backend, `/keys/${encodeURIComponent(WAITING.key.arn)}/import`);
  await waitFor(() => expect(opened.cloudscape.findWizard()).not.toBeNull());
  const next = () =>
    opened.user.click(
      opened.cloudscape.findWizard()?.findPrimaryButton().getElement() as HTMLElement,
    );
  return { backend, next, ...opened };
}

test.each([
  ["importMaterial", "Import key material"],
  ["reimportMaterial", "Import the same material again"],
  ["materialExpires", "Change expiry"],
] as const)("a key whose next step is %s leads here", async (nextAction, verb) => {
  const backend = new FakeBackend();
  const key = makeKey(1, { nextAction, key: { origin: "EXTERNAL", validTo: inDays(9) } });
  backend.keys = [key];
  const { user } = openWindow(backend, `/keys/${encodeURIComponent(key.key.arn)}`);
  await user.click(await screen.findByRole("button", { name: verb }));
  await waitFor(() => expect(place()).toBe(`/keys/${key.key.arn}/import`));
});

test("a key that never had material takes generated material, and the journey ends at the key", async () => {
  const { backend, next, user } = await openImport();
  await next();
  expect(await screen.findByRole("table", { name: "Steps of the plan" })).toBeVisible();
  expect((await lastAsked(backend, "plan_import")).draft).toEqual({
    key: WAITING.key.arn,
    material: { from: "generate" },
    keyExpiration: false,
    validTo: null,
  });
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  backend.uploads.applies[0]?.step(2);
  await waitFor(() => expect(place()).toBe(`/keys/${WAITING.key.arn}/import/op-new-1`));
  backend.uploads.applies[0]?.finish();
  expect(await screen.findByText("The key material is imported")).toBeVisible();
  await user.click(screen.getByText("Open the key"));
  await waitFor(() => expect(place()).toBe(`/keys/${WAITING.key.arn}`));
});

test("only the same bytes: the known material is chosen, generating is not offered", async () => {
  const backend = new FakeBackend();
  backend.store.materials = [
    makeMaterial(1, { name: "payments", places: [makePlace(WAITING.key.arn)] }),
    makeMaterial(2, { name: "something else" }),
  ];
  backend.uploads.notes = [{ note: "sameBytesProved", fingerprint: "3f9a77c1" }];
  const { next } = await openImport({ sameBytesOnly: true, known: ["m-0001"] }, backend);
  expect(await screen.findByText("payments")).toBeVisible();
  expect(screen.queryByText("Generate")).toBeNull();
  expect(screen.queryByText("Decide later")).toBeNull();
  await next();
  expect(
    await screen.findByText(/these are the same bytes \(fingerprint 3f9a77c1\)/),
  ).toBeVisible();
  const { draft } = await lastAsked(backend, "plan_import");
  expect((draft as ImportDraft).material).toEqual({ from: "stored", id: "m-0001" });
});

test("other bytes are refused in place, before anything is planned", async () => {
  const backend = new FakeBackend();
  backend.uploads.refuse = ({ material }) =>
    material.from === "file" ? EVERY_ERROR.otherMaterial : undefined;
  const { cloudscape, next, user } = await openImport({ sameBytesOnly: true }, backend);
  expect(screen.getByText(/OwnKey never imported into this key/)).toBeVisible();
  await user.click(screen.getByText("Choose file"));
  await screen.findByText("payments.key");
  await next();
  await waitFor(() =>
    expect(
      cloudscape
        .findAllFormFields()
        .find((field) => field.findLabel()?.getElement().textContent === "Key file")
        ?.findError()
        ?.getElement(),
    ).toHaveTextContent(/their fingerprint is c0de-1234, that of the key’s material is 3f9a-77c1/),
  );
  expect(backend.asked("plan_import")).toEqual([]);
});

test("changing the expiry starts from the present one", async () => {
  const backend = new FakeBackend();
  backend.store.materials = [makeMaterial(1)];
  const validTo = inDays(12);
  const { next } = await openImport(
    { sameBytesOnly: true, known: ["m-0001"], holdsMaterial: true, validTo },
    backend,
  );
  expect(screen.getByLabelText("Expires at a time")).toBeChecked();
  await next();
  await screen.findByRole("table", { name: "Steps of the plan" });
  const { draft } = await lastAsked(backend, "plan_import");
  expect(
    Math.abs(Date.parse((draft as ImportDraft).validTo ?? "") - Date.parse(validTo)),
  ).toBeLessThan(60_000);
  expect(screen.getByRole("button", { name: "Change expiry" })).toBeVisible();
});

test("a key that takes no import says why", async () => {
  const backend = new FakeBackend();
  backend.keys = [WAITING];
  backend.refusals = { offer_import: EVERY_ERROR.keyNotReady };
  openWindow(backend, `/keys/${encodeURIComponent(WAITING.key.arn)}/import`);
  expect(await screen.findByText(/is in the state PendingDeletion/)).toBeVisible();
});
