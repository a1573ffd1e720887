// Runs on a desktop of its own: a first start reads the sandbox account and goes to the list of keys, where the
// next starts begin. Those are watched from outside, without a driver that would take part.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openKeys, synchronised } from "../../../tests/e2e/harness/app.mjs";
import { makePlace } from "../../../tests/e2e/harness/place.mjs";
import { sqlite } from "../../../tests/e2e/harness/python.mjs";
import { openWindow } from "../../../tests/e2e/harness/window.mjs";
import { jsonOf } from "./programs.mjs";

const STARTS = 5;

const place = await makePlace();
try {
  const area = await firstStart();
  const starts = [];
  for (let start = 0; start < STARTS; start += 1) {
    await pause(1000);
    starts.push(await laterStart(area));
  }
  const [first, ...rest] = starts.toSorted((a, b) => a.seconds - b.seconds);
  const middle = [first, ...rest][Math.floor(STARTS / 2)];
  const all_seconds = starts.map(({ seconds }) => Math.round(seconds * 1000) / 1000);
  process.stdout.write(JSON.stringify({ ...middle, all_seconds }));
} finally {
  await place.leave();
}

/** Leaves the place as a person would who looks at the keys; answers where the rows are. */
async function firstStart() {
  const window = await openWindow(place);
  await synchronised(window);
  await openKeys(window);
  const area = await window.run(
    `const { left, top, right, bottom } = document.querySelector('[data-testid="key-row"]')
       .closest("tbody").getBoundingClientRect();
     const wide = Math.min(right, innerWidth) - left, high = Math.min(bottom, innerHeight) - top;
     return [left, top, wide, high].map(Math.floor)`,
  );
  await window.until("the place to be remembered", async () => {
    const kept = await sqlite(
      join(place.data, "journal.db"),
      "SELECT name, value FROM preferences",
    );
    return kept.some(([name, value]) => name === "place" && value.includes("/keys"));
  });
  await window.close();
  return area;
}

function laterStart(area) {
  const script = fileURLToPath(new URL("window_start.py", import.meta.url));
  const words = [script, process.env.OWNKEY_APP, ...area.map(String)];
  return jsonOf(process.env.OWNKEY_PYTHON, words, place.environment());
}
