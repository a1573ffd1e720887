// Reads how many tests passed from what the test runners print.

import { stripVTControlCharacters } from "node:util";

/** `test result: ok. 12 passed; 0 failed; …`, once for each test binary. */
export function fromCargo(tally) {
  return matching(/^test result: \w+\. (\d+) passed; (\d+) failed/, (found) =>
    tally.add(+found[1], +found[2]),
  );
}

/** `Tests  1 failed | 12 passed (13)` */
export function fromVitest(tally) {
  return matching(/^\s+Tests\s+(.*)$/, (found) =>
    tally.add(number(found[1], "passed"), number(found[1], "failed")),
  );
}

/** `ℹ pass 12` and `ℹ fail 0` */
export function fromNode(tally) {
  return matching(/^ℹ (pass|fail|cancelled) (\d+)$/, (found) =>
    found[1] === "pass" ? tally.add(+found[2], 0) : tally.add(0, +found[2]),
  );
}

/** `12 passed, 0 failed` */
export function fromPeers(tally) {
  return matching(/^(\d+) passed, (\d+) failed$/, (found) => tally.add(+found[1], +found[2]));
}

function matching(pattern, count) {
  return (line) => {
    const found = pattern.exec(stripVTControlCharacters(line));
    if (found) count(found);
  };
}

function number(text, word) {
  return Number(new RegExp(`(\\d+) ${word}`).exec(text)?.[1] ?? 0);
}
