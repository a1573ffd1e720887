import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../testing/fake";
import { HOSTILE, makeCompany, makeKey } from "../testing/fixtures";
import { openWindow, place } from "../testing/window";

function palette(): HTMLElement {
  return screen.getByRole("dialog", { name: "Search or run" });
}

function chosen(): string {
  const field = screen.getByRole("combobox", { name: /Search pages/ });
  const id = field.getAttribute("aria-activedescendant") ?? "";
  return document.getElementById(id)?.textContent ?? "";
}

async function openPalette() {
  const backend = new FakeBackend();
  backend.keys = [
    ...makeCompany(),
    makeKey(90, { aliases: ["alias/markup"], key: { description: HOSTILE.markup } }),
  ];
  const { user } = openWindow(backend, "/overview");
  await screen.findByText("What needs you today");
  screen.getByText("Search or run").closest("button")?.focus();
  await user.keyboard("{Control>}k{/Control}");
  expect(palette()).toBeVisible();
  return { backend, user };
}

test("a page is reached with letters and Enter", async () => {
  const { user } = await openPalette();
  await user.keyboard("connecti");
  expect(chosen()).toBe("Connections");
  await user.keyboard("{Enter}");
  expect(place()).toBe("/connections");
  expect(screen.queryByRole("dialog", { name: "Search or run" })).toBeNull();
});

test("a key is found by its alias or ARN, and the arrows go round", async () => {
  const { backend, user } = await openPalette();
  await user.keyboard("prod/ledger");
  await screen.findByText("alias/prod/ledger");
  expect(backend.asked("find_keys")).toEqual([{ text: "prod/ledger" }]);
  await user.keyboard("{ArrowDown}{ArrowUp}{ArrowUp}{Enter}");
  await waitFor(() => expect(place()).toMatch(/^\/keys\/arn:aws:kms:/));
});

test("an action is run", async () => {
  const { backend, user } = await openPalette();
  await user.keyboard("synchronise the{Enter}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
});

test("Escape closes it and gives the focus back", async () => {
  const { user } = await openPalette();
  await user.keyboard("{Tab}x{Escape}");
  expect(screen.queryByRole("dialog", { name: "Search or run" })).toBeNull();
  expect(document.activeElement).toHaveTextContent("Search or run");
});

test("it says when nothing is called that", async () => {
  const { user } = await openPalette();
  await user.keyboard("zzzz");
  await screen.findByText("Nothing is called that");
  await user.keyboard("{Enter}");
  expect(palette()).toBeVisible();
});

test("what an older text found is not opened", async () => {
  const { user } = await openPalette();
  await user.keyboard("prod/ledger");
  await screen.findByText("alias/prod/ledger");
  await user.keyboard("x{Enter}");
  expect(screen.queryByText("alias/prod/ledger")).toBeNull();
  expect(palette()).toBeVisible();
  expect(place()).toBe("/overview");
});
