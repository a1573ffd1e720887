// What went wrong is seen: the button that was pressed may be a page below it.

import { type RefObject, useEffect, useRef } from "react";

/** For the element around an alert with `data-problem`, or around fields; scrolls to the first one to blame. */
export function useSeen(problem: unknown): RefObject<HTMLDivElement | null> {
  const around = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem !== undefined) {
      around.current
        ?.querySelector("[data-problem], [aria-invalid=true]")
        // Only real windows have it.
        ?.scrollIntoView?.({ block: "center" });
    }
  }, [problem]);
  return around;
}
