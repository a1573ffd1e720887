// The store of key material in the real window: made, backed up, exported, restored; and what the
// window says where the keychain is locked or missing.

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { withDesktop } from "../../src-tauri/scripts/lib/desktop.mjs";
import { synchronised, typeSecret } from "./harness/app.mjs";
import { filesWith, lockKeychain } from "./harness/keychain.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openBackup, sqlite } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const PASSPHRASE = "planted backup passphrase of the window";
const EXPORTED = "planted export passphrase of the window";

test("material is generated, backed up, exported and restored", async (t) => {
  const place = await emptyPlace(t);
  const backups = join(place.folder, "backups");
  const file = join(place.folder, "ledger-export.age");
  const window = await openWindow(place);
  await synchronised(window);

  await window.go("/sources");
  await window.shows("No key material is stored");
  await window.picture(pictureFile("sources-empty"));
  await window.click("button", "Generate");
  await window.find("dialog");
  await window.still();
  await window.type("textbox", "Name", "ledger");
  await window.picture(pictureFile("sources-generate"));
  await window.isAccessible("the dialog for generating");
  await window.click("button", "Generate", "dialog");
  await window.shows("was generated and sealed");
  await bothModes(window, "sources");

  await window.click("link", "ledger");
  await window.find("heading", "ledger");
  const page = await window.path();
  await setUpBackups(window, backups);
  await window.go(page);
  await window.find("heading", "ledger");
  await window.click("button", "Back up now");
  await window.shows("Writes an encrypted file of");
  await window.click("button", "Back up now", "dialog");
  await window.shows("was written, opened again and compared");
  await window.shows("Verified just now");

  const [name, ...others] = await readdir(backups);
  assert.deepEqual(others, []);
  const backup = await openBackup(join(backups, name), PASSPHRASE);
  assert.equal(backup.format, "ownkey-backup");
  assert.equal(Buffer.from(backup.material, "base64").length, 32);
  assert.equal(await openBackup(join(backups, name), EXPORTED), null);

  await window.click("button", "Export");
  await typeSecret(window, /^Passphrase/, EXPORTED);
  await typeSecret(window, /^Repeat/, EXPORTED);
  await window.picture(pictureFile("sources-export"));
  await window.isAccessible("the dialog for exporting");
  await window.click("button", "Export", "dialog");
  await window.pick("Export key material, encrypted", file);
  await window.shows("was exported");
  await window.shows("Opens with a passphrase of its own");
  assert.equal((await openBackup(file, EXPORTED)).material, backup.material);
  await bothModes(window, "source");

  await window.click("button", "Remove");
  await window.type("textbox", /^To confirm/, "ledger");
  await window.picture(pictureFile("sources-remove"));
  await window.click("button", "Remove key material");
  await window.shows("was removed from OwnKey’s store");
  await window.go("/sources");
  await window.shows("No key material is stored");
  await window.click("button", "Restore from backup");
  await window.click("button", "Choose file");
  await window.pick("Choose a backup", file);
  await window.shows("ledger-export.age");
  await typeSecret(window, /^Passphrase/, PASSPHRASE);
  await window.click("button", "Restore", "dialog");
  await window.shows("The passphrase does not open this backup");
  await window.picture(pictureFile("sources-restore"));
  await window.isAccessible("the dialog for restoring");
  await typeSecret(window, /^Passphrase/, EXPORTED);
  await window.click("button", "Restore", "dialog");
  await window.shows("was restored from the backup and sealed");
  await window.find("link", "ledger-export.age");

  assert.doesNotMatch(await window.everything(), /planted/);
  await window.end();
  for (const secret of [PASSPHRASE, EXPORTED, Buffer.from(backup.material, "base64")]) {
    assert.deepEqual(await filesWith(place.folder, secret), []);
  }
  assert.doesNotMatch(window.output, /planted/);
});

test("without a keychain nothing is stored, and the window says what to do", async (t) => {
  await saysWhatToDo(
    await emptyPlace(t),
    { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" },
    { name: "missing", title: "No keychain", toDo: "install and unlock a Secret Service" },
  );
});

test("with a locked keychain nothing is stored, and the window says what to do", async (t) => {
  const place = await emptyPlace(t);
  await withDesktop(async (desktop) => {
    await lockKeychain(desktop);
    const { DBUS_SESSION_BUS_ADDRESS } = desktop;
    await saysWhatToDo(
      place,
      { DBUS_SESSION_BUS_ADDRESS },
      {
        name: "locked",
        title: "The keychain is locked",
        toDo: "Unlock the keychain and allow OwnKey to use it",
      },
    );
  });
});

/** In Sources and in the wizard; and no plain file is left behind. */
async function saysWhatToDo(place, env, { name, title, toDo }) {
  const window = await openWindow(place, { env });
  await synchronised(window);
  await window.go("/sources");
  await window.click("button", "Generate");
  await window.find("dialog");
  await window.still();
  await window.type("textbox", "Name", "not to be kept");
  await window.click("button", "Generate", "dialog");
  await window.shows(title);
  await window.shows(toDo);
  await window.picture(pictureFile(`keychain-${name}-sources`));
  await window.isAccessible(`Sources with a ${name} keychain`);
  await window.click("button", "Cancel");

  await window.go("/keys/upload");
  await window.find("heading", /^Key material/);
  await window.click("button", "Next");
  await window.find("heading", "Key");
  await window.click("button", "Next");
  await window.find("heading", /^Expiry/);
  await window.click("button", "Next");
  await window.shows(title);
  await window.shows(toDo);
  await window.picture(pictureFile(`keychain-${name}-wizard`));
  await window.end();
  const journal = join(place.data, "journal.db");
  assert.deepEqual(await sqlite(journal, "SELECT count(*) FROM sealed_materials"), [[0]]);
  const files = await readdir(place.folder, { recursive: true });
  assert.deepEqual(
    files.filter((one) => one.endsWith(".age")),
    [],
  );
}

async function setUpBackups(window, folder) {
  await window.go("/settings");
  await window.find("heading", "Backups");
  await window.click("button", "Set up backups");
  await window.type("textbox", "Backup folder", folder);
  const [another] = await window.all("checkbox", /^Set another passphrase/);
  // The desktop's keychain may have one from a test before.
  if (another) await window.click("checkbox", /^Set another passphrase/);
  await typeSecret(window, /^Passphrase/, PASSPHRASE);
  await typeSecret(window, /^Repeat/, PASSPHRASE);
  await window.isAccessible("the dialog for backups");
  await window.picture(pictureFile("settings-backups"));
  await window.click("button", "Set up backups", "dialog");
  await window.shows("Saved. Backups are written this way from now on.");
}

/** axe and a picture in light and in dark. */
async function bothModes(window, name) {
  for (const [mode, other] of [
    ["light", "dark"],
    ["dark", "light"],
  ]) {
    await window.isAccessible(`${name}, ${mode}`);
    await window.picture(pictureFile(`${name}-${mode}`));
    await window.click("button", `Switch to ${other}`);
    await window.find("button", `Switch to ${mode}`);
  }
}
