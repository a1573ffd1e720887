// Opens the whole window over a fake backend, at one of its own URLs.

import createWrapper from "@cloudscape-design/components/test-utils/dom";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach } from "vitest";
import { App } from "../app/App";
import type { FakeBackend } from "./fake";

const opened: FakeBackend[] = [];

export function openWindow(backend: FakeBackend, path = "") {
  window.history.replaceState(null, "", path ? `#${path}` : "/");
  opened.push(backend.install());
  render(<App />);
  return { user: userEvent.setup(), cloudscape: createWrapper() };
}

afterEach(async () => {
  cleanup();
  // The window says good-bye to the backend's events before the backend goes.
  await new Promise((settled) => setTimeout(settled));
  for (const backend of opened.splice(0)) {
    backend.remove();
  }
});

/** Where the window is, readable. */
export function place(): string {
  return decodeURIComponent(window.location.hash.slice(1));
}

/** The keys table once it shows something, as the names in its rows. */
export async function shownKeys(): Promise<string[]> {
  await waitFor(() => {
    if (names().length === 0) {
      throw new Error("no key is shown");
    }
  });
  return names();
}

export function names(): string[] {
  return screen.queryAllByTestId("key-row").map((row) => row.textContent ?? "");
}

/** The arguments of the last call of a command, once there is one that fits. */
export async function lastAsked(
  backend: FakeBackend,
  command: string,
  fits: (args: Record<string, unknown>) => boolean = () => true,
): Promise<Record<string, unknown>> {
  let last: Record<string, unknown> | undefined;
  await waitFor(() => {
    last = backend.asked(command).at(-1);
    if (!last || !fits(last)) {
      throw new Error(`${command} was last asked with ${JSON.stringify(last)}`);
    }
  });
  return last as Record<string, unknown>;
}
