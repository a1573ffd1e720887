// The checks of the sandbox against AWS's documentation.

import { join } from "node:path";
import { binaries, root } from "./paths.mjs";
import { motoServer, pythonProgram } from "./python.mjs";
import { run } from "./run.mjs";

/** Runs them; resolves to the exit code. */
export function conformance(words = [], options = {}) {
  const env = {
    OWNKEY_SANDBOX: binaries.sandbox,
    OWNKEY_MOTO: motoServer() ?? "",
    PYTHONUNBUFFERED: "1",
  };
  const script = join(root, "tests/conformance/main.py");
  return run(pythonProgram("python"), [script, ...words], { env, ...options });
}
