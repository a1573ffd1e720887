// Operations in words: every step, state, outcome, note and undo. The only place that has them.

import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type {
  Expiry,
  Operation,
  OperationKind,
  OperationState,
  PlanNote,
  Proof,
  Step,
  StepOutcome,
  StepState,
  UndoOffer,
} from "../api/bindings";
import { bothTimes } from "../parts/Time";
import { specInWords, usageInWords } from "../parts/words";
import { inOneSentence } from "./problems";
import { count } from "./syncWords";

export const OPERATION_KINDS: Record<OperationKind, string> = {
  uploadKey: "Upload key",
  importMaterial: "Import key material",
};

/** "Upload key alias/prod/payments" */
export function operationTitle({ kind, alias, key }: Operation): string {
  const name = alias ?? (key ? (key.split("/")[1] ?? key) : null);
  return name ? `${OPERATION_KINDS[kind]} ${name}` : OPERATION_KINDS[kind];
}

export interface StateWords {
  type: StatusIndicatorProps.Type;
  text: string;
}

/** Where an operation stands; one that has not ended runs, or waits for a person. */
export function operationStateInWords({
  state,
  running,
  error,
}: Pick<Operation, "state" | "running" | "error">): StateWords {
  if (running) {
    return { type: "in-progress", text: state === "undoing" ? "Being undone" : "Running" };
  }
  const words = OPERATION_STATES[state];
  return state === "open" && error ? { type: "error", text: "Stopped by an error" } : words;
}

const OPERATION_STATES: Record<OperationState, StateWords> = {
  open: { type: "warning", text: "Stopped half-way" },
  undoing: { type: "warning", text: "Half undone" },
  finished: { type: "success", text: "Finished" },
  undone: { type: "stopped", text: "Undone" },
  leftAsIs: { type: "stopped", text: "Left as it is" },
};

export const STEP_STATES: Record<StepState, StateWords> = {
  waiting: { type: "pending", text: "Not begun" },
  asked: { type: "in-progress", text: "Begun, no answer yet" },
  done: { type: "success", text: "Done" },
  refused: { type: "error", text: "Refused" },
  skipped: { type: "not-started", text: "Not needed" },
};

/** Where a step happens. */
export function stepPlace({ step }: Step): "This computer" | "AWS KMS" {
  return step === "sealMaterial" || step === "backUpMaterial" ? "This computer" : "AWS KMS";
}

/** What a step does, such as "Create the key". */
export function stepInWords(step: Step): string {
  return (STEPS[step.step] as (step: Step) => StepWords)(step).title;
}

/** With what it does it; may be empty. Holds text that somebody else wrote. */
export function stepDetail(step: Step): string {
  return (STEPS[step.step] as (step: Step) => StepWords)(step).detail;
}

interface StepWords {
  title: string;
  detail: string;
}

const STEPS: { [S in Step["step"]]: (step: Extract<Step, { step: S }>) => StepWords } = {
  sealMaterial: ({ spec, known }) => ({
    title: known ? "Use the material in OwnKey’s store" : "Seal the material in OwnKey’s store",
    detail: specInWords(spec),
  }),
  backUpMaterial: ({ folder }) => ({
    title: "Write a backup, open it again and compare",
    detail: folder,
  }),
  createKey: ({ region, spec, usage, multiRegion, policy }) => ({
    title: "Create the key",
    detail: [
      region,
      specInWords(spec),
      usageInWords(usage),
      multiRegion ? "multi-Region" : "single-Region",
      POLICIES[policy.mode],
      ...(policy.bypassLockoutCheck ? ["lockout check bypassed"] : []),
    ].join(", "),
  }),
  importMaterial: ({ wrappingAlgorithm, wrappingKeySpec, expiry }) => ({
    title: "Wrap the material and import it",
    detail: `${wrappingAlgorithm} with ${wrappingKeySpec}; ${expiryInWords(expiry)}`,
  }),
  awaitEnabled: () => ({ title: "Wait until the key is enabled", detail: "" }),
  verifyMaterial: ({ proof }) => ({
    title: "Verify that AWS holds this material",
    detail: PROOFS[proof].by,
  }),
  tagKey: ({ tags }) => ({
    title: "Tag the key",
    detail: tags.map(({ key, value }) => (value === "" ? key : `${key}=${value}`)).join(", "),
  }),
  createAlias: ({ alias }) => ({ title: "Create the alias", detail: alias }),
  removeOperationTag: () => ({
    title: "Remove the tag ownkey:operation",
    detail: "OwnKey finds the key by it until the operation has ended.",
  }),
  deleteAlias: ({ alias }) => ({ title: "Delete the alias", detail: alias }),
  scheduleKeyDeletion: ({ days }) => ({
    title: "Schedule the key’s deletion",
    detail: `AWS deletes it after ${count(days, "day")}; until then that can be cancelled.`,
  }),
  deleteMaterial: () => ({
    title: "Delete the imported material from AWS",
    detail: "The key waits for the same material again.",
  }),
};

