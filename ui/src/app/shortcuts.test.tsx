import { createEvent, fireEvent, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { useShortcuts } from "./shortcuts";

test.each([
  { key: "R", ctrlKey: true, shiftKey: true },
  { key: "F5" },
  { key: "F5", ctrlKey: true },
])("%o reloads nothing", (pressed) => {
  const synchronise = vi.fn();
  renderHook(() => useShortcuts({ palette: vi.fn(), sheet: vi.fn(), synchronise }));
  const event = createEvent.keyDown(document.body, pressed);
  fireEvent(document.body, event);
  expect(event.defaultPrevented).toBe(true);
  expect(synchronise).not.toHaveBeenCalled();
});
