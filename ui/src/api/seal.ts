// A secret that was typed in the window, encrypted before it crosses to the backend.

import { commands, type Field, type SealedText } from "./bindings";
import { call, Refused } from "./call";

/** What RSA-OAEP with SHA-256 takes under the backend's key, in bytes. */
const LONGEST = 190;

/** What is typed in secret, by the field that a form would mark. */
const NAMES = {
  passphrase: "A passphrase",
  secretAccessKey: "A secret access key",
  mfaCode: "A code",
} satisfies Partial<Record<Field, string>>;

/** Encrypts a text to an envelope of its own, which the backend opens once. */
export async function sealText(
  text: string,
  field: keyof typeof NAMES = "passphrase",
): Promise<SealedText> {
  const plain = new TextEncoder().encode(text);
  if (plain.length > LONGEST) {
    throw new Refused({
      code: "invalidInput",
      field,
      reason: `${NAMES[field]} has at most ${LONGEST} bytes; this one has ${plain.length}.`,
    });
  }
  const { envelope, publicKey } = await call(commands.makeEnvelope());
  const key = await crypto.subtle.importKey(
    "spki",
    toBytes(publicKey),
    { name: "RSA-OAEP", hash: "SHA-256" },
    false,
    ["encrypt"],
  );
  const sealed = await crypto.subtle.encrypt({ name: "RSA-OAEP" }, key, plain);
  plain.fill(0);
  return { envelope, ciphertext: toBase64(new Uint8Array(sealed)) };
}

function toBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
