// Without a mouse: the palette, the list, the shortcuts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { openKeys, rows, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

test("the palette goes to a page and to a key by keyboard alone", async (t) => {
  const window = await openWindow(await emptyPlace(t));
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
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  await window.chord(Key.CONTROL, "k");
  await window.find("dialog", "Search or run");
  await window.press(Key.ESCAPE);
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
});

test("a row is selected with Space and opened with Enter", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  await openKeys(window);
  await window.chord(Key.CONTROL, "f");
  await window.until("the table's first cell", async () => {
    await window.press(Key.TAB);
    return window.run("return document.activeElement.closest('[role=grid] th') !== null");
  });
  for (const key of [Key.ARROW_DOWN, Key.ARROW_DOWN, Key.ARROW_RIGHT, Key.ARROW_RIGHT]) {
    await window.press(key);
  }
  await window.press(Key.SPACE);
  const { arn } = (await rows(window))[1];
  await window.until("the selection", async () =>
    (await window.path()).includes(`selected=${arn}`),
  );
  await window.find("button", "Close the details");
  await window.press(Key.ENTER);
  await window.until("the page", async () => (await window.path()).startsWith(`/keys/${arn}`));
});
