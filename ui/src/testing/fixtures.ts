// A small company, as the backend would describe it.

import type {
  AppError,
  Key,
  KeyDetails,
  KeyRow,
  NextAction,
  Registration,
  SyncReport,
  Tag,
} from "../api/bindings";

const DAY = 86_400_000;

/** An instant so many days from now. */
export function inDays(days: number): string {
  return `${new Date(Date.now() + days * DAY).toISOString().slice(0, 19)}Z`;
}

export const SANDBOX: Registration = {
  id: "r-sandbox",
  name: "Sandbox",
  account: "111122223333",
  accountAlias: "acme-sandbox",
  partition: "aws",
  callerArn: "arn:aws:iam::111122223333:user/ownkey",
  connection: {
    id: "c-sandbox",
    name: "Sandbox",
    kind: { kind: "sandbox" },
    role: null,
    region: null,
    endpointUrl: null,
    fips: false,
  },
  role: null,
  regions: ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-west-2"],
  createdAt: inDays(-40),
  updatedAt: inDays(-40),
  syncedAt: inDays(-0.003),
};

export const PRODUCTION: Registration = {
  ...SANDBOX,
  id: "r-production",
  name: "Production",
  account: "444455556666",
  accountAlias: "acme-production",
  callerArn: "arn:aws:sts::444455556666:assumed-role/KeyAdministrators/jo.smith@acme.example",
  connection: {
    id: "c-production",
    name: "production",
    kind: { kind: "profile", profile: "production" },
    role: null,
    region: "eu-central-1",
    endpointUrl: null,
    fips: false,
  },
  regions: ["eu-central-1", "eu-west-1"],
  syncedAt: inDays(-0.2),
};

export const DENIED: Extract<AppError, { code: "accessDenied" }> = {
  code: "accessDenied",
  action: "kms:GetKeyPolicy",
  resource: "arn:aws:kms:eu-west-1:111122223333:key/0000",
  cause:
    "User: arn:aws:iam::111122223333:user/ownkey is not authorized to perform: kms:GetKeyPolicy",
  requestId: "7a1f0c52-91e6-4f1e-8a64-0a7f2b1f6b11",
};

