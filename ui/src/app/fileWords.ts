// What is wrong with a key file or a backup: what was found, what was expected, what to do.

import type { BackupProblem, FileProblem, KeySpec } from "../api/bindings";
import { KEY_SPECS, READINGS } from "../parts/words";
import { count } from "./syncWords";

interface FileWords {
  happened: string;
  toDo: string;
}

export function fileProblemInWords(
  name: string,
  problem: FileProblem,
  expected: KeySpec,
): FileWords {
  const write = FILE_PROBLEMS[problem.problem] as Write<FileProblem>;
  return write(problem, `“${name}”`, expected);
}

type Write<P> = (problem: P, name: string, expected: KeySpec) => FileWords;

const FILE_PROBLEMS: {
  [P in FileProblem["problem"]]: Write<Extract<FileProblem, { problem: P }>>;
} = {
  empty: (_, name) => ({
    happened: `There is nothing in ${name}: it has 0 bytes.`,
    toDo: "Choose the file that has the key material.",
  }),
  tooLarge: ({ found, limit }, name) => ({
    happened: `${name} has ${count(found, "byte")}; no key is larger than ${count(limit, "byte")}.`,
    toDo: "Choose the file that has the key material and nothing else.",
  }),
  ambiguous: ({ readings }, name) => ({
    happened: `${name} can be read in several ways: ${readings
      .map(({ reading, length }) => `${READINGS[reading]} (${count(length, "byte")})`)
      .join(", ")}.`,
    toDo: "Say which one is meant.",
  }),
  unreadable: (_, name, expected) => ({
    happened: `${name} is not in a format that OwnKey knows for ${KEY_SPECS[expected]}, or is damaged.`,
    toDo: isPlain(expected)
      ? "Give the key as raw bytes, hexadecimal or Base64."
      : "Give the private key as PKCS #8, in DER or PEM.",
  }),
  wrongLength: ({ reading, found, expected: wanted }, name, expected) => ({
    happened: `${name} has ${count(found, "byte")} of key material, read as ${READINGS[reading]}; ${KEY_SPECS[expected]} needs exactly ${count(wanted, "byte")}.`,
    toDo: "Choose another file, or the key spec that fits it.",
  }),
  wrongKind: ({ found }, name, expected) => ({
    happened: `${name} holds ${found}; ${KEY_SPECS[expected]} was expected.`,
    toDo: "Choose another file, or the key spec that fits it.",
  }),
  wrongSize: ({ found }, name, expected) => ({
    happened: `${name} holds an RSA key of ${count(found, "bit")}; ${KEY_SPECS[expected]} was expected.`,
    toDo: "Choose another file, or the key spec that fits it.",
  }),
  wrongCurve: (_, name, expected) => ({
    happened: `${name} holds a key on another curve; ${KEY_SPECS[expected]} was expected.`,
    toDo: "Choose another file, or the key spec that fits it.",
  }),
  encrypted: (_, name) => ({
    happened: `${name} is protected by a passphrase.`,
    toDo: "Decrypt it first, such as with openssl pkcs8, then choose the decrypted file and delete it afterwards.",
  }),
  trailingBytes: ({ count: trailing }, name) => ({
    happened: `The key in ${name} ends ${count(trailing, "byte")} before the file does.`,
    toDo: "AWS refuses trailing bytes, and OwnKey cuts nothing off. Export the key again.",
  }),
  inconsistent: (_, name) => ({
    happened: `The parts of the key in ${name} contradict each other.`,
    toDo: "The file is damaged or was altered. Export the key again.",
  }),
  allZero: (_, name) => ({
    happened: `Every byte in ${name} is zero: that is no key.`,
    toDo: "Export the key again from where it was made.",
  }),
  oneByteRepeated: (_, name) => ({
    happened: `Every byte in ${name} is the same: that is no key.`,
    toDo: "Export the key again from where it was made.",
  }),
  severalKeys: ({ found }, name) => ({
    happened: `There are ${count(found, "private key")} in ${name}; exactly 1 was expected.`,
    toDo: "Give each key a file of its own.",
  }),
};

function isPlain(spec: KeySpec): boolean {
  return spec === "SYMMETRIC_DEFAULT" || spec.startsWith("HMAC");
}

export function backupProblemInWords(path: string, problem: BackupProblem): FileWords {
  return BACKUP_PROBLEMS[problem](path);
}

const BACKUP_PROBLEMS: Record<BackupProblem, (path: string) => FileWords> = {
  missing: (path) => ({
    happened: `${path} is not there.`,
    toDo: "Connect the disk it lies on, or write a new backup.",
  }),
  notBackup: (path) => ({
    happened: `${path} is no backup that OwnKey wrote.`,
    toDo: "Choose a backup file; their names end in .age.",
  }),
  wrongPassphrase: (path) => ({
    happened: `The passphrase does not open ${path}.`,
    toDo: "Type the passphrase that was in force when the backup was written.",
  }),
  damaged: (path) => ({
    happened: `${path} was altered or cut short.`,
    toDo: "Use another copy of the backup, or write a new one.",
  }),
  newer: (path) => ({
    happened: `${path} was written by a newer OwnKey, or for a kind of key that this one does not know.`,
    toDo: "Open it with the newer OwnKey, or with the age tool.",
  }),
  different: (path) => ({
    happened: `${path} opens, and holds other bytes than the stored material.`,
    toDo: "Write a new backup of the stored material. Keep the old file until you know what it is.",
  }),
};
