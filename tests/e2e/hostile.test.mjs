// Whatever stands in AWS is text: never markup, never code, never a change of what stands beside it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openKeys, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const HOSTILE = `<img src=x onerror="alert('kms')"> \${7*7} '; DROP TABLE keys; --`;

test("a description full of markup and code is shown as it is", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  const [{ arn }] = await openKeys(window, "/keys?filter=description:contains:onerror");
  for (const path of [
    `/keys?filter=description:contains:onerror&selected=${encodeURIComponent(arn)}`,
    `/keys/${encodeURIComponent(arn)}`,
  ]) {
    await window.go(path);
    await window.shows(HOSTILE);
    assert.equal(await window.run("return document.querySelectorAll('img[src=x]').length"), 0);
  }
  await assert.rejects(window.driver.switchTo().alert(), { name: "NoSuchAlertError" });
  await window.picture(pictureFile("hostile"));
});

test("right-to-left and very long texts stay in their place", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  for (const filter of ["عملاء", "RUNBOOK"]) {
    const [{ arn }] = await openKeys(window, `/keys?filter=description:contains:${filter}`);
    await window.go(`/keys/${encodeURIComponent(arn)}`);
    await window.shows(filter);
    await window.picture(pictureFile(`foreign-${filter === "RUNBOOK" ? "long" : "rtl"}`));
    const [wide] = await window.size();
    assert.ok((await window.run("return document.documentElement.scrollWidth")) <= wide);
  }
});
