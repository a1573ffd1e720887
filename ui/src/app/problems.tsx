// Every refusal in words: what happened, what to do. A code without words does not compile.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { AppError } from "../api/bindings";
import { CopyText } from "../parts/Copy";
import { Foreign } from "../parts/Foreign";

export interface Problem {
  title: string;
  happened: string;
  toDo: string;
  /** Whether doing the same again can help. */
  again: boolean;
  /** AWS's id of the request. */
  requestId?: string;
  /** The technical cause, in somebody else's words. */
  cause?: string;
}

export function problemOf(error: AppError): Problem {
  const write = WORDS[error.code] as (error: AppError) => Omit<Problem, "requestId" | "cause">;
  return {
    ...write(error),
    ...("requestId" in error && error.requestId ? { requestId: error.requestId } : {}),
    ...("cause" in error ? { cause: error.cause } : {}),
  };
}

/** One sentence, for where there is room for no more. */
export function inOneSentence(error: AppError): string {
  return problemOf(error).happened;
}

/** The problem as a notice with its technical part one click below. */
export function ProblemAlert(props: { error: AppError; retry?: () => void; title?: string }) {
  const problem = problemOf(props.error);
  const again = problem.again && props.retry;
  return (
    <Alert
      type="error"
      header={props.title ?? problem.title}
      action={again ? <Button onClick={props.retry}>Try again</Button> : undefined}
    >
      <ProblemText error={props.error} />
    </Alert>
  );
}

