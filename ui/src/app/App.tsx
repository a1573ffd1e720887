// The composition root: what there is once, and which page belongs to which URL.

import "@cloudscape-design/global-styles/index.css";
import "./app.css";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en-GB";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { HashRouter, Navigate, Route, Routes } from "react-router";
import { makeQueryClient } from "../api/answers";
import { commands } from "../api/bindings";
import { call, type Refused, refused } from "../api/call";
import { followChanges } from "../api/changes";
import { Operations } from "../api/operations";
import { Tasks } from "../api/tasks";
import { ActivityPage } from "../features/activity/ActivityPage";
import { OperationPage } from "../features/activity/OperationPage";
import { ConnectAccount } from "../features/connections/ConnectAccount";
import { ConnectionsPage } from "../features/connections/ConnectionsPage";
import { AddConnection, EditConnection } from "../features/connections/EditConnection";
import { RegistrationPage } from "../features/connections/RegistrationPage";
import { FirstSteps } from "../features/firstSteps/FirstSteps";
import { KeyPage } from "../features/keys/KeyPage";
import { KeysPage } from "../features/keys/KeysPage";
import { OverviewPage } from "../features/overview/OverviewPage";
import { SettingsPage } from "../features/settings/SettingsPage";
import { SourcePage } from "../features/sources/SourcePage";
import { SourcesPage } from "../features/sources/SourcesPage";
import { Applied } from "../features/uploads/Applied";
import { ImportMaterial } from "../features/uploads/ImportMaterial";
import { UploadKey } from "../features/uploads/UploadKey";
import { Later } from "../parts/Later";
import { useAppearance } from "./appearance";
import { EVERYWHERE, PATTERNS, pathsIn } from "./paths";
import { Preferences, PreferencesProvider } from "./preferences";
import { Shell } from "./Shell";
import { SignInRequests } from "./SignInRequests";
import { StartProblem } from "./StartProblem";
import { OperationsProvider, TasksProvider } from "./session";

export function App() {
  const [queries] = useState(makeQueryClient);
  const [tasks] = useState(() => new Tasks());
  const [operations] = useState(() => new Operations());
  useEffect(() => followChanges(queries), [queries]);
  return (
    <I18nProvider locale="en-GB" messages={[messages]}>
      <QueryClientProvider client={queries}>
        <TasksProvider tasks={tasks}>
          <OperationsProvider operations={operations}>
            <Start>
              <HashRouter>
                <Pages />
              </HashRouter>
            </Start>
          </OperationsProvider>
        </TasksProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}

function Pages() {
  useAppearance();
  return (
    <>
      <Shell>
        <Routes>
          <Route path={PATTERNS.overview} element={<OverviewPage />} />
          <Route path={PATTERNS.keys} element={<KeysPage />} />
          <Route path={PATTERNS.key} element={<KeyPage />} />
          <Route path={PATTERNS.upload} element={<UploadKey />} />
          <Route path={PATTERNS.uploaded} element={<Applied />} />
          <Route path={PATTERNS.importMaterial} element={<ImportMaterial />} />
          <Route path={PATTERNS.imported} element={<Applied />} />
          <Route path={PATTERNS.sources} element={<SourcesPage />} />
          <Route path={PATTERNS.source} element={<SourcePage />} />
          <Route path={PATTERNS.activity} element={<ActivityPage />} />
          <Route path={PATTERNS.operation} element={<OperationPage />} />
          <Route path={PATTERNS.connections} element={<ConnectionsPage tab="registrations" />} />
          <Route path={PATTERNS.signIns} element={<ConnectionsPage tab="connections" />} />
          <Route path={PATTERNS.newSignIn} element={<AddConnection />} />
          <Route path={PATTERNS.signIn} element={<EditConnection />} />
          <Route path={PATTERNS.registration} element={<RegistrationPage />} />
          <Route path={PATTERNS.connect} element={<ConnectAccount />} />
          <Route path={PATTERNS.firstSteps} element={<FirstSteps />} />
          <Route path={PATTERNS.settings} element={<SettingsPage />} />
          <Route path="*" element={<Navigate to={pathsIn(EVERYWHERE).overview()} replace />} />
        </Routes>
      </Shell>
      <SignInRequests />
    </>
  );
}

/**
 * Asks the two things that nothing can be shown without. If OwnKey could not start, every command
 * answers with the reason: then there is a page that says so, and nothing else to click.
 */
function Start({ children }: { children: ReactNode }) {
  const [start, setStart] = useState<Preferences | Refused>();
  useEffect(() => {
    let wanted = true;
    const settle = (end: Preferences | Refused) => wanted && setStart(end);
    call(commands.listRegistrations())
      .then(() => call(commands.listPreferences()))
      .then((kept) => settle(restorePlace(new Preferences(kept))))
      .catch((failure: unknown) => settle(refused(failure)));
    return () => {
      wanted = false;
    };
  }, []);
  if (!start) {
    return <Later what="OwnKey" />;
  }
  if (!(start instanceof Preferences)) {
    return <StartProblem error={start.error} />;
  }
  return <PreferencesProvider preferences={start}>{children}</PreferencesProvider>;
}

/** Back to where the window was closed, unless a URL asks for something else. */
function restorePlace(preferences: Preferences): Preferences {
  const place = preferences.read("place");
  if (place && window.location.hash.length <= 2) {
    window.history.replaceState(null, "", `#${place}`);
  }
  return preferences;
}
