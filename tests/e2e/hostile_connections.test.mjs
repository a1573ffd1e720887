// Connections and registrations full of what others wrote: names, profiles, roles, what a program says.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { profileDraft, withThirty } from "./harness/accounts.mjs";
import { command } from "./harness/app.mjs";
import { inBothModes, looksGood, show } from "./harness/appearance.mjs";

const MARKUP = `<img src=x onerror="alert('name')"> `;
const RIGHT_TO_LEFT = "\u202egnirts مفتاح الإنتاج";
/** Of the length that IAM allows: a path of 512 characters and a name of 64. */
const LONG_ROLE = `arn:aws:iam::300000000009:role/${"division/".repeat(56)}unit4/${"R".repeat(64)}`;
const NO_SUCH_ROLE = "arn:aws:iam::300000000009:role/division/Nobody";
const SAID = `${MARKUP}\n${RIGHT_TO_LEFT}\nToken ${"x".repeat(3000)}`;

test("nothing that others wrote breaks the pages of connections and registrations", async (t) => {
  const { window, place, made } = await withThirty(t, hostileName, profiles);
  await writeFile(join(place.home, "says.sh"), `cat >&2 <<'END'\n${SAID}\nEND\nexit 3\n`);
  const { id: failing } = await command(window, "add_connection", {
    draft: {
      ...profileDraft("Program that fails", "program", ""),
      role: { arn: LONG_ROLE, externalId: "e".repeat(1224) },
    },
  });
  const [, , third] = made;
  const pages = {
    registrations: `/connections?name=${encodeURIComponent("مفتاح")}&cloud=aws`,
    registration: `/connections/registrations/${third.id}`,
    connections: "/connections/sign-ins",
    connection: `/connections/sign-ins/${failing}`,
    register: "/connections/new",
    "first-steps": "/first-steps",
    overview: "/overview",
  };
  await inBothModes(window, async (mode) => {
    for (const [name, path] of Object.entries(pages)) {
      await t.test(`${name}, ${mode}`, async () => {
        await show(window, path);
        await looksGood(window, `hostile-${name}-${mode}`);
      });
    }
    for (const [name, open] of Object.entries(DIALOGS)) {
      await t.test(`${name}, ${mode}`, async () => {
        await open(window, third);
        await looksGood(window, `hostile-${name}-${mode}`);
        await window.press("\uE00C");
        await window.until("no dialog", async () => (await window.all("dialog")).length === 0);
      });
    }
  });
  assert.equal(await window.run("return document.querySelectorAll('img[src=x]').length"), 0);
  await assert.rejects(window.driver.switchTo().alert(), { name: "NoSuchAlertError" });
});

/** Opened from a page of theirs; each can be left with Escape. */
const DIALOGS = {
  "test-that-fails": async (window) => {
    await show(window, "/connections/sign-ins");
    await window.click("button", "Actions for Program that fails");
    await window.click("menuitem", "Test");
    await window.shows("ended with exit status 3");
  },
  "remove-connection": async (window) => {
    await show(window, "/connections/sign-ins");
    await window.click("button", "Actions for Program that fails");
    await window.click("menuitem", "Remove");
    await window.find("button", "Remove connection", "dialog");
  },
  "remove-connection-in-use": async (window) => {
    await show(window, "/connections/sign-ins");
    await window.click("button", /^Actions for W+ 2$/);
    await window.click("menuitem", "Remove");
    await window.shows("The connection is in use");
  },
  "change-regions": async (window, third) => {
    await show(window, `/connections/registrations/${third.id}`);
    await window.click("button", "Change regions");
    await window.shows("1 of 34 chosen");
    await window.click("checkbox", /^eu-west-1/);
    await window.shows("What was read there is forgotten here");
  },
  "change-connection": async (window, third) => {
    await show(window, `/connections/registrations/${third.id}`);
    await window.click("button", "Change connection");
    await window.type("textbox", /^Role to assume/, NO_SUCH_ROLE);
    await window.type("textbox", /^External ID/, "wrong");
    await window.click("button", "Sign in and change");
    await window.shows("The role cannot be assumed");
  },
  "remove-registration": async (window, third) => {
    await show(window, `/connections/registrations/${third.id}`);
    await window.click("button", "Remove");
    await window.find("textbox", /^To confirm/);
  },
};

/** Of 64 characters at most, each another. */
function hostileName(number) {
  const names = [MARKUP, RIGHT_TO_LEFT, "W".repeat(58), "a b c d e f ".repeat(4), "payments"];
  return `${names[number % names.length]} ${number}`;
}

function profiles(place) {
  return [
    "[profile program]",
    `credential_process = sh ${place.home}/says.sh`,
    `[profile ${"profile-with-a-long-name-".repeat(8)}]`,
    `role_arn = ${LONG_ROLE}`,
    "source_profile = program",
    "[profile itself]",
    "role_arn = arn:aws:iam::111111111111:role/Itself",
    "source_profile = itself",
    "",
  ].join("\n");
}
