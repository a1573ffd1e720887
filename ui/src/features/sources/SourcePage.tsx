// One stored material: all its facts, the keys it is in, its backups.

import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import type { BackupFile, MaterialPlace, SourceTier, StoredMaterial } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { FullInstant, Instant, useNow } from "../../parts/Time";
import { KEY_SPECS } from "../../parts/words";
import { BackupStatus, VerifiedAt } from "./BackupStatus";
import { holdingOf, originInWords } from "./material";
import { HOLDINGS } from "./Places";
import { useMaterials } from "./queries";
import { useSourceWork, type Work } from "./SourceWork";
import { StoreProblem } from "./StoreProblem";

export function SourcePage() {
  const { id = "" } = useParams();
  const paths = usePaths();
  const navigate = useNavigate();
  const list = useMaterials();
  const [removed, setRemoved] = useState(false);
  const known = list.error ? [] : (list.data ?? []);
  const material = known.find((one) => one.id === id);
  usePage(shorten(material?.name || id, 60), { text: "Sources", href: paths.sources() });
  const { start, notice, dialog } = useSourceWork(known, () => setRemoved(true));
  if (material) {
    return (
      <>
        <Page material={material} start={start} notice={notice} />
        {dialog}
      </>
    );
  }
  return (
    <>
      <ContentLayout header={<Header variant="h1">Source</Header>}>
        {list.error ? (
          <StoreProblem
            error={list.error.error}
            retry={() => list.refetch()}
            restore={() => start({ on: "restore" })}
          />
        ) : !list.data ? (
          <Later what="the source" />
        ) : removed ? (
          <SpaceBetween size="m">
            {notice}
            <Button onClick={() => navigate(paths.sources())}>Show all sources</Button>
          </SpaceBetween>
        ) : (
          <SpaceBetween size="m">
            {notice}
            <ProblemAlert
              error={{ code: "notFound", what: `the stored material ${shorten(id, 64)}` }}
            />
            <Button onClick={() => navigate(paths.sources())}>Show all sources</Button>
          </SpaceBetween>
        )}
      </ContentLayout>
      {dialog}
    </>
  );
}

const TIERS: Record<SourceTier, string> = {
  local: "OwnKey’s own store",
  "hsm-luna": "Luna HSM",
  dsm: "KMIP server",
};

function Page(props: {
  material: StoredMaterial;
  start: (work: Work) => void;
  notice: React.ReactNode;
}) {
  const { material, start } = props;
  const paths = usePaths();
  const navigate = useNavigate();
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={
            <>
              {KEY_SPECS[material.spec]} · <BackupStatus material={material} />
            </>
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => start({ on: "backUp", material })}>Back up now</Button>
              <Button onClick={() => start({ on: "export", material })}>Export</Button>
              <Button onClick={() => start({ on: "remove", material })}>Remove</Button>
              <Button variant="primary" onClick={() => navigate(paths.upload(material.id))}>
                Upload as a new key
              </Button>
            </SpaceBetween>
          }
        >
          <Foreign text={material.name || material.id} />
        </Header>
      }
    >
      <SpaceBetween size="l">
        {props.notice}
        <Facts material={material} />
        <Places places={material.places} />
        <Backups material={material} start={start} />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Facts({ material }: { material: StoredMaterial }) {
  const { id, spec, tier, origin, fingerprint, checkValue, createdAt } = material;
  return (
    <Container header={<Header variant="h2">Key material</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          {
            label: "Fingerprint",
            value: <Copyable text={fingerprint} what="fingerprint" />,
          },
          {
            label: "Key check value",
            value: checkValue ? (
              <Copyable text={checkValue} what="key check value" />
            ) : (
              "None: only AES keys have one"
            ),
          },
          { label: "Key spec", value: `${KEY_SPECS[spec]}, ${spec}` },
          { label: "Origin", value: <Foreign text={originInWords(origin)} max={255} /> },
          { label: "Kept in", value: TIERS[tier] },
          { label: "Created", value: <FullInstant at={createdAt} /> },
          { label: "Source ID", value: <Copyable text={id} what="source ID" /> },
        ]}
      />
    </Container>
  );
}

