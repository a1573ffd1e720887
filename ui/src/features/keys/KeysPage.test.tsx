import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { KeyQuery } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import {
  DENIED,
  HOSTILE,
  inDays,
  makeByok,
  makeCompany,
  makeKey,
  makeReport,
  PRODUCTION,
  SANDBOX,
} from "../../testing/fixtures";
import { lastAsked, names, openWindow, place, shownKeys } from "../../testing/window";

/** Cloudscape's wrappers speak in key codes. */
const ENTER = 13;

async function openKeys(path = "/keys", change: (backend: FakeBackend) => void = () => undefined) {
  const backend = new FakeBackend();
  // A table of fifty rows is slow in jsdom: most tests look at the odd ones only.
  backend.keys = makeCompany().slice(-14);
  change(backend);
  const opened = openWindow(backend, path);
  await waitFor(() => expect(backend.asked("list_keys").length).toBeGreaterThan(0));
  return { backend, ...opened };
}

function manyKeys(backend: FakeBackend): void {
  backend.keys = makeCompany();
}

async function lastQuery(backend: FakeBackend, fits: (query: KeyQuery) => boolean) {
  const args = await lastAsked(backend, "list_keys", ({ query }) => fits(query as KeyQuery));
  return args.query as KeyQuery;
}

test("a property filter is sent as it was entered, and its values are suggested by the backend", async () => {
  const { backend, cloudscape, user } = await openKeys();
  await shownKeys();
  await user.keyboard("{Control>}f{/Control}");
  const filter = cloudscape.findPropertyFilter();
  expect(document.activeElement).toBe(filter?.findNativeInput().getElement());
  filter?.setInputValue("Tag = own");
  expect(await lastAsked(backend, "suggest_values")).toEqual({
    scope: { registrations: [], regions: [] },
    property: "tag",
    text: "own",
  });
  filter?.setInputValue("Tag = owner=platform");
  filter?.findNativeInput().keydown(ENTER);
  const query = await lastQuery(backend, ({ filters }) => filters.length === 1);
  expect(query.filters).toEqual([{ property: "tag", operator: "equals", value: "owner=platform" }]);
  expect(place()).toContain("filter=tag:equals:owner=platform");

  filter?.setInputValue("ledger");
  filter?.findNativeInput().keydown(ENTER);
  const both = await lastQuery(backend, ({ filters }) => filters.length === 2);
  expect(both.filters[1]).toEqual({ property: null, operator: "contains", value: "ledger" });
  expect(both.combine).toBe("and");
});

test("the whole question lives in the URL", async () => {
  const { backend } = await openKeys(
    "/keys?view=byok&filter=region:equals:eu-west-1&filter=:contains:x&combine=or&sort=spec:desc&page=2&registrations=r-sandbox",
  );
  expect(backend.asked("list_keys")[0]?.query).toEqual({
    scope: { registrations: ["r-sandbox"], regions: [] },
    view: "byok",
    combine: "or",
    filters: [
      { property: "region", operator: "equals", value: "eu-west-1" },
      { property: null, operator: "contains", value: "x" },
    ],
    sort: { by: "spec", descending: true },
    skip: 50,
    limit: 50,
  });
});

test("every column sorts in the backend; the newest keys are those of the smallest age", async () => {
  const { backend, cloudscape, user } = await openKeys("/keys", (backend) => {
    backend.preferences = [
      {
        name: "keys.columns",
        value: JSON.stringify([
          { id: "alias", visible: true },
          { id: "created", visible: true },
        ]),
      },
    ];
  });
  await shownKeys();
  // Column 1 selects; 2 is the alias; 3 is the date of creation.
  const sorter = cloudscape.findTable()?.findColumnSortingArea(3)?.getElement() as HTMLElement;
  await user.click(sorter);
  const oldestFirst = await lastQuery(backend, ({ sort }) => sort.by === "ageInDays");
  expect(oldestFirst.sort.descending).toBe(true);
  await user.click(cloudscape.findTable()?.findColumnSortingArea(3)?.getElement() as HTMLElement);
  await lastQuery(backend, ({ sort }) => sort.by === "ageInDays" && !sort.descending);
  expect(place()).toContain("sort=ageInDays:asc");
});

test("pages are asked for one by one, and one past the end shows the last", async () => {
  const { backend, cloudscape, user } = await openKeys("/keys", manyKeys);
  expect(await shownKeys()).toHaveLength(50);
  expect(screen.getByText("(54)")).toBeVisible();
  const next = cloudscape.findPagination()?.findNextPageButton().getElement() as HTMLElement;
  await user.click(next);
  await lastQuery(backend, ({ skip }) => skip === 50);
  await waitFor(() => expect(names()).toHaveLength(4));
});

