// Operations that this window set going. They live outside all pages: leaving a page stops nothing.

import { Channel } from "@tauri-apps/api/core";
import { useEffect, useSyncExternalStore } from "react";
import {
  type AppError,
  commands,
  type ImportDraft,
  type Operation,
  type OperationId,
  type OperationKind,
  type PickedFile,
  type Plan,
  type UploadDraft,
} from "./bindings";
import { type Answer, call, refused } from "./call";

/** One operation at work; there is at most one task for each. */
export interface OperationTask {
  /** The task, for cancelling. */
  id: string;
  operation: OperationId;
  kind: OperationKind;
  work: "apply" | "finish" | "undo";
  /** Absent until the operation was written down. */
  latest?: Operation;
  state:
    | { at: "running" }
    | { at: "cancelling" }
    /** The work ended: the operation too, unless it was stopped on the way. */
    | { at: "ended"; operation: Operation }
    /** The work was refused as a whole. */
    | { at: "failed"; error: AppError };
}

type Named = Pick<Operation, "id" | "kind">;

/** What comes along with a plan that is applied. */
export interface Along {
  /** The picked file whose material is on its way; it is dropped once the work has ended. */
  file?: PickedFile | undefined;
  /** Called once the operation was written down: from then on it is no longer only a plan. */
  opened: () => void;
}
type Start = (task: string, progress: Channel<Operation>) => Answer<Operation>;

export class Operations {
  private all: readonly OperationTask[] = [];
  /** How many places show an operation right now: there it needs no notice. */
  private readonly attended = new Map<OperationId, number>();
  private readonly watchers = new Set<() => void>();

  /** Does what an upload's plan shows. */
  applyUpload(draft: UploadDraft, plan: Plan, along: Along): void {
    this.start(
      { id: plan.operation, kind: plan.kind },
      "apply",
      (task, progress) => commands.applyUpload(draft, plan, task, progress),
      along,
    );
  }

  /** Does what an import's plan shows. */
  applyImport(draft: ImportDraft, plan: Plan, along: Along): void {
    this.start(
      { id: plan.operation, kind: plan.kind },
      "apply",
      (task, progress) => commands.applyImport(draft, plan, task, progress),
      along,
    );
  }

  /** Takes an operation up where it stopped. */
  finish(operation: Named): void {
    this.start(operation, "finish", (task, progress) =>
      commands.finishOperation(operation.id, task, progress),
    );
  }

  /** Undoes an operation; the confirmation is what its offer asks to be typed, or empty. */
  undo(operation: Named, confirmation: string): void {
    this.start(operation, "undo", (task, progress) =>
      commands.undoOperation(operation.id, confirmation, task, progress),
    );
  }

  /** Asks the work on an operation to stop after the present step. */
  cancel(operation: OperationId): void {
    const task = this.of(operation);
    if (task?.state.at === "running") {
      this.change(task.id, { state: { at: "cancelling" } });
      call(commands.cancelTask(task.id)).catch(() =>
        // It goes on: the button works again.
        this.changeIf(task.id, "cancelling", { state: { at: "running" } }),
      );
    }
  }

  /** The task of an operation that this window set going. */
  of(operation: OperationId): OperationTask | undefined {
    return this.all.find((task) => task.operation === operation);
  }

  /** Forgets a task that ended. */
  dismiss(operation: OperationId): void {
    this.set(this.all.filter((task) => task.operation !== operation || isAtWork(task)));
  }

  /** While a page shows an operation, it needs no notice; what was seen to its end needs none after. */
  attend(operation: OperationId): () => void {
    this.attended.set(operation, (this.attended.get(operation) ?? 0) + 1);
    this.set([...this.all]);
    return () => {
      this.attended.set(operation, (this.attended.get(operation) ?? 1) - 1);
      this.dismiss(operation);
    };
  }

  isAttended(operation: OperationId): boolean {
    return (this.attended.get(operation) ?? 0) > 0;
  }

  list = (): readonly OperationTask[] => this.all;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  private start(
    { id: operation, kind }: Named,
    work: OperationTask["work"],
    begin: Start,
    along?: Along,
  ): void {
    const before = this.of(operation);
    if (before && isAtWork(before)) {
      return;
    }
    const task: OperationTask = {
      id: crypto.randomUUID(),
      operation,
      kind,
      work,
      state: { at: "running" },
    };
    this.set([...this.all.filter((one) => one.operation !== operation), task]);
    const progress = new Channel<Operation>();
    let known = false;
    const tell = (change: Partial<OperationTask>) => {
      if (!known) {
        known = true;
        along?.opened();
      }
      this.change(task.id, change);
    };
    progress.onmessage = (latest) => tell({ latest });
    call(begin(task.id, progress)).then(
      (ended) => {
        tell({ latest: ended, state: { at: "ended", operation: ended } });
        if (along?.file) {
          // Its material is sealed by now.
          void call(commands.dropFile(along.file.handle)).catch(() => undefined);
        }
      },
      (failure: unknown) =>
        this.change(task.id, { state: { at: "failed", error: refused(failure).error } }),
    );
  }

  private change(id: string, change: Partial<OperationTask>): void {
    this.set(this.all.map((task) => (task.id === id ? { ...task, ...change } : task)));
  }

  private changeIf(id: string, at: string, change: Partial<OperationTask>): void {
    if (this.all.some((task) => task.id === id && task.state.at === at)) {
      this.change(id, change);
    }
  }

  private set(all: readonly OperationTask[]): void {
    this.all = all;
    for (const watcher of this.watchers) {
      watcher();
    }
  }
}

export function isAtWork(task: OperationTask): boolean {
  return task.state.at === "running" || task.state.at === "cancelling";
}

export function useOperationTasks(operations: Operations): readonly OperationTask[] {
  return useSyncExternalStore(operations.watch, operations.list);
}

/** This page shows the operation: no notice is needed meanwhile. */
export function useAttend(operations: Operations, operation: OperationId | undefined): void {
  useEffect(
    () => (operation === undefined ? undefined : operations.attend(operation)),
    [operations, operation],
  );
}
