// An account of one's own: a profile with static keys, over an endpoint URL.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allKeys, named, register, signInWith, synchronised } from "./harness/app.mjs";
import { emptyPlace } from "./harness/place.mjs";
import { freePort, startSandbox } from "./harness/processes.mjs";
import { boto3Keys } from "./harness/python.mjs";
import { openWindow, pictureFile } from "./harness/window.mjs";

// The company's other account: the first one's regions are held by the sandbox that is built in.
const ACCOUNT = "222222222222";

test("a profile is connected, synchronised, and shows the keys that boto3 lists", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeProfile("analytics", { keyId: ACCOUNT });
  const window = await openWindow(place);
  await synchronised(window);

  await signInWith(window, "analytics", endpoint);
  await window.find("heading", "What was found");
  await window.shows(ACCOUNT);
  await window.picture(pictureFile("connect-found"));
  await named(window, "Analytics");
  await window.picture(pictureFile("connect-name"));
  await window.click("button", "Next");
  await window.find("heading", "Review");
  await window.shows("Nothing was registered so far");
  await window.picture(pictureFile("connect-review"));
  await register(window);
  await window.shows("Analytics");
  await synchronised(window);

  const expected = (await boto3Keys(endpoint, ACCOUNT)).map(({ Arn }) => Arn).sort();
  assert.ok(expected.length > 0);
  assert.deepEqual(await allKeys(window, `filter=account:equals:${ACCOUNT}`), expected);
});

test("an endpoint that does not answer is named, with what to do", async (t) => {
  const place = await emptyPlace(t);
  await place.writeProfile("nowhere");
  const window = await openWindow(place);
  await synchronised(window);
  const port = await freePort();
  await signInWith(window, "nowhere", `http://127.0.0.1:${port}`);
  await window.shows("AWS cannot be reached", 60);
  await window.shows(`127.0.0.1:${port}`);
  await window.find("button", "Try again");
  await window.picture(pictureFile("connect-unreachable"));
});

test("a wrong secret is told apart from everything else", async (t) => {
  const endpoint = await startSandbox(t, "--seed", "company");
  const place = await emptyPlace(t);
  await place.writeProfile("mistyped", { secret: "not-the-secret" });
  const window = await openWindow(place);
  await synchronised(window);
  await signInWith(window, "mistyped", endpoint);
  await window.shows("AWS refused the credentials");
});
