// The main job in the real window, and its pictures.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { choose, openKeys, synchronised } from "./harness/app.mjs";
import { makePlace } from "./harness/place.mjs";
import { openWindow } from "./harness/window.mjs";

/** Of the sandbox's second account. */
const ROLE = "arn:aws:iam::222222222222:role/OwnKeyAdministrator";

const pictures = fileURLToPath(new URL("pictures/", import.meta.url));
const place = await makePlace();
await place.writeProfile("production", { region: "eu-central-1" });
const window = await openWindow(place);

try {
  await synchronised(window);
  await window.find("heading", "Overview");
  await picture("overview", "OwnKey starts on the sandbox account and reads it");
  await window.click("button", "Dismiss", "notices");

  await window.click("link", "Keys");
  await openKeys(window);
  await picture("keys", "all its keys");

  await window.click("link", /^Expiring/);
  const [soonest] = await openKeys(window, "/keys?view=expiring&sort=expiresInDays:asc");
  await window.click("radio", `Select ${soonest.name}`);
  await window.find("heading", soonest.name);
  await window.shows("The key material expires");
  await picture("expiring", "imported material that runs out soon, and one key beside the list");

  await window.click("button", "Open");
  await window.find("tab", "Material");
  await picture("key", "a key's page");

  await window.click("link", "Keys");
  await openKeys(window);
  await window.click("button", "Switch to dark");
  await window.find("button", "Switch to light");
  await picture("dark", "the same in dark");
  await window.click("button", "Switch to light");

  await window.go("/keys/upload");
  await window.find("heading", "Key material");
  await window.click("button", "Next");
  await window.find("heading", "Key");
  await window.type("textbox", /^Alias/, "payments/cards");
  await window.click("button", "Next");
  await window.find("heading", /^Expiry and policy/);
  await window.click("button", "Next");
  await window.find("heading", "Review");
  await picture("review", "what an upload would do, before it does it");
  await window.click("button", "Upload key");
  await window.find("link", "Activity");
  await window.shows("Finished", 60);
  await picture("uploaded", "a key that was uploaded, with every step");
  await window.click("link", "Sources");
  await window.shows("payments/cards");
  await picture("sources", "the store of key material");

  await window.go("/connections/new");
  await window.click("radio", /^production/);
  await picture("connect", "connecting an account of your own");
  await window.go("/first-steps");
  await window.find("heading", "Connect");
  await window.click("radio", /^A connection that OwnKey has already/);
  await choose(window, "Connection to use", /^Sandbox/);
  await window.click("button", /^Role of this registration/);
  await window.type("textbox", /^Role of the registration/, ROLE);
  await window.type("textbox", /^External ID of the registration/, "ownkey-sandbox");
  await window.click("button", "Sign in and test");
  await window.find("heading", "What was found");
  await window.click("button", "Next");
  await window.shows("Key policies were not evaluated", 60);
  await picture("first-steps", "the first steps, at what the credentials may do");
  console.log(`The pictures are in ${pictures}`);
} finally {
  await place.leave();
}

async function picture(name, words) {
  await window.driver.actions({ async: true }).move({ x: 0, y: 0 }).perform();
  const { length } = await window.picture(join(pictures, `${name}.png`));
  console.log(`${name}.png (${Math.round(length / 1024)} KiB): ${words}`);
}
