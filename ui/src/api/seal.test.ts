import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeBackend } from "../testing/fake";
import { refused } from "./call";
import { sealText } from "./seal";

let backend: FakeBackend;

beforeEach(() => {
  backend = new FakeBackend().install();
});
afterEach(() => backend.remove());

test("what was sealed opens on the other side, and never crosses in clear", async () => {
  const text = "naïve passphrase ✓ 鍵";
  const sealed = await sealText(text);
  expect(await backend.store.open(sealed)).toBe(text);
  expect(JSON.stringify([sealed, backend.calls])).not.toContain("passphrase");
});

test("every text has an envelope of its own, even the same text twice", async () => {
  const [one, two] = [await sealText("the same"), await sealText("the same")];
  expect(one.envelope).not.toBe(two.envelope);
  expect(one.ciphertext).not.toBe(two.ciphertext);
});

test("190 bytes fit; more is refused at the field before anything is asked", async () => {
  expect(await backend.store.open(await sealText("x".repeat(190)))).toHaveLength(190);
  const asked = backend.calls.length;
  const failure = await sealText("ä".repeat(96)).catch((thrown: unknown) => refused(thrown).error);
  expect(failure).toMatchObject({ code: "invalidInput", field: "passphrase" });
  expect(backend.calls).toHaveLength(asked);
});

test("a text that does not fit is refused at the field that it was typed into", async () => {
  for (const field of ["secretAccessKey", "mfaCode"] as const) {
    const failure = await sealText("x".repeat(191), field).catch(
      (thrown: unknown) => refused(thrown).error,
    );
    expect(failure).toMatchObject({ code: "invalidInput", field });
  }
});
