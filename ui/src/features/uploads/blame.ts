// Which field of the form an error is about, and on which step that field is.

import type { AppError, Field } from "../../api/bindings";
import { problemOf } from "../../app/problems";

export type Part = "material" | "key" | "access" | "backups";

export interface Blame {
  part: Part;
  field: Field;
  text: string;
}

/** Absent if no field can be blamed. */
export function blame(error: AppError | undefined): Blame | undefined {
  if (!error) {
    return undefined;
  }
  if (error.code === "invalidInput") {
    const part = PARTS[error.field];
    return part && { part, field: error.field, text: error.reason };
  }
  const field = FIELDS[error.code];
  const part = field && PARTS[field];
  if (!field || !part || isAmbiguous(error)) {
    return undefined;
  }
  const { happened, toDo } = problemOf(error);
  return { part, field, text: `${happened} ${toDo}` };
}

/** The sentence for one field. */
export function blamed(error: AppError | undefined, field: Field): string | undefined {
  const found = blame(error);
  return found?.field === field ? found.text : undefined;
}

/** The file could mean several things: that is a question, not an error. */
export function isAmbiguous(error: AppError | undefined): boolean {
  return error?.code === "fileRefused" && error.problem.problem === "ambiguous";
}

const FIELDS: Partial<Record<AppError["code"], Field>> = {
  fileRefused: "material",
  fileForgotten: "material",
  fileFailed: "material",
  materialUnreadable: "material",
  otherMaterial: "material",
  aliasTaken: "alias",
  policyRefused: "policy",
  policyLocksOut: "policy",
};

const PARTS: Partial<Record<Field, Part>> = {
  material: "material",
  keySpec: "material",
  keyUsage: "material",
  registration: "key",
  region: "key",
  alias: "key",
  description: "key",
  tags: "key",
  validTo: "access",
  policy: "access",
  keyAdmins: "access",
  keyAdminsRoles: "access",
  keyUsers: "access",
  keyUsersRoles: "access",
  externalAccounts: "access",
};
