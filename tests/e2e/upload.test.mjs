// Uploading key material in the real window: from a file, and over the sudden end of the program, after
// which it is finished or undone.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { choose, connect, control, openKeys, synchronised, typeSecret } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys, boto3Named } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

test("a key from a file is uploaded, enabled, and found in the table", async (t) => {
  const place = await emptyPlace(t);
  const file = join(place.folder, "payments.key");
  await writeFile(file, randomBytes(32));
  const window = await openWindow(place);
  await synchronised(window);

  await window.go("/keys/upload");
  await window.click("radio", /^From a file/);
  await window.picture(pictureFile("upload-material"));
  await window.click("button", /^Choose file/);
  await window.pick("Choose a file with key material", file);
  await window.shows("payments.key");
  await window.picture(pictureFile("upload-file"));
  await window.click("button", "Next");
  await window.type("textbox", /^Alias/, "window/payments");
  await window.picture(pictureFile("upload-key"));
  await window.click("button", "Next");
  await window.find("heading", /^Expiry/);
  await window.picture(pictureFile("upload-access"));
  await window.click("button", "Next");
  await window.find("heading", /^Review/);
  await window.picture(pictureFile("upload-review"));
  await window.isAccessible("the review");
  await window.click("button", "Upload key");
  await window.shows("Finished", 60);
  await window.picture(pictureFile("upload-result"));

  const [made, ...others] = await openKeys(
    window,
    "/keys?filter=alias:equals:alias/window/payments",
  );
  assert.deepEqual(others, []);
  assert.equal(made.name, "alias/window/payments");
  await window.shows("Enabled");
});

test("an upload that is killed half-way is finished after the restart", async (t) => {
  const { window, endpoint, before } = await interruptedUpload(t, "alias/window/finished");
  await window.picture(pictureFile("upload-interrupted"));
  await window.go("/activity");
  await window.shows("alias/window/finished");
  await window.picture(pictureFile("activity"));
  await window.click("button", "Show the operation");
  await window.find("button", "Finish");
  await window.picture(pictureFile("activity-half"));
  await window.isAccessible("a half-done operation");
  await window.click("button", "Finish");
  await window.shows("Finished", 60);
  await window.picture(pictureFile("activity-finished"));

  const [shown, ...others] = await openKeys(
    window,
    "/keys?filter=alias:equals:alias/window/finished",
  );
  assert.deepEqual(others, []);
  await window.shows("Enabled");
  const [key, ...more] = await boto3Named(endpoint, "alias/window/finished", ACCOUNT);
  assert.deepEqual(more, []);
  assert.deepEqual(key, { arn: shown.arn, state: "Enabled", origin: "EXTERNAL", tags: {} });
  assert.deepEqual(await newKeys(endpoint, before), [{ Arn: key.arn, KeyState: "Enabled" }]);
});

test("an upload that is killed half-way is undone after the restart", async (t) => {
  const { window, endpoint, before } = await interruptedUpload(t, "alias/window/undone");
  await window.click("button", "Show the operation");
  await window.click("button", "Undo: remove the key");
  // Whether AWS took the material is not known, so the name has to be typed.
  await window.find("dialog");
  await window.picture(pictureFile("undo-confirm"));
  await window.isAccessible("the confirmation of undoing");
  await window.type("textbox", /^To confirm/, "alias/window/undone");
  await window.click("button", "Undo");
  await window.shows("Undone", 60);
  await window.picture(pictureFile("activity-undone"));

  assert.deepEqual(await boto3Named(endpoint, "alias/window/undone", ACCOUNT), []);
  const [made, ...others] = await newKeys(endpoint, before);
  assert.deepEqual(others, []);
  assert.equal(made.KeyState, "PendingDeletion");
});

const PASSPHRASE = "window tests like long phrases";
const ACCOUNT = "222222222222";

/** A window on a computer whose power failed while AWS was asked to import. */
async function interruptedUpload(t, alias) {
  const endpoint = await startSandbox(t, "--seed", "company");
  const before = new Set((await boto3Keys(endpoint, ACCOUNT)).map(({ Arn }) => Arn));
  const place = await emptyPlace(t);
  await place.writeProfile("analytics", { keyId: ACCOUNT });
  const window = await openWindow(place);
  await synchronised(window);
  await connect(window, "analytics", endpoint, "Analytics");

  await window.go("/keys/upload");
  await window.find("heading", /^Key material/);
  await window.click("button", "Next");
  await window.find("heading", "Key");
  await choose(window, "Account", /Analytics/);
  await choose(window, "Region", /eu-central-1/);
  await window.type("textbox", /^Alias/, alias);
  await window.click("button", "Next");
  await window.find("heading", /^Expiry/);
  await window.click("button", "Next");
  await window.find("heading", "Backups");
  await window.picture(pictureFile("upload-backups"));
  await window.type("textbox", "Backup folder", join(place.folder, "backups"));
  // The desktop's keychain may have it from a test before.
  if ((await window.all("checkbox", /^Set another passphrase/)).length === 0) {
    await typeSecret(window, /^Passphrase/, PASSPHRASE);
    await typeSecret(window, /^Repeat/, PASSPHRASE);
  }
  await window.click("button", "Next");
  await window.find("heading", /^Review/);
  await control(endpoint, "POST", "faults", {
    service: "kms",
    operation: "ImportKeyMaterial",
    kind: "delay_ms",
    delay_ms: 600_000,
  });
  await window.click("button", "Upload key");
  await window.until("the import to be asked for", async () =>
    (await control(endpoint, "GET", "calls")).some(
      ({ operation }) => operation === "GetParametersForImport",
    ),
  );
  await window.shows("Wrap the material and import it");
  await window.picture(pictureFile("upload-running"));
  await window.kill();
  await control(endpoint, "DELETE", "faults");

  const again = await openWindow(place);
  // It opens where it was closed, and elsewhere there is a notice.
  await again.shows("Stopped half-way");
  await again.go("/overview");
  await again.shows("1 operation was interrupted");
  return { window: again, endpoint, before };
}

/** What is there now and was not before. */
async function newKeys(endpoint, before) {
  return (await boto3Keys(endpoint, ACCOUNT))
    .filter(({ Arn }) => !before.has(Arn))
    .map(({ Arn, KeyState }) => ({ Arn, KeyState }));
}
