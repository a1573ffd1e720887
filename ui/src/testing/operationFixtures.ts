// Stored material and operations, as the backend would describe them.

import type {
  AppError,
  BackupFile,
  MaterialPlace,
  Operation,
  OperationStep,
  Step,
  StoredMaterial,
} from "../api/bindings";
import { DENIED, HOSTILE, inDays, SANDBOX } from "./fixtures";

export const FOLDER = "/home/jo/Documents/OwnKey backups";

/** A material that nobody imported and nobody backed up, with what matters for a test. */
export function makeMaterial(number: number, change: Partial<StoredMaterial> = {}): StoredMaterial {
  const hex = number.toString(16).padStart(4, "0");
  return {
    id: `m-${hex}`,
    name: `material-${number}`,
    spec: "SYMMETRIC_DEFAULT",
    tier: "local",
    origin: { kind: "generated" },
    fingerprint: `3f9a77c1${hex}5e2b90d4`,
    checkValue: `A1${hex}`,
    createdAt: inDays(-number - 1),
    places: [],
    backups: [],
    ...change,
  };
}

export function makePlace(key: string, change: Partial<MaterialPlace> = {}): MaterialPlace {
  return {
    key,
    kmsMaterialId: "c".repeat(64),
    importedAt: inDays(-20),
    validTo: null,
    removedAt: null,
    ...change,
  };
}

export function makeBackup(name: string, change: Partial<BackupFile> = {}): BackupFile {
  return {
    path: `${FOLDER}/${name}.age`,
    writtenAt: inDays(-20),
    verifiedAt: inDays(-2),
    sandbox: false,
    ownPassphrase: false,
    ...change,
  };
}

export function arnOf(number: number, region = "eu-central-1", account = "444455556666"): string {
  return `arn:aws:kms:${region}:${account}:key/1234abcd-12ab-34cd-56ef-${String(number).padStart(12, "0")}`;
}

/** A store of so many materials, a few of them hostile, expired, removed or without a backup. */
export function makeStore(size: number): StoredMaterial[] {
  const specs = ["SYMMETRIC_DEFAULT", "RSA_4096", "ECC_NIST_P256", "HMAC_256"] as const;
  const named: StoredMaterial[] = [
    makeMaterial(1, {
      name: "payments",
      origin: { kind: "file", name: "payments.key" },
      places: [makePlace(arnOf(1)), makePlace(arnOf(1, "eu-west-1"))],
      backups: [
        makeBackup("ownkey-m-0001"),
        makeBackup("exported", { ownPassphrase: true }),
        makeBackup("older", { verifiedAt: null }),
      ],
    }),
    makeMaterial(2, { name: "ledger", places: [makePlace(arnOf(2))] }),
    makeMaterial(3, {
      name: "card-data",
      places: [
        makePlace(arnOf(3), { validTo: inDays(-4) }),
        makePlace(arnOf(4), { removedAt: inDays(-1) }),
      ],
      backups: [makeBackup("ownkey-m-0003")],
    }),
    makeMaterial(4, {
      name: "tried in the sandbox",
      places: [makePlace(arnOf(5, "eu-west-1", SANDBOX.account))],
      backups: [makeBackup("sandbox", { sandbox: true })],
    }),
    makeMaterial(5, { name: HOSTILE.markup, origin: { kind: "file", name: HOSTILE.rightToLeft } }),
    makeMaterial(6, {
      name: HOSTILE.long.slice(0, 100),
      origin: { kind: "restored", name: `${HOSTILE.long.slice(0, 240)}.age` },
      backups: [makeBackup(HOSTILE.long.slice(0, 240))],
    }),
  ];
  const ordinary = Array.from({ length: Math.max(0, size - named.length) }, (_, index) =>
    makeMaterial(index + 10, {
      spec: specs[index % specs.length] ?? "SYMMETRIC_DEFAULT",
      checkValue: index % specs.length === 0 ? "0B1C2D" : null,
      backups: index % 5 === 0 ? [] : [makeBackup(`ownkey-${index}`)],
    }),
  );
  return [...named, ...ordinary].slice(0, size);
}

/** The steps of an upload, the first so many of them done. */
export function makeSteps(done: number, next: Partial<OperationStep> = {}): OperationStep[] {
  const steps: Step[] = [
    { step: "sealMaterial", spec: "SYMMETRIC_DEFAULT", known: false },
    { step: "backUpMaterial", folder: FOLDER },
    {
      step: "createKey",
      region: "eu-central-1",
      spec: "SYMMETRIC_DEFAULT",
      usage: "ENCRYPT_DECRYPT",
      description: "",
      multiRegion: false,
      policy: { mode: "default", text: null, bypassLockoutCheck: false },
    },
    {
      step: "importMaterial",
      spec: "SYMMETRIC_DEFAULT",
      wrappingAlgorithm: "RSA_AES_KEY_WRAP_SHA_256",
      wrappingKeySpec: "RSA_4096",
      importType: "NEW_KEY_MATERIAL",
      kmsMaterialId: null,
      expiry: { expires: "never" },
    },
    { step: "awaitEnabled" },
    { step: "verifyMaterial", proof: "state" },
    { step: "createAlias", alias: "alias/prod/payments" },
    { step: "removeOperationTag" },
  ];
  return steps.map((step, number) => ({
    number,
    step,
    undo: false,
    state: number < done ? "done" : "waiting",
    askedAt: number < done ? inDays(-0.01) : null,
    endedAt: number < done ? inDays(-0.00998) : null,
    requestId: number < done && number > 1 ? `request-of-step-${number}` : null,
    outcome: number < done ? { outcome: "done" } : null,
    error: null,
    ...(number === done ? next : {}),
  }));
}

/** An upload that was interrupted before the key was made, unless told otherwise. */
export function makeOperation(number: number, change: Partial<Operation> = {}): Operation {
  return {
    id: `op-${String(number).padStart(4, "0")}`,
    kind: "uploadKey",
    registration: SANDBOX.id,
    account: SANDBOX.account,
    region: "eu-central-1",
    alias: "alias/prod/payments",
    state: "open",
    running: false,
    openedAt: inDays(-0.01 - number),
    closedAt: null,
    key: null,
    material: "m-0001",
    before: null,
    steps: makeSteps(2),
    error: null,
    undo: { undo: "close" },
    ...change,
  };
}

/** The same, ended well. */
export function makeFinished(number: number, change: Partial<Operation> = {}): Operation {
  return makeOperation(number, {
    state: "finished",
    closedAt: inDays(-0.0095 - number),
    key: arnOf(number, "eu-central-1", SANDBOX.account),
    steps: makeSteps(8),
    undo: null,
    ...change,
  });
}

/** Stopped after AWS took the material: undoing asks for the alias to be typed. */
export function makeStopped(number: number, error: AppError = DENIED): Operation {
  const key = arnOf(number, "eu-central-1", SANDBOX.account);
  return makeOperation(number, {
    key,
    steps: makeSteps(6, { state: "refused", error }),
    error,
    undo: { undo: "removeKey", key, confirmation: "alias/prod/payments" },
  });
}