const POLICIES = { default: "default policy", basic: "basic policy", raw: "policy as typed" };

export function expiryInWords(expiry: Expiry): string {
  return expiry.expires === "never" ? "does not expire" : `expires ${bothTimes(expiry.at)}`;
}

const PROOFS: Record<Proof, { by: string; proved: string }> = {
  publicKey: {
    by: "kms:GetPublicKey must give the public key of this private key.",
    proved: "Proved: AWS’s public key is that of this private key.",
  },
  mac: {
    by: "kms:GenerateMac over random bytes must give the same MAC as here.",
    proved: "Proved: AWS made the same MAC as OwnKey.",
  },
  state: {
    by: "AWS must unwrap it unaltered and say that the key is enabled; it offers no more for symmetric keys.",
    proved: "AWS unwrapped it unaltered and says that the key is enabled.",
  },
};

/** What came of a step. Holds paths and AWS's words. */
export function outcomeInWords(outcome: StepOutcome): string {
  return (OUTCOMES[outcome.outcome] as (outcome: StepOutcome) => string)(outcome);
}

const OUTCOMES: {
  [O in StepOutcome["outcome"]]: (outcome: Extract<StepOutcome, { outcome: O }>) => string;
} = {
  done: () => "Done.",
  foundDone: () => "The answer was lost; looking showed that it was done.",
  notNeeded: () => "There was nothing left to do.",
  keyMade: ({ key, found }) => (found ? `Found by its tag: ${key}` : key),
  backedUp: ({ path }) => `Written, opened and compared: ${path}`,
  imported: ({ kmsMaterialId }) => (kmsMaterialId ? `Material ID ${kmsMaterialId}` : "Imported."),
  proved: ({ proof }) => PROOFS[proof].proved,
  notProved: ({ error }) => `Not proved: ${inOneSentence(error)}`,
  deletionScheduled: ({ at }) =>
    at ? `AWS deletes the key on ${bothTimes(at)}.` : "AWS will delete the key.",
};

/** Something to know before an operation is begun. */
export function noteInWords(note: PlanNote): NoteWords {
  return (NOTES[note.note] as (note: PlanNote) => NoteWords)(note);
}

export interface NoteWords {
  type: "info" | "warning" | "success";
  text: string;
}

