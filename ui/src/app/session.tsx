// What every page works with: the registrations, the scope, the URLs in it, the running tasks.

import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useSearchParams } from "react-router";
import { useCached } from "../api/answers";
import { commands, type Registration, type Scope } from "../api/bindings";
import { type Operations, type OperationTask, useOperationTasks } from "../api/operations";
import { type SyncTask, type Tasks, useTasks as useTasksOf } from "../api/tasks";
import { type Paths, pathsIn, readScope } from "./paths";

export function TasksProvider(props: { tasks: Tasks; children: ReactNode }) {
  return <Context value={props.tasks}>{props.children}</Context>;
}

export function useTasks(): { tasks: Tasks; all: readonly SyncTask[] } {
  const tasks = useContext(Context);
  if (!tasks) {
    throw new Error("tasks are used outside their provider");
  }
  return { tasks, all: useTasksOf(tasks) };
}

export function OperationsProvider(props: { operations: Operations; children: ReactNode }) {
  return <OperationsContext value={props.operations}>{props.children}</OperationsContext>;
}

/** Operations that this window set going. */
export function useOperations(): { operations: Operations; all: readonly OperationTask[] } {
  const operations = useContext(OperationsContext);
  if (!operations) {
    throw new Error("operations are used outside their provider");
  }
  return { operations, all: useOperationTasks(operations) };
}

export function useRegistrationList() {
  return useCached(["registrations"], () => commands.listRegistrations());
}

/** Absent until the backend has answered. */
export function useRegistrations(): Registration[] | undefined {
  return useRegistrationList().data;
}

/** The scope of the URL without registrations that are no longer there. */
export function useScope(): Scope {
  const [search] = useSearchParams();
  const registrations = useRegistrations();
  return useMemo(() => {
    const scope = readScope(search);
    return {
      ...scope,
      registrations: scope.registrations.filter(
        (id) => registrations === undefined || registrations.some((one) => one.id === id),
      ),
    };
  }, [search, registrations]);
}

export function usePaths(): Paths {
  const scope = useScope();
  return useMemo(() => pathsIn(scope), [scope]);
}

/** The registrations that the scope looks at. */
export function inScope(registrations: readonly Registration[], scope: Scope): Registration[] {
  return registrations.filter(
    (one) => scope.registrations.length === 0 || scope.registrations.includes(one.id),
  );
}

const Context = createContext<Tasks | null>(null);
const OperationsContext = createContext<Operations | null>(null);
