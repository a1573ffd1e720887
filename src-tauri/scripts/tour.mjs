// `npm run tour`: the real window on a virtual display, driven through the main job; leaves the README's pictures.

import { join } from "node:path";
import { buildApp } from "./lib/cargo.mjs";
import { withDesktop } from "./lib/desktop.mjs";
import { toBuild, toDrive } from "./lib/needs.mjs";
import { buildUi, prepareNodeModules } from "./lib/packages.mjs";
import { binaries, root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { prepareSystem } from "./lib/system.mjs";

if (process.platform !== "linux") {
  console.error("The tour needs WebKitGTK's driver, which Linux alone has. Here: npm start");
  process.exit(1);
}
if (!(await prepareSystem([...toBuild, ...toDrive]))) process.exit(1);
if (!(await prepareNodeModules())) process.exit(1);
if (!(await buildUi())) process.exit(1);
if ((await buildApp()) !== 0) process.exit(1);

const env = { OWNKEY_APP: binaries.app };
process.exitCode = await withDesktop((desktop) =>
  run(process.execPath, [join(root, "tests/e2e/tour.mjs")], { env: { ...desktop, ...env } }),
);
