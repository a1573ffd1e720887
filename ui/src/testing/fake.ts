// A backend of fixtures, for tests and for looking at the window in a browser.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import type {
  AppError,
  Changed,
  Filter,
  KeyPage,
  KeyProperty,
  KeyQuery,
  KeyView,
  Overview,
  Preference,
  Registration,
  Scope,
  SyncProgress,
  SyncReport,
  ThisComputer,
} from "../api/bindings";
import { FakeConnections } from "./fakeConnections";
import { FakeOperations } from "./fakeOperations";
import { FakeUploads } from "./fakeUploads";
import { detailsOf, type FakeKey } from "./fixtures";

/** A synchronisation that the test moves on by hand. */
export interface FakeSync {
  registration: string;
  task: string;
  progress: (progress: SyncProgress) => void;
  end: (report: SyncReport) => void;
  fail: (error: AppError) => void;
}

type Arguments = Record<string, unknown>;

export class FakeBackend {
  keys: FakeKey[] = [];
  preferences: Preference[] = [];
  lastSyncs: SyncReport[] = [];
  computer: ThisComputer = {
    version: "0.1.0",
    dataFolder: "/home/jo/.local/share/dev.ownkey.desktop",
    cacheBytes: 3_460_300,
    keychain: { state: "works" },
    sandboxKept: true,
  };
  /** How often the sandbox was started over. */
  sandboxStarts = 0;
  /** Commands that are refused, and how; a string is what Tauri says to a malformed argument. */
  refusals: Record<string, AppError | string> = {};
  readonly calls: { command: string; args: Arguments }[] = [];
  readonly syncs: FakeSync[] = [];
  /** Operations, stored material, backups, envelopes. */
  readonly store = new FakeOperations((change) => this.announce(change));
  /** Uploads and imports. */
  readonly uploads = new FakeUploads(this.store);
  /** Connections, registrations, sign-ins. */
  readonly connections: FakeConnections = new FakeConnections({
    announce: (change) => this.announce(change),
    keys: () => this.keys,
    operations: () => this.store.operations,
    open: (sealed) => this.store.open(sealed),
  });
  private installed = false;
  /** Called for every synchronisation that starts. */
  onSync: (sync: FakeSync) => void = () => undefined;

  get registrations(): Registration[] {
    return this.connections.registrations;
  }

  set registrations(all: Registration[]) {
    this.connections.registrations = all;
  }

  /** From here on every command of the window is answered by this. */
  install(): this {
    this.installed = true;
    mockIPC((command, args) => this.answer(command, (args ?? {}) as Arguments), {
      shouldMockEvents: true,
    });
    return this;
  }

  remove(): void {
    this.installed = false;
    clearMocks();
  }

  async announce(change: Changed): Promise<void> {
    // Before there is a window, nobody listens.
    if (this.installed) {
      await emit("changed", change);
    }
  }

  /** The arguments of every call of a command, the first one first. */
  asked(command: string): Arguments[] {
    return this.calls.filter((call) => call.command === command).map(({ args }) => args);
  }

  private async answer(command: string, args: Arguments): Promise<unknown> {
    this.calls.push({ command, args });
    const refusal = this.refusals[command] ?? this.refusals["*"];
    if (refusal !== undefined) {
      throw refusal;
    }
    return this.command(command, args);
  }

  private command(command: string, args: Arguments): unknown {
    switch (command) {
      case "synchronise":
        return this.synchronise(args);
      case "list_keys":
        return this.list(args.query as KeyQuery);
      case "suggest_values":
        return this.suggest(args.property as KeyProperty, args.text as string);
      case "describe_key":
      case "refresh_key":
        return this.describe(args.arn as string);
      case "find_keys":
        return this.find(args.text as string);
      case "read_overview":
        return this.overview(args.scope as Scope);
      case "describe_this_computer":
        return this.computer;
      case "start_sandbox_over":
        this.sandboxStarts += 1;
        return null;
      case "list_preferences":
        return this.preferences;
      case "remember_preference": {
        const kept = args.preference as Preference;
        this.preferences = [...this.preferences.filter(({ name }) => name !== kept.name), kept];
        return null;
      }
      case "cancel_task":
        this.connections.cancelTask(args.task as string);
        return null;
      case "open_key_in_console":
        return null;
      default: {
        const parts = [this.connections, this.store, this.uploads];
        const answer = parts.reduce<unknown>(
          (found, part) => (found === undefined ? part.answer(command, args) : found),
          undefined,
        );
        if (answer === undefined) {
          throw new Error(`the fake backend has no command ${command}`);
        }
        return answer;
      }
    }
  }

  private synchronise(args: Arguments): Promise<SyncReport> {
    const channel = args.progress as { onmessage: (progress: SyncProgress) => void };
    return new Promise((resolve, reject) => {
      const sync: FakeSync = {
        registration: args.registration as string,
        task: args.task as string,
        progress: (progress) => channel.onmessage(progress),
        end: (report) => {
          this.registrations = this.registrations.map((one) =>
            one.id === report.registration ? { ...one, syncedAt: report.finishedAt } : one,
          );
          this.lastSyncs = [
            ...this.lastSyncs.filter(({ registration }) => registration !== report.registration),
            report,
          ];
          resolve(report);
          void this.announce({ what: "keys", registration: report.registration });
        },
        fail: reject,
      };
      this.syncs.push(sync);
      this.onSync(sync);
    });
  }

  private inScope({ registrations, regions }: Scope): FakeKey[] {
    return this.keys.filter(
      ({ row }) =>
        (registrations.length === 0 || registrations.includes(row.registration)) &&
        (regions.length === 0 || regions.includes(row.region)),
    );
  }

