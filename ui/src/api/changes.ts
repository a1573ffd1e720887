// "Something changed": to the query cache, once, for everyone.

import type { QueryClient } from "@tanstack/react-query";
import { CACHED } from "./answers";
import { type Change, events } from "./bindings";

/** A synchronisation announces every batch it stores; the window redraws no faster than this. */
const AT_MOST_EVERY_MS = 300;

const OF_KEYS = ["keys", "key", "hits", "overview"];
const OF_THE_STORE = ["materials", "backup settings"];
const OF_SIGNING_IN = ["sign-in requests"];

/**
 * What a change surely leaves as it is, by the first word of the question. Everything else is asked
 * again: a question that nobody thought of here is answered once too often, never out of date.
 */
const LEAVES_ALONE: Record<Change["what"], readonly string[]> = {
  registrations: [],
  connections: [...OF_KEYS, "operations", ...OF_THE_STORE, ...OF_SIGNING_IN],
  // Asked of a person while something waits: nothing has come of it yet.
  signIns: [
    ...OF_KEYS,
    "operations",
    "registrations",
    "registration",
    "connections",
    ...OF_THE_STORE,
  ],
  keys: ["operations", "connections", ...OF_THE_STORE, ...OF_SIGNING_IN],
  // Every step of an operation announces itself; the keys that it changes are announced as keys.
  operations: [...OF_KEYS, "registrations", "connections", "backup settings", ...OF_SIGNING_IN],
  materials: [...OF_KEYS, "registrations", "connections", "operations", ...OF_SIGNING_IN],
};

/** Follows the backend's announcements until the returned function is called. */
export function followChanges(queries: QueryClient): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const changed = new Set<Change["what"]>();
  const stopped = events.changed.listen(({ payload }) => {
    changed.add(payload.what);
    waiting ??= setTimeout(() => {
      waiting = undefined;
      const untouched = [...changed].map((what) => LEAVES_ALONE[what] ?? []);
      changed.clear();
      // A question that is being asked right now keeps its answer and is asked once more later.
      void queries.invalidateQueries(
        {
          queryKey: [CACHED],
          predicate: ({ queryKey: [, about] }) =>
            !untouched.every((left) => left.includes(String(about))),
        },
        { cancelRefetch: true },
      );
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
