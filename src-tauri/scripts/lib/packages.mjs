// npm's packages and the UI built from them. Both are made again only if what they are made of changed.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cache, root } from "./paths.mjs";
import { npm } from "./run.mjs";

/** `npm ci`, unless node_modules is what the lock file says. */
export async function prepareNodeModules() {
  const stamp = join(root, "node_modules", ".ownkey-stamp");
  const machine = `${process.platform} ${process.arch} ${process.versions.modules}`;
  const wanted = fingerprint([join(root, "package-lock.json")], machine);
  if (read(stamp) === wanted) {
    console.log("npm packages: as the lock file says.");
    return true;
  }
  console.log("npm packages: npm ci");
  if ((await npm(["ci", "--no-audit", "--no-fund"], { minutes: 15 })) !== 0) return false;
  write(stamp, wanted);
  return true;
}

/** `npm run build`, unless ui/dist was built from exactly these sources. */
export async function buildUi() {
  const stamp = join(cache, "ui-build.stamp");
  const sources = ["package.json", "package-lock.json"].map((name) => join(root, name));
  const wanted = fingerprint([...sources, ...filesBelow(join(root, "ui"))]);
  if (read(stamp) === wanted && existsSync(join(root, "ui/dist/index.html"))) {
    console.log("UI: built from these sources already.");
    return true;
  }
  console.log("UI: npm run build");
  if ((await npm(["run", "--silent", "build"], { minutes: 10 })) !== 0) return false;
  write(stamp, wanted);
  return true;
}

function fingerprint(files, more = "") {
  const hash = createHash("sha256").update(more);
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== "dist" && name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
