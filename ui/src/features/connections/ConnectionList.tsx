// The connections: ways to sign in, what uses them, and how they stand.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useFresh } from "../../api/answers";
import { type ConnectionEntry, commands, type Profile } from "../../api/bindings";
import type { Paths } from "../../app/paths";
import { usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { useFelt } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { useConnections } from "./queries";
import { RemoveConnection } from "./RemoveConnection";
import { SignInStatus } from "./SignInStatus";
import { TestConnection } from "./TestConnection";
import { UsedBy } from "./UsedBy";
import { connectionInWords, roleName } from "./words";

interface Work {
  on: "test" | "remove";
  entry: ConnectionEntry;
}

export function ConnectionList() {
  const list = useConnections();
  const found = list.error ? undefined : list.data;
  const profiles = useFresh(["profiles"], commands.listProfiles).data;
  const paths = usePaths();
  const navigate = useNavigate();
  const [density] = usePreference("appearance.density");
  const [work, start] = useState<Work>();
  const slow = useFelt(list.isPending);
  const close = () => start(undefined);
  const add = (variant: "primary" | "normal") => (
    <Button variant={variant} onClick={() => navigate(paths.newSignIn())}>
      Add connection
    </Button>
  );
  return (
    <>
      <Table<ConnectionEntry>
        items={found ?? []}
        trackBy={({ connection }) => connection.id}
        loading={slow}
        loadingText="Opening the connections"
        columnDefinitions={columns({ paths, profiles, start })}
        resizableColumns
        wrapLines
        contentDensity={density}
        stickyColumns={{ first: 1, last: 1 }}
        enableKeyboardNavigation
        ariaLabels={{ tableLabel: "Connections" }}
        header={
          <Header
            variant="h2"
            counter={found ? `(${found.length.toLocaleString("en-GB")})` : undefined}
            actions={add("primary")}
          >
            Connections
          </Header>
        }
        empty={
          list.error ? (
            <Box textAlign="left" padding="m">
              <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
            </Box>
          ) : !found ? (
            <span />
          ) : (
            <Box textAlign="center" padding={{ vertical: "l" }}>
              <SpaceBetween size="xs" alignItems="center">
                <Box variant="strong">No connections</Box>
                <Box color="text-body-secondary">The ways to sign in to AWS appear here.</Box>
                {add("normal")}
              </SpaceBetween>
            </Box>
          )
        }
      />
      {work?.on === "test" && <TestConnection connection={work.entry.connection} close={close} />}
      {work?.on === "remove" && <RemoveConnection entry={work.entry} done={close} close={close} />}
    </>
  );
}

function columns(around: {
  paths: Paths;
  profiles: readonly Profile[] | undefined;
  start: (work: Work) => void;
}): TableProps.ColumnDefinition<ConnectionEntry>[] {
  const { paths, profiles, start } = around;
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      width: 190,
      minWidth: 130,
      cell: ({ connection: { id, name } }) => (
        <span data-testid="connection-row">
          <PathLink to={paths.signIn(id)}>
            <Foreign text={name} max={64} />
          </PathLink>
        </span>
      ),
    },
    {
      id: "way",
      header: "Signs in with",
      width: 215,
      minWidth: 140,
      cell: ({ connection }) => <Foreign text={connectionInWords(connection, profiles)} />,
    },
    {
      id: "state",
      header: "Sign-in",
      width: 210,
      minWidth: 160,
      cell: ({ connection, signIn }) => <SignInStatus state={signIn} connection={connection.id} />,
    },
    {
      id: "usedBy",
      header: "Used by",
      width: 190,
      minWidth: 120,
      cell: ({ usedBy }) => (usedBy.length === 0 ? "Nothing" : <UsedBy names={usedBy} max={3} />),
    },
    {
      id: "role",
      header: "Role",
      width: 150,
      minWidth: 110,
      cell: ({ connection: { role, name } }) =>
        role ? (
          <Copyable text={role.arn} what={`role ARN of ${name}`} shown={roleName(role.arn)} />
        ) : (
          "None"
        ),
    },
    {
      id: "endpoint",
      header: "Endpoint",
      width: 170,
      minWidth: 110,
      cell: ({ connection: { endpointUrl, fips, region } }) => (
        <>
          {endpointUrl ? <Foreign text={endpointUrl} /> : fips ? "AWS, FIPS" : "AWS"}
          {region && <div className="secondary">{region}</div>}
        </>
      ),
    },
    {
      id: "actions",
      header: "Actions",
      width: 98,
      minWidth: 96,
      cell: (entry) => <Menu entry={entry} start={start} />,
    },
  ];
}

function Menu({ entry, start }: { entry: ConnectionEntry; start: (work: Work) => void }) {
  const paths = usePaths();
  const navigate = useNavigate();
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={`Actions for ${entry.connection.name}`}
      items={[
        { id: "test", text: "Test" },
        { id: "edit", text: "Edit" },
        { id: "remove", text: "Remove" },
      ]}
      onItemClick={({ detail: { id } }) =>
        id === "edit"
          ? navigate(paths.signIn(entry.connection.id))
          : start({ on: id as Work["on"], entry })
      }
    />
  );
}
