// Running synchronisations. They live outside all pages: leaving a page stops nothing.

import { Channel } from "@tauri-apps/api/core";
import { useSyncExternalStore } from "react";
import {
  type AppError,
  commands,
  type RegistrationId,
  type SyncProgress,
  type SyncReport,
} from "./bindings";
import { call, refused } from "./call";

/** One synchronisation of one registration; there is at most one for each. */
export interface SyncTask {
  id: string;
  registration: RegistrationId;
  /** Absent until the first word from the backend. */
  progress?: SyncProgress;
  state:
    | { at: "running" }
    | { at: "cancelling" }
    | { at: "ended"; report: SyncReport }
    | { at: "failed"; error: AppError };
}

export class Tasks {
  private all: readonly SyncTask[] = [];
  private readonly tried = new Set<RegistrationId>();
  private readonly watchers = new Set<() => void>();

  /** Starts to synchronise, unless that is under way already. */
  synchronise(registration: RegistrationId): void {
    if (this.all.some((task) => task.registration === registration && isRunning(task))) {
      return;
    }
    this.tried.add(registration);
    const task: SyncTask = { id: crypto.randomUUID(), registration, state: { at: "running" } };
    this.set([...this.all.filter((one) => one.registration !== registration), task]);
    const progress = new Channel<SyncProgress>();
    progress.onmessage = (progress) => this.change(task.id, { progress });
    call(commands.synchronise(registration, task.id, progress)).then(
      (report) =>
        this.change(task.id, {
          state: report.error ? { at: "failed", error: report.error } : { at: "ended", report },
        }),
      (failure: unknown) =>
        this.change(task.id, { state: { at: "failed", error: refused(failure).error } }),
    );
  }

  /** Starts to synchronise what was never read, unless this window tried that before. */
  synchroniseFirst(registration: RegistrationId): void {
    if (!this.tried.has(registration)) {
      this.synchronise(registration);
    }
  }

  /** Asks a task to stop; what it read is kept. */
  async cancel(id: string): Promise<void> {
    this.change(id, { state: { at: "cancelling" } });
    await call(commands.cancelTask(id)).catch((failure: unknown) =>
      this.change(id, { state: { at: "failed", error: refused(failure).error } }),
    );
  }

  /** Asks whatever runs for a registration to stop. */
  async cancelAllOf(registration: RegistrationId): Promise<void> {
    const running = this.all.filter((one) => one.registration === registration && isRunning(one));
    await Promise.all(running.map(({ id }) => this.cancel(id)));
  }

  /** Forgets what was done for a registration that is no longer there. */
  dismissAllOf(registration: RegistrationId): void {
    this.set(this.all.filter((one) => one.registration !== registration));
  }

  /** Forgets a task that ended. */
  dismiss(id: string): void {
    this.set(this.all.filter((task) => task.id !== id));
  }

  list = (): readonly SyncTask[] => this.all;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  private change(id: string, change: Partial<SyncTask>): void {
    this.set(this.all.map((task) => (task.id === id ? { ...task, ...change } : task)));
  }

  private set(all: readonly SyncTask[]): void {
    this.all = all;
    for (const watcher of this.watchers) {
      watcher();
    }
  }
}

export function isRunning(task: SyncTask): boolean {
  return task.state.at === "running" || task.state.at === "cancelling";
}

export function useTasks(tasks: Tasks): readonly SyncTask[] {
  return useSyncExternalStore(tasks.watch, tasks.list);
}
