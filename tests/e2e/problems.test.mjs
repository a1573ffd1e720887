// When the computer is not as it should be, the window says what happened and what to do.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { allKeys, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { end, launch, until } from "./harness/processes.mjs";
import { sqlite, titlesOf } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

test("a journal from a newer OwnKey is left as it is", async (t) => {
  const place = await emptyPlace(t);
  const journal = join(place.data, "journal.db");
  await startedOnce(place);
  await sqlite(journal, "PRAGMA user_version = 4711");
  const before = await digest(journal);

  const window = await openWindow(place);
  await window.find("heading", "This data is from a newer OwnKey");
  await window.shows("4711");
  await window.shows(journal);
  await window.isAccessible("the problem page");
  await window.picture(pictureFile("problem-newer"));
  assert.deepEqual(await window.all("navigation"), [], "nothing else can be reached");
  await window.end();
  assert.equal(await digest(journal), before);
});

test("a cache that this version does not know is made anew", async (t) => {
  const place = await emptyPlace(t);
  await startedOnce(place);
  const cache = join(place.data, "cache.db");
  await sqlite(cache, "PRAGMA user_version = 4711");
  const window = await openWindow(place);
  await synchronised(window);
  assert.ok((await allKeys(window)).length > 0);
});

test("a read-only data folder is named", async (t) => {
  const place = await emptyPlace(t);
  await mkdir(place.data);
  // Nothing can be kept, so the web view keeps nothing either, and then WebKit allows no driver:
  // what the window says is read off its title.
  const [program, ...args] = [...(await readOnly(t, place.data)), process.env.OWNKEY_APP];
  const app = launch(program, args, place.environment());
  place.before(() => end(app));
  await until("a window that says so", async () => {
    const titles = await titlesOf(app.pid);
    return titles.some((title) => title.startsWith("The data folder is read-only"));
  });
});

test("the keychain works, and its absence is explained", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await window.go("/settings");
  await window.shows("Works: a secret was written, read and removed");
  await window.end();

  const without = await openWindow(await emptyPlace(t), {
    env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" },
  });
  await without.go("/settings");
  await without.shows("Does not work");
  await without.shows("install and unlock a Secret Service");
  await without.picture(pictureFile("problem-keychain"));
});

async function startedOnce(place) {
  const window = await openWindow(place);
  await synchronised(window);
  await window.end();
}

/** What to start the program with, so that it may not write to a folder: root may, whatever the mode says. */
async function readOnly(t, folder) {
  if (process.getuid() !== 0) {
    await chmod(folder, 0o500);
    t.after(() => chmod(folder, 0o700));
    return [];
  }
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  // In a changed root the mounts cannot be made private; what is mounted there ends with the namespace.
  const apart = ["private", "unchanged"]
    .map((propagation) => ["--mount", "--propagation", propagation])
    .find((options) => spawnSync("unshare", [...options, "true"]).status === 0);
  assert.ok(apart, "root needs the right to mount (CAP_SYS_ADMIN) to make a folder read-only");
  return ["unshare", ...apart, "sh", "-c", script, folder];
}

async function digest(file) {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}
