// The window in a browser, over the fake backend; for looking at it while it is made. It is served
// by `npm run dev` at /src/testing/preview.html and is no part of the build.
//
// ?case=company|first|empty|error|start|syncing|refused|backups|stopped|interrupted|locked
//        |registrations|mfa|browser|login
// &theme=light|dark  &density=compact  &materials=200

import { createRoot } from "react-dom/client";
import { App } from "../app/App";
import {
  ACCESS_KEY,
  BROWSER_REQUEST,
  LOGIN_REQUEST,
  MFA_REQUEST,
  makeRegistrations,
  SSO,
} from "./connectionFixtures";
import { FakeBackend, type FakeSync } from "./fake";
import type { FakeApply } from "./fakeUploads";
import { DENIED, EVERY_ERROR, makeCompany, makeReport, PRODUCTION, SANDBOX } from "./fixtures";
import {
  FOLDER,
  makeFinished,
  makeOperation,
  makeSteps,
  makeStopped,
  makeStore,
} from "./operationFixtures";

// As `freezePrototype` of tauri.conf.json does, which not every library survives.
Object.freeze(Object.prototype);

const wanted = new URLSearchParams(window.location.search);
const backend = new FakeBackend();
backend.keys = makeCompany();
backend.lastSyncs = [makeReport(SANDBOX)];
backend.preferences = [
  { name: "appearance.theme", value: JSON.stringify(wanted.get("theme") ?? "light") },
  { name: "appearance.density", value: JSON.stringify(wanted.get("density") ?? "comfortable") },
  { name: "welcome.dismissed", value: JSON.stringify(wanted.get("case") !== "first") },
];

backend.store.operations = [makeFinished(3), makeFinished(9, { state: "undone" })];
// A step a second, so that there is something to look at.
backend.store.onWork = ({ operation, progress, end }) => {
  const one = backend.store.operations.find(({ id }) => id === operation) ?? makeOperation(1);
  const step = (done: number) => {
    const { length } = one.steps;
    if (done > length) {
      end(makeFinished(1, { id: one.id, openedAt: one.openedAt }));
    } else {
      progress({ ...one, running: true, error: null, steps: makeSteps(done) });
      setTimeout(() => step(done + 1), 1000);
    }
  };
  step(3);
};

backend.connections.signIns.set(SANDBOX.connection.id, { state: "signedIn", until: null });

switch (wanted.get("case")) {
  case "registrations":
    backend.registrations = [SANDBOX, PRODUCTION, ...makeRegistrations(30)];
    backend.connections.connections = [ACCESS_KEY, SSO];
    backend.connections.signIns.set(SSO.id, {
      state: "failed",
      error: EVERY_ERROR.signInNeeded,
    });
    break;
  case "mfa":
    void backend.connections.ask(MFA_REQUEST);
    break;
  case "browser":
    void backend.connections.ask(BROWSER_REQUEST);
    break;
  case "login":
    void backend.connections.ask(LOGIN_REQUEST);
    break;
  case "interrupted":
    backend.store.operations.push(makeOperation(1), makeStopped(2));
    break;
  case "locked":
    backend.refusals = { list_materials: { code: "masterKeyMissing" } };
    break;
  case "first":
    backend.registrations = [{ ...SANDBOX, syncedAt: null }];
    backend.keys = [];
    backend.lastSyncs = [];
    backend.store.operations = [];
    break;
  case "empty":
    backend.registrations = [];
    backend.keys = [];
    backend.lastSyncs = [];
    backend.store.operations = [];
    break;
  case "error":
    backend.refusals = { list_keys: DENIED, read_overview: DENIED, describe_this_computer: DENIED };
    break;
  case "start":
    backend.refusals = {
      "*": {
        code: "journalNewer",
        found: 9,
        known: 3,
        path: "/home/jo/.local/share/ownkey/journal.db",
      },
    };
    break;
  case "refused":
    backend.registrations = [SANDBOX, PRODUCTION];
    backend.lastSyncs = [
      makeReport(SANDBOX),
      makeReport(PRODUCTION, {
        outcome: "partial",
        keys: 31,
        refusals: [
          { region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 12 },
          {
            region: null,
            action: "iam:ListAccountAliases",
            error: { ...DENIED, action: "iam:ListAccountAliases", resource: "*" },
            times: 1,
          },
        ],
      }),
    ];
    break;
}

if (wanted.get("case") === "backups") {
  backend.registrations = [PRODUCTION];
  backend.store.settings = { folder: null, proposed: FOLDER, passphraseKept: false };
}
const isBare = ["first", "empty"].includes(wanted.get("case") ?? "");
backend.store.materials = makeStore(isBare ? 0 : Number(wanted.get("materials") ?? 24));
backend.uploads.notes = [{ note: "fileStays", name: "payments.key" }, { note: "sandbox" }];
backend.uploads.onApply = (apply) => moveUpload(apply, 1);

function moveUpload(apply: FakeApply, done: number): void {
  if (wanted.get("case") === "stopped" && done === 3) {
    apply.stop(done, { error: { ...DENIED, action: "kms:ImportKeyMaterial" } });
  } else if (done < apply.plan.steps.length) {
    apply.step(done);
    setTimeout(() => moveUpload(apply, done + 1), 1500);
  } else {
    apply.finish();
  }
}

backend.onSync = (sync) => {
  if (wanted.get("case") === "refused") {
    sync.end(backend.lastSyncs[1] ?? makeReport(PRODUCTION));
    return;
  }
  moveOn(sync, 0);
};

function moveOn(sync: FakeSync, step: number): void {
  const steps = 40;
  const registration = backend.registrations.find(({ id }) => id === sync.registration) ?? SANDBOX;
  const read = Math.round((step / steps) * 500);
  sync.progress({
    registration: registration.id,
    listed: 500 * registration.regions.length,
    read: read * registration.regions.length,
    regions: registration.regions.map((region, index) => ({
      region,
      stage: index === 0 ? "done" : index === 4 ? "queued" : index === 3 ? "listing" : "reading",
      listed: 500,
      read: index === 0 ? 500 : read,
      waiting: index === 1 ? { on: "quota", action: "kms:DescribeKey", seconds: 40 - step } : null,
    })),
  });
  if (step < steps) {
    setTimeout(() => moveOn(sync, step + 1), 500);
  } else {
    sync.end(makeReport(registration));
  }
}

backend.install();
Object.assign(window, { backend });
createRoot(document.getElementById("root") as HTMLElement).render(<App />);
