// What was chosen comes back at the next start: columns, filter, scope, appearance, size, place.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openKeys, rows, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { sqlite } from "./harness/python.mjs";
import { openWindow } from "./harness/window.mjs";

test("columns, filter, scope, theme and size come back", async (t) => {
  const place = await emptyPlace(t);
  const first = await openWindow(place);
  await synchronised(first);
  await openKeys(first);
  await first.click("button", "Preferences");
  await first.click("checkbox", "Key spec");
  await first.click("button", "Confirm");
  await first.until("no column for the key spec", async () => !(await has(first, /^Key spec/)));
  await openKeys(first, "/keys?view=byok&regions=eu-central-1&filter=tag:contains:payments");
  await first.click("button", "Switch to dark");
  await first.resize(1200, 760);
  const before = { path: await first.path(), rows: await rows(first) };
  assert.ok(before.rows.length > 0);
  await first.until("the choices to be written", async () => {
    const kept = Object.fromEntries(
      await sqlite(join(place.data, "journal.db"), "SELECT name, value FROM preferences"),
    );
    return kept["appearance.theme"] === '"dark"' && kept.place?.includes("view=byok");
  });
  await first.close();

  const second = await openWindow(place, { size: null });
  await second.find("grid", "Keys");
  await second.until(
    "the same rows",
    async () => JSON.stringify(await rows(second)) === JSON.stringify(before.rows),
  );
  assert.equal(await second.path(), before.path);
  assert.equal(await has(second, /^Key spec/), false);
  assert.equal(await has(second, /^Origin/), true);
  await second.find("button", "Switch to light");
  await second.find("button", /eu-central-1/, "scope-selector");
  assert.deepEqual(await second.size(), [1200, 760]);
});

async function has(window, column) {
  return (await window.all("columnheader", column)).length > 0;
}
