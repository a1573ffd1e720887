// Where a case is measured: on a sandbox of its own, or on a server that is there.

import { end, environment, start } from "../lib/run.mjs";
import { binaries } from "./programs.mjs";

/** A server that others started; requests can be counted by the client only. */
export function onServer(endpoint) {
  return { endpoint, calls: async () => null };
}

/**
 * Calls `work` with a fresh `ownkey-sandbox`. With a latency it answers that late and enforces AWS's quotas;
 * without, it answers as fast as it can.
 */
export async function onSandbox(seed, latency, work) {
  const like = latency === null ? [] : ["--latency-ms", `${latency * 1000}`, "--quotas"];
  const args = ["--port", "0", ...seed, ...like];
  const sandbox = start(binaries.sandbox, args, {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const endpoint = await address(sandbox);
    return await work({
      endpoint,
      pid: sandbox.pid,
      latency,
      calls: async () => (await fetch(`${endpoint}/_sandbox/calls`)).json(),
    });
  } finally {
    await end(sandbox);
  }
}

function address(sandbox) {
  return new Promise((done, fail) => {
    let said = "";
    sandbox.stdout.setEncoding("utf8");
    sandbox.stdout.on("data", (text) => {
      said += text;
      const found = /listening on (\S+)\n/.exec(said);
      if (found) done(found[1]);
    });
    sandbox.once("error", fail);
    sandbox.once("close", (code) => fail(new Error(`ownkey-sandbox ended with ${code}`)));
  });
}
