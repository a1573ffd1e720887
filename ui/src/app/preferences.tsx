// What the window remembers between starts. The backend keeps it; nothing lies in the web view.

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useSyncExternalStore,
} from "react";
import { commands, type Filter, type KeyView, type Preference } from "../api/bindings";
import { call } from "../api/call";
import { EMPTY_REGISTER } from "../features/connections/kept";
import { NOT_BEGUN } from "../features/firstSteps/progress";
import { EMPTY_IMPORT, EMPTY_UPLOAD, NOT_SENT } from "../features/uploads/form";

/** Every preference with what holds until a person chooses otherwise. */
export const DEFAULTS = {
  "appearance.theme": "system" as "light" | "dark" | "system",
  "appearance.density": "comfortable" as "comfortable" | "compact",
  "connect.draft": EMPTY_REGISTER,
  firstSteps: NOT_BEGUN,
  "import.draft": EMPTY_IMPORT,
  "keys.columns": [] as { id: string; visible: boolean }[],
  "keys.pageSize": 50,
  "keys.views": [] as SavedView[],
  "keys.widths": {} as Record<string, number>,
  "keys.wrapLines": false,
  "layout.navigationOpen": true,
  "layout.panelPosition": "side" as "side" | "bottom",
  "layout.panelSize": 380,
  place: "",
  "registrations.pageSize": 10,
  "sources.draft": { spec: "SYMMETRIC_DEFAULT", name: "" },
  "upload.draft": EMPTY_UPLOAD,
  "upload.sent": NOT_SENT,
  "welcome.dismissed": false,
};

/** A filter of the key list under a name of its own. */
export interface SavedView {
  name: string;
  view: KeyView;
  combine: "and" | "or";
  filters: Filter[];
}

type All = typeof DEFAULTS;
export type PreferenceName = keyof All;

export class Preferences {
  private readonly values = new Map<PreferenceName, unknown>();
  /** The writes under way, each with whether a newer choice waits for it to end. */
  private readonly writing = new Map<PreferenceName, { again: boolean }>();
  private readonly watchers = new Set<() => void>();

  constructor(kept: readonly Preference[]) {
    for (const { name, value } of kept) {
      if (name in DEFAULTS) {
        this.values.set(name as PreferenceName, parse(value));
      }
    }
  }

  /** What was chosen, unless it is not of the kind this version expects. */
  read<N extends PreferenceName>(name: N): All[N] {
    const kept = this.values.get(name);
    return isLike(kept, DEFAULTS[name]) ? (kept as All[N]) : DEFAULTS[name];
  }

  choose<N extends PreferenceName>(name: N, value: All[N]): void {
    this.values.set(name, value);
    void this.write(name);
    for (const watcher of this.watchers) {
      watcher();
    }
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** At once, so that closing loses nothing; while a column is dragged, one write after another. */
  private async write(name: PreferenceName): Promise<void> {
    const underWay = this.writing.get(name);
    if (underWay) {
      underWay.again = true;
      return;
    }
    const mine = { again: true };
    this.writing.set(name, mine);
    while (mine.again) {
      mine.again = false;
      const value = JSON.stringify(this.values.get(name));
      // A preference that cannot be written holds until the window closes: not worth interrupting
      // anyone, and the same trouble shows wherever something that matters is written.
      await call(commands.rememberPreference({ name, value })).catch(() => undefined);
    }
    this.writing.delete(name);
  }
}

export function PreferencesProvider(props: { preferences: Preferences; children: ReactNode }) {
  return <Context value={props.preferences}>{props.children}</Context>;
}

/** One preference, and how to choose it. */
export function usePreference<N extends PreferenceName>(
  name: N,
): readonly [All[N], (value: All[N]) => void] {
  const preferences = usePreferences();
  const value = useSyncExternalStore(preferences.watch, () => preferences.read(name));
  const choose = useCallback(
    (chosen: All[N]) => preferences.choose(name, chosen),
    [preferences, name],
  );
  return [value, choose] as const;
}

export function usePreferences(): Preferences {
  const preferences = useContext(Context);
  if (!preferences) {
    throw new Error("preferences are read outside their provider");
  }
  return preferences;
}

const Context = createContext<Preferences | null>(null);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of the same kind as the default, with at least its members: enough not to trip over. */
function isLike(value: unknown, example: unknown): boolean {
  if (Array.isArray(example)) {
    return Array.isArray(value);
  }
  if (typeof example === "object" && example !== null) {
    return (
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.entries(example).every(([name, part]) =>
        isLike((value as Record<string, unknown>)[name], part),
      )
    );
  }
  return typeof value === typeof example;
}
