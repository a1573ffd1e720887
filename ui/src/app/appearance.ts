// Light and dark, comfortable and compact.

import { applyDensity, applyMode, Density, Mode } from "@cloudscape-design/global-styles";
import { useEffect, useSyncExternalStore } from "react";
import { usePreference } from "./preferences";

/** Keeps the window as it was chosen, and follows the system where that was chosen. */
export function useAppearance(): void {
  const dark = useIsDark();
  const [density] = usePreference("appearance.density");
  useEffect(() => {
    applyMode(dark ? Mode.Dark : Mode.Light);
    // For what the web view draws by itself: scroll bars, the page before its first frame.
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  useEffect(() => {
    applyDensity(density === "compact" ? Density.Compact : Density.Comfortable);
  }, [density]);
}

export function useIsDark(): boolean {
  const [theme] = usePreference("appearance.theme");
  const systemIsDark = useSyncExternalStore(watchSystem, () => systemDark().matches);
  return theme === "system" ? systemIsDark : theme === "dark";
}

function systemDark(): MediaQueryList {
  return window.matchMedia("(prefers-color-scheme: dark)");
}

function watchSystem(watcher: () => void): () => void {
  const query = systemDark();
  query.addEventListener("change", watcher);
  return () => query.removeEventListener("change", watcher);
}