const NOTES: { [N in PlanNote["note"]]: (note: Extract<PlanNote, { note: N }>) => NoteWords } = {
  fileStays: ({ name }) => ({
    type: "warning",
    text: `The file “${name}” stays where it is, in clear. OwnKey does not delete it.`,
  }),
  expires: ({ at }) => ({
    type: "warning",
    text: `The material expires ${bothTimes(at)}. From then on, what is encrypted under the key cannot be read until the same material is imported again.`,
  }),
  multiRegionIsForGood: ({ multiRegion }) => ({
    type: "info",
    text: multiRegion
      ? "The key is multi-Region for good: AWS cannot make it single-Region later."
      : "The key is single-Region for good: AWS cannot make it multi-Region later.",
  }),
  lockoutCheckBypassed: () => ({
    type: "warning",
    text: "The lockout check is bypassed: if the policy lets nobody change it, the key cannot be managed any more, and only AWS Support can help.",
  }),
  waits: () => ({
    type: "info",
    text: "The key waits for its material and cannot be used before it is imported.",
  }),
  sameBytesUnknown: () => ({
    type: "warning",
    text: "OwnKey never imported into this key: only AWS can say whether these are the bytes it had. If they are not, AWS refuses them and nothing is changed.",
  }),
  sameBytesProved: ({ fingerprint }) => ({
    type: "success",
    text: `Compared with what was imported before: these are the same bytes (fingerprint ${fingerprint}).`,
  }),
  otherMaterialsMissing: ({ count: missing }) => ({
    type: "warning",
    text: `${count(missing, "other material")} of the key ${missing === 1 ? "is" : "are"} missing too: the key stays unusable until all are imported.`,
  }),
  aliasNotChecked: ({ error }) => ({
    type: "warning",
    text: `Whether the alias is free was not checked. ${inOneSentence(error)}`,
  }),
  usedElsewhere: ({ keys }) => ({
    type: "warning",
    text: `The same material is in use in ${count(keys.length, "other key")}: ${keys.join(", ")}. Whoever learns it can read what is encrypted under all of them.`,
  }),
  sandbox: () => ({
    type: "info",
    text: "This is the sandbox account: the commands show what would be asked of AWS, and lead nowhere.",
  }),
};

export interface UndoWords {
  /** Absent if it cannot be undone. */
  verb: string | null;
  does: string;
  /** What has to be typed, if anything. */
  confirmation: string | null;
}

/** What undoing does. */
export function undoInWords(offer: UndoOffer): UndoWords {
  return (UNDO[offer.undo] as (offer: UndoOffer) => UndoWords)(offer);
}

const UNDO: { [U in UndoOffer["undo"]]: (offer: Extract<UndoOffer, { undo: U }>) => UndoWords } = {
  close: () => ({
    verb: "Undo",
    does: "Nothing was done in AWS: the operation is closed. Material that was sealed stays in OwnKey’s store.",
    confirmation: null,
  }),
  removeKey: ({ key, confirmation }) => ({
    verb: "Undo: remove the key",
    does: key
      ? `The key ${key} is scheduled for deletion: it cannot be used from then on, and AWS deletes it after 7 days. Until then the deletion can be cancelled. The material stays in OwnKey’s store.`
      : "It is not known whether the key was made. It is looked for, and scheduled for deletion if it is there: AWS deletes it after 7 days. The material stays in OwnKey’s store.",
    confirmation,
  }),
  removeMaterial: ({ key, confirmation }) => ({
    verb: "Undo: remove the material from AWS",
    does: `The material is deleted from the key ${key}, which waits for it again. Nothing encrypted under the key can be read until then. The material stays in OwnKey’s store.`,
    confirmation,
  }),
  restoreExpiry: ({ expiry }) => ({
    verb: "Undo: set the former expiry",
    does: `The same material is imported once more, so that it ${expiryInWords(expiry)}, as before.`,
    confirmation: null,
  }),
  tooLate: () => ({
    verb: null,
    does: "This cannot be undone: the former expiry has passed.",
    confirmation: null,
  }),
};

/** "Step 4 of 9: Wrap the material and import it"; steps of undoing are counted by themselves. */
export function stepsInWords({ steps, state }: Operation): { text: string; percent: number } {
  const undoing = state === "undoing" || state === "undone";
  const counted = steps.filter(({ undo }) => undo === undoing);
  const ended = counted.filter((one) => one.state === "done" || one.state === "skipped").length;
  const current = counted.find((one) => one.state !== "done" && one.state !== "skipped");
  const percent = counted.length === 0 ? 0 : Math.floor((100 * ended) / counted.length);
  return {
    percent,
    text: current
      ? `Step ${counted.indexOf(current) + 1} of ${counted.length}: ${stepInWords(current.step)}`
      : `${count(counted.length, "step")} done`,
  };
}
