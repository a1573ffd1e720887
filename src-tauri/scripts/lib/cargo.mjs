// The Rust builds. One profile and one set of features for everything: `npm start`, the tests, the window
// tests and the peers share it, so that AWS's SDK and Tauri are compiled once.

import { run } from "./run.mjs";

// Examples and tests bring the dev-dependencies into Cargo's choice of features, and the whole workspace
// brings all the rest. Naming less would be another choice and a second compilation.
const everything = ["--workspace", "--features", "ownkey/custom-protocol"];

/** On Windows the assembler that aws-lc needs is rarely there; its crate carries the result. */
const env = process.platform === "win32" ? { AWS_LC_SYS_PREBUILT_NASM: "1" } : {};

/** Builds the app, `ownkey-sandbox` and the examples. */
export function buildApp() {
  return run("cargo", ["build", ...everything, "--bins", "--examples", "--locked"], { env });
}

/** Builds `ownkey-sandbox` alone, as `npm run sandbox` does: minutes less than the window, where nothing is built yet. */
export function buildSandbox() {
  const sandbox = ["--package", "ownkey-sandbox", "--bin", "ownkey-sandbox"];
  return run("cargo", ["build", ...sandbox, "--locked"], { env });
}

/** Builds some programs and examples as the application is released. */
export function buildReleased({ bins = [], examples = [] }) {
  const targets = [
    ...bins.flatMap((name) => ["--bin", name]),
    ...examples.flatMap((name) => ["--example", name]),
  ];
  return run("cargo", ["build", "--release", ...everything, ...targets, "--locked"], { env });
}

/** Compiles the tests too, without running them. */
export function buildTests() {
  return run("cargo", ["build", ...everything, "--all-targets", "--locked"], { env });
}

/** Runs the tests of every crate. */
export function runTests(onLine) {
  return run("cargo", ["test", ...everything, "--locked", "--no-fail-fast"], { env, onLine });
}

/** Clippy on everything; a warning is a failure. */
export function clippy() {
  return run(
    "cargo",
    ["clippy", ...everything, "--all-targets", "--locked", "--", "-D", "warnings"],
    { env },
  );
}
