// OwnKey's own words and places, for tests that are about something else.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { environment } from "../../../src-tauri/scripts/lib/run.mjs";

/** Waits until everything in scope was read. */
export async function synchronised(window) {
  await window.until("the synchronisation to end", async () =>
    (await window.text("sync-status"))?.startsWith("Synced"),
  );
}

/** The keys on the list's present page: `{ arn, name }`. */
export function rows(window) {
  return window.run(
    `return [...document.querySelectorAll('[data-testid="key-row"]')]
       .map((one) => ({ arn: one.dataset.arn, name: one.innerText.trim() }))`,
  );
}

/** Goes to a list of keys and waits until its title's count and its rows agree. */
export async function openKeys(window, path = "/keys") {
  await window.go(path);
  await window.find("grid", "Keys");
  return window.until("a counted list of keys", async () => {
    const count = await matching(window);
    const shown = await rows(window);
    return count !== null && shown.length === Math.min(count, 50) && count > 0 && shown;
  });
}

/** The number in the list's title. */
export async function matching(window) {
  const [title] = await window.all("heading", /^Keys/);
  const found = /\(([\d,]+)\)/.exec((await title?.getText()) ?? "");
  return found ? Number(found[1].replaceAll(",", "")) : null;
}

/** The ARNs of every key of a list, over all its pages. */
export async function allKeys(window, query = "") {
  const arns = new Set((await openKeys(window, `/keys?${query}`)).map(({ arn }) => arn));
  for (let page = 2; arns.size < (await matching(window)); page += 1) {
    await window.go(`/keys?${query}&page=${page}`);
    const more = await window.until(`page ${page}`, async () => {
      const shown = (await rows(window)).map(({ arn }) => arn);
      return shown.length > 0 && !shown.some((arn) => arns.has(arn)) && shown;
    });
    for (const arn of more) arns.add(arn);
  }
  return [...arns].sort();
}

/** The keys behind an endpoint as boto3 sees them, by default those of the sandbox's first account. */
export async function boto3Keys(endpoint, accessKeyId = "test") {
  const script = fileURLToPath(new URL("../../peers/list_keys.py", import.meta.url));
  return JSON.parse(await python([script, endpoint], { OWNKEY_PEER_ACCESS_KEY_ID: accessKeyId }));
}

/** Runs statements on a SQLite file and returns the rows of the last one. */
export async function sqlite(file, ...statements) {
  const script =
    "import json, sqlite3, sys\ndatabase = sqlite3.connect(sys.argv[1])\nrows = []\n" +
    "for statement in sys.argv[2:]:\n    rows = database.execute(statement).fetchall()\n" +
    "database.commit()\ndatabase.close()\nprint(json.dumps(rows))";
  return JSON.parse(await python(["-c", script, file, ...statements]));
}

async function python(args, env = {}) {
  const { stdout } = await promisify(execFile)(process.env.OWNKEY_PYTHON, args, {
    env: environment(env),
  });
  return stdout;
}
