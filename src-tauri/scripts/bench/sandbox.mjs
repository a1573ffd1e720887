// The sandbox by itself, with 100,000 keys: how soon it is there, how many requests it answers, and what it takes.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { pythonProgram } from "../lib/python.mjs";
import { load } from "./load.mjs";
import { onSandbox } from "./places.mjs";
import { jsonOf } from "./programs.mjs";

const KEYS = 100_000;
const OF_EACH = 1_000;
const CONNECTIONS = 16;
const SECONDS = 5;

/** One line for the start, and one for each kind of request. */
export async function* sandboxScale() {
  const began = performance.now();
  const lines = await onSandbox(["--seed", `${KEYS}`], null, async ({ endpoint, pid }) => {
    const seconds = (performance.now() - began) / 1000;
    const found = [
      {
        name: `sandbox with ${KEYS.toLocaleString("en-GB")} keys`,
        seconds,
        ...(await memory(pid)),
      },
    ];
    const script = fileURLToPath(new URL("sign_requests.py", import.meta.url));
    const signed = await jsonOf(pythonProgram("python"), [script, endpoint, `${OF_EACH}`]);
    found[0].keys = signed.keys;
    for (const [kind, requests] of Object.entries(signed.requests)) {
      const options = { connections: CONNECTIONS, seconds: SECONDS };
      const measured = await load(endpoint, requests, options);
      found.push({ name: `sandbox: ${kind}`, ...measured, ...(await memory(pid)) });
    }
    return found;
  });
  yield* lines;
}

/** The most that the process ever took; Linux tells it. */
async function memory(pid) {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return { peak_rss_mib: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024) };
  } catch {
    return {};
  }
}
