import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { BROWSER_REQUEST } from "../../testing/connectionFixtures";
import { FakeBackend } from "../../testing/fake";
import {
  EVERY_ERROR,
  HOSTILE,
  makeKey,
  makeReport,
  PRODUCTION,
  SANDBOX,
} from "../../testing/fixtures";
import { openWindow, place } from "../../testing/window";

function company(): FakeBackend {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.keys = [makeKey(1)];
  backend.lastSyncs = [makeReport(SANDBOX), makeReport(PRODUCTION)];
  return backend;
}

async function needs(): Promise<HTMLElement> {
  await waitFor(() => expect(document.querySelector(".needs")).not.toBeNull());
  return document.querySelector(".needs") as HTMLElement;
}

test("a sign-in that ran out is named, and its one button signs in and synchronises again", async () => {
  const backend = company();
  const failed = { state: "failed", error: EVERY_ERROR.signInNeeded } as const;
  backend.connections.signIns.set(PRODUCTION.connection.id, failed);
  const { user } = openWindow(backend, "/overview");
  const list = await needs();
  await waitFor(() => expect(list).toHaveTextContent("production: Sign-in needed"));
  await user.click(within(list).getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(backend.connections.requests).toHaveLength(1));
  backend.connections.settle(BROWSER_REQUEST.id);
  await waitFor(() =>
    expect(backend.syncs.map(({ registration }) => registration)).toEqual([PRODUCTION.id]),
  );
  await waitFor(() => expect(screen.queryByText(/production: Sign-in needed/)).toBeNull());
});

test("it leads to the connection, whose name is text and nothing else", async () => {
  const backend = company();
  const connection = { ...PRODUCTION.connection, name: HOSTILE.markup };
  backend.registrations = [SANDBOX, { ...PRODUCTION, connection }];
  const failed = { state: "failed", error: EVERY_ERROR.credentialsRefused } as const;
  backend.connections.signIns.set(connection.id, failed);
  const { user } = openWindow(backend, "/overview");
  const link = await within(await needs()).findByRole("link", { name: /^<img/ });
  expect(document.querySelector("main img")).toBeNull();
  await user.click(link);
  await waitFor(() => expect(place()).toBe(`/connections/sign-ins/${connection.id}`));
});

test("only sign-ins of the scope need somebody here; unknown is not fine", async () => {
  const backend = company();
  const failed = { state: "failed", error: EVERY_ERROR.signInNeeded } as const;
  backend.connections.signIns.set(PRODUCTION.connection.id, failed);
  openWindow(backend, `/overview?registrations=${SANDBOX.id}`);
  await screen.findByText(/^Nothing\./);
  backend.refusals = { list_connections: EVERY_ERROR.unexpected };
  await backend.announce({ what: "connections" });
  expect(await screen.findByText("Whether a sign-in ran out is not known")).toBeVisible();
  expect(screen.queryByText(/^Nothing\./)).toBeNull();
});
