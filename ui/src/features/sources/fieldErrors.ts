// The sentence for the field that is to blame.

import type { AppError, Field } from "../../api/bindings";
import { problemOf } from "../../app/problems";

export function fieldError(error: AppError | undefined, field: Field): string | undefined {
  if (error?.code === "nameTaken" && field === "name") {
    return problemOf(error).happened;
  }
  return error?.code === "invalidInput" && error.field === field ? error.reason : undefined;
}

export function isOnField(error: AppError, fields: readonly Field[]): boolean {
  return fields.some((field) => fieldError(error, field) !== undefined);
}

/** What is wrong with a file, if it is the file that is to blame. */
export function fileError(error: AppError | undefined): string | undefined {
  switch (error?.code) {
    case "fileRefused":
    case "fileForgotten":
    case "fileFailed":
    case "backupUnusable": {
      const { happened, toDo } = problemOf(error);
      return `${happened} ${toDo}`;
    }
    default:
      return undefined;
  }
}
