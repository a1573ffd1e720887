// The only place that unwraps what a command answers.

import type { AppError } from "./bindings";

/** What a command promises: its result, or a refusal in the user's terms. */
export type Answer<T> = Promise<{ status: "ok"; data: T } | { status: "error"; error: AppError }>;

/** A refusal, thrown. */
export class Refused extends Error {
  constructor(readonly error: AppError) {
    super(error.code);
    this.name = "Refused";
  }
}

/** The result of a command, or a thrown `Refused`. */
export async function call<T>(answer: Answer<T>): Promise<T> {
  const settled = await answer.catch((thrown: unknown) => {
    throw refused(thrown);
  });
  if (settled.status === "ok") {
    return settled.data;
  }
  throw refused(settled.error);
}

/**
 * Any failure as a refusal. Tauri rejects a malformed argument, and a command that the window may
 * not use, with a bare string: nothing a person could act on, hence `unexpected`.
 */
export function refused(failure: unknown): Refused {
  if (failure instanceof Refused) {
    return failure;
  }
  if (isAppError(failure)) {
    return new Refused(failure);
  }
  const technical = failure instanceof Error ? failure.message : String(failure);
  // The log knows nothing of this: the reference itself says what it was.
  return new Refused({ code: "unexpected", reference: `window: ${technical}` });
}

function isAppError(failure: unknown): failure is AppError {
  return (
    typeof failure === "object" &&
    failure !== null &&
    typeof (failure as { code?: unknown }).code === "string"
  );
}
