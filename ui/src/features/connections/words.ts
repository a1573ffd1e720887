// How connections sign in, and where registrations lie, in words.

import type { Connection, Partition, Profile, ProfileSignIn } from "../../api/bindings";
import { shorten } from "../../parts/Foreign";

export const CLOUD_NAMES: Record<Partition, string> = {
  aws: "AWS",
  "aws-us-gov": "AWS GovCloud (US)",
  "aws-cn": "AWS China",
};

const PROFILE_WAYS: Record<ProfileSignIn, string> = {
  staticKeys: "access key in the file",
  sso: "IAM Identity Center",
  assumeRole: "assumes a role",
  webIdentity: "role with a token from a file",
  credentialProcess: "credential_process",
  login: "aws login",
  nothing: "no credentials",
};

/** "Profile “production”, IAM Identity Center"; the profiles are not known at once. */
export function connectionInWords(
  { kind }: Pick<Connection, "kind">,
  profiles: readonly Profile[] | undefined,
): string {
  switch (kind.kind) {
    case "sandbox":
      return "Sandbox inside OwnKey";
    case "accessKey":
      return `Access key ${shorten(kind.accessKeyId, 40)}${kind.mfaSerial === null ? "" : ", with MFA"}`;
    case "profile": {
      const name = `Profile “${shorten(kind.profile, 80)}”`;
      if (profiles === undefined) {
        return name;
      }
      const known = profiles.find((one) => one.name === kind.profile);
      return `${name}, ${known ? PROFILE_WAYS[known.signIn] : "which is not there"}`;
    }
  }
}

const NAMED = 3;

export function regionsInWords(regions: readonly string[]): string {
  return regions.length <= NAMED
    ? regions.join(", ")
    : `${regions.slice(0, NAMED).join(", ")} and ${regions.length - NAMED} more`;
}

/** The role's name without the rest of its ARN. */
export function roleName(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}
