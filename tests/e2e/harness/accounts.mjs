// Accounts behind a sandbox: profiles, connections and registrations, made without the window's forms.

import { command, synchronised } from "./app.mjs";
import { emptyPlace } from "./place.mjs";
import { startSandbox } from "./processes.mjs";
import { openWindow } from "./window.mjs";

export const NO_ROLE = { arn: "", externalId: "" };

/** The draft of a connection that signs in with a profile. */
export function profileDraft(name, profile, endpointUrl) {
  const kind = { kind: "profile", profile };
  return { name, kind, role: NO_ROLE, region: "", endpointUrl, fips: false };
}

/**
 * Thirty accounts beside the sandbox's own, each with a connection; the first two are in other
 * partitions. `nameOf` says what the registration and connection of a number are called,
 * `more` what else stands in the configuration.
 */
export async function withThirty(t, nameOf = usualName, more = () => "") {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  const all = [...Array(30).keys()].map((index) => ({
    name: nameOf(index + 1),
    profile: `account-${index + 1}`,
    region: ["us-gov-west-1", "cn-north-1"][index] ?? "eu-west-1",
    account: ["555555555555", "666666666666"][index] ?? String(300_000_000_000 + index),
  }));
  await place.writeConfig(
    all.map(({ profile, region }) => `[profile ${profile}]\nregion = ${region}\n`).join("") +
      more(place),
  );
  await place.writeCredentials(
    all
      .map(
        ({ profile, account }) =>
          `[${profile}]\naws_access_key_id = ${account}\naws_secret_access_key = test\n`,
      )
      .join(""),
  );
  const window = await openWindow(place);
  await synchronised(window);
  const made = [];
  for (const { name, profile, region } of all) {
    const { id } = await command(window, "add_connection", {
      draft: profileDraft(name, profile, endpoint),
    });
    const draft = { name, connection: id, role: NO_ROLE, regions: [region] };
    made.push(await command(window, "register_account", { draft }));
  }
  return { window, place, endpoint, made };
}

function usualName(number) {
  return `${["web", "payments", "data"][number % 3]}-${number}`;
}