  private list({ scope, view, combine, filters, sort, skip, limit }: KeyQuery): KeyPage {
    const all = this.inScope(scope);
    const matching = all
      .filter((one) => isInView(one, view))
      .filter((one) =>
        filters.length === 0
          ? true
          : combine === "and"
            ? filters.every((filter) => matches(one, filter))
            : filters.some((filter) => matches(one, filter)),
      )
      .sort((a, b) => {
        const [x, y] = [sortable(a, sort.by), sortable(b, sort.by)];
        return (x < y ? -1 : x > y ? 1 : 0) * (sort.descending ? -1 : 1);
      });
    return {
      rows: matching.slice(skip, skip + limit).map(({ row }) => row),
      matching: matching.length,
      inScope: all.length,
      syncedAt: this.syncedAt(scope),
    };
  }

  private suggest(property: KeyProperty, text: string) {
    const counts = new Map<string, number>();
    for (const one of this.keys) {
      for (const value of valuesOf(one, property)) {
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    }
    return [...counts]
      .filter(([value]) => value.toLowerCase().includes(text.toLowerCase()))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, 50)
      .map(([value, keys]) => ({ value, keys }));
  }

  private describe(arn: string) {
    const one = this.keys.find(({ key }) => key.arn === arn);
    if (!one) {
      const refusal: AppError = { code: "notFound", what: `the key ${arn}` };
      throw refusal;
    }
    return detailsOf(one, this.keys);
  }

  private find(text: string) {
    return this.keys
      .filter((one) =>
        [...one.aliases, one.key.arn, one.key.description].some((value) =>
          value.toLowerCase().includes(text.toLowerCase()),
        ),
      )
      .slice(0, 20)
      .map(({ row }) => ({
        arn: row.arn,
        label: row.alias ?? row.keyId,
        region: row.region,
        registration: row.registration,
      }));
  }

  private overview(scope: Scope): Overview {
    const all = this.inScope(scope);
    const count = (view: KeyView) => all.filter((one) => isInView(one, view)).length;
    const byExpiry = (one: FakeKey) => one.row.validTo ?? "";
    return {
      keys: count("all"),
      byok: count("byok"),
      native: count("native"),
      expiring: count("expiring"),
      needsMaterial: count("needsMaterial"),
      pendingDeletion: count("pendingDeletion"),
      disabled: count("disabled"),
      gone: count("gone"),
      regions: new Set(all.map(({ row }) => row.region)).size,
      nextToExpire: all
        .filter((one) => isInView(one, "expiring"))
        .sort((a, b) => (byExpiry(a) < byExpiry(b) ? -1 : 1))
        .slice(0, 5)
        .map(({ row }) => row),
      lastSyncs: this.lastSyncs.filter(
        ({ registration }) =>
          scope.registrations.length === 0 || scope.registrations.includes(registration),
      ),
      syncedAt: this.syncedAt(scope),
    };
  }

  private syncedAt({ registrations }: Scope): string | null {
    const times = this.registrations
      .filter(({ id }) => registrations.length === 0 || registrations.includes(id))
      .map(({ syncedAt }) => syncedAt);
    return times.length === 0 || times.includes(null)
      ? null
      : ((times.sort()[0] as string) ?? null);
  }
}

function isInView({ row, nextAction }: FakeKey, view: KeyView): boolean {
  if (view === "gone" || row.goneAt) {
    return view === "gone" && row.goneAt !== null;
  }
  switch (view) {
    case "all":
      return true;
    case "byok":
      return row.origin === "EXTERNAL";
    case "native":
      return row.origin === "AWS_KMS";
    case "expiring":
      return nextAction === "materialExpires";
    case "needsMaterial":
      return row.state === "PendingImport";
    case "pendingDeletion":
      return row.state === "PendingDeletion";
    case "disabled":
      return row.state === "Disabled";
  }
}

function matches(one: FakeKey, { property, operator, value }: Filter): boolean {
  const values =
    property === null
      ? [...one.aliases, one.row.keyId, one.row.description, ...valuesOf(one, "tag")]
      : valuesOf(one, property);
  const wanted = value.toLowerCase();
  const some = (test: (text: string) => boolean) => values.some((text) => test(text.toLowerCase()));
  switch (operator) {
    case "equals":
      return some((text) => text === wanted);
    case "notEquals":
      return !some((text) => text === wanted);
    case "contains":
      return some((text) => text.includes(wanted));
    case "notContains":
      return !some((text) => text.includes(wanted));
    case "startsWith":
      return some((text) => text.startsWith(wanted));
    case "atMost":
      return some((text) => Number(text) <= Number(value));
    case "atLeast":
      return some((text) => Number(text) >= Number(value));
  }
}

function valuesOf({ row, aliases }: FakeKey, property: KeyProperty): string[] {
  switch (property) {
    case "alias":
      return aliases;
    case "tag":
      return row.tags.map(({ key, value }) => `${key}=${value}`);
    case "multiRegion":
      return [row.multiRegion ?? "NO"];
    case "rotation":
      return [row.rotation];
    case "expiresInDays":
      return row.validTo ? [String(days(row.validTo))] : [];
    case "ageInDays":
      return [String(-days(row.createdAt))];
    default:
      return [String(row[property])];
  }
}

function sortable(one: FakeKey, property: KeyProperty): string | number {
  switch (property) {
    case "expiresInDays":
      return one.row.validTo ? days(one.row.validTo) : Number.MAX_VALUE;
    case "ageInDays":
      return -days(one.row.createdAt);
    case "alias":
      return one.row.alias ?? `~${one.row.keyId}`;
    default:
      return valuesOf(one, property)[0] ?? "";
  }
}

function days(at: string): number {
  return Math.floor((Date.parse(at) - Date.now()) / 86_400_000);
}