/** What happened, what to do, and the technical part; without a frame of its own. */
export function ProblemText({ error, children }: { error: AppError; children?: ReactNode }) {
  const problem = problemOf(error);
  return (
    <SpaceBetween size="xs">
      <div>
        <div>{problem.happened}</div>
        <div>{problem.toDo}</div>
      </div>
      {children}
      <ExpandableSection headerText="Technical details" variant="footer">
        <SpaceBetween size="xxs">
          {problem.cause && (
            <div>
              Cause: <Foreign text={problem.cause} />
            </div>
          )}
          {problem.requestId && (
            <div>
              AWS request id: <Box variant="code">{problem.requestId}</Box>
            </div>
          )}
          <div>
            Code: <Box variant="code">{error.code}</Box>
          </div>
          <CopyText text={JSON.stringify(error, null, 2)} label="Copy details" />
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

type Words = Omit<Problem, "requestId" | "cause">;

const WORDS: { [C in AppError["code"]]: (error: Extract<AppError, { code: C }>) => Words } = {
  invalidInput: ({ reason }) => ({
    title: "This cannot be accepted",
    happened: reason,
    toDo: "Correct the value.",
    again: false,
  }),
  nameTaken: ({ name }) => ({
    title: "The name is taken",
    happened: `Another registration is already called “${name}”.`,
    toDo: "Choose another name.",
    again: false,
  }),
  regionsTaken: ({ regions, by }) => ({
    title: "Regions are taken",
    happened: `The registration “${by}” of the same account already holds ${regions.join(", ")}.`,
    toDo: "Leave these regions out, or remove them from the other registration first.",
    again: false,
  }),
  notFound: ({ what }) => ({
    title: "Not found",
    happened: `${capital(what)} is not there, or is no longer there.`,
    toDo: "Synchronise to see what is there now.",
    again: true,
  }),
  endpointUnreachable: ({ endpoint }) => ({
    title: "AWS cannot be reached",
    happened: `${endpoint} does not answer.`,
    toDo: "Check the network connection, the proxy or VPN, and the endpoint URL of the connection. What was read before can still be seen.",
    again: true,
  }),
  noCredentials: ({ profile }) => ({
    title: "No credentials",
    happened: `The AWS profile “${profile}” is not there or has no credentials that OwnKey can use.`,
    toDo: "Look at ~/.aws/config and ~/.aws/credentials: OwnKey needs aws_access_key_id and aws_secret_access_key in the profile.",
    again: true,
  }),
  credentialsRefused: () => ({
    title: "AWS refused the credentials",
    happened: "AWS does not know the access key, or its secret key does not match.",
    toDo: "Check whether the access key was deleted or deactivated in IAM, and put the current one into the profile.",
    again: true,
  }),
  credentialsExpired: () => ({
    title: "The credentials have expired",
    happened: "The session of these credentials has run out.",
    toDo: "Sign in again in the way that made the profile’s credentials, then try again.",
    again: true,
  }),
  clockSkewed: () => ({
    title: "This computer’s clock is wrong",
    happened:
      "Requests to AWS are dated, and this computer’s clock is too far off for AWS to accept them.",
    toDo: "Set the clock of this computer (at best automatically, from the network), then try again.",
    again: true,
  }),
  accountChanged: ({ expected, found }) => ({
    title: "This is another account",
    happened: `The credentials now lead to account ${found}; the registration is for ${expected}. Nothing was read.`,
    toDo: `Put credentials of account ${expected} into the profile, or connect ${found} as a registration of its own.`,
    again: true,
  }),
  accessDenied: ({ action, resource }) => ({
    title: "Not allowed",
    happened: `The credentials may not call ${action} on ${resource === "*" ? "any resource" : resource}.`,
    toDo: `Ask for ${action} in the IAM policy of the caller; for one key, its key policy must not refuse it either.`,
    again: true,
  }),
  throttled: ({ action }) => ({
    title: "AWS’s quota is used up",
    happened: `AWS kept throttling ${action} through all retries.`,
    toDo: "Something else in the account uses up the quota. Wait a few minutes, then try again.",
    again: true,
  }),
  aws: ({ action, awsCode }) => ({
    title: "AWS reported an error",
    happened: `AWS answered ${action} with ${awsCode}.`,
    toDo: "The details say what AWS objects to.",
    again: true,
  }),
  listCutShort: () => ({
    title: "The list was cut short",
    happened: "The server says that a list goes on, and gives no way to ask for the rest.",
    toDo: "What was read is kept, and nothing is marked as gone. AWS does not do this: look at the endpoint URL of the connection.",
    again: true,
  }),
  journalNewer: ({ found, known, path }) => ({
    title: "This data is from a newer OwnKey",
    happened: `${path} was written by a newer OwnKey (version ${found}; this one knows up to ${known}). It was left as it is.`,
    toDo: "Install the newer OwnKey again, or start this one with another data folder.",
    again: false,
  }),
  storageDamaged: ({ path }) =>
    path.endsWith("cache.db")
      ? {
          title: "The cache is damaged",
          happened: `${path} cannot be read as a database. It will be rebuilt at the next start; nothing is lost.`,
          toDo: "Close OwnKey and start it again, then synchronise.",
          again: false,
        }
      : {
          title: "A database is damaged",
          happened: `${path} cannot be read as a database. It was left as it is.`,
          toDo: "Put the file back from a backup of this computer, then start OwnKey again.",
          again: false,
        },
  diskFull: ({ path }) => ({
    title: "The disk is full",
    happened: `There is no room left to write ${path}.`,
    toDo: "Free some space on that disk, then start OwnKey again.",
    again: true,
  }),
  folderReadOnly: ({ path }) => ({
    title: "The data folder is read-only",
    happened: `OwnKey may not write to ${path}.`,
    toDo: "Give your user the right to write there, then start OwnKey again.",
    again: true,
  }),
  alreadyRunning: ({ path }) => ({
    title: "OwnKey is already open",
    happened: `Another OwnKey uses ${path}. Two at once could overwrite each other’s records.`,
    toDo: "Use the other window, or close it and start OwnKey again.",
    again: false,
  }),
  keychainMissing: () => ({
    title: "No keychain",
    happened: "The operating system has no keychain that answers, so no secret can be kept.",
    toDo: "On Linux, install and unlock a Secret Service, such as GNOME Keyring or KWallet, and start OwnKey within the desktop session.",
    again: true,
  }),
  keychainLocked: () => ({
    title: "The keychain is locked",
    happened: "The keychain is locked, or the request to use it was refused.",
    toDo: "Unlock the keychain and allow OwnKey to use it, then try again.",
    again: true,
  }),
  unexpected: ({ reference }) => ({
    title: "Something unforeseen happened",
    happened: `OwnKey did not expect this (reference ${reference}).`,
    // What failed within the window is not in the log.
    toDo: reference.startsWith("window:")
      ? "Try again. If it stays, close OwnKey and start it again."
      : "Try again. If it stays, the log in the data folder has the cause under that reference.",
    again: true,
  }),
};

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
