// Every operation, the latest first.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { type ReactNode, useEffect } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { Operation } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { type ActivityPlace, readActivityPlace } from "../../app/paths";
import { usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useRegistrations } from "../../app/session";
import { useFelt } from "../../parts/Later";
import { operationColumns } from "./columns";
import { PAGE_SIZE, useOperationPage } from "./queries";

export function ActivityPage() {
  usePage("Activity");
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const paths = usePaths();
  const [density] = usePreference("appearance.density");
  const registrations = useRegistrations() ?? [];
  const place = readActivityPlace(search);
  const list = useOperationPage(place.openOnly, place.page);
  const slow = useFelt(list.isPending);
  const go = (change: Partial<ActivityPlace>) =>
    navigate(paths.activity({ ...place, page: 1, ...change }));
  const found = list.error ? undefined : list.data;
  const pages = Math.max(1, Math.ceil((found?.total ?? 0) / PAGE_SIZE));
  // An operation that ended since may have been the last one of the last page.
  useEffect(() => {
    if (found && found.operations.length === 0 && found.total > 0 && place.page > pages) {
      navigate(paths.activity({ ...place, page: pages }), { replace: true });
    }
  });

  return (
    <Table<Operation>
      variant="full-page"
      items={found?.operations ?? []}
      trackBy="id"
      loading={slow}
      loadingText="Opening the activity"
      columnDefinitions={operationColumns(paths, registrations)}
      resizableColumns
      wrapLines
      contentDensity={density}
      stickyHeader
      enableKeyboardNavigation
      totalItemsCount={found?.total}
      firstIndex={(place.page - 1) * PAGE_SIZE + 1}
      ariaLabels={{ tableLabel: "Operations" }}
      header={
        <Header
          variant="awsui-h1-sticky"
          counter={found ? `(${found.total.toLocaleString("en-GB")})` : undefined}
          description="What OwnKey changed in AWS, step by step, with AWS’s request ids."
        >
          Activity
        </Header>
      }
      filter={
        <SegmentedControl
          label="Which operations"
          selectedId={place.openOnly ? "open" : "all"}
          onChange={({ detail }) => go({ openOnly: detail.selectedId === "open" })}
          options={[
            { id: "all", text: "All" },
            { id: "open", text: "Needs attention" },
          ]}
        />
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
      empty={
        list.error ? (
          <Box textAlign="left" padding="m">
            <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
          </Box>
        ) : !found ? (
          <span />
        ) : place.openOnly ? (
          <Nothing
            title="Nothing needs attention"
            action={<Button onClick={() => go({ openOnly: false })}>Show all operations</Button>}
          >
            An operation that was interrupted appears here until it is finished or undone.
          </Nothing>
        ) : (
          <Nothing
            title="No operation yet"
            action={<Button onClick={() => navigate(paths.upload())}>Upload a key</Button>}
          >
            Every change of several steps appears here, with its steps and AWS’s request ids.
          </Nothing>
        )
      }
    />
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
