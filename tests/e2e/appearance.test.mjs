// Every page in light and dark and in three sizes: nothing is cut, axe finds nothing serious.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openKeys, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const SIZES = [
  [1024, 700],
  [1280, 800],
  [1920, 1080],
];

test("every page in both modes is accessible, and fits every size", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  const [{ arn }] = await openKeys(window, "/keys?view=expiring");
  const key = `/keys/${encodeURIComponent(arn)}`;
  const pages = {
    overview: "/overview",
    keys: "/keys",
    panel: `/keys?view=expiring&selected=${encodeURIComponent(arn)}`,
    key,
    material: `${key}?tab=material`,
    policy: `${key}?tab=policy`,
    replicas: `${key}?tab=replicas`,
    names: `${key}?tab=names`,
    upload: "/keys/upload",
    import: `${key}/import`,
    sources: "/sources",
    activity: "/activity",
    connections: "/connections",
    connect: "/connections/new",
    settings: "/settings",
  };
  for (const mode of ["light", "dark"]) {
    if (mode === "dark") await window.click("button", "Switch to dark");
    await isIn(window, mode);
    for (const [name, path] of Object.entries(pages)) {
      await t.test(`${name}, ${mode}`, async () => {
        await show(window, path);
        await window.isAccessible(`${name}, ${mode}`);
        for (const [width, height] of SIZES) {
          await window.resize(width, height);
          await window.picture(pictureFile(`${name}-${mode}-${width}x${height}`));
          const widest = await window.run("return document.documentElement.scrollWidth");
          assert.ok(widest <= width, `${name} is ${widest} wide in a window of ${width}`);
        }
      });
    }
  }
});

async function show(window, path) {
  await window.go(path);
  await window.until(`the page at ${path}`, () =>
    window.run(
      `return document.querySelector("h1") !== null && !/^Opening /m.test(document.body.innerText)`,
    ),
  );
}

/** What is painted, not only what a class says. */
async function isIn(window, mode) {
  await window.until(`${mode} mode`, () =>
    window.run(
      `const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
       return (red + green + blue < 200) === (arguments[0] === "dark")`,
      mode,
    ),
  );
}