test("a page past the end shows the last one", async () => {
  await openKeys("/keys?page=9", manyKeys);
  await waitFor(() => expect(place()).toContain("page=2"));
  expect(await shownKeys()).toHaveLength(4);
});

test("each view counts its keys and leads to them; vanished keys are marked", async () => {
  const { user } = await openKeys();
  await shownKeys();
  await waitFor(() =>
    expect(screen.getByText("Disabled", { selector: "a" })).toHaveTextContent("Disabled1"),
  );
  await user.click(screen.getByText("Gone", { selector: "a" }));
  await waitFor(() => expect(names()).toEqual(["alias/gone/legacy-erp"]));
  expect(screen.getByTestId("key-row")).toHaveClass("gone");
  expect(place()).toBe("/keys?view=gone");
});

test("a filter is kept under a name, comes back with it, and can be deleted", async () => {
  const { backend, user } = await openKeys("/keys?view=byok&filter=:contains:ledger");
  await shownKeys();
  await user.click(screen.getByText("Save view"));
  const field = screen.getByLabelText("Name");
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard("Ledgers{Enter}");
  const saved = await screen.findByText("Ledgers");
  await waitFor(() =>
    expect(
      JSON.parse(backend.preferences.find(({ name }) => name === "keys.views")?.value ?? "null"),
    ).toEqual([
      {
        name: "Ledgers",
        view: "byok",
        combine: "and",
        filters: [{ property: null, operator: "contains", value: "ledger" }],
      },
    ]),
  );
  await user.click(screen.getByText("All", { selector: "a" }));
  await waitFor(() => expect(names().length).toBeGreaterThan(1));
  await user.click(saved);
  await waitFor(() => expect(place()).toBe("/keys?view=byok&filter=:contains:ledger"));
  await user.click(screen.getByText("Delete view"));
  expect(screen.queryByText("Ledgers")).toBeNull();
});

test("a selected row shows its details beside the list; Space selects, Enter opens, Esc closes", async () => {
  const { backend, user } = await openKeys("/keys?view=disabled");
  await shownKeys();
  const link = () => screen.getByText("alias/dev/experiment").closest("a") as HTMLElement;
  link().focus();
  await user.keyboard(" ");
  const arn = backend.keys.find(({ aliases }) => aliases[0] === "alias/dev/experiment")?.key.arn;
  await waitFor(() => expect(place()).toBe(`/keys?view=disabled&selected=${arn}`));
  await screen.findByText("This key is disabled");
  expect(screen.getByText("Copy ARN")).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByText("This key is disabled")).toBeNull());

  const radio = screen.getByLabelText("Select alias/dev/experiment", { selector: "input" });
  radio.focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(place()).toBe(`/keys/${arn}`));
});

test("a click on the row selects it, a click on its name opens it", async () => {
  const { backend, user } = await openKeys("/keys?view=disabled");
  await shownKeys();
  const arn = backend.keys.find(({ aliases }) => aliases[0] === "alias/dev/experiment")?.key.arn;
  await user.click(screen.getByText("eu-central-1"));
  await waitFor(() => expect(place()).toBe(`/keys?view=disabled&selected=${arn}`));
  await user.click(screen.getByText("alias/dev/experiment", { selector: "a bdi" }));
  await waitFor(() => expect(place()).toBe(`/keys/${arn}`));
});

test("hostile texts are text, and the layout has the whole in a tooltip", async () => {
  await openKeys("/keys", (backend) => {
    backend.keys = [
      makeKey(1, {
        aliases: [`alias/${"long-".repeat(48)}`],
        key: {
          tags: { reading: "known", value: [{ key: HOSTILE.markup, value: HOSTILE.rightToLeft }] },
        },
      }),
    ];
  });
  const [name = ""] = await shownKeys();
  expect(name.length).toBeLessThanOrEqual(121);
  expect(screen.getByTitle(`alias/${"long-".repeat(48)}`).tagName).toBe("BDI");
  expect(screen.getByTitle(`${HOSTILE.markup}=${HOSTILE.rightToLeft}`).tagName).toBe("BDI");
  expect(document.querySelector("img")).toBeNull();
  expect(document.body.dataset.hacked).toBeUndefined();
});

