// axe on every page. What needs a layout (contrast, scrolling) is looked at in the real window.

import { screen, waitFor } from "@testing-library/react";
import axe from "axe-core";
import { expect, test } from "vitest";
import { FakeBackend } from "./fake";
import { DENIED, EVERY_ERROR, makeCompany, makeReport, SANDBOX } from "./fixtures";
import { openWindow } from "./window";

function company(): FakeBackend {
  const backend = new FakeBackend();
  backend.keys = makeCompany().slice(-12);
  backend.lastSyncs = [
    makeReport(SANDBOX, {
      outcome: "partial",
      refusals: [{ region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 2 }],
    }),
  ];
  return backend;
}

async function serious(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}

const PAYMENTS = encodeURIComponent(
  makeCompany().find(({ aliases }) => aliases.includes("alias/prod/payments-2024"))?.key.arn ?? "",
);

test.each([
  ["/overview", "What needs you today"],
  [`/keys?selected=${PAYMENTS}`, "Copy ARN"],
  [`/keys/${PAYMENTS}`, "Copy as aws command"],
  [`/keys/${PAYMENTS}?tab=material`, "Key materials"],
  [`/keys/${PAYMENTS}?tab=policy`, "Copy policy"],
  [`/keys/${PAYMENTS}?tab=replicas`, "Multi-Region key"],
  [`/keys/${PAYMENTS}?tab=names`, "Tags"],
  ["/connections", "Signs in with"],
  ["/connections/new", "corporate-sso"],
  ["/settings", "Data folder"],
])("%s", async (path, text) => {
  openWindow(company(), path);
  await waitFor(() => expect(document.body).toHaveTextContent(text));
  expect(await serious()).toEqual([]);
});

test("the palette, a dialog, a running synchronisation", async () => {
  const { user } = openWindow(company(), "/overview");
  await screen.findByText("What needs you today");
  await user.keyboard("{Control>}r{/Control}{Control>}k{/Control}");
  await screen.findByText("Synchronising Sandbox");
  expect(await serious()).toEqual([]);
  await user.keyboard("{Escape}");
  await user.click(screen.getByText("What could not be read"));
  expect(await serious()).toEqual([]);
});

test("the page of a start that failed", async () => {
  const backend = company();
  backend.refusals = { "*": EVERY_ERROR.diskFull };
  openWindow(backend);
  await screen.findByTestId("start-problem");
  expect(await serious()).toEqual([]);
});
