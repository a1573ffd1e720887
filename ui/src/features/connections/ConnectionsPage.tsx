// The accounts that OwnKey looks at.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { Registration } from "../../api/bindings";
import { isRunning } from "../../api/tasks";
import { usePage } from "../../app/frame";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useRegistrationList, useTasks } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { Relative } from "../../parts/Time";
import { RemoveRegistration } from "./RemoveRegistration";

export function ConnectionsPage() {
  usePage("Connections");
  const list = useRegistrationList();
  const registrations = list.error ? undefined : list.data;
  const { tasks, all } = useTasks();
  const paths = usePaths();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState<Registration>();
  const connect = (
    <Button variant="primary" onClick={() => navigate(paths.connect())}>
      Connect your AWS account
    </Button>
  );
  return (
    <>
      <Table<Registration>
        variant="full-page"
        items={registrations ?? []}
        trackBy="id"
        wrapLines
        ariaLabels={{ tableLabel: "Registrations" }}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={registrations ? `(${registrations.length})` : undefined}
            description="An AWS account, reached over a connection, with the regions that OwnKey looks at."
            actions={connect}
          >
            Connections
          </Header>
        }
        empty={
          list.error ? (
            <Box textAlign="left" padding="m">
              <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
            </Box>
          ) : list.isPending ? (
            <Later what="the connections" />
          ) : (
            <Box textAlign="center" padding="l">
              <SpaceBetween size="xs">
                <Box variant="strong">No account is connected</Box>
                <Box color="text-body-secondary">
                  The accounts whose keys OwnKey reads appear here.
                </Box>
                {connect}
              </SpaceBetween>
            </Box>
          )
        }
        columnDefinitions={[
          {
            id: "name",
            minWidth: 130,
            header: "Name",
            isRowHeader: true,
            cell: ({ name }) => <Foreign text={name} />,
          },
          {
            id: "account",
            minWidth: 160,
            header: "Account",
            cell: ({ account, accountAlias }) => (
              <>
                <Copyable text={account} what="account ID" />
                {accountAlias && (
                  <div className="secondary">
                    <Foreign text={accountAlias} />
                  </div>
                )}
              </>
            ),
          },
          {
            id: "connection",
            minWidth: 130,
            header: "Signs in with",
            cell: ({ connection }) => (
              <>
                <Foreign text={connection.name} />
                {connection.endpointUrl && (
                  <div className="secondary">
                    <Foreign text={connection.endpointUrl} />
                  </div>
                )}
              </>
            ),
          },
          {
            id: "caller",
            header: "Caller",
            minWidth: 220,
            cell: ({ callerArn }) => <Copyable text={callerArn} what="caller ARN" />,
          },
          {
            id: "regions",
            minWidth: 130,
            header: "Regions",
            cell: ({ regions }) => (
              <span title={regions.join("\n")}>{regionsInWords(regions)}</span>
            ),
          },
          {
            id: "synced",
            header: "Synced",
            cell: ({ syncedAt }) => (syncedAt ? <Relative at={syncedAt} /> : "Never"),
          },
          {
            id: "actions",
            minWidth: 130,
            header: "Actions",
            cell: (one) => (
              <SpaceBetween direction="horizontal" size="s">
                <Button
                  variant="inline-link"
                  ariaLabel={`Synchronise ${one.name}`}
                  disabled={all.some((task) => task.registration === one.id && isRunning(task))}
                  onClick={() => tasks.synchronise(one.id)}
                >
                  Synchronise
                </Button>
                <Button
                  variant="inline-link"
                  ariaLabel={`Remove ${one.name}`}
                  onClick={() => setRemoving(one)}
                >
                  Remove
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
      />
      {removing && (
        <RemoveRegistration registration={removing} close={() => setRemoving(undefined)} />
      )}
    </>
  );
}

function regionsInWords(regions: readonly string[]): string {
  const shown = 3;
  return regions.length <= shown
    ? regions.join(", ")
    : `${regions.slice(0, shown).join(", ")} and ${regions.length - shown} more`;
}
