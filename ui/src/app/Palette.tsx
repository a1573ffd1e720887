// Ctrl/Cmd K: go to any page or key, run any action. Made for the keyboard.

import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useCached } from "../api/answers";
import { commands, type KeyHit } from "../api/bindings";
import { Foreign } from "../parts/Foreign";
import { useFelt } from "../parts/Later";
import { useIsDark } from "./appearance";
import { usePreference } from "./preferences";
import { usePaths, useRegistrations, useTasks } from "./session";

interface Item {
  id: string;
  group: "Pages" | "Actions" | "Keys";
  text: string;
  note?: string;
  run: () => void;
}

/** Typing faster than this asks only once. */
const ASK_AFTER_MS = 120;

export function Palette(props: {
  close: () => void;
  synchronise: () => void;
  showShortcuts: () => void;
}) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const asked = useSettled(text.trim(), ASK_AFTER_MS);
  const hits = useKeyHits(asked);
  const isCurrent = asked === text.trim();
  const items = useItems(text, isCurrent ? (hits.data ?? []) : [], props);
  const isWaiting = hits.isFetching || !isCurrent;
  const searching = useFelt(isWaiting);
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const chosen = items[Math.min(active, items.length - 1)];
  useReturnedFocus(input);
  useEffect(() => {
    if (chosen) {
      document.getElementById(`${list}-${chosen.id}`)?.scrollIntoView?.({ block: "nearest" });
    }
  }, [chosen, list]);

  const run = (item: Item | undefined) => {
    if (item) {
      props.close();
      item.run();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && items.length > 0) {
      event.preventDefault();
      setActive((Math.min(active, items.length - 1) + step + items.length) % items.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(chosen);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      props.close();
    } else if (event.key === "Tab") {
      // The field is all there is to focus; the list is reached with the arrows.
      event.preventDefault();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the dialog closes it; Esc does so by keyboard.
    <div
      className="palette-backdrop"
      onMouseDown={(event) => event.target === event.currentTarget && props.close()}
    >
      <div className="palette" role="dialog" aria-modal="true" aria-label="Search or run">
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label="Search pages, actions, keys, aliases and ARNs"
          aria-expanded="true"
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={chosen ? `${list}-${chosen.id}` : undefined}
          placeholder="Pages, actions, keys, aliases, ARNs"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div className="palette-list" id={list} role="listbox" aria-label="Results">
          {GROUPS.map((group) => {
            const members = items.filter((item) => item.group === group);
            return members.length === 0 ? null : (
              // biome-ignore lint/a11y/useSemanticElements: a group within a listbox has no element of its own.
              <div key={group} role="group" aria-label={group}>
                <div className="palette-group" aria-hidden="true">
                  {group}
                </div>
                {members.map((item) => (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys.
                  <div
                    key={item.id}
                    id={`${list}-${item.id}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={item === chosen}
                    className="palette-option"
                    onClick={() => run(item)}
                    onMouseMove={() => item !== chosen && setActive(items.indexOf(item))}
                  >
                    <Foreign text={item.text} max={80} />
                    {item.note && (
                      <span className="palette-note">
                        <Foreign text={item.note} max={60} />
                      </span>
                    )}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
        <div className="palette-foot" role="status">
          {searching
            ? "Searching the keys"
            : items.length === 0 && !isWaiting
              ? "Nothing is called that"
              : "↑ ↓ to move, Enter to open, Esc to close"}
        </div>
      </div>
    </div>
  );
}

const GROUPS: Item["group"][] = ["Pages", "Actions", "Keys"];

function useItems(
  text: string,
  hits: readonly KeyHit[],
  props: { synchronise: () => void; showShortcuts: () => void },
): Item[] {
  const paths = usePaths();
  const navigate = useNavigate();
  const dark = useIsDark();
  const [, chooseTheme] = usePreference("appearance.theme");
  const { tasks } = useTasks();
  const registrations = useRegistrations() ?? [];
  const fixed: Item[] = [
    page("overview", "Overview", paths.overview()),
    page("keys", "Keys", paths.keys()),
    page("keys-byok", "Keys: BYOK", paths.keys({ view: "byok" })),
    page("keys-expiring", "Keys: Expiring", paths.keys({ view: "expiring" })),
    page("keys-needs", "Keys: Needs material", paths.keys({ view: "needsMaterial" })),
    page("sources", "Sources", paths.sources()),
    page(
      "sources-unprotected",
      "Sources: without a verified backup",
      paths.sources({ unprotected: true }),
    ),
    page("activity", "Activity", paths.activity()),
    page("activity-open", "Activity: needs attention", paths.activity({ openOnly: true })),
    page("connections", "Connections", paths.connections()),
    page("first-steps", "First steps", paths.firstSteps()),
    page("sign-ins", "Connections: ways to sign in", paths.signIns()),
    ...registrations.map(({ id, name }) =>
      page(`registration-${id}`, `Registration ${name}`, paths.registration(id)),
    ),
    page("settings", "Settings", paths.settings()),
    action("synchronise", "Synchronise the scope", props.synchronise),
    ...(registrations.length > 1
      ? registrations.map(({ id, name }) =>
          action(`synchronise-${id}`, `Synchronise ${name}`, () => tasks.synchronise(id)),
        )
      : []),
    action("upload", "Upload key", () => navigate(paths.upload())),
    action("connect", "Connect your AWS account", () => navigate(paths.connect())),
    action("add-connection", "Add connection", () => navigate(paths.newSignIn())),
    action("theme", dark ? "Switch to light" : "Switch to dark", () =>
      chooseTheme(dark ? "light" : "dark"),
    ),
    action("system", "Follow the system’s light or dark", () => chooseTheme("system")),
    action("shortcuts", "Show the keyboard shortcuts", props.showShortcuts),
  ];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = fixed.filter((item) =>
    words.every((word) => `${item.group} ${item.text}`.toLowerCase().includes(word)),
  );
  const keys = hits.map(
    ({ arn, label, region, registration }): Item => ({
      id: `key-${arn}`,
      group: "Keys",
      text: label,
      note: [region, registrations.find(({ id }) => id === registration)?.name]
        .filter(Boolean)
        .join(" · "),
      run: () => navigate(paths.key(arn)),
    }),
  );
  return text.trim() === "" ? matching : [...matching, ...keys];

  function page(id: string, text: string, path: string): Item {
    return { id, group: "Pages", text, run: () => navigate(path) };
  }

  function action(id: string, text: string, run: () => void): Item {
    return { id, group: "Actions", text, run };
  }
}

/** The keys of this text only: what an older text found must not be opened by Enter. */
function useKeyHits(asked: string) {
  return useCached(["hits", asked], () => commands.findKeys(asked), { enabled: asked !== "" });
}

/** The value once it has stayed the same for a while. */
function useSettled(value: string, after: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}

/** The field has the focus while the palette is open; whatever had it before gets it back. */
function useReturnedFocus(input: { current: HTMLInputElement | null }): void {
  const before = useMemo(() => document.activeElement, []);
  useEffect(() => {
    input.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, [input, before]);
}
