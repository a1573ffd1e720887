// The columns of the list of operations; a key's own list leaves out the key.

import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import type { Operation, Registration } from "../../api/bindings";
import { OPERATION_KINDS, operationStateInWords, stepsInWords } from "../../app/operationWords";
import type { Paths } from "../../app/paths";
import { Foreign, shorten } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { duration, Instant, Relative, useNow } from "../../parts/Time";

type Column = TableProps.ColumnDefinition<Operation>;

export function operationColumns(
  paths: Paths,
  registrations: readonly Registration[],
  { withKey = true }: { withKey?: boolean } = {},
): Column[] {
  const key: Column[] = [
    {
      id: "key",
      header: "Key",
      width: 176,
      minWidth: 140,
      cell: (one) => <KeyOf operation={one} paths={paths} />,
    },
    {
      id: "where",
      header: "Account and region",
      width: 134,
      minWidth: 130,
      cell: ({ registration, account, region }) => (
        <>
          <div>
            <Foreign
              text={registrations.find(({ id }) => id === registration)?.name ?? account}
              max={64}
            />
          </div>
          <div className="secondary">
            {account} · <span className="unbroken">{region}</span>
          </div>
        </>
      ),
    },
  ];
  return [
    {
      id: "operation",
      header: "Operation",
      isRowHeader: true,
      width: 114,
      minWidth: 110,
      cell: ({ id, kind }) => (
        <span data-testid="operation-row">
          <PathLink to={paths.operation(id)}>{OPERATION_KINDS[kind]}</PathLink>
        </span>
      ),
    },
    {
      id: "state",
      header: "State",
      width: 152,
      minWidth: 140,
      cell: (one) => <OperationStatus operation={one} />,
    },
    ...(withKey ? key : []),
    {
      id: "started",
      header: "Started",
      width: 112,
      minWidth: 110,
      cell: ({ openedAt }) => (
        <>
          <Instant at={openedAt} />
          <div className="secondary">
            <Relative at={openedAt} />
          </div>
        </>
      ),
    },
    {
      id: "duration",
      header: "Duration",
      width: 102,
      minWidth: 100,
      cell: (one) => <Duration operation={one} />,
    },
  ];
}

/** The state, and for what has not ended, how far it came. */
export function OperationStatus({ operation }: { operation: Operation }) {
  const { type, text } = operationStateInWords(operation);
  const isOpen = operation.state === "open" || operation.state === "undoing";
  return (
    <>
      <StatusIndicator type={type}>{text}</StatusIndicator>
      {isOpen && <div className="secondary">{stepsInWords(operation).text}</div>}
    </>
  );
}

export function KeyOf({ operation, paths }: { operation: Operation; paths: Paths }) {
  const { alias, key } = operation;
  const id = key?.split("/")[1];
  const name = alias ?? id ?? key;
  if (!name) {
    return <>Not made yet</>;
  }
  return (
    <>
      {key ? (
        <PathLink to={paths.key(key)}>
          <Foreign text={name} max={80} />
        </PathLink>
      ) : (
        <Foreign text={name} max={80} />
      )}
      {alias && id && (
        <div className="secondary" title={key ?? undefined}>
          {shorten(id, 40)}
        </div>
      )}
    </>
  );
}

/** From beginning to end; of what runs, until now; of what waits there is none. */
export function Duration({ operation }: { operation: Operation }) {
  const { openedAt, closedAt, running } = operation;
  const now = useNow();
  if (closedAt) {
    return <>{duration(openedAt, closedAt)}</>;
  }
  return <>{running ? `${duration(openedAt, new Date(now).toISOString())} so far` : "–"}</>;
}
