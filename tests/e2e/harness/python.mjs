// What the window tests leave to Python: boto3's opinion, SQLite files, asking a window to close.

import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environment } from "../../../src-tauri/scripts/lib/run.mjs";

/** The keys behind an endpoint as boto3 sees them, by default those of the sandbox's first account. */
export async function boto3Keys(endpoint, accessKeyId = "test", regions = []) {
  const env = { OWNKEY_PEER_ACCESS_KEY_ID: accessKeyId };
  return JSON.parse(await python([script("../../peers/list_keys.py"), endpoint, ...regions], env));
}

/** Signs a place's computer in to Identity Center, as the `aws` command does. */
export async function ssoLogin(place, endpoint, startUrl, region, session) {
  const args = [script("sso_login.py"), endpoint, startUrl, region, session];
  await python(args, place.environment());
}

/** What the `aws` command prints on a place's computer. */
export async function awsCommand(place, ...args) {
  const program = join(dirname(process.env.OWNKEY_PYTHON), "aws");
  const env = environment({ ...place.environment(), AWS_PAGER: "" });
  return (await promisify(execFile)(program, args, { env, timeout: 60_000 })).stdout;
}

/** The keys that an alias names, in every region, as boto3 sees them. */
export async function boto3Named(endpoint, alias, accessKeyId = "test") {
  const env = { OWNKEY_PEER_ACCESS_KEY_ID: accessKeyId };
  return JSON.parse(await python([script("second_opinion.py"), endpoint, alias], env));
}

/** What a backup holds, opened by the stock `age` command; null if it does not open. */
export async function openBackup(file, passphrase) {
  const text = await python([script("open_backup.py"), file], {
    OWNKEY_TEST_PASSPHRASE: passphrase,
  });
  return text === "" ? null : JSON.parse(text);
}

/** Runs statements on a SQLite file and returns the rows of the last one. */
export async function sqlite(file, ...statements) {
  return JSON.parse(await python([script("sqlite.py"), file, ...statements]));
}

/** Asks the window of a process to close, as its close button would. */
export async function closeWindowOf(process) {
  await python([script("x_window.py"), "close", String(process)]);
}

/** Takes the window of a process off the screen, as minimising it does. */
export async function minimiseWindowOf(process) {
  await python([script("x_window.py"), "minimise", String(process)]);
}

/** Whether a window of a process is on the screen. */
export async function isWindowSeen(process) {
  return JSON.parse(await python([script("x_window.py"), "seen", String(process)]));
}

/** Picks a file in a dialog of a process, by typing its path. */
export async function pickInDialog(process, title, path) {
  await python([script("x_dialog.py"), String(process), title, path]);
}

/** What the windows of a process bear as their titles. */
export async function titlesOf(process) {
  return JSON.parse(await python([script("x_window.py"), "titles", String(process)]));
}

function script(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

async function python(args, env = {}) {
  const options = { env: environment(env), timeout: 120_000 };
  return (await promisify(execFile)(process.env.OWNKEY_PYTHON, args, options)).stdout;
}
