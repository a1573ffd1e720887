// The two cases that ask AWS. What was lost is what boto3 sees and the client does not, or the other way
// round: the client's own word does not count.

import { syncBound, uploadBound } from "./bound.mjs";
import { boto3, ownkey } from "./programs.mjs";

/** Reads everything about every key of the regions. */
export async function syncCase({ place, regions, keysPerRegion, client = "ownkey" }) {
  const { endpoint } = place;
  const codes = regions.join(",");
  if (!place.latency && keysPerRegion) await fill(endpoint, codes, keysPerRegion);
  const measured =
    client === "boto3"
      ? await boto3("sync", endpoint, codes)
      : await ownkey("sync", { endpoint, regions: codes });
  const counted = count(await place.calls());
  const { keys, round_trip_s } = await boto3("list", endpoint, codes);
  const there = Object.values(keys);
  const { lost, errors } =
    client === "boto3" ? measured : { lost: missing(keys, measured.keys), errors: wrong(measured) };
  return {
    client,
    ...told(measured, counted),
    name: named(
      "sync",
      there.map(({ arns }) => arns.length),
      client,
    ),
    bound_s: syncBound(
      there.map(({ arns, imported, aliases }) => ({ keys: arns.length, imported, aliases })),
      place.latency ?? round_trip_s,
    ),
    lost,
    ...(errors?.length ? { errors } : {}),
  };
}

/**
 * Uploads so many keys into each region, several at a time. `light`: with backups whose passphrase takes no
 * work, which shows the way to AWS alone; else as the program does it.
 */
export async function uploadCase({ place, regions, keysPerRegion, light, client = "ownkey" }) {
  const { endpoint } = place;
  const codes = regions.join(",");
  const options = { endpoint, regions: codes, "keys-per-region": keysPerRegion };
  const measured =
    client === "boto3"
      ? await boto3("upload", endpoint, codes, keysPerRegion)
      : await ownkey("upload", { ...options, "light-backups": light });
  const counted = count(await place.calls());
  const { aliases, round_trip_s } = await boto3("named", endpoint, codes);
  const arrived = new Set(aliases);
  const sizes = regions.map(() => keysPerRegion);
  return {
    client,
    ...told(measured, counted),
    name: `${named("upload", sizes, client)}${light ? ", light backups" : ""}`,
    bound_s: uploadBound(keysPerRegion, place.latency ?? round_trip_s),
    lost: measured.aliases.filter((alias) => !arrived.has(alias)).length,
    ...(measured.errors.length ? { errors: measured.errors } : {}),
  };
}

async function fill(endpoint, codes, count) {
  const { made } = await boto3("fill", endpoint, codes, count);
  for (const [region, number] of Object.entries(made)) {
    if (number > 0) console.error(`${region}: ${number} keys made, to have ${count}`);
  }
}

function told({ seconds, requests, throttled, peak_in_flight, peak_rss_mib }, counted) {
  return { seconds, requests, throttled, ...counted, peak_in_flight, peak_rss_mib };
}

/** What a sandbox was asked of KMS by its own record; nothing for a server that keeps none. */
function count(calls) {
  if (calls === null) return {};
  const asked = calls.filter(({ service }) => service === "kms");
  const throttled = asked.filter(({ outcome }) => outcome === "ThrottlingException");
  return { requests: asked.length, throttled: throttled.length };
}

/** How many keys one of the two has and the other has not. */
function missing(listed, cached) {
  const here = new Set(Object.values(cached).flat());
  const there = new Set(Object.values(listed).flatMap(({ arns }) => arns));
  const not = (of, among) => [...of].filter((arn) => !among.has(arn)).length;
  return not(there, here) + not(here, there);
}

function wrong({ outcome, refusals }) {
  return outcome === "complete" ? [] : [outcome, ...refusals];
}

function named(name, perRegion, client) {
  const alike = new Set(perRegion).size === 1;
  const size = alike
    ? `${perRegion[0]} keys x ${perRegion.length}`
    : `${perRegion.join(" + ")} keys`;
  return `${name} ${size}${client === "boto3" ? ", boto3" : ""}`;
}
