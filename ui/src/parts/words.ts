// AWS's codes in the words that the AWS console uses for them.

import type {
  FileReading,
  KeyRow,
  KeySpec,
  KeyState,
  KeyView,
  MultiRegionRole,
  Origin,
  Partition,
} from "../api/bindings";

/** Where account-wide questions are asked if nobody says where, in each partition. */
export const USUAL_REGIONS: readonly string[] = ["us-east-1", "us-gov-west-1", "cn-north-1"];

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

/** The kind of key in words; China's symmetric keys are AES-128. */
export function specInWords(spec: KeySpec, partition: Partition = "aws"): string {
  return spec === "SYMMETRIC_DEFAULT" && partition === "aws-cn"
    ? "Symmetric (AES-128)"
    : KEY_SPECS[spec];
}

export const KEY_SPECS: Record<KeySpec, string> = {
  SYMMETRIC_DEFAULT: "Symmetric (AES-256)",
  HMAC_224: "HMAC, 224 bits",
  HMAC_256: "HMAC, 256 bits",
  HMAC_384: "HMAC, 384 bits",
  HMAC_512: "HMAC, 512 bits",
  RSA_2048: "RSA, 2048 bits",
  RSA_3072: "RSA, 3072 bits",
  RSA_4096: "RSA, 4096 bits",
  ECC_NIST_P256: "ECC, NIST P-256",
  ECC_NIST_P384: "ECC, NIST P-384",
  ECC_NIST_P521: "ECC, NIST P-521",
  ECC_SECG_P256K1: "ECC, secp256k1",
};

/** The ways to read a key file. */
export const READINGS: Record<FileReading, string> = {
  raw: "Raw bytes",
  jwk: "JSON Web Key",
  pem: "PEM",
  der: "DER",
  hex: "Hexadecimal",
  base64: "Base64",
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
