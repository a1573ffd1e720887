// The list of keys: the product's face.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import Table from "@cloudscape-design/components/table";
import { type KeyboardEvent, useEffect, useMemo } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { KeyPage as Answer, KeyRow } from "../../api/bindings";
import { isRunning } from "../../api/tasks";
import { usePage, useSplitPanel } from "../../app/frame";
import { ALL_KEYS, type KeysPlace, readKeysPlace } from "../../app/paths";
import { usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { inScope, usePaths, useRegistrations, useScope, useTasks } from "../../app/session";
import { isDialogOpen, isTyping } from "../../app/shortcuts";
import { count, mayLackKeys } from "../../app/syncWords";
import { useFelt } from "../../parts/Later";
import { keyName } from "../../parts/words";
import { columnDefinitions, columnDisplay, columnOptions, sortingOf, sortOf } from "./columns";
import { FILTERING_PROPERTIES, fromQuery, toQuery } from "./filters";
import { KeyPanel } from "./KeyPanel";
import { keyQuery, useKeyList, useOverview, useSuggestions } from "./queries";
import { ViewBar } from "./ViewBar";

const PAGE_SIZES = [50, 100, 200];

export function KeysPage() {
  usePage("Keys");
  const scope = useScope();
  const paths = usePaths();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const registrations = useRegistrations() ?? [];
  const [pageSize] = usePreference("keys.pageSize");
  const place = useMemo(() => readKeysPlace(search), [search]);
  const go = (change: Partial<KeysPlace>) => navigate(paths.keys({ ...place, ...change }));

  const list = useKeyList(keyQuery(scope, place, pageSize));
  const counts = useOverview(scope).data;
  const page = list.data;
  const rows = page?.rows ?? [];
  const pages = Math.max(1, Math.ceil((page?.matching ?? 0) / pageSize));
  const slow = useFelt(list.isFetching);
  useExistingPage(page, pages, place.page, (last) => go({ page: last }));
  usePanel(place, paths.keys({ ...place, selected: undefined }));
  const table = useTableChoices(registrations);
  const suggestions = useSuggestions(scope);

  const select = (row: KeyRow) => go({ selected: row.arn });
  const onKeyDown = (event: KeyboardEvent) => {
    const focus = inRow(event.target, rows);
    // A link opens by itself on Enter, and a radio button selects by itself on Space.
    if (focus && event.key === "Enter" && focus.on !== "A") {
      navigate(paths.key(focus.row.arn));
    } else if (focus && event.key === " " && focus.on !== "INPUT") {
      event.preventDefault();
      select(focus.row);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the table's cells, which Cloudscape makes focusable.
    <div data-testid="keys-table" onKeyDown={onKeyDown}>
      <Table<KeyRow>
        variant="full-page"
        items={list.error ? [] : rows}
        trackBy="arn"
        loading={list.isPending && slow}
        loadingText="Opening the keys"
        columnDefinitions={columnDefinitions({ paths, registrations }, table.widths)}
        columnDisplay={columnDisplay(table.columns, registrations)}
        resizableColumns
        onColumnWidthsChange={({ detail }) => table.chooseWidths(detail.widths)}
        wrapLines={table.wrapLines}
        contentDensity={table.density}
        stickyHeader
        stickyColumns={{ first: 1 }}
        enableKeyboardNavigation
        {...sortingOf(place.sort)}
        onSortingChange={({ detail }) =>
          go({
            sort: sortOf(detail.sortingColumn.sortingField, detail.isDescending ?? false),
            page: 1,
          })
        }
        selectionType="single"
        selectedItems={rows.filter(({ arn }) => arn === place.selected)}
        onSelectionChange={({ detail }) =>
          detail.selectedItems[0] && select(detail.selectedItems[0])
        }
        onRowClick={({ detail }) => select(detail.item)}
        totalItemsCount={page?.matching}
        firstIndex={(place.page - 1) * pageSize + 1}
        renderAriaLive={({ firstIndex, lastIndex, totalItemsCount }) =>
          `Keys ${firstIndex} to ${lastIndex} of ${totalItemsCount}`
        }
        ariaLabels={{
          tableLabel: "Keys",
          selectionGroupLabel: "Selected key",
          itemSelectionLabel: (_, row) => `Select ${keyName(row)}`,
        }}
        header={
          <SpaceBetween size="xs">
            <Header
              variant="awsui-h1-sticky"
              actions={
                <Button variant="primary" onClick={() => navigate(paths.upload())}>
                  Upload key
                </Button>
              }
              counter={page ? `(${page.matching.toLocaleString("en-GB")})` : undefined}
              info={
                <span className="quiet-spinner">
                  {slow && !list.isPending ? <Spinner /> : null}
                </span>
              }
            >
              Keys
            </Header>
            <ViewBar place={place} counts={counts} />
          </SpaceBetween>
        }
        filter={
          <div data-page-filter>
            <PropertyFilter
              query={toQuery(place.filters, place.combine)}
              onChange={({ detail }) => go({ ...fromQuery(detail), page: 1 })}
              filteringProperties={FILTERING_PROPERTIES}
              filteringOptions={suggestions.options}
              filteringStatusType={suggestions.status}
              onLoadItems={({ detail }) => suggestions.load(detail)}
              filteringLoadingText="Looking up values"
              filteringErrorText="The values could not be looked up."
              filteringRecoveryText="Try again"
              filteringEmpty="No such value"
              filteringPlaceholder="Filter by alias, state, tag or any text"
              filteringAriaLabel="Filter keys"
              countText={page ? `${count(page.matching, "match", "matches")}` : ""}
              expandToViewport
            />
          </div>
        }
        pagination={
          pages > 1 ? (
            <Pagination
              currentPageIndex={place.page}
              pagesCount={pages}
              onChange={({ detail }) => go({ page: detail.currentPageIndex })}
            />
          ) : undefined
        }
        preferences={<TablePreferences choices={table} />}
        empty={
          list.error ? (
            <Box textAlign="left" padding="m">
              <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
            </Box>
          ) : page ? (
            <Empty
              page={page}
              place={place}
              inPart={counts?.lastSyncs.some((report) => mayLackKeys(report, scope)) ?? false}
              showAll={() => navigate(paths.keys())}
            />
          ) : (
            <span />
          )
        }
      />
    </div>
  );
}

function Empty(props: { page: Answer; place: KeysPlace; inPart: boolean; showAll: () => void }) {
  const { page, place } = props;
  const { tasks, all } = useTasks();
  const scope = useScope();
  const paths = usePaths();
  const navigate = useNavigate();
  const registrations = useRegistrations();
  const looked = inScope(registrations ?? [], scope);
  const isBeingRead = all.some(
    (task) => isRunning(task) && looked.some(({ id }) => id === task.registration),
  );
  if (registrations?.length === 0) {
    return (
      <Nothing
        title="No account is connected"
        action="Connect your AWS account"
        run={() => navigate(paths.firstSteps())}
      >
        The keys of every connected account appear here.
      </Nothing>
    );
  }
  if (props.inPart && !isBeingRead) {
    return (
      <Nothing
        title="Not everything in scope could be read"
        action="Show what"
        run={() => navigate(paths.overview())}
      >
        {page.inScope > 0
          ? `${count(page.inScope, "known key")}, none of them matches this view and filter.`
          : "Whether the scope has keys is not known."}
      </Nothing>
    );
  }
  if (page.inScope > 0 && (place.filters.length > 0 || place.view !== ALL_KEYS.view)) {
    return (
      <Nothing title="No key matches" action="Show all keys" run={props.showAll}>
        {count(page.inScope, "key")} in scope, none of them matches this view and filter.
      </Nothing>
    );
  }
  if (isBeingRead) {
    return <Nothing title="The keys are being read">They appear here one after another.</Nothing>;
  }
  const never = page.syncedAt === null;
  return (
    <Nothing
      title={never ? "Not synchronised yet" : "No keys"}
      {...(never ? {} : { also: { text: "Upload key", run: () => navigate(paths.upload()) } })}
      action="Synchronise"
      run={() => {
        for (const { id } of looked) {
          tasks.synchronise(id);
        }
      }}
    >
      {never
        ? "What AWS holds is not known before it was read."
        : "The regions in scope have no customer managed keys."}
    </Nothing>
  );
}

function Nothing(props: {
  title: string;
  children: React.ReactNode;
  action?: string;
  run?: () => void;
  also?: { text: string; run: () => void };
}) {
  return (
    <Box textAlign="center" padding={{ vertical: "l" }}>
      <SpaceBetween size="xs">
        <Box variant="strong">{props.title}</Box>
        <Box color="text-body-secondary">{props.children}</Box>
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          {props.action && <Button onClick={props.run}>{props.action}</Button>}
          {props.also && <Button onClick={props.also.run}>{props.also.text}</Button>}
        </SpaceBetween>
      </SpaceBetween>
    </Box>
  );
}

type TableChoices = ReturnType<typeof useTableChoices>;

/** How the table looks, as remembered. */
function useTableChoices(registrations: Parameters<typeof columnOptions>[0]) {
  const [columns, chooseColumns] = usePreference("keys.columns");
  const [widths, chooseWidths] = usePreference("keys.widths");
  const [wrapLines, chooseWrapLines] = usePreference("keys.wrapLines");
  const [density, chooseDensity] = usePreference("appearance.density");
  const [pageSize, choosePageSize] = usePreference("keys.pageSize");
  const display = columnDisplay(columns, registrations);
  return {
    registrations,
    columns,
    chooseColumns,
    widths,
    /** Widths come in the order of the definitions. */
    chooseWidths: (inOrder: readonly number[]) =>
      chooseWidths({
        ...widths,
        ...Object.fromEntries(
          columnOptions(registrations).map(({ id }, index) => [id, inOrder[index] ?? 0]),
        ),
      }),
    wrapLines,
    chooseWrapLines,
    density,
    chooseDensity,
    pageSize,
    choosePageSize,
    display,
  };
}

function TablePreferences({ choices }: { choices: TableChoices }) {
  return (
    <CollectionPreferences
      title="Preferences"
      confirmLabel="Confirm"
      cancelLabel="Cancel"
      preferences={{
        pageSize: choices.pageSize,
        wrapLines: choices.wrapLines,
        contentDensity: choices.density,
        contentDisplay: choices.display,
      }}
      pageSizePreference={{
        title: "Page size",
        options: PAGE_SIZES.map((value) => ({ value, label: `${value} keys` })),
      }}
      wrapLinesPreference={{
        label: "Wrap lines",
        description: "Show the whole of long texts over several lines",
      }}
      contentDensityPreference={{
        label: "Compact",
        description: "More rows at once, here and everywhere in OwnKey",
      }}
      contentDisplayPreference={{
        title: "Columns",
        description: "Choose the columns and their order.",
        options: columnOptions(choices.registrations),
      }}
      onConfirm={({ detail }) => {
        choices.choosePageSize(detail.pageSize ?? choices.pageSize);
        choices.chooseWrapLines(detail.wrapLines ?? choices.wrapLines);
        choices.chooseDensity(detail.contentDensity ?? choices.density);
        choices.chooseColumns(
          (detail.contentDisplay ?? choices.display).map(({ id, visible }) => ({ id, visible })),
        );
      }}
    />
  );
}

/** Shows the selected key's details beside the list; Esc closes them. */
function usePanel({ selected }: KeysPlace, closed: string): void {
  const navigate = useNavigate();
  const panel = useMemo(
    () =>
      selected ? { content: <KeyPanel arn={selected} />, close: () => navigate(closed) } : null,
    [selected, closed, navigate],
  );
  useSplitPanel(panel);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent) => {
      if (event.key === "Escape" && !isDialogOpen() && !isTyping(event.target)) {
        panel?.close();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [panel]);
}

/** A page number past the end (a link from yesterday, a page size chosen since) shows the last. */
function useExistingPage(
  page: Answer | undefined,
  pages: number,
  current: number,
  goTo: (last: number) => void,
): void {
  useEffect(() => {
    if (page && page.rows.length === 0 && page.matching > 0 && current > pages) {
      goTo(pages);
    }
  });
}

/** The row that has the focus, and on what; a button in it minds its own keys. */
function inRow(target: EventTarget, rows: readonly KeyRow[]) {
  if (!(target instanceof HTMLElement) || !["A", "INPUT", "TD", "TH"].includes(target.tagName)) {
    return undefined;
  }
  const arn = target.closest("tr")?.querySelector<HTMLElement>("[data-arn]")?.dataset.arn;
  const row = rows.find((one) => one.arn === arn);
  return row ? { row, on: target.tagName } : undefined;
}
