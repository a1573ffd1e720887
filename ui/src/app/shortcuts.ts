// The keys that work on every page.

import { useEffect, useRef } from "react";

const IS_MAC = /mac/i.test(navigator.platform);

/** Ctrl, or Cmd on a Mac. */
export const COMMAND_KEY = IS_MAC ? "⌘" : "Ctrl";

export const SHORTCUTS: readonly { keys: string; does: string }[] = [
  { keys: `${COMMAND_KEY} K`, does: "Search or run anything" },
  { keys: `${COMMAND_KEY} F`, does: "Filter the list" },
  { keys: `${COMMAND_KEY} R`, does: "Synchronise the scope" },
  { keys: "Arrow keys", does: "Move within the table" },
  { keys: "Space", does: "Select the row and show its details" },
  { keys: "Enter", does: "Open the key’s page" },
  { keys: "Esc", does: "Close what is open" },
  { keys: "?", does: "Show these shortcuts" },
];

export function useShortcuts(does: {
  palette: () => void;
  synchronise: () => void;
  sheet: () => void;
}): void {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const modified = (IS_MAC ? event.metaKey : event.ctrlKey) && !event.altKey;
      const command = modified && !event.shiftKey;
      const key = event.key.toLowerCase();
      if (key === "f5" || (modified && event.shiftKey && key === "r")) {
        // The web view would reload itself, and forget what is running.
        event.preventDefault();
      } else if (command && key === "k") {
        event.preventDefault();
        latest.current.palette();
      } else if (command && key === "r") {
        // Also keeps the web view from reloading itself.
        event.preventDefault();
        latest.current.synchronise();
      } else if (command && key === "f" && focusFilter()) {
        event.preventDefault();
      } else if (event.key === "?" && !isTyping(event.target) && !isDialogOpen()) {
        latest.current.sheet();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

export function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}

/** A page marks its filter; false if it has none. */
function focusFilter(): boolean {
  const filter = document.querySelector<HTMLElement>("[data-page-filter] input");
  filter?.focus();
  return filter !== null;
}
