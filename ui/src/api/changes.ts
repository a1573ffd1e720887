// "Something changed": to the query cache, once, for everyone.

import type { QueryClient } from "@tanstack/react-query";
import { CACHED } from "./answers";
import { events } from "./bindings";

/** A synchronisation announces every batch it stores; the window redraws no faster than this. */
const AT_MOST_EVERY_MS = 300;

/** Follows the backend's announcements until the returned function is called. */
export function followChanges(queries: QueryClient): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const stopped = events.changed.listen(() => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      // A question that is being asked right now keeps its answer and is asked once more later.
      void queries.invalidateQueries({ queryKey: [CACHED] }, { cancelRefetch: true });
    }, AT_MOST_EVERY_MS);
    if (ended) {
      clearTimeout(waiting);
    }
  });
  return () => {
    ended = true;
    clearTimeout(waiting);
    void stopped.then((stop) => stop());
  };
}
