// What is typed into the upload form, and the draft that the backend is asked about.

import type {
  BasicPolicy,
  FileReading,
  KeySpec,
  KeyUsage,
  MaterialChoice,
  OperationId,
  PickedFile,
  PossibleReading,
  Registration,
  Tag,
  UploadDraft,
} from "../../api/bindings";
import { KEY_SPECS, USUAL_REGIONS } from "../../parts/words";

/** Where the material comes from; shared by uploading and importing. */
export interface SourceForm {
  source: "generate" | "file" | "stored" | "later";
  /** An empty handle: no file. A handle does not survive a restart, the name does. */
  file: PickedFile;
  /** How the file is to be read, if it could mean several things; empty: not asked. */
  reading: string;
  readings: PossibleReading[];
  stored: string;
}

/** Whether the material expires, as typed: local date and time. */
export interface ExpiryForm {
  expires: boolean;
  date: string;
  time: string;
}

export interface PolicyForm extends Required<BasicPolicy> {
  mode: "default" | "basic" | "raw";
  raw: string;
  bypass: boolean;
}

export interface UploadForm extends SourceForm, ExpiryForm {
  spec: string;
  usage: string;
  /** Empty: the first one in scope. */
  registration: string;
  /** Empty: the first one of the registration. */
  region: string;
  alias: string;
  description: string;
  tags: Tag[];
  multiRegion: boolean;
  policy: PolicyForm;
}

export const NO_FILE: PickedFile = { handle: "", name: "", size: 0 };

export const NO_SOURCE: SourceForm = {
  source: "generate",
  file: NO_FILE,
  reading: "",
  readings: [],
  stored: "",
};

export const EMPTY_UPLOAD: UploadForm = {
  ...NO_SOURCE,
  spec: "SYMMETRIC_DEFAULT",
  usage: "ENCRYPT_DECRYPT",
  registration: "",
  region: "",
  alias: "",
  description: "",
  tags: [],
  multiRegion: false,
  expires: false,
  date: "",
  time: "",
  policy: {
    mode: "default",
    keyAdmins: [],
    keyAdminsRoles: [],
    keyUsers: [],
    keyUsersRoles: [],
    externalAccounts: [],
    raw: "",
    bypass: false,
  },
};

/** What was sent last: for going back to the form if nothing came of it. */
export const NOT_SENT: { operation: OperationId; form: UploadForm } = {
  operation: "",
  form: EMPTY_UPLOAD,
};

export interface ImportForm extends SourceForm, ExpiryForm {
  /** The key that this was typed for. */
  key: string;
}

export const EMPTY_IMPORT: ImportForm = {
  ...NO_SOURCE,
  key: "",
  expires: false,
  date: "",
  time: "",
};

/** What AWS lets a key of each kind be for, the usual first; the backend refuses the rest. */
export const USAGES: Record<KeySpec, readonly KeyUsage[]> = {
  SYMMETRIC_DEFAULT: ["ENCRYPT_DECRYPT"],
  HMAC_224: ["GENERATE_VERIFY_MAC"],
  HMAC_256: ["GENERATE_VERIFY_MAC"],
  HMAC_384: ["GENERATE_VERIFY_MAC"],
  HMAC_512: ["GENERATE_VERIFY_MAC"],
  RSA_2048: ["SIGN_VERIFY", "ENCRYPT_DECRYPT"],
  RSA_3072: ["SIGN_VERIFY", "ENCRYPT_DECRYPT"],
  RSA_4096: ["SIGN_VERIFY", "ENCRYPT_DECRYPT"],
  ECC_NIST_P256: ["SIGN_VERIFY", "KEY_AGREEMENT"],
  ECC_NIST_P384: ["SIGN_VERIFY", "KEY_AGREEMENT"],
  ECC_NIST_P521: ["SIGN_VERIFY", "KEY_AGREEMENT"],
  ECC_SECG_P256K1: ["SIGN_VERIFY"],
};

export function knownSpec(text: string): KeySpec {
  return text in KEY_SPECS ? (text as KeySpec) : "SYMMETRIC_DEFAULT";
}

export interface Target {
  registration: Registration | undefined;
  region: string;
}

/** The account and region that are meant: as chosen, else the first in scope, else the connection's own. */
export function targetOf(
  form: Pick<UploadForm, "registration" | "region">,
  inScope: readonly Registration[],
  all: readonly Registration[],
  regions: readonly string[],
): Target {
  const registration =
    all.find(({ id }) => id === form.registration) ?? inScope[0] ?? all[0] ?? undefined;
  const own = registration?.regions ?? [];
  const region =
    own.find((one) => one === form.region) ??
    own.find((one) => regions.includes(one)) ??
    own.find((one) => one === registration?.connection.region) ??
    own.find((one) => USUAL_REGIONS.includes(one)) ??
    own[0] ??
    "";
  return { registration, region };
}

/** The draft of an upload. By its making it never has two policy modes, nor a date without expiry. */
export function toDraft(form: UploadForm, { registration, region }: Target): UploadDraft {
  const { mode, raw, bypass, ...basic } = form.policy;
  const isLater = form.source === "later";
  return {
    registration: registration?.id ?? "",
    region,
    material: materialOf(form),
    spec: form.spec,
    usage: form.usage,
    alias: form.alias,
    description: form.description,
    tags: form.tags,
    multiRegion: form.multiRegion,
    ...expiryOf(isLater ? { ...form, expires: false } : form),
    policy:
      mode === "default"
        ? { raw: null, basic: null, bypassLockoutCheck: false }
        : mode === "basic"
          ? { raw: null, basic, bypassLockoutCheck: bypass }
          : { raw, basic: null, bypassLockoutCheck: bypass },
  };
}

export function materialOf({ source, file, reading, stored }: SourceForm): MaterialChoice {
  switch (source) {
    case "file":
      return {
        from: "file",
        handle: file.handle,
        reading: reading === "" ? null : (reading as FileReading),
      };
    case "stored":
      return { from: "stored", id: stored };
    default:
      return { from: source };
  }
}

export function expiryOf({ expires, date, time }: ExpiryForm): {
  keyExpiration: boolean;
  validTo: string | null;
} {
  return { keyExpiration: expires, validTo: expires ? instantOf(date, time) : null };
}

/** Local date and time as RFC 3339; what is no date stays as typed, for the backend to refuse. */
export function instantOf(date: string, time: string): string | null {
  if (date === "") {
    return null;
  }
  const instant = new Date(`${date}T${time || "00:00"}`);
  return Number.isNaN(instant.getTime())
    ? `${date} ${time}`.trim()
    : `${instant.toISOString().slice(0, 19)}Z`;
}

/** An instant as local date and time, to the minute. */
export function localParts(instant: Date): { date: string; time: string } {
  const two = (number: number) => String(number).padStart(2, "0");
  return {
    date: `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`,
    time: `${two(instant.getHours())}:${two(instant.getMinutes())}`,
  };
}