test("nearness is in words, the instant in the tooltip; what was not read is not empty", async () => {
  const soon = makeByok(1, 12.5, { aliases: ["alias/soon"] });
  const late = makeByok(2, -3.5, { aliases: ["alias/late"] });
  const unread = makeKey(3, {
    aliases: ["alias/unread"],
    key: { tags: { reading: "unknown", value: DENIED } },
  });
  const doomed = makeKey(4, {
    aliases: ["alias/doomed"],
    key: { state: "PendingDeletion", deletionAt: inDays(9.5) },
  });
  await openKeys("/keys", (backend) => {
    backend.keys = [soon, late, unread, doomed];
  });
  await shownKeys();
  expect(screen.getByText("in 12 days")).toHaveAttribute("title", expect.stringMatching(/UTC\)$/));
  expect(screen.getByText("Expired 3 days ago")).toBeVisible();
  expect(screen.getByText("Deletion in 9 days")).toBeVisible();
  expect(screen.getByText("Not read")).toBeVisible();
});

test("columns, widths and page size are remembered", async () => {
  const { backend, cloudscape, user } = await openKeys();
  await shownKeys();
  const preferences = cloudscape.findCollectionPreferences();
  await user.click(preferences?.findTriggerButton().getElement() as HTMLElement);
  const dialog = preferences?.findModal();
  await user.click(
    dialog
      ?.findPageSizePreference()
      ?.findOptions()[1]
      ?.findNativeInput()
      .getElement() as HTMLElement,
  );
  await user.click(
    dialog
      ?.findContentDisplayPreference()
      ?.findOptions()[1]
      ?.findVisibilityToggle()
      .findNativeInput()
      .getElement() as HTMLElement,
  );
  await user.click(dialog?.findConfirmButton()?.getElement() as HTMLElement);
  await lastQuery(backend, ({ limit }) => limit === 100);
  await waitFor(() => {
    const kept = new Map(backend.preferences.map(({ name, value }) => [name, JSON.parse(value)]));
    expect(kept.get("keys.pageSize")).toBe(100);
    expect(kept.get("keys.columns")).toContainEqual({ id: "region", visible: false });
  });
});

test("what is empty says why and what fills it", async () => {
  const { user } = await openKeys("/keys?filter=:contains:zzzz");
  await screen.findByText("No key matches");
  await user.click(screen.getByText("Show all keys"));
  expect((await shownKeys()).length).toBe(13);
});

test("what AWS refused to list is not shown as no keys", async () => {
  const { user } = await openKeys("/keys", (backend) => {
    backend.keys = [];
    const report = makeReport(SANDBOX, { outcome: "partial" });
    const regions = report.regions.map((one) => ({ ...one, listComplete: false }));
    backend.lastSyncs = [{ ...report, regions }];
  });
  await screen.findByText("Not everything in scope could be read");
  expect(screen.queryByText("No keys")).toBeNull();
  await user.click(screen.getByText("Show what"));
  expect(place()).toBe("/overview");
});

test("keys that were never read can be read at once", async () => {
  const { backend, user } = await openKeys("/keys", (backend) => {
    backend.keys = [];
    backend.registrations = [{ ...SANDBOX, syncedAt: null }];
  });
  await screen.findByText("The keys are being read");
  backend.syncs[0]?.fail({ code: "unexpected", reference: "x" });
  await screen.findByText("Not synchronised yet");
  await user.click(screen.getByText("Synchronise"));
  await waitFor(() => expect(backend.syncs).toHaveLength(2));
});

test("without a registration the list leads to connecting one", async () => {
  const { user } = await openKeys("/keys", (backend) => {
    backend.keys = [];
    backend.registrations = [];
  });
  await screen.findByText("No account is connected");
  await user.click(screen.getByText("Connect your AWS account"));
  expect(place()).toBe("/first-steps");
});

test("a refused list says so and can be tried again", async () => {
  const { backend, user } = await openKeys("/keys", (backend) => {
    backend.refusals = { list_keys: { code: "unexpected", reference: "list-keys-1" } };
  });
  await screen.findByText("Something unforeseen happened");
  backend.refusals = {};
  await user.click(screen.getByText("Try again"));
  await shownKeys();
});

test("the scope restricts the list and is offered by registration and region", async () => {
  const { backend, user } = await openKeys("/keys?view=byok&page=2", (backend) => {
    backend.registrations = [SANDBOX, PRODUCTION];
  });
  await screen.findByText("All registrations · all regions");
  await user.click(screen.getByText("All registrations · all regions"));
  await user.click(await screen.findByLabelText("Production"));
  const query = await lastQuery(backend, ({ scope }) => scope.registrations.length === 1);
  expect(query.scope.registrations).toEqual([PRODUCTION.id]);
  expect(query.skip).toBe(0);
  expect(place()).toBe(`/keys?registrations=${PRODUCTION.id}&view=byok`);
});
