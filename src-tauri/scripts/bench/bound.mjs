// What AWS's default quotas allow at best: no client can be faster.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html

/** Requests a second, per account and region. */
const QUOTAS = {
  CreateAlias: 5,
  CreateKey: 5,
  DescribeKey: 2000,
  GetKeyPolicy: 1000,
  GetKeyRotationStatus: 1000,
  GetParametersForImport: 1,
  ImportKeyMaterial: 15,
  ListAliases: 500,
  ListKeyRotations: 100,
  ListKeys: 500,
  ListResourceTags: 2000,
};

/** A synchronisation of regions with so many keys, of which some are imported, and so many aliases. */
export function syncBound(regions, roundTrip) {
  return bound(
    regions.map(({ keys, imported, aliases }) => ({
      ListKeys: Math.ceil(keys / 1000),
      ListAliases: Math.ceil(aliases / 100),
      DescribeKey: keys,
      GetKeyPolicy: keys,
      ListResourceTags: keys,
      GetKeyRotationStatus: keys - imported,
      ListKeyRotations: imported,
    })),
    roundTrip,
  );
}

/** Uploads of so many keys into each region. */
export function uploadBound(keys, roundTrip) {
  const calls = ["CreateKey", "CreateAlias", "GetParametersForImport", "ImportKeyMaterial"];
  return bound([Object.fromEntries(calls.map((name) => [name, keys]))], roundTrip);
}

/** The slowest operation of the slowest region, and six round trips that no pacing can save. */
function bound(regions, roundTrip) {
  const seconds = regions.flatMap((calls) =>
    Object.entries(calls).map(([name, count]) => count / QUOTAS[name]),
  );
  return Math.max(0, ...seconds) + 6 * roundTrip;
}
