// The columns of the key list.

import type { TableProps } from "@cloudscape-design/components/table";
import type { MouseEvent } from "react";
import type { KeyProperty, KeyRow, Registration, Sort } from "../../api/bindings";
import type { Paths } from "../../app/paths";
import { CopyIcon } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { KeyStatus } from "../../parts/KeyStatus";
import { PathLink } from "../../parts/PathLink";
import { Tags } from "../../parts/Tags";
import { Day, Relative } from "../../parts/Time";
import { keyName, ORIGINS, ROLES, usageInWords, withoutExpiry } from "../../parts/words";

interface Column {
  id: string;
  header: string;
  sort: KeyProperty;
  /** The property grows while what the column shows goes down: an age against a date. */
  inverted?: boolean;
  width: number;
  cell: (row: KeyRow, around: Around) => React.ReactNode;
  /** Shown unless chosen otherwise. */
  visible: boolean;
}

interface Around {
  paths: Paths;
  registrations: readonly Registration[];
}

export const COLUMNS: readonly Column[] = [
  {
    id: "alias",
    header: "Alias or key ID",
    sort: "alias",
    width: 258,
    visible: true,
    cell: (row, { paths }) => (
      // biome-ignore lint/a11y/noStaticElementInteractions: only keeps a click on the link from the row.
      // biome-ignore lint/a11y/useKeyWithClickEvents: as above.
      <span
        onClick={notTheRow}
        data-testid="key-row"
        data-arn={row.arn}
        className={row.goneAt ? "gone" : undefined}
      >
        <PathLink to={paths.key(row.arn)}>
          <Foreign text={keyName(row)} />
        </PathLink>
        {row.aliasCount > 1 && (
          <span className="secondary" title={`${row.aliasCount} aliases in all`}>
            {" "}
            +{row.aliasCount - 1}
          </span>
        )}
      </span>
    ),
  },
  {
    id: "registration",
    header: "Registration",
    sort: "account",
    width: 155,
    visible: true,
    cell: (row, { registrations }) => (
      <span title={`Account ${row.account}`}>
        <Foreign
          text={registrations.find(({ id }) => id === row.registration)?.name ?? row.account}
        />
      </span>
    ),
  },
  {
    id: "region",
    header: "Region",
    sort: "region",
    width: 150,
    visible: true,
    cell: (row) => row.region,
  },
  {
    id: "state",
    header: "State",
    sort: "state",
    width: 168,
    visible: true,
    cell: (row) => <KeyStatus row={row} />,
  },
  {
    id: "origin",
    header: "Origin",
    sort: "origin",
    width: 102,
    visible: true,
    cell: (row) => <span title={row.origin}>{ORIGINS[row.origin]}</span>,
  },
  {
    id: "spec",
    header: "Key spec",
    sort: "spec",
    width: 186,
    visible: true,
    cell: (row) => row.spec,
  },
  {
    id: "expiry",
    header: "Expiry",
    sort: "expiresInDays",
    width: 160,
    visible: true,
    cell: (row) => <Expiry row={row} />,
  },
  {
    id: "multiRegion",
    header: "Multi-Region",
    sort: "multiRegion",
    width: 155,
    visible: true,
    cell: (row) => (row.multiRegion ? ROLES[row.multiRegion] : <Nothing why="Single-Region key" />),
  },
  {
    id: "rotation",
    header: "Rotation",
    sort: "rotation",
    width: 125,
    visible: true,
    cell: (row) =>
      row.rotation === "NOT_READ" ? (
        <span className="secondary" title="The key’s page says why">
          Not read
        </span>
      ) : row.rotation === "NONE" ? (
        <Nothing why="This kind of key has no automatic rotation" />
      ) : row.rotation === "ON" ? (
        "On"
      ) : (
        "Off"
      ),
  },
  {
    id: "tags",
    header: "Tags",
    sort: "tag",
    width: 240,
    visible: true,
    cell: (row) =>
      row.tagCount === null ? (
        <span className="secondary" title="The key’s page says why">
          Not read
        </span>
      ) : row.tagCount === 0 ? (
        <Nothing why="No tags" />
      ) : (
        <Tags tags={row.tags} more={row.tagCount - row.tags.length} max={48} />
      ),
  },
  {
    id: "synced",
    header: "Synced",
    sort: "syncedAt",
    width: 125,
    visible: true,
    cell: (row) => <Relative at={row.syncedAt} />,
  },
  {
    id: "usage",
    header: "Key usage",
    sort: "usage",
    width: 190,
    visible: false,
    cell: (row) => <span title={row.usage}>{usageInWords(row.usage)}</span>,
  },
  {
    id: "description",
    header: "Description",
    sort: "description",
    width: 280,
    visible: false,
    cell: (row) =>
      row.description === "" ? (
        <Nothing why="No description" />
      ) : (
        <Foreign text={row.description} />
      ),
  },
  {
    id: "created",
    header: "Created",
    sort: "ageInDays",
    inverted: true,
    width: 140,
    visible: false,
    cell: (row) => <Day at={row.createdAt} />,
  },
  {
    id: "keyId",
    header: "Key ID",
    sort: "keyId",
    width: 330,
    visible: false,
    cell: (row) => (
      // biome-ignore lint/a11y/noStaticElementInteractions: only keeps a click on the button from the row.
      // biome-ignore lint/a11y/useKeyWithClickEvents: as above.
      <span className="code" onClick={notTheRow}>
        <CopyIcon text={row.arn} label={`Copy the ARN of ${keyName(row)}`} /> {row.keyId}
      </span>
    ),
  },
];

