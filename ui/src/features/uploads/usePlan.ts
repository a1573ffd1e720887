// Plan, show, apply: what uploading and importing have in common.

import { useEffect, useRef, useState } from "react";
import { useOrder } from "../../api/answers";
import type { AppError, OperationId, Plan } from "../../api/bindings";
import type { Answer } from "../../api/call";
import { type OperationTask, useAttend } from "../../api/operations";
import { useOperations } from "../../app/session";

export function usePlan(ways: {
  ask: () => Answer<Plan>;
  /** The plan can be shown. */
  planned: (plan: Plan) => void;
  refused: (error: AppError) => void;
  /** The operation was written down: its own page shows it from here on. */
  opened: (operation: OperationId) => void;
}) {
  const { operations, all } = useOperations();
  const [plan, setPlan] = useState<Plan>();
  const asking = useOrder(ways.ask);
  const task = all.find(({ operation }) => operation === plan?.operation);
  useAttend(operations, plan?.operation);

  const make = () =>
    asking.mutate(undefined, {
      onSuccess: (made) => {
        setPlan(made);
        ways.planned(made);
      },
      onError: ({ error }) => {
        setPlan(undefined);
        ways.refused(error);
      },
    });
  const settle = (at: OperationTask | undefined) => {
    if (at?.latest) {
      ways.opened(at.operation);
    } else if (at?.state.at === "failed") {
      operations.dismiss(at.operation);
      ways.refused(at.state.error);
      if (at.state.error.code === "planChanged") {
        make();
      }
    }
  };
  const latestSettle = useRef(settle);
  latestSettle.current = settle;
  useEffect(() => latestSettle.current(task), [task]);

  return {
    plan,
    make,
    forget: () => setPlan(undefined),
    making: asking.isPending,
    applying: task !== undefined && task.state.at !== "failed",
  };
}
