// Operations that began, have not ended, and nobody works on: they wait for a person.

import Button from "@cloudscape-design/components/button";
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useCached } from "../api/answers";
import { type AppError, commands, type Operation, type OperationId } from "../api/bindings";
import { isAtWork } from "../api/operations";
import { Foreign } from "../parts/Foreign";
import { operationTitle } from "./operationWords";
import { useOperations, usePaths } from "./session";

/** As many as one answer holds; nobody reads more names than a few. */
const MOST = 200;

export interface Interrupted {
  /** Absent until it is known, and where it could not be found out. */
  operations: Operation[] | undefined;
  error: AppError | undefined;
}

export function useInterrupted(): Interrupted {
  const query = { openOnly: true, key: null, skip: 0, limit: MOST };
  const { data, error } = useCached(["operations", query], () => commands.listOperations(query));
  const { all } = useOperations();
  const atWork = all.filter(isAtWork).map(({ operation }) => operation);
  return {
    operations: error
      ? undefined
      : data?.operations.filter(({ id, running }) => !running && !atWork.includes(id)),
    error: error?.error,
  };
}

/** "Upload key alias/prod/payments in eu-central-1" */
export function interruptedTitle(operation: Operation): string {
  return `${operationTitle(operation)} in ${operation.region}`;
}

/**
 * Says at the start what was interrupted before. What stops while the window is open has its own
 * notice, and what was dismissed stays in the overview.
 */
export function useInterruptedNotice(): FlashbarProps.MessageDefinition[] {
  const { operations, all } = useOperations();
  const interrupted = useInterrupted().operations ?? [];
  const paths = usePaths();
  const navigate = useNavigate();
  const [told, setTold] = useState<readonly OperationId[]>([]);
  useEffect(() => {
    const begun = all.map(({ operation }) => operation);
    setTold((before) => {
      const fresh = begun.filter((id) => !before.includes(id));
      return fresh.length === 0 ? before : [...before, ...fresh];
    });
  }, [all]);
  const untold = interrupted.filter(
    ({ id }) =>
      !told.includes(id) &&
      !operations.isAttended(id) &&
      !all.some(({ operation }) => operation === id),
  );
  const [first] = untold;
  if (!first) {
    return [];
  }
  const isOne = untold.length === 1;
  return [
    {
      id: "interrupted",
      type: "warning",
      dismissible: true,
      dismissLabel: "Dismiss",
      onDismiss: () => setTold((before) => [...before, ...untold.map(({ id }) => id)]),
      header: isOne
        ? "1 operation was interrupted"
        : `${untold.length} operations were interrupted`,
      content: (
        <>
          <Foreign text={interruptedTitle(first)} max={200} />
          {isOne ? ". Finish or undo it." : ` and ${untold.length - 1} more. Finish or undo them.`}
        </>
      ),
      action: (
        <Button
          onClick={() =>
            navigate(isOne ? paths.operation(first.id) : paths.activity({ openOnly: true }))
          }
        >
          {isOne ? "Show the operation" : "Show them"}
        </Button>
      ),
    },
  ];
}
