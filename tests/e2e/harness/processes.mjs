// Programs that the window tests start; none outlives its test.

import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { end, environment, start } from "../../../src-tauri/scripts/lib/run.mjs";

export { end };

/** Starts a program; `output` gathers what it prints, for the case that a test fails. */
export function launch(command, args, env = {}) {
  const child = start(command, args, {
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      child.output += text;
    });
  }
  return child;
}

/** Resolves when `holds` returns something; its last exception is the reason if it never does. */
export async function until(what, holds, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  let reason;
  for (;;) {
    try {
      const found = await holds();
      if (found) return found;
      reason = undefined;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${seconds} s for: ${what}`, { cause: reason });
    }
    await pause(50);
  }
}

/** `ownkey-sandbox` on a port of its own; ends with the test. */
export async function startSandbox(test, ...args) {
  const sandbox = launch(process.env.OWNKEY_SANDBOX, ["--port", "0", ...args]);
  test.after(() => end(sandbox));
  return until("ownkey-sandbox", () => /listening on (\S+)/.exec(sandbox.output)?.[1]);
}

export function freePort() {
  return new Promise((done, fail) => {
    const server = net.createServer().once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export function answers(port) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => done(true)).once("error", () => done(false));
    socket.once("connect", () => socket.destroy());
  });
}
