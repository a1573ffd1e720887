// Registrations in the real window: a role with an external id, regions that are held already, thirty
// of them filtered and paged, and what can be changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { profileDraft, withThirty } from "./harness/accounts.mjs";
import {
  allKeys,
  choose,
  command,
  connect,
  named,
  register,
  reviewed,
  synchronised,
} from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const ACCOUNT = "222222222222";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/OwnKeyAdministrator`;
const EXTERNAL_ID = "ownkey-sandbox";
/** So many are on a page. */
const PAGE = 10;

test("the sandbox's second account is registered by a role that asks for an external id", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);

  await overTheSandbox(window, "of-somebody-else");
  await window.click("button", "Next");
  await window.shows("The role cannot be assumed");
  await window.shows("It may not be the external ID that the role asks for");
  const field = await window.find("textbox", /^External ID of the registration/);
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await window.isAccessible("a refused role");
  await window.picture(pictureFile("registration-wrong-external-id"));

  await window.type("textbox", /^External ID of the registration/, EXTERNAL_ID);
  await window.click("button", "Next");
  await window.find("heading", "What was found");
  await window.shows(ACCOUNT);
  await reviewed(window, "Analytics by role");
  await window.shows(ROLE);
  await window.shows(EXTERNAL_ID);
  await window.picture(pictureFile("registration-review"));
  await register(window);
  await window.shows("Analytics by role");
  await synchronised(window);

  const expected = (await boto3Keys(endpoint, ACCOUNT)).map(({ Arn }) => Arn).sort();
  assert.ok(expected.length > 0);
  assert.deepEqual(await allKeys(window, `filter=account:equals:${ACCOUNT}`), expected);
});

test("regions that another registration holds are off, and are refused with the reason", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  const [{ connection }] = await command(window, "list_connections");
  const role = { arn: ROLE, externalId: EXTERNAL_ID };
  const add = (name, regions) =>
    command(window, "register_account", {
      draft: { name, connection: connection.id, role, regions },
    });
  await add("Frankfurt", ["eu-central-1"]);

  await overTheSandbox(window, EXTERNAL_ID);
  await window.click("button", "Next");
  await named(window, "The rest");
  await window.shows("Held by the registration “Frankfurt”");
  const held = await window.find("checkbox", /^eu-central-1/);
  assert.equal(await held.isEnabled(), false);
  assert.equal(await held.isSelected(), false);
  const free = await window.find("checkbox", /^eu-west-1/);
  assert.equal(await free.isEnabled(), true);
  await window.isAccessible("regions that are held");
  await window.picture(pictureFile("registration-held"));
  await window.click("button", "Next");
  await window.find("heading", "Review");

  // Somebody else is faster.
  await add("Ireland", ["eu-west-1"]);
  await window.click("button", "Register and synchronise");
  await window.shows("The registration “Ireland” of the same account already holds eu-west-1.");
  await window.find("heading", "Name and regions");
  await window.shows("Held by the registration “Ireland”");
  await window.picture(pictureFile("registration-overlap"));
  const names = (await command(window, "list_registrations")).map(({ name }) => name);
  assert.ok(!names.includes("The rest"), "nothing was registered");
  await window.click("button", "Next");
  await register(window);
  await window.shows("The rest");
  const [rest] = await registrationsCalled(window, "The rest");
  for (const region of ["eu-central-1", "eu-west-1"]) assert.ok(!rest.regions.includes(region));
});

test("thirty registrations are filtered by what they are called and page by page", async (t) => {
  const { window, made } = await withThirty(t);
  await window.go("/connections");
  await window.shows("Registrations (31)");
  const [{ id }] = made;
  for (const [token, count] of [
    ["name=payments", 10],
    ["account=3000000000", 28],
    ["cloud=aws-us-gov", 1],
    ["cloud=aws-cn", 1],
    [`id=${id}`, 1],
    ["name=payments&cloud=aws-cn", 0],
  ]) {
    await window.go(`/connections?${token}`);
    await window.shows(`Registrations (${count})`);
    await window.until(`${count} rows for ${token}`, async () => {
      return (await registrationRows(window)).length === Math.min(count, PAGE);
    });
  }
  await window.shows("No registration matches");
  await window.click("button", "Show all registrations");
  const seen = new Set();
  for (const range of ["1–10", "11–20", "21–30", "31–31"]) {
    await window.shows(`${range} of 31`);
    const [first, last] = range.split("–").map(Number);
    const shown = await window.until(`the registrations ${range}`, async () => {
      const names = await registrationRows(window);
      return names.length === last - first + 1 && !names.some((name) => seen.has(name)) && names;
    });
    for (const name of shown) seen.add(name);
    await window.picture(pictureFile(`registrations-${first}`));
    if (first === 1) await window.isAccessible("the first page of thirty registrations");
    if (last < 31) await window.click("button", "Next page");
  }
  assert.equal(seen.size, 31);

  // As a person types it.
  await window.type("combobox", "Filter registrations", "payments-7");
  await window.press("\uE007");
  await window.shows("Registrations (1)");
  assert.deepEqual(await registrationRows(window), ["payments-7"]);
  assert.match(await window.path(), /name=payments/);
});

test("a registration's regions and connection change, its account does not, and AWS stays as it is", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeConfig(
    `[profile analytics]\nregion = eu-west-1\n[profile production]\nregion = eu-west-1\n`,
  );
  await place.writeCredentials(
    `[analytics]\naws_access_key_id = ${ACCOUNT}\naws_secret_access_key = test\n` +
      `[production]\naws_access_key_id = test\naws_secret_access_key = test\n`,
  );
  const window = await openWindow(place);
  await synchronised(window);
  await connect(window, "analytics", endpoint, "Analytics");
  await command(window, "add_connection", {
    draft: profileDraft("Production", "production", endpoint),
  });
  const before = await boto3Keys(endpoint, ACCOUNT);

  await window.click("link", "Analytics");
  await window.find("heading", "Analytics");
  await window.shows(`Account ${ACCOUNT}`);
  await window.shows("in the cache");
  await window.picture(pictureFile("registration"));
  await window.isAccessible("a registration");

  await window.click("button", "Change regions");
  await window.find("dialog");
  await window.click("checkbox", /^eu-central-1/);
  await window.shows("What was read there is forgotten here");
  await window.picture(pictureFile("registration-regions"));
  await window.isAccessible("changing regions");
  await window.click("button", "Change regions", "dialog");
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
  const [changed] = await registrationsCalled(window, "Analytics");
  assert.ok(!changed.regions.includes("eu-central-1"));

  // Over the other profile it would be another account: nothing changes.
  await window.click("button", "Change connection");
  await choose(window, "Connection", /^Production/);
  await window.click("button", "Sign in and change");
  await window.shows("This is another account");
  await window.picture(pictureFile("registration-other-account"));
  // By a role over it, it is the same one.
  await window.type("textbox", /^Role to assume/, ROLE);
  await window.type("textbox", /^External ID/, EXTERNAL_ID);
  await window.click("button", "Sign in and change");
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
  await window.shows(ROLE);
  const [over] = await registrationsCalled(window, "Analytics");
  assert.deepEqual(
    [over.account, over.connection.name, over.role.arn],
    [ACCOUNT, "Production", ROLE],
  );

  await window.click("button", "Remove");
  await window.type("textbox", /^To confirm/, "Analytics");
  await window.shows("Nothing in AWS is touched");
  await window.picture(pictureFile("registration-remove"));
  await window.click("button", "Remove registration");
  await window.until("the registration to be forgotten", async () => {
    return (await registrationsCalled(window, "Analytics")).length === 0;
  });
  assert.deepEqual(await boto3Keys(endpoint, ACCOUNT), before);
});

/** The first step of registering the second account, by its role, over the sandbox's connection. */
async function overTheSandbox(window, externalId) {
  await window.go("/connections/new");
  await window.click("radio", /^A connection that OwnKey has already/);
  await choose(window, "Connection to use", /^Sandbox/);
  await window.click("button", /^Role of this registration/);
  await window.type("textbox", /^Role of the registration/, ROLE);
  await window.type("textbox", /^External ID of the registration/, externalId);
}

async function registrationsCalled(window, name) {
  return (await command(window, "list_registrations")).filter((one) => one.name === name);
}

function registrationRows(window) {
  return window.run(
    `return [...document.querySelectorAll('[data-testid="registration-row"]')].map((one) => one.innerText.trim())`,
  );
}
