// The window around every page.

import AppLayout from "@cloudscape-design/components/app-layout";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import { type ReactNode, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { type Crumb, FrameProvider, useFrame } from "./frame";
import { HeaderBar } from "./HeaderBar";
import { Notices } from "./Notices";
import { Palette } from "./Palette";
import { usePreference } from "./preferences";
import { ShortcutSheet } from "./ShortcutSheet";
import { inScope, usePaths, useRegistrations, useScope, useTasks } from "./session";
import { useShortcuts } from "./shortcuts";

export function Shell({ children }: { children: ReactNode }) {
  return (
    <FrameProvider>
      <Around>{children}</Around>
    </FrameProvider>
  );
}

function Around({ children }: { children: ReactNode }) {
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [sheetOpen, setSheetOpen] = useState(false);
  const synchroniseScope = useSynchroniseScope();
  const skipTo = () => document.getElementById("content")?.focus();
  useFirstSynchronisation();
  useRememberedPlace();
  useTopOfPage();
  useShortcuts({
    palette: () => setPaletteOpen(true),
    synchronise: synchroniseScope,
    sheet: () => setSheetOpen(true),
  });
  return (
    <>
      <button type="button" className="skip-link" onClick={skipTo}>
        Skip to content
      </button>
      <HeaderBar openPalette={() => setPaletteOpen(true)} synchronise={synchroniseScope} />
      <Layout>{children}</Layout>
      {paletteOpen && (
        <Palette
          close={() => setPaletteOpen(false)}
          synchronise={synchroniseScope}
          showShortcuts={() => setSheetOpen(true)}
        />
      )}
      {sheetOpen && <ShortcutSheet close={() => setSheetOpen(false)} />}
    </>
  );
}

function Layout({ children }: { children: ReactNode }) {
  const { crumbs, panel } = useFrame();
  const [navigationOpen, chooseNavigationOpen] = usePreference("layout.navigationOpen");
  const [position, choosePosition] = usePreference("layout.panelPosition");
  const [size, chooseSize] = usePreference("layout.panelSize");
  return (
    <AppLayout
      headerSelector="#header"
      toolsHide
      navigation={<Navigation />}
      navigationWidth={180}
      navigationOpen={navigationOpen}
      onNavigationChange={({ detail }) => chooseNavigationOpen(detail.open)}
      breadcrumbs={crumbs.length > 1 ? <Breadcrumbs crumbs={crumbs} /> : undefined}
      notifications={<Notices />}
      stickyNotifications
      content={
        // A target for "skip to content" and nothing more, hence no role.
        <div id="content" tabIndex={-1}>
          {children}
        </div>
      }
      maxContentWidth={Number.MAX_VALUE}
      splitPanel={panel?.content}
      splitPanelOpen={panel !== null}
      onSplitPanelToggle={({ detail }) => !detail.open && panel?.close()}
      splitPanelPreferences={{ position }}
      onSplitPanelPreferencesChange={({ detail }) => choosePosition(detail.position)}
      splitPanelSize={size}
      onSplitPanelResize={({ detail }) => chooseSize(Math.round(detail.size))}
      ariaLabels={{ navigation: "Pages", notifications: "Notices" }}
    />
  );
}

function Navigation() {
  const paths = usePaths();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const items = [
    { type: "link" as const, text: "Overview", href: `#${paths.overview()}` },
    { type: "link" as const, text: "Keys", href: `#${paths.keys()}` },
    { type: "link" as const, text: "Sources", href: `#${paths.sources()}` },
    { type: "link" as const, text: "Activity", href: `#${paths.activity()}` },
    { type: "link" as const, text: "Connections", href: `#${paths.connections()}` },
  ];
  const active = items.find(({ href }) => {
    const path = href.slice(1).split("?")[0] ?? "";
    return pathname === path || pathname.startsWith(`${path}/`);
  });
  return (
    <SideNavigation
      items={items}
      {...(active ? { activeHref: active.href } : {})}
      onFollow={(event) => {
        event.preventDefault();
        navigate(event.detail.href.slice(1));
      }}
    />
  );
}

function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  const navigate = useNavigate();
  return (
    <BreadcrumbGroup
      items={[...crumbs]}
      ariaLabel="Breadcrumbs"
      onFollow={(event) => {
        event.preventDefault();
        navigate(event.detail.href);
      }}
    />
  );
}

function useSynchroniseScope(): () => void {
  const { tasks } = useTasks();
  const registrations = useRegistrations() ?? [];
  const scope = useScope();
  return () => {
    for (const { id } of inScope(registrations, scope)) {
      tasks.synchronise(id);
    }
  };
}

/** A registration that was never read is read without being asked, once in the life of a window. */
function useFirstSynchronisation(): void {
  const { tasks } = useTasks();
  const registrations = useRegistrations();
  useEffect(() => {
    for (const { id, syncedAt } of registrations ?? []) {
      if (syncedAt === null) {
        tasks.synchroniseFirst(id);
      }
    }
  }, [tasks, registrations]);
}

function useRememberedPlace(): void {
  const { pathname, search } = useLocation();
  const [, choosePlace] = usePreference("place");
  useEffect(() => choosePlace(pathname + search), [choosePlace, pathname, search]);
}

/** Another page begins at its top, however far down the one before was read. */
function useTopOfPage() {
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what it depends on
  useEffect(() => {
    window.scrollTo({ top: 0, behavior: "instant" });
  }, [pathname]);
}
