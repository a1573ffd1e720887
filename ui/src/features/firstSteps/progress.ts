// How far the first steps are: what is remembered, and what that means now.

import type { ConnectionId, Registration, RegistrationId } from "../../api/bindings";

export const STEPS = [
  "signIn",
  "found",
  "permissions",
  "register",
  "synchronise",
  "firstKey",
] as const;
export type FirstStep = (typeof STEPS)[number];

/** What is remembered between starts. */
export interface Progress {
  /** The connection that was made or chosen; empty: none yet. */
  connection: ConnectionId;
  /** What was registered already when it was chosen. */
  before: RegistrationId[];
  /** The account that was registered; empty: none yet. */
  registration: RegistrationId;
  /** One of `STEPS`, or `done`. */
  step: string;
}

export const NOT_BEGUN: Progress = {
  connection: "",
  before: [],
  registration: "",
  step: "signIn",
};

/** Where one stands. */
export interface Standing {
  step: FirstStep | "done";
  /** Present from the step "synchronise" on. */
  registration: Registration | undefined;
}

/**
 * Where the remembered progress leads now: an account that was registered meanwhile over the same
 * connection counts as registered here, and what is no longer there has to be done again.
 */
export function standingOf(
  { connection, before, registration, step }: Progress,
  registrations: readonly Registration[],
  isConnectionThere: boolean,
): Standing {
  if (step === "done") {
    return { step, registration: registrations.find(({ id }) => id === registration) };
  }
  const kept =
    registrations.find(({ id }) => id === registration) ??
    registrations.find((one) => one.connection.id === connection && !before.includes(one.id));
  if (kept) {
    return { step: step === "firstKey" ? step : "synchronise", registration: kept };
  }
  const reached = isBeforeRegistering(step) ? step : "register";
  return { step: isConnectionThere ? reached : "signIn", registration: undefined };
}

/** Begun, and neither finished nor left for good. */
export function isUnderWay({ connection, registration, step }: Progress): boolean {
  return step !== "done" && (connection !== "" || registration !== "");
}

function isBeforeRegistering(
  step: string,
): step is "signIn" | "found" | "permissions" | "register" {
  return ["signIn", "found", "permissions", "register"].includes(step);
}
