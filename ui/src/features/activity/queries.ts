// What the activity feature asks the backend.

import { useCached } from "../../api/answers";
import { commands, type KeyArn, type OperationId } from "../../api/bindings";

export const PAGE_SIZE = 50;

/** One page of all operations, or of those that have not ended, the latest first. */
export function useOperationPage(openOnly: boolean, page: number) {
  const query = { openOnly, key: null, skip: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE };
  return useCached(["operations", query], () => commands.listOperations(query), {
    keepLast: true,
  });
}

/** A key has few operations: as many as one answer holds. */
const MOST = 200;

export function useOperationsOf(key: KeyArn) {
  const query = { openOnly: false, key, skip: 0, limit: MOST };
  return useCached(["operations", query], () => commands.listOperations(query));
}

export function useOperation(id: OperationId) {
  return useCached(["operations", "one", id], () => commands.describeOperation(id));
}
