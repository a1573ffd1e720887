// axe on every step of registering, in the wizard and in the first steps.

import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR } from "../../testing/fixtures";
import { openWindow } from "../../testing/window";

async function serious(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

async function open(path: string) {
  const backend = new FakeBackend();
  const { user } = openWindow(backend, path);
  await user.click(await screen.findByRole("radio", { name: /^staging/ }));
  return {
    backend,
    user,
    press: async (name: string, then: string) => {
      await user.click(screen.getByRole("button", { name }));
      await waitFor(() => expect(document.body).toHaveTextContent(then));
    },
  };
}

test("every step of the wizard", async () => {
  const { backend, user, press } = await open("/connections/new");
  for (const part of [/^Role, region and endpoints/, /^Role of this registration/]) {
    await user.click(screen.getByRole("button", { name: part }));
  }
  expect(await serious()).toEqual([]);
  await user.click(screen.getByRole("radio", { name: /^Access key/ }));
  expect(await serious()).toEqual([]);
  await user.click(screen.getByRole("radio", { name: /^AWS profile/ }));
  backend.refusals = { test_connection: EVERY_ERROR.roleRefused };
  await press("Next", "The role cannot be assumed");
  expect(await serious()).toEqual([]);
  backend.refusals = {};
  await press("Next", "Sign-in valid until");
  expect(await serious()).toEqual([]);
  await press("Next", "Key policies were not evaluated");
  await user.click(screen.getByRole("button", { name: "3 actions" }));
  expect(await serious()).toEqual([]);
  await press("Next", "How you want to see this account");
  expect(await serious()).toEqual([]);
  await press("Next", "AWS is not changed");
  expect(await serious()).toEqual([]);
}, 120_000);

test("the first steps that are not the wizard’s", async () => {
  const { press } = await open("/first-steps");
  expect(await serious()).toEqual([]);
  await press("Sign in and test", "Sign-in valid until");
  await press("Next", "Key policies were not evaluated");
  await press("Next", "AWS is not changed");
  expect(await serious()).toEqual([]);
  await press("Register and synchronise", "Reading keys");
  expect(await serious()).toEqual([]);
  await press("Next", "A plan shows every step");
  expect(await serious()).toEqual([]);
}, 120_000);
