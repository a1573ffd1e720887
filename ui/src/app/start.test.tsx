import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../testing/fake";
import { EVERY_ERROR, makeCompany, makeReport, PRODUCTION, SANDBOX } from "../testing/fixtures";
import { openWindow, place, shownKeys } from "../testing/window";

test("the first start asks nothing, reads the sandbox and offers an account of one's own", async () => {
  const backend = new FakeBackend();
  backend.registrations = [{ ...SANDBOX, syncedAt: null }];
  const { user } = openWindow(backend);
  await screen.findByText("This is the sandbox account");
  expect(document.querySelectorAll("main input")).toHaveLength(0);
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  expect(screen.getByText("The keys are being read")).toBeVisible();
  expect(screen.queryByText("0")).toBeNull();

  backend.keys = makeCompany();
  backend.syncs[0]?.end(makeReport(SANDBOX));
  await screen.findByText("What needs you today");
  expect(screen.getByTestId("sync-status")).toHaveTextContent("Synced");

  await user.click(screen.getByText("Connect your AWS account"));
  await screen.findByText("Way to sign in");
  expect(place()).toBe("/first-steps");
  expect(document.title).toBe("First steps – OwnKey");
});

test("a first synchronisation that was cancelled is not started again by itself", async () => {
  const backend = new FakeBackend();
  backend.registrations = [{ ...SANDBOX, syncedAt: null }];
  openWindow(backend);
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  backend.syncs[0]?.fail({ code: "credentialsExpired", requestId: null });
  const notices = await screen.findByTestId("notices");
  await waitFor(() => expect(notices).toHaveTextContent("Sandbox: The credentials have expired"));
  await backend.announce({ what: "registrations" });
  await waitFor(() => expect(backend.asked("list_registrations").length).toBeGreaterThan(2));
  expect(backend.syncs).toHaveLength(1);
});

test("the sandbox banner, once dismissed, stays away", async () => {
  const backend = new FakeBackend();
  const { user, cloudscape } = openWindow(backend);
  await screen.findByText("This is the sandbox account");
  const dismiss = cloudscape.findAlert()?.findDismissButton();
  await user.click(dismiss?.getElement() as HTMLElement);
  expect(screen.queryByText("This is the sandbox account")).toBeNull();
  await waitFor(() =>
    expect(backend.preferences).toContainEqual({ name: "welcome.dismissed", value: "true" }),
  );
});

const START_PROBLEMS = [
  EVERY_ERROR.journalNewer,
  EVERY_ERROR.storageDamaged,
  EVERY_ERROR.folderReadOnly,
  EVERY_ERROR.diskFull,
  EVERY_ERROR.alreadyRunning,
];

test.each(START_PROBLEMS)(
  "if $code kept OwnKey from starting, the window says only that",
  async (error) => {
    const backend = new FakeBackend();
    backend.refusals = { "*": error };
    openWindow(backend, "/keys");
    const page = await screen.findByTestId("start-problem");
    expect(page).toHaveTextContent(error.path);
    expect(page.querySelector("h1")).not.toBeNull();
    expect(document.querySelector("nav")).toBeNull();
    expect(screen.queryByText("Try again")).toBeNull();
  },
);

test("what was not foreseen at the start asks for another start, not for another try", async () => {
  const backend = new FakeBackend();
  backend.refusals = { list_registrations: EVERY_ERROR.unexpected };
  openWindow(backend);
  await screen.findByText("Something unforeseen happened");
  expect(screen.getByText("Close OwnKey and start it again.")).toBeVisible();
  expect(screen.queryByText("Try again")).toBeNull();
});

test("place, scope, columns and appearance come back", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  backend.keys = makeCompany();
  backend.preferences = [
    { name: "place", value: JSON.stringify("/keys?regions=eu-west-1&view=byok") },
    { name: "appearance.theme", value: JSON.stringify("dark") },
    {
      name: "keys.columns",
      value: JSON.stringify([
        { id: "alias", visible: true },
        { id: "synced", visible: true },
        { id: "spec", visible: false },
      ]),
    },
    { name: "keys.views", value: "not JSON" },
    { name: "unknown", value: "1" },
  ];
  const { cloudscape } = openWindow(backend);
  await shownKeys();
  expect(place()).toBe("/keys?regions=eu-west-1&view=byok");
  expect(document.body).toHaveClass("awsui-dark-mode");
  expect(screen.getByTestId("scope-selector")).toHaveTextContent("All registrations · eu-west-1");
  const headers = cloudscape.findTable()?.findColumnHeaders() ?? [];
  const texts = headers.map((header) => header.getElement().textContent ?? "");
  expect(texts[1]).toContain("Alias");
  expect(texts[2]).toContain("Synced");
  expect(texts.join()).not.toContain("Key spec");
});
