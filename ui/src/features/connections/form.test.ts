import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConnectionReport } from "../../api/bindings";
import { ACCESS_KEY, SSO } from "../../testing/connectionFixtures";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import {
  type ConnectionForm,
  connectionErrors,
  EMPTY_CONNECTION,
  formOf,
  isSaidAtField,
  sealedDraft,
  withProposedName,
} from "./form";
import { EMPTY_REGISTER } from "./kept";
import { proposed } from "./registering";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY: ConnectionForm = {
  ...EMPTY_CONNECTION,
  name: "Robot",
  way: "accessKey",
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secret: SECRET,
};

let backend: FakeBackend;

beforeEach(() => {
  backend = new FakeBackend().install();
});
afterEach(() => backend.remove());

test("the form of a connection gives the draft that it was made from, without its secret", async () => {
  expect(await sealedDraft(formOf(ACCESS_KEY))).toEqual({
    name: "Key robot",
    kind: {
      kind: "accessKey",
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secret: null,
      mfaSerial: "",
    },
    role: { arn: "arn:aws:iam::777788889999:role/KeyAdmin", externalId: "acme-7" },
    region: "eu-west-1",
    endpointUrl: "",
    fips: true,
  });
  expect((await sealedDraft(formOf(SSO))).kind).toEqual({
    kind: "profile",
    profile: "corporate-sso",
  });
  expect((await sealedDraft(formOf(SANDBOX.connection))).kind).toEqual({ kind: "sandbox" });
  expect(backend.calls).toEqual([]);
});

test("a secret is sealed anew for every draft, and is in none of them in clear", async () => {
  const drafts = [await sealedDraft(KEY), await sealedDraft(KEY)];
  const sealed = drafts.map(({ kind }) => (kind.kind === "accessKey" ? kind.secret : null));
  expect(sealed[0]?.envelope).not.toBe(sealed[1]?.envelope);
  expect(JSON.stringify([drafts, backend.calls])).not.toContain(SECRET);
  for (const one of sealed) {
    expect(one && (await backend.store.open(one))).toBe(SECRET);
  }
});

test("a secret that was typed for another way to sign in is not sent", async () => {
  const drafts = [
    await sealedDraft({ ...KEY, way: "profile", profile: "production" }),
    await sealedDraft({ ...KEY, way: "sandbox" }),
  ];
  expect(drafts.map(({ kind }) => kind)).toEqual([
    { kind: "profile", profile: "production" },
    { kind: "sandbox" },
  ]);
  expect(backend.calls).toEqual([]);
});

test("a proposed name follows the choice; a typed one stays", () => {
  const first = withProposedName(EMPTY_CONNECTION, { profile: "production" });
  expect(first.name).toBe("production");
  const other = withProposedName(first, { profile: "staging" });
  expect(other.name).toBe("staging");
  expect(withProposedName(other, { way: "sandbox" }).name).toBe("Sandbox sign-in");
  const typed = withProposedName(other, { name: "Mine" });
  expect(withProposedName(typed, { profile: "production" }).name).toBe("Mine");
});

test("an error is blamed on the field that it is about", () => {
  const form = { ...KEY, role: { arn: " arn:aws:iam::1:role/x ", externalId: "" } };
  const refused = { ...EVERY_ERROR.roleRefused, role: "arn:aws:iam::1:role/x" };
  expect(Object.keys(connectionErrors(refused, form)).sort()).toEqual(["externalId", "roleArn"]);
  // A role of the profile is not what was typed here.
  expect(connectionErrors({ ...refused, role: "arn:aws:iam::1:role/y" }, form)).toEqual({});
  expect(connectionErrors(EVERY_ERROR.accessKeyMissing, form)).toHaveProperty("secretAccessKey");
  expect(connectionErrors(EVERY_ERROR.nameTaken, form)).toHaveProperty("name");
  const noCredentials = { ...EVERY_ERROR.noCredentials, profile: "production" };
  const overProfile = { ...form, way: "profile", profile: "production" } as const;
  expect(connectionErrors(noCredentials, overProfile)).toHaveProperty("profile");
  expect(connectionErrors({ ...noCredentials, profile: "base" }, overProfile)).toEqual({});
  expect(connectionErrors(EVERY_ERROR.keychainLocked, form)).toEqual({});
});

test("only what a field says in full needs no notice", () => {
  expect(isSaidAtField(EVERY_ERROR.nameTaken)).toBe(true);
  expect(isSaidAtField({ code: "invalidInput", field: "endpointUrl", reason: "No." })).toBe(true);
  expect(isSaidAtField({ code: "invalidInput", field: "regions", reason: "No." })).toBe(false);
  expect(isSaidAtField(EVERY_ERROR.roleRefused)).toBe(false);
  expect(isSaidAtField(EVERY_ERROR.keychainMissing)).toBe(false);
});

const REPORT: ConnectionReport = {
  account: "444455556666",
  accountAlias: null,
  callerArn: "arn:aws:iam::444455556666:user/jo",
  partition: "aws",
  regions: [
    { region: "eu-central-1", heldBy: null },
    { region: "eu-west-1", heldBy: "Production" },
  ],
  endpointUrl: null,
  expiresAt: null,
  refused: [],
};

test("name and regions are proposed once for an account: free regions, and a name nobody has", () => {
  const first = proposed(EMPTY_REGISTER, REPORT, [PRODUCTION], "Production");
  expect(first).toEqual({
    account: "aws 444455556666",
    name: "Production 2",
    regions: ["eu-central-1"],
  });
  const chosen = { ...EMPTY_REGISTER, ...first, name: "Mine", regions: [] };
  expect(proposed(chosen, REPORT, [PRODUCTION], "Production")).toEqual({ regions: [] });
  const elsewhere = { ...REPORT, partition: "aws-cn" as const };
  expect(proposed(chosen, elsewhere, [PRODUCTION], "China")).toMatchObject({ name: "China" });
});