/** The narrowest that any column can be made. */
const NARROWEST = 90;

/** A click on what is in a row, with a meaning of its own, is no click on the row. */
function notTheRow(event: MouseEvent): void {
  event.stopPropagation();
}

/** The columns as the table wants them; the registration only where there are several. */
export function columnDefinitions(
  around: Around,
  widths: Readonly<Record<string, number>>,
): TableProps.ColumnDefinition<KeyRow>[] {
  return offered(around.registrations).map(({ id, header, sort, width, cell }) => ({
    id,
    header,
    sortingField: sort,
    isRowHeader: id === "alias",
    minWidth: NARROWEST,
    width: widths[id] ?? width,
    cell: (row) => cell(row, around),
  }));
}

export function columnOptions(registrations: readonly Registration[]) {
  return offered(registrations).map(({ id, header }) => ({
    id,
    label: header,
    alwaysVisible: id === "alias",
  }));
}

/** The chosen columns in the chosen order; those that are new since then come last. */
export function columnDisplay(
  chosen: readonly { id: string; visible: boolean }[],
  registrations: readonly Registration[],
): { id: string; visible: boolean }[] {
  const all = offered(registrations);
  const known = chosen.filter(({ id }) => all.some((column) => column.id === id));
  const added = all.filter(({ id }) => !known.some((column) => column.id === id));
  return [...known, ...added.map(({ id, visible }) => ({ id, visible }))];
}

/** The sort that a click on a column's header means. */
export function sortOf(field: string | undefined, descending: boolean): Sort {
  const column = COLUMNS.find(({ sort }) => sort === field) ?? COLUMNS[0];
  return {
    by: column?.sort ?? "alias",
    descending: column?.inverted ? !descending : descending,
  };
}

/** What the table's header shows for a sort. */
export function sortingOf({ by, descending }: Sort) {
  const column = COLUMNS.find(({ sort }) => sort === by);
  return {
    sortingColumn: { sortingField: by },
    sortingDescending: column?.inverted ? !descending : descending,
  };
}

function offered(registrations: readonly Registration[]): readonly Column[] {
  return COLUMNS.filter(({ id }) => id !== "registration" || registrations.length > 1);
}

function Expiry({ row }: { row: KeyRow }) {
  if (row.deletionAt) {
    return <Relative at={row.deletionAt} prefix="Deletion" />;
  }
  if (!row.validTo) {
    const words = withoutExpiry(row);
    return words === "Never" ? <Nothing why="The key material does not expire" /> : words;
  }
  return Date.parse(row.validTo) < Date.now() ? (
    <Relative at={row.validTo} prefix="Expired" />
  ) : (
    <Relative at={row.validTo} />
  );
}

function Nothing({ why }: { why: string }) {
  return (
    <span className="secondary" title={why}>
      –<span className="for-screen-readers">{why}</span>
    </span>
  );
}
