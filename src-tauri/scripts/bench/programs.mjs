// The programs that measure, built as the application is released.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildReleased } from "../lib/cargo.mjs";
import { toBuild, toMeetPeers } from "../lib/needs.mjs";
import { buildUi, prepareNodeModules } from "../lib/packages.mjs";
import { releases, root } from "../lib/paths.mjs";
import { preparePython, pythonProgram } from "../lib/python.mjs";
import { environment, start } from "../lib/run.mjs";
import { prepareSystem } from "../lib/system.mjs";

export const binaries = releases;

/** What boto3 needs. */
export async function prepare() {
  need(await prepareSystem([...toBuild, ...toMeetPeers]));
  need(await preparePython());
}

/** Builds some of: the bench, the queries, the sandbox, the app with its UI. */
export async function build({ bench, queries, sandbox, app }) {
  if (app) need((await prepareNodeModules()) && (await buildUi()));
  const bins = [sandbox && "ownkey-sandbox", app && "ownkey"].filter(Boolean);
  const examples = [bench && "bench", queries && "queries"].filter(Boolean);
  need((await buildReleased({ bins, examples })) === 0);
}

/** The application's own way of doing a case, with a data folder and AWS files of its own. */
export async function ownkey(name, options) {
  const folder = await mkdtemp(join(tmpdir(), "ownkey-bench-"));
  try {
    const [config, credentials] = ["config", "credentials"].map((file) => join(folder, file));
    await writeFile(config, "[profile bench]\nregion = us-east-1\n");
    const keys = "aws_access_key_id = test\naws_secret_access_key = test\n";
    await writeFile(credentials, `[bench]\n${keys}`);
    const given = { ...options, "data-dir": join(folder, "data") };
    const words = Object.entries(given).flatMap(([word, value]) => {
      if (value === undefined) return [];
      return value === true ? [`--${word}`] : [`--${word}`, `${value}`];
    });
    return await jsonOf(binaries.bench, [name, ...words], {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same by boto3, or what boto3 sees. */
export function boto3(...args) {
  const script = join(root, "tests/peers/bench_boto3.py");
  return jsonOf(pythonProgram("python"), [script, ...args.map(String)]);
}

/** 200 fixed queries over 100,000 keys. */
export async function fixedQueries() {
  const found = await jsonOf(binaries.queries, ["--json"]);
  return { name: "200 queries over 100,000 keys, warm", ...found };
}

/** Runs a program to its end; it prints one JSON object. */
export function jsonOf(command, args, env = {}) {
  return new Promise((done, fail) => {
    const child = start(command, args, {
      cwd: root,
      env: environment({ ...withoutAws(), ...env }),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text) => {
      said += text;
    });
    child.once("error", fail);
    child.once("close", (code) => {
      const problem = `${command} ended with ${code}: ${said}`;
      if (code === 0) done(JSON.parse(said));
      else fail(new Error(problem));
    });
  });
}

/** Nothing of this machine says which AWS to ask, and as whom. */
function withoutAws() {
  const own = Object.keys(process.env).filter((name) => name.startsWith("AWS_"));
  const none = Object.fromEntries(own.map((name) => [name, undefined]));
  return { ...none, AWS_EC2_METADATA_DISABLED: "true" };
}

function need(holds) {
  if (!holds) process.exit(1);
}
