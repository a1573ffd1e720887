import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { SyncReport } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import {
  DENIED,
  EVERY_ERROR,
  makeKey,
  makeReport,
  PRODUCTION,
  SANDBOX,
} from "../../testing/fixtures";
import { openWindow } from "../../testing/window";

const PARTIAL: Partial<SyncReport> = {
  outcome: "partial",
  refusals: [
    { region: "eu-west-1", action: "kms:DescribeKey", error: DENIED, times: 2 },
    { region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 1 },
  ],
};
const FAILED: Partial<SyncReport> = {
  outcome: "failed",
  error: EVERY_ERROR.credentialsExpired,
  regions: [],
};

async function openOverview(lastSyncs: SyncReport[], path = "/overview") {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.keys = [makeKey(1)];
  backend.lastSyncs = lastSyncs;
  const opened = openWindow(backend, path);
  await screen.findByText("What needs you today");
  return opened;
}

test("nothing needs anybody only once every registration was read completely", async () => {
  await openOverview([makeReport(SANDBOX), makeReport(PRODUCTION)]);
  expect(await screen.findByText(/^Nothing\./)).toBeVisible();
  expect(screen.getByTestId("sync-status")).toHaveTextContent(/^Synced \d/);
});

test("a registration without a synchronisation needs somebody", async () => {
  await openOverview([makeReport(SANDBOX)]);
  expect(screen.queryByText(/^Nothing\./)).toBeNull();
  expect(screen.getByText(/1 registration was never read/)).toBeVisible();
});

test("what failed and what was refused is named by registration, and nothing reads as fine", async () => {
  const { user } = await openOverview([
    makeReport(SANDBOX, PARTIAL),
    makeReport(PRODUCTION, FAILED),
  ]);
  const needs = document.querySelector(".needs") as HTMLElement;
  expect(needs).toHaveTextContent("Production: synchronisation failed");
  expect(needs).toHaveTextContent(
    "The session of the connection’s credentials has run out. Sign in again",
  );
  expect(screen.getByText("Not everything in scope could be read.")).toBeVisible();
  expect(screen.getByTestId("sync-status")).toHaveTextContent("Synced in part");
  const link = within(needs).getByText(/3 things could not be read/);
  await user.click(link);
  expect(document.activeElement).toHaveTextContent(/^Last synchronisations/);
});

test("what was refused in a region out of scope hides nothing", async () => {
  await openOverview(
    [makeReport(SANDBOX, PARTIAL), makeReport(PRODUCTION)],
    "/overview?regions=eu-central-1",
  );
  expect(screen.getByText("No imported key material in scope expires soon.")).toBeVisible();
  expect(screen.getByTestId("sync-status")).not.toHaveTextContent("in part");
});

test("a first synchronisation that failed says why, and counts nothing", async () => {
  const backend = new FakeBackend();
  backend.registrations = [{ ...PRODUCTION, syncedAt: null }];
  backend.lastSyncs = [makeReport(PRODUCTION, FAILED)];
  openWindow(backend, "/overview");
  await screen.findByText(/synchronisation failed/);
  expect(document.querySelector(".counts")).toBeNull();
});
