// A lock file must send nobody to a private mirror: whoever clones this has the public registries only.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";

/** Every address in the lock files that is not a public registry's own. */
export function foreignAddresses() {
  return [
    ...addresses("Cargo.lock", /^source = "(.*)"$/gm, [
      "registry+https://github.com/rust-lang/crates.io-index",
    ]),
    ...addresses("package-lock.json", /"resolved": "(.*)"/g, ["https://registry.npmjs.org/"]),
    ...addresses(
      "tests/peers/requirements.txt",
      /(?:--(?:extra-)?index-url|--find-links|@)\s*(\S+)/g,
      [],
    ),
  ];
}

function addresses(file, pattern, allowed) {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(pattern)]
    .map((found) => found[1])
    .filter((address) => !allowed.some((start) => address.startsWith(start)))
    .map((address) => `${file}: ${address}`);
}
