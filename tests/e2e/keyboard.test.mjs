// Without a mouse: the palette, the list, the shortcuts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { openKeys, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

test("the palette goes to a page and to a key by keyboard alone", async (t) => {
  const window = await openWindow(t, await emptyPlace(t));
  await synchronised(window);

  await window.chord(Key.CONTROL, "k");
  await window.find("dialog", "Search or run");
  await window.press("connections", Key.ENTER);
  await window.until("the connections", async () =>
    (await window.path()).startsWith("/connections"),
  );

  await window.chord(Key.CONTROL, "k");
  await window.find("dialog", "Search or run");
  await window.press("ledger");
  await window.find("option", /ledger/);
  await window.picture(pictureFile("palette"));
  await window.press(Key.ENTER);
  await window.find("heading", /ledger/);
  assert.match(await window.path(), /^\/keys\/arn:aws:kms:/);
});

test("Escape closes the palette and the focus is where it was", async (t) => {
  const window = await openWindow(t, await emptyPlace(t));
  await synchronised(window);
  await window.chord(Key.CONTROL, "k");
  await window.find("dialog", "Search or run");
  await window.press(Key.ESCAPE);
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
});

test("a row is selected with Space and opened with Enter", async (t) => {
  const window = await openWindow(t, await emptyPlace(t));
  await synchronised(window);
  const [first] = await openKeys(window);
  await window.run(
    `const row = document.querySelector('[data-testid="key-row"]').closest("tr");
     row.querySelectorAll("td")[2].focus();`,
  );
  await window.press(Key.SPACE);
  await window.until("the selection", async () =>
    (await window.path()).includes(`selected=${first.arn}`),
  );
  await window.press(Key.ENTER);
  await window.until("the page", async () =>
    (await window.path()).startsWith(`/keys/${first.arn}`),
  );
});
