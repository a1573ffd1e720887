// `npm start`: from a machine with Rust, Node and a package manager to the open window.

import { spawn } from "node:child_process";
import { buildApp } from "./lib/cargo.mjs";
import { toBuild } from "./lib/needs.mjs";
import { buildUi, prepareNodeModules } from "./lib/packages.mjs";
import { binaries } from "./lib/paths.mjs";
import { environment } from "./lib/run.mjs";
import { prepareSystem } from "./lib/system.mjs";

const dryRun = process.argv.includes("--dry-run");

if (!(await prepareSystem(toBuild, { dryRun }))) process.exit(1);
if (dryRun) process.exit(0);
if (!(await prepareNodeModules())) process.exit(1);
if (!(await buildUi())) process.exit(1);
console.log("App: cargo build (the first time takes several minutes)");
if ((await buildApp()) !== 0) process.exit(1);

const { platform, env } = process;
if (platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY) {
  console.error(
    [
      "OwnKey is built, but there is no display here to open its window on.",
      'Run "npm run tour" to see it all the same: that drives the real window on a virtual display',
      "and leaves pictures in tests/e2e/pictures/.",
    ].join("\n"),
  );
  process.exit(1);
}

console.log("OwnKey opens. Close its window to end.");
const app = spawn(binaries.app, [], { stdio: "inherit", env: environment() });
app.once("error", (error) => {
  console.error(`The window did not open: ${error.message}`);
  process.exitCode = 1;
});
app.once("close", (code) => {
  process.exitCode = code ?? 1;
});