function Places({ places }: { places: MaterialPlace[] }) {
  const now = useNow();
  const paths = usePaths();
  return (
    <Table<MaterialPlace>
      items={places}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: "Keys with this material" }}
      header={
        <Header
          variant="h2"
          counter={`(${places.length})`}
          description="As OwnKey imported it; what others did since is on the key’s page."
        >
          Keys
        </Header>
      }
      empty="OwnKey never imported this material into a key."
      columnDefinitions={[
        {
          id: "key",
          header: "Key",
          isRowHeader: true,
          minWidth: 225,
          cell: ({ key }) => (
            <PathLink to={paths.key(key, "material")}>
              <Foreign text={key} max={200} />
            </PathLink>
          ),
        },
        {
          id: "holding",
          header: "State",
          minWidth: 140,
          cell: (place) => {
            const { type, text } = HOLDINGS[holdingOf(place, now)];
            return (
              <>
                <StatusIndicator type={type}>{text}</StatusIndicator>
                {place.removedAt && (
                  <div className="secondary">
                    <Instant at={place.removedAt} />
                  </div>
                )}
              </>
            );
          },
        },
        {
          id: "imported",
          header: "Imported",
          minWidth: 115,
          cell: ({ importedAt }) => <Instant at={importedAt} />,
        },
        {
          id: "validTo",
          header: "Expires",
          minWidth: 120,
          cell: ({ validTo }) => (validTo ? <FullInstant at={validTo} /> : "Never"),
        },
        {
          id: "materialId",
          header: "AWS material ID",
          minWidth: 145,
          cell: ({ kmsMaterialId, key }) =>
            kmsMaterialId ? (
              <Copyable
                text={kmsMaterialId}
                what={`AWS material ID in ${shorten(key, 90)}`}
                shown={shorten(kmsMaterialId, 20)}
              />
            ) : (
              "AWS gives no id for this kind of key"
            ),
        },
      ]}
    />
  );
}

function Backups(props: { material: StoredMaterial; start: (work: Work) => void }) {
  const { material, start } = props;
  const { backups } = material;
  return (
    <Table<BackupFile>
      items={backups}
      trackBy="path"
      wrapLines
      ariaLabels={{ tableLabel: "Backups" }}
      header={
        <Header
          variant="h2"
          counter={`(${backups.length})`}
          description="Encrypted files that the age tool opens with the passphrase, without OwnKey."
        >
          Backups
        </Header>
      }
      empty={
        <SpaceBetween size="xs" alignItems="center">
          <div>No backup of this material was written. It exists on this computer only.</div>
          <Button onClick={() => start({ on: "backUp", material })}>Back up now</Button>
        </SpaceBetween>
      }
      columnDefinitions={[
        {
          id: "path",
          header: "Path",
          isRowHeader: true,
          minWidth: 280,
          cell: ({ path, sandbox, ownPassphrase }) => (
            <>
              <Copyable text={path} what={`path ${shorten(path, 120)}`} />
              {sandbox && (
                <div className="secondary">
                  For the sandbox: it stands for no backup of real key material.
                </div>
              )}
              {ownPassphrase && (
                <div className="secondary">
                  Opens with a passphrase of its own, which OwnKey does not keep.
                </div>
              )}
            </>
          ),
        },
        {
          id: "written",
          header: "Written",
          minWidth: 130,
          cell: ({ writtenAt }) => <Instant at={writtenAt} />,
        },
        {
          id: "verified",
          header: "Verified",
          minWidth: 150,
          cell: (backup) => <VerifiedAt backup={backup} />,
        },
        {
          id: "actions",
          header: "Actions",
          minWidth: 90,
          cell: (backup) =>
            backup.ownPassphrase ? (
              "–"
            ) : (
              <Button
                variant="inline-link"
                ariaLabel={`Verify ${shorten(backup.path, 120)}`}
                onClick={() => start({ on: "verify", material, backup })}
              >
                Verify
              </Button>
            ),
        },
      ]}
    />
  );
}
