// Running operations with progress and cancel, outcomes, refusals. They outlive the page.

import Button from "@cloudscape-design/components/button";
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Registration, SyncProgress, SyncReport } from "../api/bindings";
import type { SyncTask, Tasks } from "../api/tasks";
import { Foreign } from "../parts/Foreign";
import { RefusalDialog } from "../parts/RefusalDialog";
import { useInterruptedNotice } from "./interrupted";
import { leadsToConnection, Mend } from "./Mend";
import { useOperationNotices } from "./operationNotices";
import { ProblemText, problemOf } from "./problems";
import { useRegistrations, useTasks } from "./session";
import { atWork, progressInWords, regionInWords, reportInWords, share } from "./syncWords";

export function Notices() {
  const { tasks, all } = useTasks();
  const registrations = useRegistrations() ?? [];
  const [shown, setShown] = useState<SyncReport>();
  useLeaveWhenGood(tasks, all);
  const items = [
    ...useInterruptedNotice(),
    ...useOperationNotices(),
    ...all.map((task) =>
      notice(
        task,
        registrations.find(({ id }) => id === task.registration),
        tasks,
        setShown,
      ),
    ),
  ];
  return (
    <div data-testid="notices">
      <Flashbar items={items} stackItems={items.length > 4} />
      {shown && (
        <RefusalDialog
          report={shown}
          name={nameOf(registrations.find(({ id }) => id === shown.registration))}
          close={() => setShown(undefined)}
        />
      )}
    </div>
  );
}

function nameOf(registration: Registration | undefined): string {
  return registration?.name ?? "Registration";
}

function notice(
  task: SyncTask,
  of: Registration | undefined,
  tasks: Tasks,
  show: (report: SyncReport) => void,
): FlashbarProps.MessageDefinition {
  const { id, registration, state, progress } = task;
  const name = nameOf(of);
  const ended = {
    id,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: () => tasks.dismiss(id),
  };
  const again = <Button onClick={() => tasks.synchronise(registration)}>Synchronise again</Button>;
  switch (state.at) {
    case "running":
    case "cancelling":
      return {
        id,
        type: "in-progress",
        loading: true,
        content: <Progress name={name} progress={progress} />,
        action: (
          <Button
            disabled={state.at === "cancelling"}
            onClick={() => tasks.cancel(id)}
            ariaLabel={`Cancel synchronising ${name}`}
          >
            {state.at === "cancelling" ? "Cancelling" : "Cancel"}
          </Button>
        ),
      };
    case "failed":
      return {
        ...ended,
        type: "error",
        header: about(name, problemOf(state.error).title),
        content: <ProblemText error={state.error} />,
        // "Synchronise again" says more than "Try again".
        action:
          state.error.code === "signInNeeded" ||
          leadsToConnection(state.error, of?.connection.id) ? (
            <Mend
              error={state.error}
              retry={() => tasks.synchronise(registration)}
              connection={of?.connection.id}
              inNotice
            />
          ) : (
            again
          ),
      };
    case "ended": {
      const { report } = state;
      const words = reportInWords(report);
      if (report.refusals.length > 0) {
        return {
          ...ended,
          type: "warning",
          header: about(name, "not everything could be read"),
          content: words,
          action: <Button onClick={() => show(report)}>Show what</Button>,
        };
      }
      return report.outcome === "cancelled"
        ? {
            ...ended,
            type: "info",
            header: about(name, "synchronising was cancelled"),
            content: words,
            action: again,
          }
        : { ...ended, type: "success", content: about(name, words) };
    }
  }
}

/** What a name is followed by stays as it is, whatever the name. */
function about(name: string, words: string): ReactNode {
  return (
    <>
      <Foreign text={name} max={64} />: {words}
    </>
  );
}

/** Regions that are named one by one; the rest are counted. */
const NAMED_REGIONS = 4;

function Progress({ name, progress }: { name: string; progress: SyncProgress | undefined }) {
  const active = progress ? atWork(progress) : [];
  const rest = active.length - NAMED_REGIONS;
  return (
    <ProgressBar
      variant="flash"
      label={
        <>
          Synchronising <Foreign text={name} max={64} />
        </>
      }
      value={progress ? share(progress) : 0}
      description={progress ? progressInWords(progress) : "Asking for the list of keys"}
      additionalInfo={
        active.length === 0 ? undefined : (
          <span>
            {active.slice(0, NAMED_REGIONS).map(regionInWords).join(" · ")}
            {rest > 0 ? ` · and ${rest} more` : ""}
          </span>
        )
      }
    />
  );
}

/** What went well needs nobody: it says so and goes. */
const STAYS_MS = 8000;

function useLeaveWhenGood(tasks: Tasks, all: readonly SyncTask[]): void {
  // One for each: what comes and goes meanwhile does not make the others stay longer.
  const timers = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  useEffect(() => {
    for (const { id, state } of all) {
      const isGood =
        state.at === "ended" &&
        state.report.outcome === "complete" &&
        state.report.refusals.length === 0;
      if (isGood && !timers.current.has(id)) {
        timers.current.set(
          id,
          setTimeout(() => tasks.dismiss(id), STAYS_MS),
        );
      }
    }
  }, [tasks, all]);
  useEffect(() => {
    const running = timers.current;
    return () => {
      running.forEach(clearTimeout);
      running.clear();
    };
  }, []);
}
