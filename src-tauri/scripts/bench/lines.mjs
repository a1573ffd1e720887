// One line for a case.

/** The run in the middle by its seconds; what any of them lost counts. */
export function median(measured) {
  const sorted = measured.toSorted((a, b) => a.seconds - b.seconds);
  const lost = sorted.reduce((sum, one) => sum + (one.lost ?? 0), 0);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return sorted.length === 1
    ? middle
    : { ...middle, lost, all_seconds: sorted.map(({ seconds }) => round(seconds)) };
}

/** The members that every line has, in their order, and then what only this case has. */
export function line(measured) {
  const {
    name,
    seconds,
    bound_s,
    requests,
    throttled,
    peak_in_flight,
    peak_rss_mib,
    lost,
    ...own
  } = measured;
  delete own.client;
  return {
    name,
    seconds: round(seconds),
    bound_s: round(bound_s),
    ratio: bound_s ? round(seconds / bound_s) : null,
    requests: requests ?? null,
    throttled: throttled ?? null,
    peak_in_flight: peak_in_flight ?? null,
    peak_rss_mib: peak_rss_mib ?? null,
    lost: lost ?? null,
    ...own,
  };
}

function round(number) {
  return number === undefined || number === null ? null : Math.round(number * 1000) / 1000;
}
