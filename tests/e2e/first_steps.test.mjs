// From nothing to the first key, left in the middle, gone on with after a restart.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { synchronised, typeSecret } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys, boto3Named, sqlite } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const ACCOUNT = "222222222222";
const PASSPHRASE = "first steps like long phrases too";

test("from nothing to the first key, over a restart in the middle", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeProfile("analytics", { keyId: ACCOUNT });
  await place.writeConfig(`[profile analytics]\nregion = eu-west-1\nendpoint_url = ${endpoint}\n`);
  const first = await openWindow(place);
  await synchronised(first);
  await first.click("button", "Connect your AWS account");
  await first.find("heading", "Connect");
  await first.picture(pictureFile("first-steps-connect"));
  await first.click("radio", /^analytics/);
  await first.click("button", "Sign in and test");
  await first.find("heading", "What was found");
  await first.shows(ACCOUNT);
  await first.isAccessible("what the first steps found");
  await first.picture(pictureFile("first-steps-found"));
  await first.click("button", "Next");
  await first.find("heading", "What these credentials may do");
  await first.shows("Key policies were not evaluated", 60);
  await first.isAccessible("what credentials may do");
  await first.picture(pictureFile("first-steps-permissions"));
  await first.click("button", "Leave for later");
  await first.find("heading", "Overview");
  await first.shows("The first steps are not finished");
  await first.picture(pictureFile("first-steps-left"));
  await first.until("the step to be written", async () => {
    const [[kept]] = await sqlite(
      join(place.data, "journal.db"),
      "SELECT coalesce((SELECT value FROM preferences WHERE name = 'firstSteps'), '')",
    );
    return kept.includes('"permissions"');
  });
  await first.close();

  const window = await openWindow(place);
  await synchronised(window);
  await window.click("button", "Go on");
  await window.shows("You left the first steps here");
  await window.picture(pictureFile("first-steps-gone-on"));
  await window.click("button", "Sign in and go on");
  await window.find("heading", "What these credentials may do");
  // What comes moves the button.
  await window.shows("Key policies were not evaluated", 60);
  await window.click("button", "Next");
  await window.find("heading", "Register");
  await window.type("textbox", "Name", "Analytics");
  await window.picture(pictureFile("first-steps-register"));
  await window.click("button", "Register and synchronise");
  await window.find("heading", "Synchronise");
  await window.shows(/\d+ keys? read in/, 60);
  await window.picture(pictureFile("first-steps-synchronised"));
  await window.click("button", "Next");
  await window.find("heading", "First key");
  await window.picture(pictureFile("first-steps-key"));
  await window.click("button", "Upload key");
  await uploadKey(window, join(place.folder, "backups"));

  const [made, ...others] = await boto3Named(endpoint, "alias/first/key", ACCOUNT);
  assert.deepEqual(others, []);
  assert.equal(made.state, "Enabled");
  assert.ok((await boto3Keys(endpoint, ACCOUNT)).some(({ Arn }) => Arn === made.arn));
  await window.go("/first-steps");
  await window.shows("The first steps are done");
  await window.go("/overview");
  await window.find("heading", "Overview");
  assert.doesNotMatch(await window.everything(), /The first steps are not finished/);
});

async function uploadKey(window, backups) {
  await window.find("heading", /^Key material/);
  await window.click("button", "Next");
  await window.find("heading", "Key");
  // The account that was registered just now is chosen already.
  await window.find("button", /^Account Analytics/);
  await window.type("textbox", /^Alias/, "first/key");
  await window.click("button", "Next");
  await window.find("heading", /^Expiry/);
  await window.click("button", "Next");
  await window.find("heading", "Backups");
  await window.type("textbox", "Backup folder", backups);
  // The desktop's keychain may have one from a test before.
  if ((await window.all("checkbox", /^Set another passphrase/)).length === 0) {
    await typeSecret(window, /^Passphrase/, PASSPHRASE);
    await typeSecret(window, /^Repeat/, PASSPHRASE);
  }
  await window.click("button", "Next");
  await window.find("heading", /^Review/);
  await window.click("button", "Upload key");
  await window.shows("Finished", 60);
}
