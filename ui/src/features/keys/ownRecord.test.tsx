// What OwnKey's own record says about a key: its stored material, its operations.

import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR, inDays, makeByok, makeKey } from "../../testing/fixtures";
import {
  makeBackup,
  makeFinished,
  makeMaterial,
  makePlace,
  makeStopped,
} from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

const BYOK = makeByok(1, 100);
const ARN = BYOK.key.arn;

function openKey(tab: string, change: (backend: FakeBackend) => void = () => undefined) {
  const backend = new FakeBackend();
  backend.keys = [BYOK, makeKey(2)];
  change(backend);
  return { backend, ...openWindow(backend, `/keys/${encodeURIComponent(ARN)}?tab=${tab}`) };
}

test("the stored material of a key is shown with its fingerprint and leads to the source", async () => {
  const { user } = openKey("material", ({ store }) => {
    store.materials = [
      makeMaterial(1, {
        name: "payments",
        places: [makePlace(ARN, { validTo: inDays(-1) })],
        backups: [makeBackup("payments")],
      }),
      makeMaterial(2, { name: "of another key" }),
    ];
  });
  const link = await screen.findByText("payments");
  const table = link.closest("table") as HTMLElement;
  expect(table).toHaveTextContent("3f9a77c100015e2b90d4");
  expect(table).toHaveTextContent("Expired");
  expect(table).toHaveTextContent("Verified");
  expect(screen.queryByText("of another key")).toBeNull();
  await user.click(link);
  await waitFor(() => expect(place()).toBe("/sources/m-0001"));
});

test("a key that OwnKey never imported into says what that means; a native key says nothing", async () => {
  openKey("material");
  await screen.findByText(/^OwnKey never imported into this key/);
});

test("a store that cannot be opened is not shown as empty", async () => {
  openKey("material", (backend) => {
    backend.refusals = { list_materials: EVERY_ERROR.keychainLocked };
  });
  await screen.findByText("Whether OwnKey stores this key’s material is not known");
  expect(screen.queryByText(/^OwnKey never imported/)).toBeNull();
});

test("a key's activity lists its operations and leads to them", async () => {
  const { backend, user } = openKey("activity", ({ store }) => {
    store.operations = [
      makeFinished(3, { key: ARN }),
      { ...makeStopped(1), key: ARN },
      makeFinished(7),
    ];
  });
  const rows = await screen.findAllByTestId("operation-row");
  expect(rows).toHaveLength(2);
  const { query } = await lastAsked(
    backend,
    "list_operations",
    (args) => (args.query as { key: string | null }).key !== null,
  );
  expect(query).toEqual({ openOnly: false, key: ARN, skip: 0, limit: 200 });
  await user.click(screen.getAllByText("Upload key")[0] as HTMLElement);
  await waitFor(() => expect(place()).toBe("/activity/op-0001"));
});

test("a step of an operation asks for operations anew, and leaves the list of keys alone", async () => {
  const backend = new FakeBackend();
  backend.keys = [BYOK];
  openWindow(backend, "/keys");
  await screen.findAllByTestId("key-row");
  const asked = () => [backend.asked("list_keys").length, backend.asked("list_operations").length];
  const [keys = 0, operations = 0] = asked();
  await backend.announce({ what: "operations" });
  await waitFor(() => expect(asked()[1]).toBe(operations + 1));
  expect(asked()[0]).toBe(keys);
  await backend.announce({ what: "operations" });
  await backend.announce({ what: "keys", registration: "r-sandbox" });
  await waitFor(() => expect(asked()).toEqual([keys + 1, operations + 2]));
});
