// Every refusal in words: what happened, what to do. A code without words does not compile.

import type { AppError } from "../api/bindings";
import { shorten } from "../parts/Foreign";
import { backupProblemInWords, fileProblemInWords } from "./fileWords";
import { processProblemInWords, roleRefusedInWords, signInWayInWords } from "./signInWords";
import { count } from "./syncWords";

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
  /** What there are several of: differences, keys. */
  points?: readonly string[];
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
    happened: `Another one is already called “${name}”.`,
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
    toDo: "Look at ~/.aws/config and ~/.aws/credentials; the details say what is missing there.",
    again: true,
  }),
  signInNeeded: ({ way }) => ({
    title: "Sign-in needed",
    happened: `There is no valid sign-in to ${signInWayInWords(way)}.`,
    toDo: "Sign in: the browser opens, and what was asked for goes on afterwards.",
    again: false,
  }),
  signInCancelled: () => ({
    title: "The sign-in was cancelled",
    happened: "The sign-in was given up before it was done, so AWS was not asked.",
    toDo: "Try again when you have your browser or MFA device at hand.",
    again: true,
  }),
  signInFailed: () => ({
    title: "The sign-in failed",
    happened: "The browser’s page refused the sign-in, or the time for it ran out.",
    toDo: "Try again. The details say what was answered.",
    again: true,
  }),
  credentialProcessFailed: ({ profile, problem }) => ({
    title: "The credential process failed",
    ...processProblemInWords(profile, problem),
    again: true,
  }),
  roleRefused: (refusal) => ({
    title: "The role cannot be assumed",
    ...roleRefusedInWords(refusal),
    again: true,
  }),
  accessKeyMissing: ({ connection }) => ({
    title: "The secret access key is missing",
    happened: `The keychain has no secret for the access key of the connection “${connection}”.`,
    toDo: "Enter the secret access key once more in the connection. If the keychain of another user or computer has it, put that keychain back.",
    again: true,
  }),
  connectionInUse: ({ connection, usedBy }) => ({
    title: "The connection is in use",
    happened: `Registrations are reached over the connection “${connection}”.`,
    points: usedBy,
    toDo: "Change their connection, or remove them first.",
    again: false,
  }),
  credentialsRefused: () => ({
    title: "AWS refused the credentials",
    happened:
      "AWS does not know the connection’s credentials, or their secret does not match. The region may also be off for this account.",
    toDo: "Check that the region is enabled in the account, and that an access key was not deleted or deactivated in IAM. GovCloud and China have credentials and regions of their own: such a connection needs a region of its partition.",
    again: true,
  }),
  credentialsExpired: () => ({
    title: "The credentials have expired",
    happened: "The session of the connection’s credentials has run out.",
    toDo: "Sign in again in the way that made the connection’s credentials, then try again.",
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
    toDo: `Give the connection credentials of account ${expected} again, or connect ${found} as a registration of its own.`,
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
  masterKeyMissing: () => ({
    title: "The key of the store is missing",
    happened:
      "The keychain answers, but does not have the key under which the stored key material was sealed.",
    toDo: "Restore from backups: each backup opens with its passphrase alone. If the keychain of another user or computer has the key, use OwnKey there, or put that keychain back.",
    again: true,
  }),
  materialUnreadable: ({ material }) => ({
    title: "Stored key material cannot be opened",
    happened: `The sealed record of the material ${material} does not open under this installation’s key.`,
    toDo: "The record is damaged. Restore the material from its backup.",
    again: false,
  }),
  fileRefused: ({ name, problem, expected }) => ({
    title: "The file does not fit",
    ...fileProblemInWords(shorten(name, 80), problem, expected),
    again: false,
  }),
  fileForgotten: () => ({
    title: "The file has to be chosen again",
    happened: "OwnKey was restarted since the file was chosen, and keeps no key file open.",
    toDo: "Choose the file again.",
    again: false,
  }),
  fileFailed: ({ path }) => ({
    title: "The file cannot be read or written",
    happened: `${path} cannot be read or written.`,
    toDo: "Check that the file and its folder are there and that you may use them, then try again.",
    again: true,
  }),
  backupsNotSetUp: () => ({
    title: "Backups are not set up",
    happened: "Nothing is imported into AWS before an encrypted backup of it was written and read.",
    toDo: "Choose a folder and a passphrase for backups.",
    again: false,
  }),
  weakPassphrase: ({ reason }) => ({
    title: "The passphrase is too weak",
    happened: reason,
    toDo: "Choose a longer one: six or more words that do not belong together are strong.",
    again: false,
  }),
  passphrasesDiffer: () => ({
    title: "The passphrases differ",
    happened: "The two passphrases that were typed are not the same.",
    toDo: "Type the same passphrase twice.",
    again: false,
  }),
  backupFolderNotWritable: ({ path }) => ({
    title: "The backup folder cannot be written to",
    happened: `OwnKey cannot write to ${path}. Nothing was imported without a backup.`,
    toDo: "Connect the disk, give your user the right to write there, or choose another folder in the settings.",
    again: true,
  }),
  backupUnusable: ({ path, problem }) => ({
    title: "The backup cannot be used",
    ...backupProblemInWords(path, problem),
    again: problem === "wrongPassphrase" || problem === "missing",
  }),
  materialNeeded: ({ keys }) => ({
    title: "The material is needed",
    happened:
      "These keys have this material, or had it and take no other, and no backup of it could be opened and compared just now. AWS gives material back to nobody.",
    points: keys,
    toDo: "Back the material up first, or make its backup reachable; then it can be removed here.",
    again: false,
  }),
  materialInUse: () => ({
    title: "The material is in use",
    happened: "An operation that has not ended uses this material.",
    toDo: "Finish or undo that operation under Activity first.",
    again: false,
  }),
  aliasTaken: ({ alias, key }) => ({
    title: "The alias is taken",
    happened: key
      ? `${alias} already names the key ${key} in this region.`
      : `${alias} already names another key in this region.`,
    toDo: "Choose another alias, or none. Where an operation stopped at this: make the alias free and finish it, or undo it.",
    again: false,
  }),
  policyRefused: () => ({
    title: "AWS does not take the policy",
    happened: "AWS answered that the key policy is malformed or names somebody who does not exist.",
    toDo: "Correct the policy. The details say what AWS objects to.",
    again: false,
  }),
  policyLocksOut: () => ({
    title: "The policy would lock you out",
    happened:
      "With this key policy the caller could not change the policy afterwards, so AWS refuses it.",
    toDo: "Let the caller use kms:PutKeyPolicy in the policy, or bypass the lockout check if somebody else is meant to keep control.",
    again: false,
  }),
  otherMaterial: ({ expected, found }) => ({
    title: "This is other material",
    happened: found
      ? `These are not the bytes that the key had: their fingerprint is ${found}, that of the key’s material is ${expected}.`
      : `AWS answered that these are not the bytes that the key had${expected ? ` (fingerprint ${expected})` : ""}.`,
    toDo: "AWS takes only the same material again. Choose the file or the stored material that was imported before. Nothing was changed.",
    again: false,
  }),
  materialMismatch: ({ key }) => ({
    title: "AWS holds other bytes",
    happened: `The key ${key} answers with other material than was sent.`,
    toDo: "Do not use the key. Undo the operation, then upload again; keep the details for AWS Support.",
    again: false,
  }),
  keyNotReady: ({ key, state }) => ({
    title: "The key’s state does not allow this",
    // One of AWS's words for states, or AWS's sentence about it.
    happened: /^\w+$/.test(state) ? `The key ${key} is in the state ${state}.` : `${key}: ${state}`,
    toDo: "Bring the key into another state first, such as by cancelling its deletion, then try again.",
    again: true,
  }),
  importTokenExpired: () => ({
    title: "The import token ran out",
    happened: "AWS no longer took the import token, also when a fresh one was asked for.",
    toDo: "Finish the operation: it asks AWS for a fresh token.",
    again: true,
  }),
  planChanged: ({ differences }) => ({
    title: "The plan has changed",
    happened: "What was shown is no longer what would be done, so nothing was done.",
    points: differences,
    toDo: "Look at the new plan, then apply that.",
    again: false,
  }),
  operationRunning: () => ({
    title: "The operation is running",
    happened: "The operation is being worked on already.",
    toDo: "Wait until it ends, or cancel it first.",
    again: true,
  }),
  operationsOpen: ({ count: open }) => ({
    title: "Operations have not ended",
    happened: `${count(open, "operation")} there ${open === 1 ? "has" : "have"} not ended, and could then be neither finished nor undone.`,
    toDo: "Finish or undo what needs attention under Activity first.",
    again: true,
  }),
  keyInOperation: ({ key }) => ({
    title: "An operation on this key has not ended",
    happened: `What was begun on ${shorten(key, 200)} is neither finished nor undone.`,
    toDo: "Finish or undo it under Activity first.",
    again: true,
  }),
  operationClosed: () => ({
    title: "The operation has ended",
    happened: "The operation has come to its end; it can neither be finished nor undone.",
    toDo: "See what was done under Activity.",
    again: false,
  }),
  notConfirmed: ({ expected }) => ({
    title: "Not confirmed",
    happened: `To confirm, ${shorten(expected, 120)} has to be typed exactly.`,
    toDo: "Type it, then try again. Nothing was done.",
    again: false,
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
