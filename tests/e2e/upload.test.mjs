// Uploading key material in the real window: from a file, and over the sudden end of the program.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys } from "./harness/python.mjs";
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

  await window.go("/keys?filter=alias:equals:alias/window/payments");
  await window.shows("alias/window/payments");
  await window.shows("Enabled");
  assert.ok(true);
});

test("an upload that is killed half-way is finished after the restart", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeProfile("analytics", { keyId: "222222222222" });
  let window = await openWindow(place);
  await synchronised(window);
  await connect(window, "analytics", endpoint);

  await window.go("/keys/upload?spec=HMAC_256");
  await window.find("heading", /^Key material/);
  await window.click("button", "Next");
  await window.find("heading", "Key");
  await choose(window, "Account", /Analytics/);
  await choose(window, "Region", /eu-central-1/);
  await window.type("textbox", /^Alias/, "window/interrupted");
  await window.click("button", "Next");
  await window.find("heading", /^Expiry/);
  await window.click("button", "Next");
  await window.find("heading", "Backups");
  await window.picture(pictureFile("upload-backups"));
  await window.type("textbox", "Backup folder", join(place.folder, "backups"));
  await typeSecret(window, /^Passphrase/, PASSPHRASE);
  await typeSecret(window, /^Repeat/, PASSPHRASE);
  await window.click("button", "Next");
  await window.find("heading", /^Review/);
  // AWS takes its time over the import, and that is when the power fails.
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
  await window.picture(pictureFile("upload-running"));
  await window.kill();
  await control(endpoint, "DELETE", "faults");

  window = await openWindow(place);
  await window.shows(/interrupted/i);
  await window.picture(pictureFile("upload-interrupted"));
  await window.go("/activity");
  await window.shows("alias/window/interrupted");
  await window.picture(pictureFile("activity"));
  await window.click("button", "Show the operation");
  await window.find("button", "Finish");
  await window.picture(pictureFile("activity-half"));
  await window.isAccessible("a half-done operation");
  await window.click("button", "Finish");
  await window.shows("Finished", 60);
  await window.picture(pictureFile("activity-finished"));

  await window.go("/keys?filter=alias:equals:alias/window/interrupted");
  await window.shows("Enabled");
  const made = (await boto3Keys(endpoint, "222222222222")).filter(({ Aliases }) =>
    Aliases?.includes("alias/window/interrupted"),
  );
  assert.ok(made.length <= 1);
});

const PASSPHRASE = "window tests like long phrases";

async function connect(window, profile, endpoint) {
  await window.go("/connections/new");
  await window.click("radio", new RegExp(`^${profile}`));
  await window.click("button", "Endpoint URL");
  await window.type("textbox", /^Endpoint URL/, endpoint);
  await window.click("button", "Next");
  await window.find("heading", "What was found");
  await window.click("button", "Next");
  await window.find("heading", "Name and regions");
  await window.type("textbox", "Name", "Analytics");
  await window.click("button", "Register and synchronise");
  await window.shows("Analytics");
  await synchronised(window);
}

/** Opens a selection and takes one of its options. */
async function choose(window, label, option) {
  await window.click("button", new RegExp(`^${label}`));
  await window.click("option", option);
}

/** Password fields have no role. */
async function typeSecret(window, label, text) {
  const field = await window.until(`the field ${label}`, () =>
    window.run(
      `const label = [...document.querySelectorAll("label")].find((one) => new RegExp(arguments[0]).test(one.innerText));
       return label ? document.getElementById(label.htmlFor) : null`,
      label.source,
    ),
  );
  await window.run("arguments[0].select()", field);
  await field.sendKeys(text);
}

/** The sandbox's control paths, which are no AWS. */
async function control(endpoint, method, path, body) {
  const answer = await fetch(`${endpoint}/_sandbox/${path}`, {
    method,
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}
