// `npm run bench`: how fast the application's own synchronisation, uploads and queries are, beside boto3 and
// beside what AWS's quotas allow. One JSON object a line; whatever else is said goes to the standard error.

import { syncCase, uploadCase } from "./bench/cases.mjs";
import { line, median } from "./bench/lines.mjs";
import { readOptions, USAGE } from "./bench/options.mjs";
import { onSandbox, onServer } from "./bench/places.mjs";
import { build, fixedQueries, prepare } from "./bench/programs.mjs";
import { sandboxScale } from "./bench/sandbox.mjs";
import { windowStart } from "./bench/window.mjs";

const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const LATENCY_S = 0.03;
const FOUR = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];
const TWO = FOUR.slice(0, 2);

const options = readOptions(process.argv.slice(2));
if (options === null) {
  console.error(USAGE);
  process.exit(2);
}
let lost = 0;
if (options.queries) await measureQueries();
else if (options.sandbox) await measureSandbox();
else if (options.endpoint) await measureServer(options);
else await measureEverything(options);
process.exit(lost === 0 ? 0 : 1);

async function measureQueries() {
  await build({ queries: true });
  tell(await fixedQueries());
}

async function measureSandbox() {
  await prepare();
  await build({ sandbox: true });
  for await (const measured of sandboxScale()) tell(measured);
}

async function measureServer({ endpoint, regions, only, keysPerRegion, runs }) {
  await prepare();
  await build({ bench: true });
  const at = { place: onServer(endpoint), regions };
  const uploads = { ...at, keysPerRegion: keysPerRegion ?? 20 };
  const cases = {
    sync: [() => syncCase({ ...at, keysPerRegion })],
    upload: [() => uploadCase(uploads), () => uploadCase({ ...uploads, light: true })],
  };
  for (const name of only ? [only] : Object.keys(cases)) {
    for (const measure of cases[name]) await repeat(runs, measure);
  }
}

async function measureEverything({ runs }) {
  const app = process.platform === "linux";
  await prepare();
  await build({ bench: true, queries: true, sandbox: true, app });
  for (const client of ["ownkey", "boto3"]) {
    await repeat(runs, () =>
      syncOnSandbox({ client, keysPerRegion: 2000, regions: ["us-east-1"] }),
    );
    await repeat(runs, () => syncOnSandbox({ client, keysPerRegion: 500, regions: FOUR }));
  }
  for (const how of [{}, { light: true }, { client: "boto3" }]) {
    await repeat(runs, () => uploadOnSandbox({ ...how, keysPerRegion: 20, regions: TWO }));
  }
  tell(await fixedQueries());
  if (app) tell(await windowStart());
}

function syncOnSandbox(what) {
  const { keysPerRegion, regions } = what;
  const seed = ["--seed", `${keysPerRegion}`, "--seed-regions", regions.join(",")];
  return onSandbox(seed, LATENCY_S, (place) => syncCase({ ...what, place }));
}

function uploadOnSandbox(what) {
  return onSandbox(["--seed", "empty"], LATENCY_S, (place) => uploadCase({ ...what, place }));
}

/** Measures so often, and tells the run in the middle. */
async function repeat(runs, measure) {
  const measured = [];
  for (let run = 0; run < runs; run += 1) measured.push(await measure());
  tell(median(measured));
}

/** What boto3 loses is told as well; only what OwnKey loses is a failure. */
function tell(measured) {
  if (measured.client !== "boto3") lost += measured.lost ?? 0;
  print(`${JSON.stringify(line(measured))}\n`);
}