/** Every code once; one that is missing does not compile. */
export const EVERY_ERROR: { [C in AppError["code"]]: Extract<AppError, { code: C }> } = {
  invalidInput: { code: "invalidInput", field: "name", reason: "A name has 1 to 64 characters." },
  nameTaken: { code: "nameTaken", name: "Production" },
  regionsTaken: { code: "regionsTaken", regions: ["eu-west-1"], by: "Production" },
  notFound: { code: "notFound", what: "the key" },
  operationsOpen: { code: "operationsOpen", count: 2 },
  endpointUnreachable: {
    code: "endpointUnreachable",
    endpoint: "kms.eu-west-1.amazonaws.com:443",
    cause: "dns error",
  },
  noCredentials: { code: "noCredentials", profile: "production", cause: "no aws_access_key_id" },
  signInNeeded: {
    code: "signInNeeded",
    signIn: "sso-acme",
    way: { way: "sso", startUrl: "https://acme.awsapps.com/start" },
    cause: "no sign-in is cached",
  },
  signInCancelled: { code: "signInCancelled" },
  signInFailed: { code: "signInFailed", cause: "access_denied" },
  credentialProcessFailed: {
    code: "credentialProcessFailed",
    profile: "vault",
    problem: { problem: "failed", status: 1, said: "vault is sealed\n" },
  },
  roleRefused: {
    code: "roleRefused",
    role: "arn:aws:iam::777788889999:role/KeyAdmin",
    from: "production",
    externalIdGiven: false,
    cause: "User: arn:aws:iam::444455556666:user/jo is not authorized to perform: sts:AssumeRole",
    requestId: "request-7",
  },
  accessKeyMissing: { code: "accessKeyMissing", connection: "production" },
  connectionInUse: { code: "connectionInUse", connection: "production", usedBy: ["Production"] },
  credentialsRefused: {
    code: "credentialsRefused",
    cause: "InvalidClientTokenId",
    requestId: "request-1",
  },
  credentialsExpired: { code: "credentialsExpired", requestId: "request-2" },
  clockSkewed: { code: "clockSkewed", requestId: null },
  accountChanged: { code: "accountChanged", expected: "111122223333", found: "444455556666" },
  accessDenied: DENIED,
  throttled: { code: "throttled", action: "kms:DescribeKey" },
  aws: {
    code: "aws",
    action: "kms:ListKeys",
    awsCode: "KMSInternalException",
    cause: "try later",
    requestId: "request-3",
  },
  listCutShort: { code: "listCutShort" },
  journalNewer: { code: "journalNewer", found: 9, known: 3, path: "/home/jo/ownkey/journal.db" },
  storageDamaged: {
    code: "storageDamaged",
    path: "/home/jo/ownkey/journal.db",
    cause: "not a database",
  },
  diskFull: { code: "diskFull", path: "/home/jo/ownkey/cache.db" },
  folderReadOnly: { code: "folderReadOnly", path: "/home/jo/ownkey" },
  alreadyRunning: { code: "alreadyRunning", path: "/home/jo/ownkey" },
  keychainMissing: { code: "keychainMissing", cause: "org.freedesktop.secrets was not provided" },
  keychainLocked: { code: "keychainLocked" },
  masterKeyMissing: { code: "masterKeyMissing" },
  materialUnreadable: { code: "materialUnreadable", material: "m-1" },
  fileRefused: {
    code: "fileRefused",
    name: "payments.key",
    problem: { problem: "wrongLength", reading: "raw", found: 16, expected: 32 },
    expected: "SYMMETRIC_DEFAULT",
  },
  fileForgotten: { code: "fileForgotten" },
  fileFailed: { code: "fileFailed", path: "/home/jo/payments.key", cause: "permission denied" },
  backupsNotSetUp: { code: "backupsNotSetUp" },
  weakPassphrase: {
    code: "weakPassphrase",
    reason: "The passphrase has fewer than 12 characters.",
  },
  passphrasesDiffer: { code: "passphrasesDiffer" },
  backupFolderNotWritable: {
    code: "backupFolderNotWritable",
    path: "/media/jo/safe",
    cause: "read-only file system",
  },
  backupUnusable: {
    code: "backupUnusable",
    path: "/media/jo/safe/payments.age",
    problem: "damaged",
  },
  materialNeeded: {
    code: "materialNeeded",
    keys: ["arn:aws:kms:eu-central-1:111122223333:key/0000"],
  },
  materialInUse: { code: "materialInUse" },
  aliasTaken: {
    code: "aliasTaken",
    alias: "alias/prod/payments",
    key: "arn:aws:kms:eu-central-1:111122223333:key/0000",
  },
  policyRefused: {
    code: "policyRefused",
    cause: "Policy contains a statement with one or more invalid principals.",
    requestId: "request-4",
  },
  policyLocksOut: {
    code: "policyLocksOut",
    cause: "The new key policy will not allow you to update the key policy in the future.",
    requestId: "request-5",
  },
  otherMaterial: { code: "otherMaterial", expected: "3f9a-77c1", found: "c0de-1234" },
  materialMismatch: {
    code: "materialMismatch",
    key: "arn:aws:kms:eu-central-1:111122223333:key/0000",
  },
  keyNotReady: {
    code: "keyNotReady",
    key: "arn:aws:kms:eu-central-1:111122223333:key/0000",
    state: "PendingDeletion",
  },
  importTokenExpired: { code: "importTokenExpired", requestId: "request-6" },
  planChanged: { code: "planChanged", differences: ["The alias now names another key."] },
  operationRunning: { code: "operationRunning" },
  keyInOperation: { code: "keyInOperation", key: "arn:aws:kms:eu-west-1:444455556666:key/1234" },
  operationClosed: { code: "operationClosed" },
  notConfirmed: { code: "notConfirmed", expected: "alias/prod/payments" },
  unexpected: { code: "unexpected", reference: "list-keys-6920f3a1" },
};

/** Markup, right-to-left, line breaks, and more than fits. */
export const HOSTILE = {
  markup: `<img src=x onerror="document.body.dataset.hacked='yes'">`,
  rightToLeft: "‮gnirts a si siht مفتاح الإنتاج",
  lines: "first line\nsecond line\r\nthird\tline",
  long: "x".repeat(4000),
};

export interface FakeKey {
  key: Key;
  row: KeyRow;
  aliases: string[];
  nextAction: NextAction;
  /** Only where it differs from what the registration has. */
  consoleUrl?: null;
}

