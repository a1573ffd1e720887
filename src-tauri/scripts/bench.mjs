// `npm run bench`: how fast the application's own synchronisation, uploads and queries are, beside boto3 and
// beside what AWS's quotas allow. One JSON object a line; whatever else is said goes to the standard error.

import { syncCase, uploadCase } from "./bench/cases.mjs";
import { line, median } from "./bench/lines.mjs";
import { readOptions, USAGE } from "./bench/options.mjs";
import { onSandbox, onServer } from "./bench/places.mjs";
import { build, fixedQueries, prepare } from "./bench/programs.mjs";
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
else if (options.endpoint) await measureServer(options);
else await measureEverything(options);
process.exit(lost === 0 ? 0 : 1);

async function measureQueries() {
  await build({ queries: true });
  tell(await fixedQueries());
}

async function measureServer({ endpoint, regions, only, keysPerRegion, runs }) {
  await prepare();
  await build({ bench: true });
  const place = onServer(endpoint);
  const cases = {
    sync: () => syncCase({ place, regions, keysPerRegion }),
    upload: () => uploadCase({ place, regions, keysPerRegion: keysPerRegion ?? 20 }),
  };
  for (const name of only ? [only] : Object.keys(cases)) await repeat(runs, cases[name]);
}

async function measureEverything({ runs }) {
  await prepare();
  await build({ bench: true, queries: true, sandbox: true, app: process.platform === "linux" });
  const sync = {
    of: syncCase,
    seeds: [
      [2000, ["us-east-1"]],
      [500, FOUR],
    ],
  };
  for (const client of ["ownkey", "boto3"]) {
    for (const [keysPerRegion, regions] of sync.seeds) {
      const seed = ["--seed", `${keysPerRegion}`, "--seed-regions", regions.join(",")];
      await repeat(runs, () =>
        onSandbox(seed, LATENCY_S, (place) => sync.of({ place, regions, keysPerRegion, client })),
      );
    }
  }
  for (const client of ["ownkey", "boto3"]) {
    await repeat(runs, () =>
      onSandbox(["--seed", "empty"], LATENCY_S, (place) =>
        uploadCase({ place, regions: TWO, keysPerRegion: 20, client }),
      ),
    );
  }
  tell(await fixedQueries());
  if (process.platform === "linux") tell(await windowStart());
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
