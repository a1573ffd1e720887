// Connections, profiles and registrations of a small company, and what its credentials may do.

import type {
  Connection,
  PermissionReport,
  Profile,
  Registration,
  SignInRequest,
} from "../api/bindings";
import { DENIED, EVERY_ERROR, inDays, PRODUCTION } from "./fixtures";

export const MFA_DEVICE = "arn:aws:iam::444455556666:mfa/jo";

/** A profile that signs in with an access key, unless it is said otherwise. */
export function makeProfile(name: string, change: Partial<Profile> = {}): Profile {
  return {
    name,
    signIn: "staticKeys",
    region: null,
    roleArn: null,
    sourceProfile: null,
    mfaSerial: null,
    endpointUrl: null,
    problem: null,
    ...change,
  };
}

/** One profile of every kind. */
export const PROFILES: Profile[] = [
  makeProfile("production", { region: "eu-central-1" }),
  makeProfile("staging"),
  makeProfile("corporate-sso", { signIn: "sso", region: "eu-west-1" }),
  makeProfile("audit", {
    signIn: "assumeRole",
    roleArn: "arn:aws:iam::777788889999:role/Audit",
    sourceProfile: "production",
  }),
  makeProfile("with-mfa", { mfaSerial: MFA_DEVICE }),
  makeProfile("pipeline", {
    signIn: "webIdentity",
    roleArn: "arn:aws:iam::777788889999:role/Pipeline",
  }),
  makeProfile("vault", { signIn: "credentialProcess" }),
  makeProfile("console", { signIn: "login" }),
  makeProfile("loop", {
    signIn: "assumeRole",
    roleArn: "arn:aws:iam::777788889999:role/Loop",
    sourceProfile: "loop",
    problem: "The profile names itself as its source_profile.",
  }),
  makeProfile("empty", { signIn: "nothing", problem: "The profile has no credentials." }),
];

export const ACCESS_KEY: Connection = {
  id: "c-robot",
  name: "Key robot",
  kind: { kind: "accessKey", accessKeyId: "AKIAIOSFODNN7EXAMPLE", mfaSerial: null },
  role: { arn: "arn:aws:iam::777788889999:role/KeyAdmin", externalId: "acme-7" },
  region: "eu-west-1",
  endpointUrl: null,
  fips: true,
};

export const SSO: Connection = {
  id: "c-sso",
  name: "Corporate",
  kind: { kind: "profile", profile: "corporate-sso" },
  role: null,
  region: null,
  endpointUrl: "https://kms.example.com",
  fips: false,
};

/** So many registrations over one connection, of several accounts and in every partition. */
export function makeRegistrations(number: number): Registration[] {
  const clouds = ["aws", "aws", "aws", "aws-us-gov", "aws-cn"] as const;
  const regions = { aws: "eu-west-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1" };
  return Array.from({ length: number }, (_, index) => {
    const two = String(index + 1).padStart(2, "0");
    const partition = clouds[index % clouds.length] ?? "aws";
    const account = `5555666677${two}`;
    return {
      ...PRODUCTION,
      id: `r-${two}`,
      name: `Account ${two}`,
      account,
      accountAlias: `acme-${two}`,
      partition,
      callerArn: `arn:${partition}:sts::${account}:assumed-role/KeyAdmin/ownkey`,
      role: { arn: `arn:${partition}:iam::${account}:role/KeyAdmin`, externalId: null },
      regions: [regions[partition]],
      createdAt: inDays(-30),
      updatedAt: inDays(-3),
      syncedAt: inDays(-1),
    };
  });
}

export const MFA_REQUEST: SignInRequest = {
  id: "q-mfa",
  connection: "production",
  wanted: { what: "mfaCode", serial: MFA_DEVICE },
};

export const BROWSER_REQUEST: SignInRequest = {
  id: "q-browser",
  connection: "Corporate",
  wanted: {
    what: "browser",
    url: "https://device.sso.eu-west-1.amazonaws.com/?user_code=BQKC-RWMT",
    userCode: "BQKC-RWMT",
    expiresAt: inDays(0.006),
  },
};

export const LOGIN_REQUEST: SignInRequest = {
  id: "q-login",
  connection: "",
  wanted: { what: "login", profile: "console" },
};

/** What a key administrator without `kms:DeleteImportedKeyMaterial` is told. */
export const PERMISSIONS: PermissionReport = {
  callerArn: "arn:aws:iam::444455556666:user/jo",
  region: "eu-central-1",
  abilities: [
    {
      feature: "synchronise",
      verdict: "allowed",
      permissions: ["kms:ListKeys", "kms:DescribeKey", "kms:ListAliases"].map((action) => ({
        action,
        verdict: "allowed",
        knownBy: "tried",
        error: null,
      })),
    },
    {
      feature: "uploadKeys",
      verdict: "allowed",
      permissions: ["kms:CreateKey", "kms:ImportKeyMaterial"].map((action) => ({
        action,
        verdict: "allowed",
        knownBy: "simulated",
        error: null,
      })),
    },
    {
      feature: "reimportMaterial",
      verdict: "refused",
      permissions: [
        {
          action: "kms:DeleteImportedKeyMaterial",
          verdict: "refused",
          knownBy: "simulated",
          error: null,
        },
      ],
    },
    {
      feature: "choosePrincipals",
      verdict: "refused",
      permissions: [
        {
          action: "iam:ListRoles",
          verdict: "refused",
          knownBy: "tried",
          error: { ...DENIED, action: "iam:ListRoles", resource: "*" },
        },
      ],
    },
    {
      feature: "proveMaterial",
      verdict: "unknown",
      permissions: [{ action: "kms:Encrypt", verdict: "unknown", knownBy: "nothing", error: null }],
    },
  ],
  notSimulated: null,
};

/** What the profiles of {@link PROFILES} that need a browser are answered before it. */
export const SIGN_IN_NEEDED = {
  "corporate-sso": EVERY_ERROR.signInNeeded,
  console: {
    ...EVERY_ERROR.signInNeeded,
    signIn: "login-console",
    way: { way: "login", profile: "console" },
  },
} as const;
