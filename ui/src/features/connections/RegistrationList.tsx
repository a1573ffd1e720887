// The registrations: filtered and page by page, as far as the URL says.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { type ReactNode, useEffect, useMemo } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { Registration, RegistrationPage } from "../../api/bindings";
import { type RegistrationsPlace, readRegistrationsPlace } from "../../app/paths";
import { usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { count } from "../../app/syncWords";
import { useFelt } from "../../parts/Later";
import { useConnections, useRegistrationPage } from "./queries";
import { useRegistrationWork } from "./RegistrationWork";
import { registrationColumns } from "./registrationColumns";
import {
  FILTERING_OPTIONS,
  FILTERING_PROPERTIES,
  fromQuery,
  isFiltered,
  toQuery,
} from "./registrationFilters";

const PAGE_SIZES = [10, 25, 50, 100];

export function RegistrationList() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const paths = usePaths();
  const [pageSize, choosePageSize] = usePreference("registrations.pageSize");
  const [density] = usePreference("appearance.density");
  const place = useMemo(() => readRegistrationsPlace(search), [search]);
  const go = (change: Partial<RegistrationsPlace>) =>
    navigate(paths.connections({ ...place, page: 1, ...change }));
  const { id, name, account, cloud, page } = place;
  const list = useRegistrationPage({
    id,
    name,
    account,
    cloud,
    skip: (page - 1) * pageSize,
    limit: pageSize,
  });
  const found = list.error ? undefined : list.data;
  const pages = Math.max(1, Math.ceil((found?.total ?? 0) / pageSize));
  const slow = useFelt(list.isPending);
  const connections = useConnections().data ?? [];
  const { start, dialog } = useRegistrationWork();
  // A link from yesterday, a page size chosen since, or a registration removed since.
  useEffect(() => {
    if (found && found.registrations.length === 0 && found.total > 0 && page > pages) {
      navigate(paths.connections({ ...place, page: pages }), { replace: true });
    }
  });
  const connect = (variant: "primary" | "normal") => (
    <Button variant={variant} onClick={() => navigate(paths.connect())}>
      Connect your AWS account
    </Button>
  );
  return (
    <>
      <Table<Registration>
        items={found?.registrations ?? []}
        trackBy="id"
        loading={slow}
        loadingText="Opening the registrations"
        columnDefinitions={registrationColumns({ paths, connections, start })}
        resizableColumns
        wrapLines
        contentDensity={density}
        stickyColumns={{ first: 1, last: 1 }}
        enableKeyboardNavigation
        totalItemsCount={found?.total}
        firstIndex={(page - 1) * pageSize + 1}
        ariaLabels={{ tableLabel: "Registrations" }}
        renderAriaLive={({ firstIndex, lastIndex, totalItemsCount }) =>
          `Registrations ${firstIndex} to ${lastIndex} of ${totalItemsCount}`
        }
        header={
          <Header
            variant="h2"
            counter={found ? `(${found.total.toLocaleString("en-GB")})` : undefined}
            actions={connect("primary")}
          >
            Registrations
          </Header>
        }
        filter={
          <div data-page-filter>
            <PropertyFilter
              query={toQuery(place)}
              onChange={({ detail }) => go(fromQuery(detail))}
              filteringProperties={FILTERING_PROPERTIES}
              filteringOptions={FILTERING_OPTIONS}
              hideOperations
              filteringPlaceholder="Filter by name, account ID, ID or cloud"
              filteringAriaLabel="Filter registrations"
              filteringEmpty="No value to choose; type one"
              countText={found ? count(found.total, "match", "matches") : ""}
              expandToViewport
            />
          </div>
        }
        pagination={
          found && found.total > 0 ? (
            <SpaceBetween direction="horizontal" size="xs" alignItems="center">
              <span data-testid="range">{rangeInWords(found)}</span>
              {pages > 1 && (
                <Pagination
                  currentPageIndex={page}
                  pagesCount={pages}
                  onChange={({ detail }) => go({ page: detail.currentPageIndex })}
                />
              )}
            </SpaceBetween>
          ) : undefined
        }
        preferences={
          <CollectionPreferences
            title="Preferences"
            confirmLabel="Confirm"
            cancelLabel="Cancel"
            preferences={{ pageSize }}
            pageSizePreference={{
              title: "Page size",
              options: PAGE_SIZES.map((value) => ({ value, label: `${value} registrations` })),
            }}
            onConfirm={({ detail }) => {
              choosePageSize(detail.pageSize ?? pageSize);
              go({ page: 1 });
            }}
          />
        }
        empty={
          list.error ? (
            <Box textAlign="left" padding="m">
              <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
            </Box>
          ) : !found ? (
            <span />
          ) : isFiltered(place) ? (
            <Nothing
              title="No registration matches"
              action={
                <Button onClick={() => navigate(paths.connections())}>
                  Show all registrations
                </Button>
              }
            >
              None of the registrations matches this filter.
            </Nothing>
          ) : (
            <Nothing title="No account is connected" action={connect("normal")}>
              The accounts whose keys OwnKey reads appear here.
            </Nothing>
          )
        }
      />
      {dialog}
    </>
  );
}

/** "11–20 of 30" */
export function rangeInWords({ skip, registrations, total }: RegistrationPage): string {
  const number = (value: number) => value.toLocaleString("en-GB");
  return registrations.length === 0
    ? `None of ${number(total)}`
    : `${number(skip + 1)}–${number(skip + registrations.length)} of ${number(total)}`;
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
