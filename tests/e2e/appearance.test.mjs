// Every page in light and dark and in three sizes: nothing is cut, axe finds nothing serious.

import { test } from "node:test";
import { openKeys, synchronised } from "./harness/app.mjs";
import { inBothModes, looksGood, show } from "./harness/appearance.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { openWindow } from "./harness/window.mjs";

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
    "sign-ins": "/connections/sign-ins",
    "sign-in-new": "/connections/sign-ins/new",
    "first-steps": "/first-steps",
    settings: "/settings",
  };
  await inBothModes(window, async (mode) => {
    for (const [name, path] of Object.entries(pages)) {
      await t.test(`${name}, ${mode}`, async () => {
        await show(window, path);
        await looksGood(window, `${name}-${mode}`);
      });
    }
  });
});
