// What went wrong while signing in, in words.

import type { AppError, ProcessProblem, SignInWay } from "../api/bindings";
import { isolated, shorten } from "../parts/Foreign";

interface Words {
  happened: string;
  toDo: string;
}

/** Who signs a person in, as it stands in a sentence. */
export function signInWayInWords(way: SignInWay): string {
  return way.way === "sso"
    ? `IAM Identity Center (${shorten(way.startUrl, 120)})`
    : `aws login for the profile “${shorten(way.profile, 80)}”`;
}

/** Why a `credential_process` gives no credentials. */
export function processProblemInWords(profile: string, problem: ProcessProblem): Words {
  const program = `The credential_process of the profile “${shorten(profile, 80)}”`;
  switch (problem.problem) {
    case "notStarted":
      return {
        happened: `${program} could not be started: ${shorten(problem.cause, 200)}.`,
        toDo: "Check the path of the program in ~/.aws/config and that your user may run it.",
      };
    case "timedOut":
      return {
        happened: `${program} did not end within ${problem.seconds} s, so OwnKey ended it.`,
        toDo: "Run the program in a terminal: it may wait for a question that only shows there.",
      };
    case "failed":
      return {
        happened: `${program} ended with ${problem.status === null ? "an error" : `exit status ${problem.status}`}${problem.said ? `: ${sentenceOf(problem.said)}` : " and said nothing"}.`,
        toDo: "Run the program in a terminal and mend what it complains about, then try again.",
      };
    case "unreadable":
      return {
        happened: `${program} printed something that is no credentials: ${sentenceOf(problem.cause)}.`,
        toDo: "It has to print JSON with Version 1, AccessKeyId and SecretAccessKey on its standard output, and nothing else.",
      };
    case "expired":
      return {
        happened: `${program} gave credentials that have run out already.`,
        toDo: "Sign in again with the program itself, or clear what it has kept, then try again.",
      };
  }
}

/** What to check when a role cannot be assumed. */
export function roleRefusedInWords(
  refusal: Extract<AppError, { code: "roleRefused" }>,
): Words & { points: string[] } {
  const from = shorten(refusal.from, 80);
  return {
    happened: `AWS does not let “${from}” assume the role ${shorten(refusal.role, 200)}.`,
    points: [
      `The role’s trust policy does not name the caller that “${from}” signs in as.`,
      refusal.externalIdGiven
        ? "The external ID that was given is not the one that the trust policy asks for (sts:ExternalId)."
        : "The trust policy asks for an external ID (sts:ExternalId), and none was given.",
      "The caller’s own policies do not allow sts:AssumeRole on this role.",
      "There is no such role: check the account and the name in its ARN.",
    ],
    toDo: "Ask whoever owns the role to look at its trust policy. AWS does not say which of these is the reason.",
  };
}

/** Somebody else's words within a sentence of ours: one line, without an end of its own. */
function sentenceOf(text: string): string {
  return isolated(shorten(text.replace(/\s+/g, " ").trim(), 200).replace(/[.!]+$/, ""));
}
