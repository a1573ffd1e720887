import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { AppError, StoredMaterial } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR, HOSTILE, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import {
  arnOf,
  FOLDER,
  makeBackup,
  makeMaterial,
  makePlace,
  makeStore,
} from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

const PASSPHRASE = "correct horse battery staple";

async function openSources(materials: StoredMaterial[] = makeStore(6), path = "/sources") {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.store.materials = materials;
  const opened = openWindow(backend, path);
  await (materials.length > 0
    ? screen.findAllByTestId("source-row")
    : screen.findByText("No key material is stored"));
  return { backend, store: backend.store, ...opened };
}

function shown(): string[] {
  return screen.queryAllByTestId("source-row").map((row) => row.textContent ?? "");
}

function rowOf(name: string): HTMLElement {
  const row = screen
    .getAllByRole("row")
    .find((one) => within(one).queryByRole("link", { name }) !== null);
  if (!row) {
    throw new Error(`no row is called ${name}`);
  }
  return row;
}

/** What came of the last action. */
function outcome(): Promise<HTMLElement> {
  return screen.findByTestId("source-outcome");
}

function dialog(): HTMLElement {
  return screen.getByRole("dialog");
}

async function choose(
  user: Awaited<ReturnType<typeof openSources>>["user"],
  name: string,
  item: string,
) {
  await user.click(screen.getByRole("button", { name: `Actions for ${name}` }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
  return screen.findByRole("dialog");
}

/** Nothing that crossed to the backend holds the passphrase in clear. */
function neverCrossed(backend: FakeBackend, secret: string) {
  expect(JSON.stringify(backend.calls)).not.toContain(secret);
  expect(window.location.href).not.toContain(secret);
  expect(JSON.stringify(backend.preferences)).not.toContain(secret);
}

test("each source tells what it is, where AWS holds it and whether it is backed up", async () => {
  await openSources();
  const payments = rowOf("payments");
  for (const text of [
    "Symmetric (AES-256)",
    "File payments.key",
    "KCV A10001",
    "2 keys",
    "Verified",
  ]) {
    expect(payments).toHaveTextContent(text);
  }
  expect(within(payments).getAllByRole("link", { name: /eu-/ })).toHaveLength(2);
  expect(rowOf("ledger")).toHaveTextContent("No backup");
  const expired = rowOf("card-data");
  expect(expired).toHaveTextContent("No longer");
  expect(expired).toHaveTextContent("Expired");
  expect(rowOf("tried in the sandbox")).toHaveTextContent("(sandbox)");
});

test("an empty store says what would be here and offers the three ways into it", async () => {
  await openSources([]);
  await screen.findByText("No key material is stored");
  for (const name of ["Generate", "Import from file", "Restore from backup"]) {
    // In the header and in the table.
    expect(screen.getAllByRole("button", { name })).toHaveLength(2);
  }
});

test("two hundred sources are filtered, sorted and paged, and the place is a link", async () => {
  const { user, cloudscape } = await openSources(makeStore(200));
  expect(shown()).toHaveLength(25);
  await user.click(screen.getByLabelText("Page 8 of all pages"));
  await waitFor(() => expect(place()).toContain("page=8"));
  expect(shown()).toHaveLength(25);
  await user.click(cloudscape.findTable()?.findColumnSortingArea(1)?.getElement() as HTMLElement);
  await waitFor(() => expect(place()).toContain("sort=name:asc"));
  await user.type(screen.getByLabelText("Filter sources"), "rsa l-111");
  await waitFor(() => expect(place()).toContain("text=rsa"));
  await waitFor(() => expect(shown()).toEqual(["material-111"]));
  await user.clear(screen.getByLabelText("Filter sources"));
  await user.type(screen.getByLabelText("Filter sources"), "none");
  await screen.findByText("No source matches");
  await user.click(screen.getByText("Show all sources"));
  await waitFor(() => expect(shown()).toHaveLength(25));
});

test("only what AWS holds without a verified backup, and a sandbox backup stands for no real one", async () => {
  await openSources(
    [
      ...makeStore(6),
      makeMaterial(7, {
        name: "moved to production",
        places: [makePlace(arnOf(7))],
        backups: [makeBackup("sandbox-7", { sandbox: true })],
      }),
    ],
    "/sources?show=unprotected",
  );
  expect(shown().sort()).toEqual(["ledger", "moved to production"]);
  expect(rowOf("moved to production")).toHaveTextContent("Only a sandbox backup");
});

test("hostile names are text", async () => {
  await openSources();
  expect(screen.getByText(HOSTILE.markup)).toBeInTheDocument();
  expect(document.querySelector("main img")).toBeNull();
  expect(document.body.dataset.hacked).toBeUndefined();
});

const STORE_PROBLEMS: AppError[] = [EVERY_ERROR.keychainMissing, EVERY_ERROR.keychainLocked];

test.each(STORE_PROBLEMS)("$code is said in place of the list, with what to do", async (error) => {
  const backend = new FakeBackend();
  backend.refusals = { list_materials: error };
  const { user } = openWindow(backend, "/sources");
  const table = await screen.findByRole("grid", { name: "Stored key material" });
  await waitFor(() => expect(table).toHaveTextContent(/keychain/i));
  expect(screen.queryByText("No key material is stored")).toBeNull();
  backend.refusals = {};
  await user.click(within(table).getByRole("button", { name: "Try again" }));
  await screen.findByText("No key material is stored");
});

test("where the keychain was lost, restoring from a backup is offered", async () => {
  const backend = new FakeBackend();
  backend.refusals = { list_materials: EVERY_ERROR.masterKeyMissing };
  const { user } = openWindow(backend, "/sources");
  const table = await screen.findByRole("grid", { name: "Stored key material" });
  await waitFor(() => expect(table).toHaveTextContent("Restore from backups"));
  await user.click(within(table).getByRole("button", { name: "Restore from backup" }));
  expect(dialog()).toHaveTextContent("Restore key material from a backup");
});

test("material is generated with a spec and a name, which survive leaving the dialog", async () => {
  const { backend, user } = await openSources([]);
  await user.click(screen.getAllByRole("button", { name: "Generate" })[0] as HTMLElement);
  await user.type(within(dialog()).getByRole("textbox", { name: "Name" }), "invoices");
  await user.click(within(dialog()).getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await user.click(screen.getAllByRole("button", { name: "Generate" })[0] as HTMLElement);
  expect(within(dialog()).getByRole("textbox", { name: "Name" })).toHaveValue("invoices");
  await user.click(within(dialog()).getByRole("button", { name: /Key spec/ }));
  await user.click(await screen.findByRole("option", { name: /RSA, 3072 bits/ }));
  backend.refusals = {
    make_material: {
      code: "invalidInput",
      field: "name",
      reason: "A name has 1 to 100 characters.",
    },
  };
  const generate = within(dialog()).getByRole("button", { name: "Generate" });
  await user.click(generate);
  await within(dialog()).findByText("A name has 1 to 100 characters.");
  backend.refusals = {};
  await user.click(generate);
  expect(await lastAsked(backend, "make_material")).toEqual({ spec: "RSA_3072", name: "invoices" });
  expect(await outcome()).toHaveTextContent("invoices was generated and sealed");
  await waitFor(() => expect(shown()).toEqual(["invoices"]));
});

test("a file that can be read in several ways asks which is meant, in its own field", async () => {
  const { backend, user } = await openSources([]);
  await user.click(screen.getAllByRole("button", { name: "Import from file" })[0] as HTMLElement);
  expect(within(dialog()).getByRole("button", { name: "Import from file" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await user.click(within(dialog()).getByRole("button", { name: "Choose file" }));
  await within(dialog()).findByText("(32 bytes)");
  expect(within(dialog()).getByRole("textbox", { name: "Name" })).toHaveValue("payments.key");
  backend.refusals = {
    store_material: {
      code: "fileRefused",
      name: "payments.key",
      expected: "SYMMETRIC_DEFAULT",
      problem: {
        problem: "ambiguous",
        readings: [
          { reading: "raw", length: 32 },
          { reading: "hex", length: 16 },
        ],
      },
    },
  };
  await user.click(within(dialog()).getByRole("button", { name: "Import from file" }));
  await user.click(await within(dialog()).findByRole("radio", { name: /Hexadecimal/ }));
  backend.refusals = { store_material: EVERY_ERROR.fileRefused };
  await user.click(within(dialog()).getByRole("button", { name: "Import from file" }));
  await within(dialog()).findByText(/needs exactly 32 bytes/);
  backend.refusals = {};
  await user.click(within(dialog()).getByRole("button", { name: "Import from file" }));
  const asked = await lastAsked(backend, "store_material");
  expect(asked).toEqual({
    handle: "key-file",
    reading: "hex",
    spec: "SYMMETRIC_DEFAULT",
    name: "payments.key",
  });
  expect(await outcome()).toHaveTextContent("was read from the file and sealed");
  await lastAsked(backend, "drop_file");
});

test("a restored backup is opened with a passphrase that crosses only encrypted", async () => {
  const { backend, store, user } = await openSources([]);
  await user.click(
    screen.getAllByRole("button", { name: "Restore from backup" })[0] as HTMLElement,
  );
  await user.click(within(dialog()).getByRole("button", { name: "Choose file" }));
  await within(dialog()).findByText("(391 bytes)");
  const field = within(dialog()).getByLabelText("Passphrase of the backup");
  expect(field).toHaveAttribute("type", "password");
  await user.type(field, "not this one{Enter}");
  await within(dialog()).findByText(/The passphrase does not open this backup/);
  await user.clear(field);
  await user.type(field, PASSPHRASE);
  await user.click(within(dialog()).getByRole("button", { name: "Restore" }));
  expect(await outcome()).toHaveTextContent("payments.age was restored from the backup and sealed");
  expect(store.openedTexts).toEqual(["not this one", PASSPHRASE]);
  neverCrossed(backend, PASSPHRASE);
});

test("what is in the store already is said to be there, as itself", async () => {
  const { store, user } = await openSources(makeStore(2));
  store.inBackup = store.materials[0] as StoredMaterial;
  await user.click(screen.getByRole("button", { name: "Restore from backup" }));
  await user.click(within(dialog()).getByRole("button", { name: "Choose file" }));
  await user.type(
    within(dialog()).getByLabelText("Passphrase of the backup"),
    `${PASSPHRASE}{Enter}`,
  );
  expect(await outcome()).toHaveTextContent("These bytes are in the store already");
});

test("a backup is written now, and the result names its path", async () => {
  const { backend, user } = await openSources();
  await choose(user, "ledger", "Back up now");
  expect(dialog()).toHaveTextContent(FOLDER);
  await user.click(within(dialog()).getByRole("button", { name: "Back up now" }));
  expect(await outcome()).toHaveTextContent(`${FOLDER}/ownkey-m-0002.age`);
  expect(backend.asked("back_up_material")).toEqual([{ id: "m-0002" }]);
  await waitFor(() => expect(rowOf("ledger")).toHaveTextContent("Verified"));
});

test("without a folder and a passphrase, those are asked for first, and then it is backed up", async () => {
  const { backend, store, user } = await openSources();
  store.settings = { folder: null, proposed: FOLDER, passphraseKept: false };
  await choose(user, "ledger", "Back up now");
  const once = await within(dialog()).findByLabelText("Passphrase");
  await user.type(once, PASSPHRASE);
  await user.type(within(dialog()).getByLabelText("Repeat the passphrase"), PASSPHRASE);
  await user.click(within(dialog()).getByRole("button", { name: "Set up and back up" }));
  expect(await outcome()).toHaveTextContent("written, opened again and compared");
  expect(backend.asked("set_up_backups")).toHaveLength(1);
  expect(store.openedTexts).toEqual([PASSPHRASE, PASSPHRASE]);
  neverCrossed(backend, PASSPHRASE);
});

test("a folder that cannot be written to is said in the dialog, which stays", async () => {
  const { backend, user } = await openSources();
  backend.refusals = { back_up_material: EVERY_ERROR.backupFolderNotWritable };
  await choose(user, "ledger", "Back up now");
  await user.click(within(dialog()).getByRole("button", { name: "Back up now" }));
  await within(dialog()).findByText(/OwnKey cannot write to/);
});

test("one of several backups is chosen and verified; without one the action is off and says why", async () => {
  const { backend, user } = await openSources();
  await choose(user, "payments", "Verify backup");
  await user.click(within(dialog()).getByRole("radio", { name: /older\.age/ }));
  await user.click(within(dialog()).getByRole("button", { name: "Verify backup" }));
  expect(await outcome()).toHaveTextContent("holds exactly the bytes of payments");
  expect(backend.asked("verify_backup")).toEqual([{ id: "m-0001", path: `${FOLDER}/older.age` }]);

  await user.click(screen.getByRole("button", { name: "Actions for ledger" }));
  const item = await screen.findByRole("menuitem", { name: /Verify backup/ });
  expect(item).toHaveAttribute("aria-disabled", "true");
  await user.hover(item);
  expect(document.body).toHaveTextContent("There is no backup of it yet.");
});

test("a backup that holds other bytes is said so", async () => {
  const { backend, user } = await openSources();
  backend.refusals = {
    verify_backup: { ...EVERY_ERROR.backupUnusable, problem: "different" },
  };
  await choose(user, "payments", "Verify backup");
  await user.click(within(dialog()).getByRole("button", { name: "Verify backup" }));
  await within(dialog()).findByText(/holds other bytes/);
});

test("an export asks for a passphrase of its own, twice, and marks what is wrong where it is", async () => {
  const { backend, store, user } = await openSources();
  await choose(user, "payments", "Export");
  const first = within(dialog()).getByLabelText("Passphrase");
  const second = within(dialog()).getByLabelText("Repeat the passphrase");
  const write = within(dialog()).getByRole("button", { name: "Export" });
  await user.type(first, "short");
  await user.type(second, "shorter");
  await user.click(write);
  await within(dialog()).findByText(/two passphrases that were typed are not the same/);
  await user.clear(second);
  await user.type(second, "short");
  await user.click(write);
  await within(dialog()).findByText(/fewer than 12 characters/);
  await user.clear(first);
  await user.clear(second);
  await user.type(first, PASSPHRASE);
  await user.type(second, PASSPHRASE);
  await user.click(write);
  expect(await outcome()).toHaveTextContent("payments was exported");
  expect(store.openedTexts.slice(-2)).toEqual([PASSPHRASE, PASSPHRASE]);
  neverCrossed(backend, PASSPHRASE);
});

test("an export whose file dialog was left says nothing was written by saying nothing", async () => {
  const { store, user } = await openSources();
  store.exportTo = null;
  await choose(user, "payments", "Export");
  await user.type(within(dialog()).getByLabelText("Passphrase"), PASSPHRASE);
  await user.type(within(dialog()).getByLabelText("Repeat the passphrase"), `${PASSPHRASE}{Enter}`);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.queryByText(/was exported/)).toBeNull();
});

test("removing asks for the name; what AWS needs is refused, with the keys and the way out", async () => {
  const { backend, user } = await openSources();
  backend.refusals = { remove_material: { code: "materialNeeded", keys: [arnOf(2)] } };
  await choose(user, "ledger", "Remove");
  expect(dialog()).toHaveTextContent("AWS holds it for 1 key");
  const remove = within(dialog()).getByRole("button", { name: "Remove key material" });
  expect(remove).toBeDisabled();
  await user.type(within(dialog()).getByRole("textbox"), "ledger");
  await user.click(remove);
  await within(dialog()).findByText("The material is needed");
  expect(dialog()).toHaveTextContent(arnOf(2));
  await user.click(within(dialog()).getByRole("button", { name: "Back up now" }));
  expect(dialog()).toHaveTextContent("Back up key material");
  await user.click(within(dialog()).getByRole("button", { name: "Back up now" }));
  await outcome();

  backend.refusals = {};
  await choose(user, "ledger", "Remove");
  await user.type(within(dialog()).getByRole("textbox"), "ledger{Enter}");
  expect(await screen.findByText(/was removed from OwnKey’s store/)).toBeVisible();
  expect(await lastAsked(backend, "remove_material")).toEqual({
    id: "m-0002",
    confirmation: "ledger",
  });
  await waitFor(() => expect(shown()).not.toContain("ledger"));
});

test("a source leads to the upload wizard with itself chosen", async () => {
  const { user } = await openSources();
  await user.click(screen.getByRole("button", { name: "Actions for payments" }));
  await user.click(await screen.findByRole("menuitem", { name: "Upload as a new key" }));
  await waitFor(() => expect(place()).toMatch(/^\/keys\/upload/));
  await waitFor(() => expect(document.querySelector("main")).toHaveTextContent("payments"));
});

test("a source's page has all facts, the keys and the backups", async () => {
  const { user, backend } = await openSources();
  await user.click(screen.getByRole("link", { name: "card-data" }));
  await waitFor(() => expect(place()).toBe("/sources/m-0003"));
  expect(document.title).toBe("card-data – OwnKey");
  const main = document.querySelector("main") as HTMLElement;
  const keys = await screen.findByRole("table", { name: "Keys with this material" });
  expect(keys).toHaveTextContent("Expired");
  expect(keys).toHaveTextContent("Removed");
  expect(keys).toHaveTextContent(arnOf(3));
  for (const text of ["3f9a77c100035e2b90d4", "A10003", "m-0003", "OwnKey’s own store"]) {
    expect(main).toHaveTextContent(text);
  }
  const path = `${FOLDER}/ownkey-m-0003.age`;
  expect(screen.getByRole("button", { name: `Copy path ${path}` })).toBeVisible();
  await user.click(screen.getByRole("button", { name: `Verify ${path}` }));
  await user.click(within(dialog()).getByRole("button", { name: "Verify backup" }));
  expect(await lastAsked(backend, "verify_backup")).toEqual({ id: "m-0003", path });
});

test("a source that was removed on its page says so; one that never was is missing", async () => {
  const { user } = await openSources();
  await user.click(screen.getByRole("link", { name: "ledger" }));
  await screen.findByText(/It exists on this computer only/);
  await user.click(screen.getByRole("button", { name: "Remove" }));
  await user.type(within(dialog()).getByRole("textbox"), "ledger{Enter}");
  expect(await screen.findByText(/was removed from OwnKey’s store/)).toBeVisible();
  expect(screen.queryByText("Not found")).toBeNull();
  await user.click(await screen.findByRole("button", { name: "Show all sources" }));
  await waitFor(() => expect(place()).toBe("/sources"));
});

test("an unknown source is not found", async () => {
  const backend = new FakeBackend();
  openWindow(backend, "/sources/m-none");
  await screen.findByText("Not found");
});
