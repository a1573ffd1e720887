// The bar that never leaves: scope, search, the age of what is shown, appearance, settings.

import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import { useCached } from "../api/answers";
import { commands } from "../api/bindings";
import { isRunning } from "../api/tasks";
import { Relative } from "../parts/Time";
import { useIsDark } from "./appearance";
import { Logo } from "./Logo";
import { usePreference } from "./preferences";
import { ScopeSelector } from "./ScopeSelector";
import { inScope, usePaths, useRegistrations, useScope, useTasks } from "./session";
import { COMMAND_KEY } from "./shortcuts";
import { mayLackKeys } from "./syncWords";

export function HeaderBar(props: { openPalette: () => void; synchronise: () => void }) {
  const paths = usePaths();
  const navigate = useNavigate();
  return (
    <header id="header" className="header-bar awsui-context-top-navigation">
      <a className="brand" href={`#${paths.overview()}`}>
        <Logo size={22} />
        <span>OwnKey</span>
      </a>
      <ScopeSelector />
      <button
        type="button"
        className="palette-trigger"
        onClick={props.openPalette}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <span>Search or run</span>
        <kbd>{COMMAND_KEY} K</kbd>
      </button>
      <div className="header-end">
        <SyncStatus synchronise={props.synchronise} />
        <ThemeSwitch />
        <Button
          variant="icon"
          iconName="settings"
          ariaLabel="Settings"
          onClick={() => navigate(paths.settings())}
        />
      </div>
    </header>
  );
}

function SyncStatus({ synchronise }: { synchronise: () => void }) {
  const scope = useScope();
  const registrations = useRegistrations() ?? [];
  const { all } = useTasks();
  const overview = useCached(["overview", scope], () => commands.readOverview(scope));
  const ids = new Set(inScope(registrations, scope).map(({ id }) => id));
  const running = all.some((task) => ids.has(task.registration) && isRunning(task));
  const syncedAt = overview.data?.syncedAt;
  const inPart = overview.data?.lastSyncs.some((report) => mayLackKeys(report, scope));
  const nothing = registrations.length === 0;
  return (
    <span className="sync-status" data-testid="sync-status">
      <span className="sync-status-text">
        {running ? (
          "Synchronising"
        ) : syncedAt ? (
          <Relative at={syncedAt} prefix={inPart ? "Synced in part" : "Synced"} />
        ) : overview.data && !nothing ? (
          "Never synchronised"
        ) : null}
      </span>
      <Button
        variant="icon"
        iconName="refresh"
        loading={running}
        loadingText="Synchronising"
        disabled={nothing}
        ariaLabel="Synchronise"
        onClick={synchronise}
      />
    </span>
  );
}

function ThemeSwitch() {
  const dark = useIsDark();
  const [, chooseTheme] = usePreference("appearance.theme");
  const label = dark ? "Switch to light" : "Switch to dark";
  return (
    <Button
      variant="icon"
      iconSvg={dark ? SUN : MOON}
      ariaLabel={label}
      onClick={() => chooseTheme(dark ? "light" : "dark")}
    />
  );
}

const MOON = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d="M13.500 9.800A6 6 0 0 1 6.200 2.500a6 6 0 1 0 7.300 7.300z" />
  </svg>
);

const SUN = (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="3" />
    <path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.500 1.500M11.500 11.500 13 13M13 3l-1.500 1.500M4.500 11.500 3 13" />
  </svg>
);
