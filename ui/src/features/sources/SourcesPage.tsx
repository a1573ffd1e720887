// The key material in OwnKey's own store, where AWS holds it, and whether it is backed up.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { StoredMaterial } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { readSourcesPlace, type SourceSort, type SourcesPlace } from "../../app/paths";
import { usePreference } from "../../app/preferences";
import { usePaths, useRegistrations } from "../../app/session";
import { count } from "../../app/syncWords";
import { useFelt } from "../../parts/Later";
import { useNow } from "../../parts/Time";
import { arrange } from "./arrange";
import { columnDefinitions } from "./columns";
import { sandboxAccountsOf } from "./material";
import { useMaterials } from "./queries";
import { useSourceWork, type Work } from "./SourceWork";
import { StoreProblem } from "./StoreProblem";

export function SourcesPage() {
  usePage("Sources");
  const list = useMaterials();
  const all = list.error ? undefined : list.data;
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const paths = usePaths();
  const [density] = usePreference("appearance.density");
  const place = readSourcesPlace(search);
  const go = (change: Partial<SourcesPlace>, options?: { replace: boolean }) =>
    navigate(paths.sources({ ...place, page: 1, ...change }), options);
  const sandboxAccounts = sandboxAccountsOf(useRegistrations() ?? []);
  const { rows, matching, pages, page } = arrange(all ?? [], place, sandboxAccounts, useNow());
  const { start, notice, dialog } = useSourceWork(all ?? []);
  const slow = useFelt(list.isPending);
  const columns = columnDefinitions(paths, start);
  const filtered = place.text !== "" || place.unprotected;

  return (
    <SpaceBetween size="m">
      {notice}
      <Table<StoredMaterial>
        variant="full-page"
        items={rows}
        trackBy="id"
        loading={slow}
        loadingText="Opening the sources"
        columnDefinitions={columns}
        resizableColumns
        wrapLines
        contentDensity={density}
        stickyHeader
        stickyColumns={{ first: 1, last: 1 }}
        enableKeyboardNavigation
        sortingColumn={columns.find(({ sortingField }) => sortingField === place.sort.by) ?? {}}
        sortingDescending={place.sort.descending}
        onSortingChange={({ detail }) =>
          go({
            sort: {
              by: detail.sortingColumn.sortingField as SourceSort,
              descending: detail.isDescending ?? false,
            },
          })
        }
        totalItemsCount={matching}
        ariaLabels={{ tableLabel: "Stored key material" }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={all ? `(${all.length.toLocaleString("en-GB")})` : undefined}
            description="Key material in OwnKey’s own store: sealed under a key that the keychain holds."
            actions={<Ways start={start} />}
          >
            Sources
          </Header>
        }
        filter={
          <div className="filter-line">
            <div data-page-filter>
              <FilterBox
                text={place.text}
                countText={filtered ? count(matching, "match", "matches") : ""}
                settle={(text) => go({ text }, { replace: true })}
              />
            </div>
            <Checkbox
              checked={place.unprotected}
              onChange={({ detail }) => go({ unprotected: detail.checked })}
            >
              Held by AWS without a verified backup
            </Checkbox>
          </div>
        }
        pagination={
          pages > 1 ? (
            <Pagination
              currentPageIndex={page}
              pagesCount={pages}
              onChange={({ detail }) => go({ page: detail.currentPageIndex })}
            />
          ) : undefined
        }
        empty={
          list.error ? (
            <StoreProblem
              error={list.error.error}
              retry={() => list.refetch()}
              restore={() => start({ on: "restore" })}
            />
          ) : !all ? (
            <span />
          ) : all.length === 0 ? (
            <Nothing
              title="No key material is stored"
              action={<Ways start={start} variant="normal" />}
            >
              Material that OwnKey makes, reads from a file or uploads appears here, with where AWS
              holds it and whether it is backed up.
            </Nothing>
          ) : (
            <Nothing
              title="No source matches"
              action={<Button onClick={() => navigate(paths.sources())}>Show all sources</Button>}
            >
              {count(all.length, "source")} in the store, none of them matches this filter.
            </Nothing>
          )
        }
      />
      {dialog}
    </SpaceBetween>
  );
}

/** Typing faster than this filters only once. */
const FILTER_AFTER_MS = 150;

/** What is typed shows at once; the list follows when the typing pauses. */
function FilterBox(props: { text: string; countText: string; settle: (text: string) => void }) {
  const [typed, setTyped] = useState<string>();
  const settle = useRef(props.settle);
  settle.current = props.settle;
  useEffect(() => {
    if (typed === undefined) {
      return;
    }
    const timer = setTimeout(() => {
      settle.current(typed);
      setTyped(undefined);
    }, FILTER_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextFilter
      filteringText={typed ?? props.text}
      filteringPlaceholder="Filter by name, spec, fingerprint or key"
      filteringAriaLabel="Filter sources"
      countText={props.countText}
      onChange={({ detail }) => setTyped(detail.filteringText)}
    />
  );
}

/** The three ways into the store. */
function Ways({
  start,
  variant = "primary",
}: {
  start: (work: Work) => void;
  variant?: "primary" | "normal";
}) {
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => start({ on: "restore" })}>Restore from backup</Button>
      <Button onClick={() => start({ on: "import" })}>Import from file</Button>
      <Button variant={variant} onClick={() => start({ on: "generate" })}>
        Generate
      </Button>
    </SpaceBetween>
  );
}

function Nothing(props: { title: string; children: ReactNode; action: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: "l" }}>
      <SpaceBetween size="xs" alignItems="center">
        <Box variant="strong">{props.title}</Box>
        <Box color="text-body-secondary">{props.children}</Box>
        {props.action}
      </SpaceBetween>
    </Box>
  );
}
