// AWS's codes in the words that the AWS console uses for them.

import type { KeyView, MultiRegionRole, Origin } from "../api/bindings";

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
