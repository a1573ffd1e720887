// Notices of operations: running with progress and cancel, ended, stopped half-way.

import Button from "@cloudscape-design/components/button";
import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { useNavigate } from "react-router";
import type { Operation } from "../api/bindings";
import type { Operations, OperationTask } from "../api/operations";
import { Foreign } from "../parts/Foreign";
import { Mend } from "./Mend";
import { OPERATION_KINDS, operationTitle, stepsInWords } from "./operationWords";
import type { Paths } from "./paths";
import { inOneSentence, ProblemText, problemOf } from "./problems";
import { useOperations, usePaths } from "./session";

/** Those that no page shows right now. */
export function useOperationNotices(): FlashbarProps.MessageDefinition[] {
  const { operations, all } = useOperations();
  const paths = usePaths();
  const navigate = useNavigate();
  return all
    .filter(({ operation }) => !operations.isAttended(operation))
    .map((task) => notice(task, { operations, paths, go: (path) => void navigate(path) }));
}

interface Ways {
  operations: Operations;
  paths: Paths;
  go: (path: string) => void;
}

function notice(task: OperationTask, ways: Ways): FlashbarProps.MessageDefinition {
  const { operation: id, latest, state } = task;
  const title = latest ? operationTitle(latest) : OPERATION_KINDS[task.kind];
  const open = () => ways.go(ways.paths.operation(id));
  const ended = {
    id: `operation-${id}`,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: () => ways.operations.dismiss(id),
  };
  switch (state.at) {
    case "running":
    case "cancelling":
      return {
        id: ended.id,
        type: "in-progress",
        loading: true,
        content: (
          <Progress title={task.work === "undo" ? `Undoing: ${title}` : title} at={latest} />
        ),
        action: (
          <Button
            disabled={state.at === "cancelling"}
            onClick={() => ways.operations.cancel(id)}
            ariaLabel={`Cancel: ${title}`}
          >
            {state.at === "cancelling" ? "Cancelling after this step" : "Cancel"}
          </Button>
        ),
      };
    case "failed":
      return {
        ...ended,
        type: "error",
        header: <Foreign text={`${title}: ${problemOf(state.error).title}`} />,
        content: <ProblemText error={state.error} />,
        // What was refused before it was written down is no operation.
        ...(latest || task.work !== "apply"
          ? {
              action:
                state.error.code === "signInNeeded" && latest ? (
                  <Mend error={state.error} retry={() => ways.operations.finish(latest)} inNotice />
                ) : (
                  <Button onClick={open}>Show the operation</Button>
                ),
            }
          : {}),
      };
    case "ended":
      return { ...ended, ...outcome(state.operation, title, open, ways) };
  }
}

function outcome(
  operation: Operation,
  title: string,
  open: () => void,
  { operations, paths, go }: Ways,
): FlashbarProps.MessageDefinition {
  const { state, key, error } = operation;
  if (state === "finished") {
    return {
      type: "success",
      content: <Foreign text={`${title}: finished.`} />,
      action: key ? (
        <Button onClick={() => go(paths.key(key))}>Open the key</Button>
      ) : (
        <Button onClick={open}>Show the operation</Button>
      ),
    };
  }
  if (state === "undone") {
    return {
      type: "success",
      content: <Foreign text={`${title}: undone.`} />,
      action: <Button onClick={open}>Show the operation</Button>,
    };
  }
  return {
    type: error ? "error" : "warning",
    header: (
      <Foreign text={`${title}: ${state === "undoing" ? "half undone" : "stopped half-way"}`} />
    ),
    content: (
      <Foreign
        max={600}
        text={
          error
            ? inOneSentence(error)
            : `${stepsInWords(operation).text} is next. Nothing is lost; it can be finished or undone.`
        }
      />
    ),
    action:
      error?.code === "signInNeeded" ? (
        <Mend error={error} retry={() => operations.finish(operation)} inNotice />
      ) : (
        <Button onClick={open}>Finish or undo</Button>
      ),
  };
}

function Progress({ title, at }: { title: string; at: Operation | undefined }) {
  const words = at ? stepsInWords(at) : { text: "Writing the operation down", percent: 0 };
  return (
    <ProgressBar
      variant="flash"
      label={<Foreign text={title} />}
      value={words.percent}
      description={words.text}
    />
  );
}
