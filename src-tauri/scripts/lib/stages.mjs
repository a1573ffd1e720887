// Stages with a headline, a duration and a count; the last line is the sum of the counts.

const results = [];

/** Runs one stage. `work` counts by way of the tally; an exception is a failure too. */
export async function stage(title, work) {
  console.log(`\n━━ ${title} ${"━".repeat(Math.max(2, 90 - title.length))}`);
  const tally = new Tally();
  const began = performance.now();
  try {
    await work(tally);
  } catch (error) {
    console.error(error);
    tally.check(title, false);
  }
  if (tally.passed + tally.failed === 0) tally.check(`${title}: nothing was tested`, false);
  const result = { title, tally, seconds: (performance.now() - began) / 1000 };
  results.push(result);
  console.log(line(result));
  return tally.failed === 0;
}

/** Prints the summary; returns whether everything passed. */
export function summary() {
  console.log(`\n━━ Summary ${"━".repeat(83)}`);
  for (const result of results) {
    console.log(line(result));
    for (const name of result.tally.failures) console.log(`     failed: ${name}`);
  }
  const sum = (pick) => results.reduce((total, result) => total + pick(result), 0);
  const failed = sum(({ tally }) => tally.failed);
  console.log(`Everything took ${duration(sum(({ seconds }) => seconds))}.\n`);
  console.log(`${sum(({ tally }) => tally.passed)} passed, ${failed} failed`);
  return failed === 0;
}

class Tally {
  passed = 0;
  failed = 0;
  failures = [];

  /** One thing that either holds or does not. */
  check(name, holds) {
    if (holds) {
      this.passed += 1;
    } else {
      this.failed += 1;
      this.failures.push(name);
    }
    console.log(`${holds ? "ok    " : "FAILED"} ${name}`);
    return holds;
  }

  /** Many at once, counted by a test runner. */
  add(passed, failed) {
    this.passed += passed;
    this.failed += failed;
  }

  /** What a test runner's exit code says must be seen in the count as well. */
  ended(name, code) {
    if (code !== 0 && this.failed === 0) this.check(`${name} ended with ${code}`, false);
    else if (code !== 0) this.failures.push(name);
  }
}

function line({ title, tally, seconds }) {
  const verdict = tally.failed === 0 ? "ok    " : "FAILED";
  return `${verdict} ${title.padEnd(40)} ${String(tally.passed).padStart(5)} passed ${String(tally.failed).padStart(3)} failed ${duration(seconds).padStart(9)}`;
}

function duration(seconds) {
  return seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
