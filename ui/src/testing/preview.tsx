// The window in a browser, over the fake backend; for looking at it while it is made. It is served
// by `npm run dev` at /src/testing/preview.html and is no part of the build.
//
// ?case=company|first|empty|error|start|syncing|refused  &theme=light|dark  &density=compact

import { createRoot } from "react-dom/client";
import { App } from "../app/App";
import { FakeBackend, type FakeSync } from "./fake";
import { DENIED, makeCompany, makeReport, PRODUCTION, SANDBOX } from "./fixtures";

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

switch (wanted.get("case")) {
  case "first":
    backend.registrations = [{ ...SANDBOX, syncedAt: null }];
    backend.keys = [];
    backend.lastSyncs = [];
    break;
  case "empty":
    backend.registrations = [];
    backend.keys = [];
    backend.lastSyncs = [];
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
