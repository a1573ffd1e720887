// Signing in with Identity Center, in the browser and with the cache of the aws command.

import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  allKeys,
  command,
  control,
  register,
  reviewed,
  signInWith,
  synchronised,
} from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { awsCommand, boto3Keys, ssoLogin } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

const ACCOUNT = "222222222222";
const START_URL = "https://sandbox.awsapps.com/start";
const CALLER = new RegExp(
  `^arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_AdministratorAccess_\\w+/`,
);
/** Longer than anything that Identity Center gives. */
const MONTHS = 200 * 86_400;

test("one button signs in from an empty cache, and the aws command is signed in as well", async (t) => {
  const { endpoint, place, window, pages } = await companyComputer(t);
  await control(endpoint, "POST", "sso", { approve: "never" });
  await signInWith(window, "company");
  await window.shows("Sign-in needed");
  await window.shows("There is no valid sign-in to IAM Identity Center");
  await window.picture(pictureFile("sso-needed"));
  assert.deepEqual(await pages(), [], "no browser opens by itself");

  await window.click("button", "Sign in");
  await window.find("heading", "Sign in in the browser");
  const code = await window.text("user-code");
  const [page] = await window.until("the browser's page", async () => {
    const opened = await pages();
    return opened.length > 0 && opened;
  });
  assert.ok(page.includes(code), `${page} shows ${code}`);
  await window.isAccessible("the dialog for signing in");
  await window.picture(pictureFile("sso-browser"));
  await window.click("button", "Open the page again");
  await window.until("the same page again", async () => {
    const opened = await pages();
    return opened.length === 2 && opened[1] === page;
  });
  await control(endpoint, "POST", "sso", { user_code: code, approve: true });
  // What was asked for goes on by itself.
  await reviewed(window, "Analytics");
  await window.shows("AWSReservedSSO_AdministratorAccess");
  await register(window);
  await window.shows("Analytics");
  await synchronised(window);
  const expected = (await boto3Keys(endpoint, ACCOUNT)).map(({ Arn }) => Arn).sort();
  assert.deepEqual(await allKeys(window, `filter=account:equals:${ACCOUNT}`), expected);

  const caller = JSON.parse(
    await awsCommand(place, "sts", "get-caller-identity", "--profile", "company"),
  );
  assert.match(caller.Arn, CALLER);
});

test("a sign-in that another client made is taken over, and its end is noticed", async (t) => {
  const { endpoint, place, window, pages } = await companyComputer(t);
  await ssoLogin(place, endpoint, START_URL, "eu-central-1", "acme");
  await signInWith(window, "company");
  await reviewed(window, "Analytics");
  await register(window);
  await window.shows("Analytics");
  await synchronised(window);
  assert.deepEqual(await pages(), []);

  await control(endpoint, "POST", "clock", { advance_s: MONTHS });
  await window.click("button", "Actions for Analytics");
  await window.click("menuitem", "Synchronise");
  await window.shows("Sign-in needed");
  await window.go("/connections");
  await window.picture(pictureFile("sso-ran-out-list"));
  await window.go("/overview");
  await window.shows("company: Sign-in needed");
  await window.isAccessible("an overview with a sign-in that ran out");
  await window.picture(pictureFile("sso-ran-out"));
  const buttons = await window.all("button", "Sign in");
  assert.ok(buttons.length > 0);
  await window.click("button", "Sign in");
  await window.find("heading", "Sign in in the browser");
  await window.until("the sign-in to be mended", async () => {
    const all = await window.everything();
    return !all.includes("Sign-in needed") && !all.includes("Sign in in the browser");
  });
  await synchronised(window);
  assert.equal((await pages()).length, 1);
});

test("a sign-in that is refused in the browser, or given up, says so and can be tried again", async (t) => {
  const { endpoint, window } = await companyComputer(t);
  await control(endpoint, "POST", "sso", { approve: "deny" });
  await signInWith(window, "company");
  await window.click("button", "Sign in");
  await window.shows("The browser’s page refused the sign-in");
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
  await window.picture(pictureFile("sso-refused"));

  await control(endpoint, "POST", "sso", { approve: "never" });
  await window.click("button", "Sign in");
  await window.find("heading", "Sign in in the browser");
  await window.click("button", "Cancel", "dialog");
  await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
  await window.find("button", "Sign in");

  await control(endpoint, "POST", "sso", { approve: { after_polls: 2 } });
  await window.click("button", "Sign in");
  await window.find("heading", "What was found");
});

test("a GovCloud account has its own partition and regions", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  const [account, regions] = ["555555555555", ["us-gov-east-1", "us-gov-west-1"]];
  await place.writeProfile("federal", { keyId: account, region: "us-gov-west-1" });
  const window = await openWindow(place);
  await synchronised(window);
  await signInWith(window, "federal", endpoint);
  await window.find("heading", "What was found");
  await window.shows("aws-us-gov");
  await window.shows(`arn:aws-us-gov:iam::${account}:user/administrator`);
  await window.picture(pictureFile("govcloud"));
  await reviewed(window, "Federal");
  await register(window);
  await window.shows("Federal");
  await synchronised(window);
  const [registered] = (await command(window, "list_registrations")).filter(
    ({ name }) => name === "Federal",
  );
  assert.equal(registered.partition, "aws-us-gov");
  assert.deepEqual([...registered.regions].sort(), regions);
  const expected = (await boto3Keys(endpoint, account, regions)).map(({ Arn }) => Arn).sort();
  assert.ok(expected.length > 0);
  assert.ok(expected.every((arn) => arn.startsWith("arn:aws-us-gov:kms:us-gov-")));
  assert.deepEqual(await allKeys(window, `filter=account:equals:${account}`), expected);
});

/** A computer with a profile of Identity Center, an empty cache, and a browser that notes what it opens. */
async function companyComputer(t) {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeConfig(
    [
      "[sso-session acme]",
      `sso_start_url = ${START_URL}`,
      "sso_region = eu-central-1",
      "sso_registration_scopes = sso:account:access",
      "[profile company]",
      "sso_session = acme",
      `sso_account_id = ${ACCOUNT}`,
      "sso_role_name = AdministratorAccess",
      "region = eu-west-1",
      `endpoint_url = ${endpoint}`,
      "",
    ].join("\n"),
  );
  const opened = join(place.folder, "opened");
  const programs = join(place.folder, "bin");
  await mkdir(programs);
  await writeFile(opened, "");
  await writeFile(join(programs, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$1" >>'${opened}'\n`);
  await chmod(join(programs, "xdg-open"), 0o755);
  const window = await openWindow(place, { env: { PATH: `${programs}:${process.env.PATH}` } });
  await synchronised(window);
  const pages = async () => (await readFile(opened, "utf8")).split("\n").filter(Boolean);
  return { endpoint, place, window, pages };
}
