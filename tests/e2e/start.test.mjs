// The first start: no form, the sandbox account is open and read, and its keys are the ones boto3 sees.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allKeys, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { startSandbox } from "./harness/processes.mjs";
import { boto3Keys } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

test("the first start opens and reads the sandbox account without asking anything", async (t) => {
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  await window.find("heading", "Overview");
  assert.deepEqual(await window.all("textbox"), [], "nothing is to be filled in");
  assert.deepEqual(await window.all("dialog"), [], "nothing is asked");
  await window.shows("This is the sandbox account");
  await window.find("button", "Connect your AWS account");
  await window.picture(pictureFile("first-start"));
});

test("the window shows exactly the sandbox's keys", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const window = await openWindow(await emptyPlace(t));
  await synchronised(window);
  const expected = (await boto3Keys(endpoint)).map(({ Arn }) => Arn).sort();
  assert.ok(expected.length >= 40, `a company has more than ${expected.length} keys`);
  assert.deepEqual(await allKeys(window), expected);
});