/** A key with what matters for a test; the rest is ordinary. */
export function makeKey(
  number: number,
  change: {
    key?: Partial<Key>;
    row?: Partial<KeyRow>;
    aliases?: string[];
    nextAction?: NextAction;
  } = {},
): FakeKey {
  const hex = number.toString(16).padStart(4, "0");
  const region = change.row?.region ?? "eu-central-1";
  const registration = change.row?.registration === PRODUCTION.id ? PRODUCTION : SANDBOX;
  const multiRegion = change.key?.multiRegion ?? null;
  const keyId = multiRegion
    ? `mrk-1234abcd12ab34cd56ef12345678${hex}`
    : `1234abcd-12ab-34cd-56ef-12345678${hex}`;
  const arn = change.key?.arn ?? `arn:aws:kms:${region}:${registration.account}:key/${keyId}`;
  const aliases = change.aliases ?? [`alias/key-${number}`];
  const tags: Tag[] =
    change.key?.tags?.reading === "known"
      ? change.key.tags.value
      : [
          { key: "environment", value: "production" },
          { key: "owner", value: "platform" },
        ];
  const key: Key = {
    arn,
    description: "",
    state: "Enabled",
    origin: "AWS_KMS",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    algorithms: ["SYMMETRIC_DEFAULT"],
    createdAt: inDays(-100 - number),
    deletionAt: null,
    validTo: null,
    expirationModel: null,
    multiRegion,
    customKeyStoreId: null,
    currentMaterialId: null,
    tags: { reading: "known", value: tags },
    policy: { reading: "known", value: JSON.stringify(policyOf(registration.account)) },
    rotation: { reading: "known", value: { enabled: true, periodDays: 365, nextAt: inDays(90) } },
    materials: { reading: "known", value: [] },
    ...change.key,
  };
  return {
    key,
    aliases,
    nextAction: change.nextAction ?? "nothing",
    row: {
      arn,
      keyId: arn.split("/")[1] ?? keyId,
      registration: registration.id,
      account: registration.account,
      region,
      alias: aliases[0] ?? null,
      aliasCount: aliases.length,
      description: key.description,
      state: key.state,
      origin: key.origin,
      spec: key.spec,
      usage: key.usage,
      validTo: key.validTo,
      deletionAt: key.deletionAt,
      multiRegion: multiRegion?.role ?? null,
      rotation:
        key.rotation.reading === "unknown"
          ? "NOT_READ"
          : key.rotation.value === null
            ? "NONE"
            : key.rotation.value.enabled
              ? "ON"
              : "OFF",
      tags: tags.slice(0, 8),
      tagCount: key.tags.reading === "known" ? tags.length : null,
      createdAt: key.createdAt,
      syncedAt: inDays(-0.003),
      goneAt: null,
      ...change.row,
    },
  };
}

/** A key with imported material that runs out in so many days. */
export function makeByok(
  number: number,
  days: number | null,
  change: Parameters<typeof makeKey>[1] = {},
): FakeKey {
  const validTo = days === null ? null : inDays(days);
  const soon = days !== null && days <= 30;
  return makeKey(number, {
    nextAction: soon ? "materialExpires" : "nothing",
    ...change,
    key: {
      origin: "EXTERNAL",
      validTo,
      expirationModel: validTo ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE",
      currentMaterialId: `${number}`.padStart(64, "a"),
      rotation: { reading: "known", value: null },
      materials: {
        reading: "known",
        value: [
          {
            id: `${number}`.padStart(64, "a"),
            description: "from the HSM in Frankfurt",
            imported: true,
            state: "CURRENT",
            validTo,
            rotatedAt: null,
          },
        ],
      },
      ...change.key,
    },
  });
}

