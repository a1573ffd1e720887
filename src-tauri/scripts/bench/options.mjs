// The words after `npm run bench --`.

import { parseArgs } from "node:util";

export const USAGE = `npm run bench [-- --runs N]
npm run bench -- --queries
npm run bench -- --sandbox
npm run bench -- --endpoint URL --regions a,b [--case sync|upload] [--keys-per-region N] [--runs N]`;

const known = {
  endpoint: { type: "string" },
  regions: { type: "string" },
  case: { type: "string" },
  "keys-per-region": { type: "string" },
  runs: { type: "string" },
  queries: { type: "boolean" },
  sandbox: { type: "boolean" },
};

/** What was asked for; `null` if it is not understood. */
export function readOptions(words) {
  let values;
  try {
    ({ values } = parseArgs({ args: words, options: known }));
  } catch (error) {
    console.error(error.message);
    return null;
  }
  const { endpoint, queries = false, sandbox = false } = values;
  const regions = (values.regions ?? "").split(",").filter(Boolean);
  const runs = count(values.runs ?? "1");
  const keysPerRegion = values["keys-per-region"] && count(values["keys-per-region"]);
  const serverOnly = ["regions", "case", "keys-per-region"].filter((name) => name in values);
  const wrong = [
    [runs === null, "--runs takes a number from 1 on"],
    [keysPerRegion === null, "--keys-per-region takes a number from 1 on"],
    [endpoint && regions.length === 0, "--endpoint needs --regions"],
    [endpoint && !/^https?:\/\/[^/]/.test(endpoint), "--endpoint takes a URL"],
    [!endpoint && serverOnly.length > 0, `--${serverOnly[0]} needs --endpoint`],
    [values.case && !["sync", "upload"].includes(values.case), "--case takes sync or upload"],
    [queries && Object.keys(values).length > 1, "--queries stands alone"],
    [sandbox && Object.keys(values).length > 1, "--sandbox stands alone"],
  ].filter(([holds]) => holds);
  for (const [, complaint] of wrong) console.error(complaint);
  return wrong.length > 0
    ? null
    : { endpoint, regions, only: values.case, keysPerRegion, runs, queries, sandbox };
}

function count(text) {
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : null;
}
