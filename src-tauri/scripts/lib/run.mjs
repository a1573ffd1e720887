// Starts other programs, never through a shell, and leaves none of them behind.

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { delimiter, join } from "node:path";
import { cargoBin, root } from "./paths.mjs";

const living = new Set();

/** What children see of the environment. */
export function environment(more = {}) {
  const path = `${process.env.PATH ?? ""}${delimiter}${cargoBin}`;
  return { ...process.env, PATH: path, ...more };
}

/**
 * Runs a program to its end and passes its output through.
 * Resolves to the exit code; a program that could not be started counts as 127, one that took too long as 124.
 */
export function run(command, args, options = {}) {
  const { env = {}, cwd = root, minutes = 40, onLine, quiet = false } = options;
  return new Promise((done) => {
    const stdio = ["ignore", "pipe", "pipe"];
    const child = start(command, args, { cwd, env: environment(env), stdio });
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      console.error(`\n${command} was ended: it took more than ${minutes} minutes.`);
      end(child);
    }, minutes * 60_000);
    pass(child.stdout, process.stdout, quiet, onLine);
    pass(child.stderr, process.stderr, quiet, onLine);
    child.once("error", (error) => {
      clearTimeout(limit);
      console.error(`${command} could not be started: ${error.message}`);
      done(127);
    });
    child.once("close", (code) => {
      clearTimeout(limit);
      done(late ? 124 : (code ?? 1));
    });
  });
}

/** Runs a program that may ask the person at the terminal (sudo does); resolves to its exit code. */
export function runInTerminal(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: environment(), stdio: "inherit" });
    child.once("error", () => done(127));
    child.once("close", (code) => done(code ?? 1));
  });
}

/** Starts a program that goes on until `end` is called or this process ends. */
export function start(command, args, options) {
  // A group of its own, so that what the program itself starts can be ended with it.
  const child = spawn(command, args, { ...options, detached: platform() !== "win32" });
  living.add(child);
  child.once("close", () => living.delete(child));
  child.once("error", () => living.delete(child));
  return child;
}

/** Ends a program and everything it started; resolves when it is gone. */
export function end(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return Promise.resolve();
  }
  return new Promise((gone) => {
    const force = setTimeout(() => send(child, "SIGKILL"), 5_000);
    child.once("close", () => {
      clearTimeout(force);
      gone();
    });
    send(child, signal);
  });
}

/** The standard output of a program that ends soon, or `null` if it failed or is not there. */
export function ask(command, args, input) {
  const answer = spawnSync(command, args, { env: environment(), encoding: "utf8", input });
  return answer.status === 0 ? answer.stdout.trim() : null;
}

/** Whether a program of this name can be started. */
export function onPath(program) {
  return environment()
    .PATH.split(delimiter)
    .some((folder) => existsSync(join(folder, program)));
}

/** npm by way of Node itself: on Windows npm is a batch file, which needs a shell. */
export function npm(args, options) {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js")
    ? run(process.execPath, [script, ...args], options)
    : run("npm", args, options);
}

function send(child, signal) {
  try {
    process.kill(platform() === "win32" ? child.pid : -child.pid, signal);
  } catch {
    // Gone already.
  }
}

function pass(from, to, quiet, onLine) {
  let rest = "";
  from.setEncoding("utf8");
  from.on("data", (text) => {
    if (!quiet) to.write(text);
    if (!onLine) return;
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  from.on("end", () => {
    if (rest && onLine) onLine(rest);
  });
}

function endAll() {
  for (const child of living) send(child, "SIGKILL");
}

process.once("exit", endAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => process.exit(130));
}
