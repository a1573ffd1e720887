// AWS's codes in the words that the AWS console uses for them.

import type { KeyRow, KeyState, KeyView, MultiRegionRole, Origin } from "../api/bindings";

export const ORIGINS: Record<Origin, string> = {
  AWS_KMS: "Native",
  EXTERNAL: "BYOK",
  AWS_CLOUDHSM: "CloudHSM",
  EXTERNAL_KEY_STORE: "External key store",
  OTHER: "Unknown origin",
};

export const ROLES: Record<MultiRegionRole, string> = { PRIMARY: "Primary", REPLICA: "Replica" };

export const VIEWS: Record<KeyView, string> = {
  all: "All",
  byok: "BYOK",
  native: "Native",
  expiring: "Expiring",
  needsMaterial: "Needs material",
  pendingDeletion: "Pending deletion",
  disabled: "Disabled",
  gone: "Gone",
};

/** A usage that AWS introduced later keeps its code. */
export function usageInWords(usage: string): string {
  return USAGES[usage] ?? usage;
}

const USAGES: Record<string, string> = {
  ENCRYPT_DECRYPT: "Encrypt and decrypt",
  SIGN_VERIFY: "Sign and verify",
  GENERATE_VERIFY_MAC: "Generate and verify MAC",
  KEY_AGREEMENT: "Key agreement",
};

/** What a key is called where there is room for one name. */
export function keyName(row: { alias: string | null; keyId: string }): string {
  return row.alias ?? row.keyId;
}

export const NO_MATERIAL = "No key material";

/** When the material of a key in the list runs out, if the list has no date for it. */
export function withoutExpiry({ origin, state }: Pick<KeyRow, "origin" | "state">): string {
  return (origin === "EXTERNAL" && WITHOUT_EXPIRY[state]) || "Never";
}

/** Once its deletion is pending, the state no longer tells whether a key has material. */
const WITHOUT_EXPIRY: Partial<Record<KeyState, string>> = {
  PendingImport: NO_MATERIAL,
  PendingDeletion: "–",
  PendingReplicaDeletion: "–",
};
