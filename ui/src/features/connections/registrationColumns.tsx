// The columns of the list of registrations.

import type { TableProps } from "@cloudscape-design/components/table";
import { Fragment } from "react";
import type { ConnectionEntry, Registration } from "../../api/bindings";
import type { Paths } from "../../app/paths";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { Relative } from "../../parts/Time";
import { RegistrationMenu, type RegistrationWork } from "./RegistrationWork";
import { SignInStatus } from "./SignInStatus";
import { CLOUD_NAMES, regionsInWords, roleName } from "./words";

export function registrationColumns(around: {
  paths: Paths;
  connections: readonly ConnectionEntry[];
  start: (work: RegistrationWork) => void;
}): TableProps.ColumnDefinition<Registration>[] {
  const { paths, connections, start } = around;
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      width: 150,
      minWidth: 130,
      cell: ({ id, name }) => (
        <span data-testid="registration-row">
          <PathLink to={paths.registration(id)}>
            <Foreign text={name} max={64} />
          </PathLink>
        </span>
      ),
    },
    {
      id: "account",
      header: "Account",
      width: 165,
      minWidth: 150,
      cell: ({ account, accountAlias, name }) => (
        <>
          <Copyable text={account} what={`account ID of ${name}`} />
          {accountAlias && (
            <div className="secondary">
              <Foreign text={accountAlias} />
            </div>
          )}
        </>
      ),
    },
    {
      id: "cloud",
      header: "Cloud",
      width: 115,
      minWidth: 90,
      cell: ({ partition }) => <span title={CLOUD_NAMES[partition]}>{partition}</span>,
    },
    {
      id: "signIn",
      header: "Sign-in",
      width: 190,
      minWidth: 150,
      cell: ({ connection }) => {
        const entry = connections.find((one) => one.connection.id === connection.id);
        return entry ? <SignInStatus state={entry.signIn} connection={connection.id} /> : "–";
      },
    },
    {
      id: "connection",
      header: "Connection",
      width: 150,
      minWidth: 130,
      cell: ({ connection }) => (
        <PathLink to={paths.signIn(connection.id)}>
          <Foreign text={connection.name} max={64} />
        </PathLink>
      ),
    },
    {
      id: "regions",
      header: "Regions",
      width: 150,
      minWidth: 120,
      cell: ({ regions }) => (
        <span title={regions.join("\n")}>
          {regionsInWords(regions)
            .split(/(?<=,) | (?=and \d)/)
            .map((part, index) => (
              <Fragment key={part}>
                {index > 0 && " "}
                <span className="unbroken">{part}</span>
              </Fragment>
            ))}
        </span>
      ),
    },
    {
      id: "synced",
      header: "Synchronised",
      width: 150,
      minWidth: 130,
      cell: ({ syncedAt }) => (syncedAt ? <Relative at={syncedAt} /> : "Never"),
    },
    {
      id: "role",
      header: "Role",
      width: 150,
      minWidth: 110,
      cell: ({ role, name }) =>
        role ? (
          <Copyable text={role.arn} what={`role ARN of ${name}`} shown={roleName(role.arn)} />
        ) : (
          "None"
        ),
    },
    {
      id: "caller",
      header: "Caller",
      width: 260,
      minWidth: 200,
      cell: ({ callerArn, name }) => <Copyable text={callerArn} what={`caller ARN of ${name}`} />,
    },
    {
      id: "actions",
      header: "Actions",
      width: 98,
      minWidth: 96,
      cell: (one) => <RegistrationMenu registration={one} start={start} />,
    },
  ];
}