/** Some sixty keys that look like a company's, and a few that look like an attack. */
export function makeCompany(): FakeKey[] {
  const regions = SANDBOX.regions;
  const names = [
    "billing",
    "customer-data",
    "warehouse",
    "payroll",
    "logs",
    "backups",
    "search",
    "mail",
    "sessions",
    "audit-trail",
    "feature-store",
  ];
  const ordinary = Array.from({ length: 44 }, (_, index) => {
    const region = regions[index % regions.length] ?? "eu-west-1";
    const name = names[index % names.length] ?? "key";
    const stage = ["prod", "staging", "dev"][index % 3] ?? "dev";
    const common = {
      row: { region },
      aliases: [`alias/${stage}/${name}-${Math.floor(index / 11) + 1}`],
    };
    return index % 3 === 0
      ? makeByok(index + 100, [12, 45, 200, null, 3, 320][index % 6] ?? null, common)
      : makeKey(index + 100, {
          ...common,
          key:
            index % 7 === 0
              ? {
                  spec: "RSA_4096",
                  usage: "SIGN_VERIFY",
                  algorithms: ["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_512"],
                  rotation: { reading: "known", value: null },
                }
              : index % 11 === 0
                ? {
                    spec: "HMAC_256",
                    usage: "GENERATE_VERIFY_MAC",
                    rotation: { reading: "known", value: null },
                  }
                : {
                    rotation: {
                      reading: "known",
                      value: { enabled: index % 2 === 0, periodDays: 365, nextAt: null },
                    },
                  },
        });
  });
  const primary = "arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef123456780007";
  const replica = primary.replace("eu-central-1", "us-east-1");
  return [
    ...ordinary,
    makeByok(7, 21, {
      aliases: ["alias/prod/payments", "alias/prod/payments-2024"],
      key: {
        arn: primary,
        description: "Card data, PCI DSS scope",
        multiRegion: { role: "PRIMARY", primary, replicas: [replica] },
      },
    }),
    makeByok(7, 21, {
      aliases: ["alias/prod/payments"],
      row: { region: "us-east-1" },
      key: { arn: replica, multiRegion: { role: "REPLICA", primary, replicas: [replica] } },
    }),
    makeByok(60, -4, {
      aliases: ["alias/prod/ledger"],
      nextAction: "reimportMaterial",
      key: { state: "PendingImport" },
    }),
    makeKey(61, {
      aliases: ["alias/dev/new-tenant"],
      nextAction: "importMaterial",
      key: {
        state: "PendingImport",
        origin: "EXTERNAL",
        rotation: { reading: "known", value: null },
      },
    }),
    makeKey(62, {
      aliases: ["alias/prod/retired-crm"],
      nextAction: "pendingDeletion",
      key: { state: "PendingDeletion", deletionAt: inDays(9.5) },
    }),
    makeKey(63, {
      aliases: ["alias/dev/experiment"],
      nextAction: "disabled",
      key: { state: "Disabled" },
    }),
    makeKey(64, { aliases: [], key: { description: "No alias at all" } }),
    makeKey(65, {
      aliases: ["alias/prod/vault"],
      row: { region: "eu-west-1" },
      key: {
        policy: { reading: "unknown", value: DENIED },
        tags: { reading: "unknown", value: { ...DENIED, action: "kms:ListResourceTags" } },
        rotation: { reading: "unknown", value: { ...DENIED, action: "kms:GetKeyRotationStatus" } },
      },
    }),
    makeKey(70, {
      aliases: ["alias/hostile/markup"],
      key: {
        description: HOSTILE.markup,
        tags: { reading: "known", value: [{ key: HOSTILE.markup, value: HOSTILE.rightToLeft }] },
      },
    }),
    makeKey(71, {
      aliases: [`alias/hostile/${"long-".repeat(48)}`],
      key: {
        description: HOSTILE.long,
        tags: {
          reading: "known",
          value: [
            { key: "lines", value: HOSTILE.lines },
            ...Array.from({ length: 12 }, (_, index) => ({
              key: `key-${index}`,
              value: HOSTILE.long.slice(0, 256),
            })),
          ],
        },
      },
    }),
    makeKey(72, {
      aliases: ["alias/gone/legacy-erp"],
      nextAction: "gone",
      row: { goneAt: inDays(-2) },
    }),
  ];
}

export function detailsOf(one: FakeKey, all: readonly FakeKey[]): KeyDetails {
  const family = one.key.multiRegion;
  const others = family
    ? [family.primary, ...family.replicas].filter((arn) => arn !== one.key.arn)
    : [];
  return {
    row: one.row,
    key: one.key,
    aliases: one.aliases,
    related: others.map((arn) => ({
      arn,
      region: arn.split(":")[3] ?? "",
      role: arn === family?.primary ? "PRIMARY" : "REPLICA",
      row: all.find(({ key }) => key.arn === arn)?.row ?? null,
    })),
    nextAction: one.nextAction,
    awsCommand:
      one.row.registration === SANDBOX.id
        ? null
        : `aws kms describe-key --region ${one.row.region} --key-id ${one.key.arn}`,
    consoleUrl:
      one.row.registration === SANDBOX.id || one.consoleUrl === null
        ? null
        : `https://${one.row.region}.console.aws.amazon.com/kms/home?region=${one.row.region}#/kms/keys/${one.row.keyId}`,
  };
}

export function makeReport(
  registration: Registration,
  change: Partial<SyncReport> = {},
): SyncReport {
  return {
    registration: registration.id,
    startedAt: inDays(-0.0031),
    finishedAt: inDays(-0.003),
    outcome: "complete",
    keys: 55,
    gone: 0,
    regions: registration.regions.map((region) => ({
      region,
      stage: "done",
      listComplete: true,
      keys: 11,
      gone: 0,
    })),
    refusals: [],
    error: null,
    ...change,
  };
}

function policyOf(account: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  };
}
