import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../testing/fake";
import { DENIED, makeCompany, makeReport, PRODUCTION, SANDBOX } from "../testing/fixtures";
import { lastAsked, openWindow } from "../testing/window";

function company(): FakeBackend {
  const backend = new FakeBackend();
  backend.keys = makeCompany().slice(-14);
  return backend;
}

test("a synchronisation tells how far it is and what it waits for, on every page, and can be cancelled", async () => {
  const backend = company();
  const { user } = openWindow(backend, "/overview");
  await screen.findByText("What needs you today");
  await user.keyboard("{Control>}r{/Control}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  const [sync] = backend.syncs;
  act(() =>
    sync?.progress({
      registration: SANDBOX.id,
      listed: 700,
      read: 412,
      regions: [
        { region: "eu-central-1", stage: "done", listed: 200, read: 200, waiting: null },
        {
          region: "eu-west-1",
          stage: "reading",
          listed: 500,
          read: 212,
          waiting: { on: "quota", action: "kms:DescribeKey", seconds: 40 },
        },
      ],
    }),
  );
  const notices = screen.getByTestId("notices");
  expect(notices).toHaveTextContent("412 of 700 keys, 1 of 2 regions finished");
  expect(notices).toHaveTextContent(
    "eu-west-1: 212 of 500 keys; waiting for AWS’s quota, 40 s left",
  );

  await user.click(screen.getByText("Connections"));
  expect(screen.getByTestId("notices")).toHaveTextContent("212 of 500 keys");
  expect(screen.getByTestId("sync-status")).toHaveTextContent("Synchronising");

  await user.click(within(screen.getByTestId("notices")).getByText("Cancel"));
  expect((await lastAsked(backend, "cancel_task")).task).toBe(sync?.task);
  act(() => sync?.end(makeReport(SANDBOX, { outcome: "cancelled", keys: 412 })));
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent("Sandbox: synchronising was cancelled"),
  );
  expect(screen.getByTestId("notices")).toHaveTextContent("what was read is kept");
});

test("what could not be read is told by action, place, number and AWS's words", async () => {
  const backend = company();
  const { user, cloudscape } = openWindow(backend, "/keys");
  await screen.findByTestId("sync-status");
  await user.keyboard("{Control>}r{/Control}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  act(() =>
    backend.syncs[0]?.end(
      makeReport(SANDBOX, {
        outcome: "partial",
        refusals: [{ region: "eu-west-1", action: "kms:GetKeyPolicy", error: DENIED, times: 12 }],
      }),
    ),
  );
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent(
      "Sandbox: not everything could be read",
    ),
  );
  await user.click(screen.getByText("Show what"));
  const dialog = cloudscape.findModal()?.getElement();
  for (const text of ["kms:GetKeyPolicy", "eu-west-1", "12", DENIED.cause]) {
    expect(dialog).toHaveTextContent(text);
  }
});

test("a failure says what to do and offers to synchronise again", async () => {
  const backend = company();
  const { user } = openWindow(backend, "/keys");
  await screen.findByTestId("sync-status");
  await user.keyboard("{Control>}r{/Control}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  act(() => backend.syncs[0]?.fail({ code: "credentialsExpired", requestId: "request-9" }));
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent(
      "Sandbox: The credentials have expired",
    ),
  );
  await user.click(screen.getByText("Synchronise again"));
  await waitFor(() => expect(backend.syncs).toHaveLength(2));
});

test("Ctrl R synchronises the registrations of the scope, each once at a time", async () => {
  const backend = company();
  backend.registrations = [SANDBOX, PRODUCTION];
  const { user } = openWindow(backend, `/keys?registrations=${PRODUCTION.id}`);
  await screen.findByText("Production · all regions");
  await user.keyboard("{Control>}r{/Control}{Control>}r{/Control}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  expect(backend.syncs[0]?.registration).toBe(PRODUCTION.id);
});

test("a change in the backend is read anew without asking", async () => {
  const backend = company();
  openWindow(backend, "/keys?view=disabled");
  await screen.findByText("alias/dev/experiment");
  backend.keys = [];
  await backend.announce({ what: "keys", registration: SANDBOX.id });
  await waitFor(() => expect(screen.queryByText("alias/dev/experiment")).toBeNull());
});

test("a synchronisation that ended in a failure does not read as finished", async () => {
  const backend = company();
  const { user } = openWindow(backend, "/keys");
  await screen.findByTestId("sync-status");
  await user.keyboard("{Control>}r{/Control}");
  await waitFor(() => expect(backend.syncs).toHaveLength(1));
  const error = { code: "credentialsExpired", requestId: null } as const;
  act(() => backend.syncs[0]?.end(makeReport(SANDBOX, { outcome: "failed", error })));
  await waitFor(() =>
    expect(screen.getByTestId("notices")).toHaveTextContent(
      "Sandbox: The credentials have expired",
    ),
  );
  expect(screen.getByTestId("notices")).toHaveTextContent("Synchronise again");
});
