// How pages look: in every size, light and dark.

import assert from "node:assert/strict";
import { pictureFile } from "./window.mjs";

const SIZES = [
  [1024, 700],
  [1280, 800],
  [1920, 1080],
];

/** Calls `work` in light and then in dark. */
export async function inBothModes(window, work) {
  for (const mode of ["light", "dark"]) {
    if (mode === "dark") await window.click("button", "Switch to dark");
    await isIn(window, mode);
    await work(mode);
  }
}

/** What is shown now: axe finds nothing serious, nothing is cut in any size, and each has its picture. */
export async function looksGood(window, name) {
  await window.isAccessible(name);
  // axe looks at what lies below the edge as well.
  await window.run("window.scrollTo(0, 0)");
  for (const [width, height] of SIZES) {
    await window.resize(width, height);
    await window.picture(pictureFile(`${name}-${width}x${height}`));
    const widest = await window.run("return document.documentElement.scrollWidth");
    assert.ok(widest <= width, `${name} is ${widest} wide in a window of ${width}`);
  }
}

/** Goes to a page and waits until it has its heading and what it opens with. */
export async function show(window, path) {
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
