// `npm test`: everything there is to test, from nothing. `npm test -- --only rust,ui` for a part of it.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { buildTests, clippy, runTests } from "./lib/cargo.mjs";
import { conformance } from "./lib/conformance.mjs";
import { fromCargo, fromNode, fromPeers, fromVitest } from "./lib/counts.mjs";
import { withDesktop } from "./lib/desktop.mjs";
import { foreignAddresses } from "./lib/locks.mjs";
import { toBuild, toDrive, toMeetPeers } from "./lib/needs.mjs";
import { buildUi, prepareNodeModules } from "./lib/packages.mjs";
import { binaries, root } from "./lib/paths.mjs";
import { cargoDeny, preparePython, pythonProgram } from "./lib/python.mjs";
import { npm, run } from "./lib/run.mjs";
import { stage, summary } from "./lib/stages.mjs";
import { prepareSystem } from "./lib/system.mjs";

const parts = {
  lint: ["Lint", lint],
  rust: ["Rust tests", rust],
  ui: ["UI tests", ui],
  window: ["Window tests", windowTests],
  peers: ["Peers", peers],
};
const chosen = choose(process.argv.slice(2));

// A build that is made once gains nothing from the means to make the next one faster.
if (process.env.CI) process.env.CARGO_INCREMENTAL = "0";

const ready = await stage("Set-up", setUp);
if (ready) {
  for (const name of chosen) await stage(...parts[name]);
}
process.exit(summary() ? 0 : 1);

async function setUp(tally) {
  const needs = [...toBuild, ...toDrive, ...toMeetPeers];
  tally.check("system packages", await prepareSystem(needs)) &&
    tally.check("npm packages", await prepareNodeModules()) &&
    tally.check("Python packages", await preparePython()) &&
    tally.check("UI: types and build", await buildUi());
}

async function lint(tally) {
  for (const address of foreignAddresses()) console.error(`  ${address}`);
  tally.check("lock files name public registries only", foreignAddresses().length === 0);
  tally.check("cargo fmt", (await run("cargo", ["fmt", "--all", "--check"])) === 0);
  tally.check("biome", (await npm(["run", "--silent", "lint:ui"])) === 0);
  const deny = ["--log-level", "warn", "--all-features", "check", "bans", "licenses", "sources"];
  tally.check("cargo deny", (await run(cargoDeny(), deny)) === 0);
  tally.check("clippy", (await clippy()) === 0);
}

async function rust(tally) {
  if (!tally.check("cargo build", (await buildTests()) === 0)) return;
  tally.ended("cargo test", await runTests(fromCargo(tally)));
}

async function ui(tally) {
  tally.ended("vitest", await npm(["run", "--silent", "test:ui"], { onLine: fromVitest(tally) }));
}

async function windowTests(tally) {
  if (!tally.check("the app is built", (await buildTests()) === 0)) return;
  const folder = join(root, "tests/e2e");
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
  const options = ["--test", "--test-reporter=spec", "--test-concurrency=1"];
  const code = await withDesktop((env) =>
    run(process.execPath, [...options, ...files.sort().map((name) => join(folder, name))], {
      env: {
        ...env,
        OWNKEY_APP: binaries.app,
        OWNKEY_SANDBOX: binaries.sandbox,
        OWNKEY_PYTHON: pythonProgram("python"),
      },
      onLine: fromNode(tally),
    }),
  );
  tally.ended("node --test", code);
}

async function peers(tally) {
  if (!tally.check("the sandbox and the sync peer are built", (await buildTests()) === 0)) return;
  const env = {
    OWNKEY_SANDBOX: binaries.sandbox,
    OWNKEY_SYNC_PEER: binaries.syncPeer,
    PYTHONUNBUFFERED: "1",
  };
  const code = await run(pythonProgram("python"), [join(root, "tests/peers/main.py")], {
    env,
    onLine: fromPeers(tally),
  });
  tally.ended("tests/peers/main.py", code);
  const onLine = fromPeers(tally);
  tally.ended("tests/conformance/main.py", await conformance([], { onLine }));
}

function choose(args) {
  const at = args.indexOf("--only");
  if (at < 0) return Object.keys(parts);
  const names = (args[at + 1] ?? "").split(",");
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0) {
    console.error(`--only takes ${Object.keys(parts).join(", ")}; not "${unknown.join(", ")}".`);
    process.exit(2);
  }
  return names;
}
