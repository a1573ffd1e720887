// Ten thousand keys in one list: read, paged, found and sorted in the window.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_ROLE, profileDraft } from "./harness/accounts.mjs";
import { command, matching, openKeys, rows, synchronised } from "./harness/app.mjs";
import { inBothModes, looksGood, show } from "./harness/appearance.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { openWindow } from "./harness/window.mjs";

const KEYS = 10_000;

test("ten thousand keys are read, and the list shows, finds and sorts them", async (t) => {
  const endpoint = await startSandbox(t, "--seed", String(KEYS));
  const place = await emptyPlace(t);
  await place.writeProfile("large");
  const window = await openWindow(place);
  await synchronised(window);
  const draft = profileDraft("Large", "large", endpoint);
  const { id: connection } = await command(window, "add_connection", { draft });
  const { id } = await command(window, "register_account", {
    draft: { name: "Large", connection, role: NO_ROLE, regions: ["us-east-1"] },
  });
  const large = `/keys?registrations=${id}`;
  await window.until(
    "all keys to be read",
    async () => (await command(window, "list_keys", { query: counting(id) })).total === KEYS,
    560,
  );
  await openKeys(window, large);
  assert.equal(await matching(window), KEYS);
  await inBothModes(window, async (mode) => {
    await show(window, large);
    await looksGood(window, `ten-thousand-${mode}`);
  });
  const last = KEYS / 50;
  await window.go(`${large}&page=${last}&sort=createdAt:desc`);
  await window.until("the last page", async () => (await rows(window)).length === 50);
  const [{ arn }] = await rows(window);
  await openKeys(window, `${large}&filter=keyId:contains:${arn.split("/")[1]}`);
  assert.equal(await matching(window), 1);
});

function counting(registration) {
  return {
    scope: { registrations: [registration], regions: [] },
    view: "all",
    combine: "and",
    filters: [],
    sort: { by: "alias", descending: false },
    skip: 0,
    limit: 1,
  };
}
