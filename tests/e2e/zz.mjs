import { test } from "node:test";
import * as app from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow } from "./harness/window.mjs";

test("x", async (t) => {
  console.time("open");
  const w = await openWindow(t, await emptyPlace(t));
  console.timeEnd("open");
  console.time("sync");
  await app.synchronised(w);
  console.timeEnd("sync");
  await w.go("/keys");
  await w.until("rows", async () => (await app.rows(w)).length > 10);
  console.time("q");
  const h = await w.all("heading");
  console.timeEnd("q");
  for (const x of h) console.log("H", JSON.stringify(await x.getText()));
  console.time("q");
  console.log((await w.all("grid")).length, (await w.all("grid", "Keys")).length);
  console.timeEnd("q");
  console.log(await app.matching(w), (await app.rows(w)).length);
  console.log(
    await w.run(
      "return [...document.querySelectorAll('table')].map(t => t.outerHTML.slice(0,300))",
    ),
  );
  await w.picture("/tmp/keys.png");
});
