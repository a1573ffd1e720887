// The stored material that OwnKey imported into a key, if it did.

import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { KeyArn, StoredMaterial } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { Instant, useNow } from "../../parts/Time";
import { BackupStatus } from "../sources/BackupStatus";
import { holdingOf } from "../sources/material";
import { HOLDINGS } from "../sources/Places";
import { useMaterials } from "../sources/queries";

export function StoredHere({ arn }: { arn: KeyArn }) {
  const materials = useMaterials();
  const paths = usePaths();
  const now = useNow();
  if (materials.error) {
    return (
      <ProblemAlert
        title="Whether OwnKey stores this key’s material is not known"
        error={materials.error.error}
        retry={() => materials.refetch()}
      />
    );
  }
  if (!materials.data) {
    return <Later what="the stored material" />;
  }
  const placeIn = ({ places }: StoredMaterial) => places.find(({ key }) => key === arn);
  return (
    <Table<StoredMaterial>
      items={materials.data.filter(placeIn)}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Material of this key in OwnKey’s store" }}
      header={
        <Header
          variant="h2"
          description="What OwnKey imported into this key, and can import again."
        >
          In OwnKey’s store
        </Header>
      }
      empty="OwnKey never imported into this key. If its material is needed again, the same bytes have to come from where they were made."
      columnDefinitions={[
        {
          id: "name",
          header: "Source",
          isRowHeader: true,
          minWidth: 150,
          cell: ({ id, name }) => (
            <PathLink to={paths.source(id)}>
              <Foreign text={name || id} max={80} />
            </PathLink>
          ),
        },
        {
          id: "fingerprint",
          header: "Fingerprint",
          minWidth: 180,
          cell: ({ fingerprint, name }) => (
            <Copyable text={fingerprint} what={`fingerprint of ${name}`} />
          ),
        },
        {
          id: "holding",
          header: "In AWS",
          minWidth: 120,
          cell: (one) => {
            const place = placeIn(one);
            const words = place && HOLDINGS[holdingOf(place, now)];
            return words ? <StatusIndicator type={words.type}>{words.text}</StatusIndicator> : "–";
          },
        },
        {
          id: "imported",
          header: "Imported",
          minWidth: 130,
          cell: (one) => {
            const place = placeIn(one);
            return place ? <Instant at={place.importedAt} /> : "–";
          },
        },
        {
          id: "backup",
          header: "Last verified backup",
          minWidth: 150,
          cell: (one) => <BackupStatus material={one} />,
        },
      ]}
    />
  );
}
