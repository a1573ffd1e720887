// The columns of the list of stored material.

import type { TableProps } from "@cloudscape-design/components/table";
import type { StoredMaterial } from "../../api/bindings";
import type { Paths, SourceSort } from "../../app/paths";
import { Copyable } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { Relative } from "../../parts/Time";
import { KEY_SPECS } from "../../parts/words";
import { BackupStatus } from "./BackupStatus";
import { originInWords } from "./material";
import { HeldBy } from "./Places";
import { SourceMenu, type Work } from "./SourceWork";

type Column = TableProps.ColumnDefinition<StoredMaterial> & { sortingField?: SourceSort };

export function columnDefinitions(paths: Paths, start: (work: Work) => void): Column[] {
  return [
    {
      id: "name",
      header: "Name",
      isRowHeader: true,
      sortingField: "name",
      width: 150,
      minWidth: 130,
      cell: (one) => (
        <span data-testid="source-row">
          <PathLink to={paths.source(one.id)}>
            <Foreign text={one.name || one.id} max={60} />
          </PathLink>
        </span>
      ),
    },
    {
      id: "held",
      header: "Held by AWS",
      sortingField: "held",
      width: 152,
      minWidth: 140,
      cell: (one) => <HeldBy material={one} />,
    },
    {
      id: "verified",
      header: "Verified backup",
      sortingField: "verified",
      width: 140,
      minWidth: 120,
      cell: (one) => <BackupStatus material={one} />,
    },
    {
      id: "spec",
      header: "Key spec",
      sortingField: "spec",
      width: 118,
      minWidth: 112,
      cell: ({ spec }) => <span title={spec}>{KEY_SPECS[spec]}</span>,
    },
    {
      id: "fingerprint",
      header: "Fingerprint",
      width: 158,
      minWidth: 130,
      cell: ({ fingerprint, checkValue, name }) => (
        <>
          <Copyable
            text={fingerprint}
            what={`fingerprint of ${name}`}
            shown={shorten(fingerprint, 20)}
          />
          {checkValue && <div className="secondary">KCV {checkValue}</div>}
        </>
      ),
    },
    {
      id: "origin",
      header: "Origin",
      sortingField: "origin",
      width: 130,
      minWidth: 100,
      cell: ({ origin }) => <Foreign text={originInWords(origin)} max={40} />,
    },
    {
      id: "created",
      header: "Created",
      sortingField: "created",
      width: 112,
      minWidth: 100,
      cell: ({ createdAt }) => <Relative at={createdAt} />,
    },
    {
      id: "actions",
      header: "Actions",
      width: 98,
      minWidth: 96,
      cell: (one) => <SourceMenu material={one} start={start} />,
    },
  ];
}
