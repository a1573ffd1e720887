// What is typed to make or change a connection, and the draft that the backend is asked about.

import type {
  AppError,
  Connection,
  ConnectionDraft,
  ConnectionKindDraft,
  Field,
} from "../../api/bindings";
import { sealText } from "../../api/seal";
import { problemOf } from "../../app/problems";
import { EMPTY_KEPT_CONNECTION, type KeptConnectionForm } from "./kept";

/** The secret stays in the page that it is typed into, and crosses to the backend sealed. */
export interface ConnectionForm extends KeptConnectionForm {
  secret: string;
}

export const EMPTY_CONNECTION: ConnectionForm = { ...EMPTY_KEPT_CONNECTION, secret: "" };

/** The form as it is filled in for a connection that exists. Its secret is not known here. */
export function formOf({
  name,
  kind,
  role,
  region,
  endpointUrl,
  fips,
}: Connection): ConnectionForm {
  return {
    ...EMPTY_CONNECTION,
    name,
    way: kind.kind,
    ...(kind.kind === "profile" ? { profile: kind.profile } : {}),
    ...(kind.kind === "accessKey"
      ? { accessKeyId: kind.accessKeyId, mfaSerial: kind.mfaSerial ?? "" }
      : {}),
    role: { arn: role?.arn ?? "", externalId: role?.externalId ?? "" },
    region: region ?? "",
    endpointUrl: endpointUrl ?? "",
    fips,
  };
}

/** The form without the secret, member by member: what is added to it later is not kept by accident. */
export function withoutSecret(form: ConnectionForm): KeptConnectionForm {
  const { name, way, profile, accessKeyId, mfaSerial, role, region, endpointUrl, fips } = form;
  return { name, way, profile, accessKeyId, mfaSerial, role, region, endpointUrl, fips };
}

/**
 * The draft, with the secret sealed to an envelope that the backend opens once: made anew for every
 * command that takes one. An empty secret means the one that is kept.
 */
export async function sealedDraft(form: ConnectionForm): Promise<ConnectionDraft> {
  const { name, role, region, endpointUrl, fips } = form;
  return { name, kind: await kindOf(form), role, region, endpointUrl, fips };
}

async function kindOf(form: ConnectionForm): Promise<ConnectionKindDraft> {
  switch (form.way) {
    case "sandbox":
      return { kind: "sandbox" };
    case "profile":
      return { kind: "profile", profile: form.profile };
    case "accessKey": {
      const secret = form.secret === "" ? null : await sealText(form.secret, "secretAccessKey");
      const { accessKeyId, mfaSerial } = form;
      return { kind: "accessKey", accessKeyId, secret, mfaSerial };
    }
  }
}

export type FieldErrors = Partial<Record<Field, string>>;

/** The sentences for the fields of a connection that an error can be blamed on. */
export function connectionErrors(error: AppError | undefined, form: ConnectionForm): FieldErrors {
  switch (error?.code) {
    case "invalidInput":
      return { [error.field]: error.reason };
    case "nameTaken":
      return { name: problemOf(error).happened };
    case "noCredentials":
      return form.way === "profile" && error.profile === form.profile
        ? { profile: problemOf(error).happened }
        : {};
    case "accessKeyMissing":
      return { secretAccessKey: problemOf(error).happened };
    case "roleRefused":
      return roleErrors(error, form.role.arn);
    default:
      return {};
  }
}

/** The sentences for the fields of a role; AWS does not say which of the two is wrong. */
export function roleErrors(error: AppError | undefined, arn: string): FieldErrors {
  switch (error?.code) {
    case "invalidInput":
      return { [error.field]: error.reason };
    case "roleRefused":
      // Another role, such as the profile’s own, is not what was typed here.
      return error.role === arn.trim()
        ? {
            roleArn: "AWS does not let the caller assume this role.",
            externalId: error.externalIdGiven
              ? "It may not be the external ID that the role asks for."
              : "The role may ask for an external ID.",
          }
        : {};
    default:
      return {};
  }
}

/** Fields that `ConnectionFields` shows. */
const SHOWN: readonly Field[] = [
  "name",
  "profile",
  "accessKeyId",
  "secretAccessKey",
  "mfaSerial",
  "roleArn",
  "externalId",
  "region",
  "endpointUrl",
];

/**
 * Whether an error is said in full at a field that is shown. What can have several causes, or a
 * technical part, is a notice as well.
 */
export function isSaidAtField(error: AppError, shown: readonly Field[] = SHOWN): boolean {
  return (
    (error.code === "invalidInput" && shown.includes(error.field)) ||
    (error.code === "nameTaken" && shown.includes("name"))
  );
}

/** The name that follows from what was chosen, unless a person typed another one. */
export function withProposedName(
  form: ConnectionForm,
  part: Partial<ConnectionForm>,
): ConnectionForm {
  const next = { ...form, ...part };
  const isProposed = form.name === "" || form.name === proposedName(form);
  return isProposed && part.name === undefined ? { ...next, name: proposedName(next) } : next;
}

function proposedName({ way, profile, accessKeyId }: ConnectionForm): string {
  switch (way) {
    case "profile":
      return [...profile].slice(0, LONGEST_NAME).join("");
    case "accessKey":
      return [...accessKeyId.trim()].slice(0, LONGEST_NAME).join("");
    case "sandbox":
      return "Sandbox sign-in";
  }
}

const LONGEST_NAME = 64;
