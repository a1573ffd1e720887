// An access key typed into the window: its secret is in a real Secret Service and nowhere else.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { withDesktop } from "../../src-tauri/scripts/lib/desktop.mjs";
import { command, synchronised, typeSecret } from "./harness/app.mjs";
import { filesWith, keychainContents, keychainEntry, lockKeychain } from "./harness/keychain.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { sqlite } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

/** Anybody's who knows the sandbox. */
const ID = "222222222222";
const SECRET = "planted/secret+access/key/of/the/window/tests";

test("a secret is kept in the keychain alone, over a restart, until its connection is removed", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  const window = await openWindow(place);
  await synchronised(window);

  await fillIn(window, "Analytics", endpoint, SECRET);
  await window.picture(pictureFile("access-key"));
  await window.isAccessible("the form of an access key");
  await window.click("button", "Test");
  await window.shows("AWS refused the credentials");
  assert.ok(!(await keychainContents()).includes(SECRET), "nothing is kept before it is saved");
  // The sandbox knows another one; the wrong one can be kept all the same.
  await save(window);
  const [id] = await connections(window);
  assert.equal(await keychainEntry(`${id}/secret-access-key`), `${ID}\n${SECRET}`);

  await window.click("link", "Analytics");
  await window.find("heading", "Analytics");
  assert.equal(await secretField(window), "", "it is never shown again");
  await typeSecret(window, /^Secret access key/, "test");
  await save(window);
  assert.equal(await keychainEntry(`${id}/secret-access-key`), `${ID}\ntest`);
  await window.close();
  assert.deepEqual(await filesWith(place.folder, SECRET), []);
  assert.ok(!window.output.includes(SECRET));

  const again = await openWindow(place);
  await synchronised(again);
  await again.go("/connections/sign-ins");
  await again.shows("Not signed in yet");
  await again.click("button", "Actions for Analytics");
  await again.click("menuitem", "Test");
  await again.shows(`arn:aws:iam::${ID}:user/administrator`);
  await again.picture(pictureFile("connection-test"));
  await again.isAccessible("the test of a connection");
  await again.click("button", "Close", "dialog");
  await again.click("button", "Actions for Analytics");
  await again.click("menuitem", "Remove");
  await again.shows("The secret access key is removed from the keychain");
  await again.picture(pictureFile("connection-remove"));
  await again.click("button", "Remove connection", "dialog");
  await again.until("the connection to be forgotten", async () => {
    return (await connections(again)).length === 0;
  });
  assert.equal(await keychainEntry(`${id}/secret-access-key`), null);
});

test("with a locked keychain no connection is kept, and the window says what to do", async (t) => {
  const place = await emptyPlace(t);
  await withDesktop(async (desktop) => {
    await lockKeychain(desktop);
    const { DBUS_SESSION_BUS_ADDRESS } = desktop;
    await saysWhatToDo(
      place,
      { DBUS_SESSION_BUS_ADDRESS },
      { name: "locked", title: "The keychain is locked", toDo: "Unlock the keychain and allow" },
    );
  });
});

test("without a keychain no connection is kept, and the window says what to do", async (t) => {
  await saysWhatToDo(
    await emptyPlace(t),
    { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" },
    { name: "missing", title: "No keychain", toDo: "install and unlock a Secret Service" },
  );
});

async function saysWhatToDo(place, env, { name, title, toDo }) {
  const window = await openWindow(place, { env });
  await synchronised(window);
  await fillIn(window, "Not to be kept", "", SECRET);
  await window.click("button", "Save");
  await window.shows(title);
  await window.shows(toDo);
  await window.isAccessible(`a connection with a ${name} keychain`);
  await window.picture(pictureFile(`keychain-${name}-connection`));
  assert.deepEqual(await connections(window), []);
  await window.end();
  const journal = join(place.data, "journal.db");
  const rows = await sqlite(
    journal,
    "SELECT count(*) FROM connections WHERE name = 'Not to be kept'",
  );
  assert.deepEqual(rows, [[0]]);
  assert.deepEqual(await filesWith(place.folder, SECRET), []);
  assert.ok(!window.output.includes(SECRET));
}

async function fillIn(window, name, endpoint, secret) {
  await window.go("/connections/sign-ins/new");
  await window.click("radio", /^Access key/);
  await window.type("textbox", "Access key ID", ID);
  await typeSecret(window, /^Secret access key/, secret);
  await window.type("textbox", "Name of the connection", name);
  if (endpoint) {
    await window.click("button", /^Role, region and endpoints/);
    await window.type("textbox", /^Endpoint URL/, endpoint);
  }
}

async function save(window) {
  await window.click("button", "Save");
  await window.until(
    "the list of connections",
    async () => (await window.path()) === "/connections/sign-ins",
  );
}

/** The ids of the connections that are not the sandbox's. */
async function connections(window) {
  return (await command(window, "list_connections"))
    .filter(({ connection }) => connection.kind.kind !== "sandbox")
    .map(({ connection }) => connection.id);
}

/** What the field for the secret holds. */
function secretField(window) {
  return window.run(`return document.querySelector("input[type=password]").value`);
}
