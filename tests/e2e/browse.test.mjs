// From the list to one key: the expiring BYOK keys, the split panel, the page and its tabs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { openKeys, rows, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const DAYS = 86_400_000;
const TABS = ["Details", "Material", "Policy", "Replicas", "Aliases and tags", "Activity"];

test("the expiring keys are found, looked at beside the list, and opened", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);

  await window.click("link", "Keys");
  await window.click("link", /^Expiring/);
  const soon = (await boto3Keys(endpoint))
    .filter(({ ValidTo }) => ValidTo && Date.parse(ValidTo) - Date.now() < 30 * DAYS)
    .map(({ Arn }) => Arn);
  assert.ok(soon.length >= 3, "the company has keys that expire soon");
  await window.until("the expiring keys", async () => {
    const shown = (await rows(window)).map(({ arn }) => arn);
    return JSON.stringify(shown.sort()) === JSON.stringify(soon.sort());
  });

  const [first] = await rows(window);
  await window.click("radio", `Select ${first.name}`);
  await window.find("heading", first.name);
  await window.shows("The key material expires");
  await window.picture(pictureFile("expiring"));

  await window.click("button", "Open");
  await window.until("the key's page", async () => (await window.path()).includes(first.arn));
  for (const tab of TABS) {
    await window.click("tab", tab);
    await window.until(`tab ${tab}`, async () =>
      (await window.find("tab", tab)).getAttribute("aria-selected"),
    );
    assert.notEqual((await (await window.find("tabpanel", tab)).getText()).trim(), "", tab);
    await window.picture(pictureFile(`key-${tab.toLowerCase().replaceAll(" ", "-")}`));
  }
  assert.equal((await window.all("tab")).length, TABS.length);
});

test("a property filter is typed and narrows the list", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  await openKeys(window);
  await window.chord(Key.CONTROL, "f");
  await window.press("payments", Key.ENTER);
  await window.until("only keys about payments", async () => {
    const shown = await rows(window);
    return shown.length > 0 && shown.length < 10;
  });
  assert.match(await window.path(), /filter=.*payments/);
});

test("sorting is done by a click on the column's header and lives in the URL", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  await openKeys(window);
  await window.clickText("Region");
  await window.until("the sort in the URL", async () =>
    (await window.path()).includes("sort=region"),
  );
  await window.until("the regions in order", async () => {
    const regions = (await rows(window)).map(({ arn }) => arn.split(":")[3]);
    return regions.every((region, index) => index === 0 || region >= regions[index - 1]);
  });
});
