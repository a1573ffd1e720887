// A role that needs MFA: the code is asked for wherever one is, once for all that share the device.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { command, control, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { isWindowSeen, minimiseWindowOf } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const DEVICE = "arn:aws:iam::111111111111:mfa/priya.nair";
const CALLER = "arn:aws:sts::111111111111:assumed-role/BreakGlass/";
/** The secret of the device, in base 32. */
const SECRET = "OWNKEYSANDBOXMFAOWNKEYSANDBOXMFA";
/** How long a code is shown, in seconds. */
const STEP = 30;

test("the code is asked for over any page, refused in AWS's words, and good for all that share the device", async (t) => {
  const { window, endpoint, ids } = await computer(t);
  await window.go("/keys/upload");
  await window.find("heading", /^Key material/);
  await signIn(window, ids[0]);
  await window.find("heading", "MFA code");
  await window.shows(DEVICE);
  await window.shows("Break glass");
  await window.until("the field to have the focus", () =>
    window.run(`return document.activeElement?.inputMode === "numeric"`),
  );
  await window.isAccessible("the question for a code");
  await window.picture(pictureFile("mfa"));

  const now = await clock(endpoint);
  const right = code(now);
  const wrong = [0, -1, 1].map((step) => code(now + step * STEP)).includes("000000")
    ? "111111"
    : "000000";
  await window.press(wrong);
  await window.click("button", "Sign in", "dialog");
  await window.shows("MultiFactorAuthentication failed with invalid MFA one time pass code.");
  await window.picture(pictureFile("mfa-wrong"));
  await window.type("textbox", "Code", `${right.slice(0, 3)} ${right.slice(3)}`);
  await window.click("button", "Sign in", "dialog");
  await noDialog(window);
  const found = await answer(window);
  assert.ok(found.came.callerArn.startsWith(CALLER), found.came.callerArn);
  await window.find("heading", /^Key material/);
  assert.doesNotMatch(await window.everything(), new RegExp(right));

  // Another profile with the same device: nobody is asked again.
  const other = await command(window, "read_account", { connection: ids[1], role: NO_ROLE });
  assert.ok(other.callerArn.startsWith(CALLER));
  await window.end();
  assert.ok(!window.output.includes(right));
});

test("the window comes back from being minimised, and the question can be given up", async (t) => {
  const { window, ids } = await computer(t);
  const program = await window.program();
  await minimiseWindowOf(program);
  await window.until("the window to be gone", async () => !(await isWindowSeen(program)));
  await signIn(window, ids[0]);
  await window.until("the window to be seen again", () => isWindowSeen(program));
  await window.find("heading", "MFA code");
  await window.click("button", "Cancel", "dialog");
  await noDialog(window);
  assert.equal((await answer(window)).error.code, "signInCancelled");

  // The next one who needs it asks anew.
  await window.go("/connections/sign-ins");
  await window.click("button", "Actions for Break glass");
  await window.click("menuitem", "Test");
  await window.find("heading", "MFA code");
  await window.picture(pictureFile("mfa-over-test"));
  await window.press("\uE00C");
  await window.shows("The sign-in was cancelled");
  await window.find("button", "Test again");
  await window.picture(pictureFile("mfa-cancelled"));
});

const NO_ROLE = { arn: "", externalId: "" };

/** A computer with two profiles for a role that needs MFA, and a connection for each. */
async function computer(t) {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  const role = (name) => [
    `[profile ${name}]`,
    "role_arn = arn:aws:iam::111111111111:role/BreakGlass",
    "source_profile = priya",
    `mfa_serial = ${DEVICE}`,
    "region = eu-west-1",
    `endpoint_url = ${endpoint}`,
  ];
  await place.writeConfig(
    [
      ...role("break-glass"),
      ...role("night-watch"),
      "[profile priya]",
      "region = eu-west-1",
      "",
    ].join("\n"),
  );
  await place.writeCredentials(
    "[priya]\naws_access_key_id = AKIASANDBOXMFAUSER00\naws_secret_access_key = test\n",
  );
  const window = await openWindow(place);
  await synchronised(window);
  const ids = [];
  for (const [name, profile] of [
    ["Break glass", "break-glass"],
    ["Night watch", "night-watch"],
  ]) {
    const kind = { kind: "profile", profile };
    const draft = { name, kind, role: NO_ROLE, region: "", endpointUrl: "", fips: false };
    ids.push((await command(window, "add_connection", { draft })).id);
  }
  return { window, endpoint, ids };
}

/** Has the account of a connection read, as what goes on in the background does; see `answer`. */
function signIn(window, connection) {
  return window.run(
    `window.answered = null;
     window.__TAURI_INTERNALS__.invoke("read_account", { connection: arguments[0], role: { arn: "", externalId: "" } })
       .then((came) => { window.answered = { came } }, (error) => { window.answered = { error } });`,
    connection,
  );
}

function answer(window) {
  return window.until("the account", () => window.run("return window.answered"));
}

async function noDialog(window) {
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
}

/** The sandbox's time, in seconds. */
async function clock(endpoint) {
  return Date.parse((await control(endpoint, "GET", "clock")).now) / 1000;
}

/** What the device shows at a time: RFC 6238. */
function code(seconds) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / STEP)));
  const mac = createHmac("sha1", fromBase32(SECRET)).update(counter).digest();
  const offset = mac[mac.length - 1] & 15;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function fromBase32(text) {
  const bits = [...text]
    .map((letter) =>
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
    )
    .join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}
