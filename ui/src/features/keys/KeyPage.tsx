// A key's page: its state and what would help it on top, everything AWS said below.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import Tabs from "@cloudscape-design/components/tabs";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { useOrder } from "../../api/answers";
import {
  commands,
  type KeyDetails,
  type Material,
  type Related,
  type Tag,
} from "../../api/bindings";
import { usePage } from "../../app/frame";
import { type KeyTab, readKeyTab } from "../../app/paths";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useRegistrations } from "../../app/session";
import { Copyable, CopyIcon, CopyText } from "../../parts/Copy";
import { Foreign, ForeignBlock, shorten } from "../../parts/Foreign";
import { KeyStatus } from "../../parts/KeyStatus";
import { Later } from "../../parts/Later";
import { Read, ReadBlock } from "../../parts/NotRead";
import { PathLink } from "../../parts/PathLink";
import { FullInstant, Instant, Relative } from "../../parts/Time";
import { keyName, NO_MATERIAL, ORIGINS, ROLES, withoutExpiry } from "../../parts/words";
import { Facts } from "./Facts";
import { KeyActivity } from "./KeyActivity";
import { NextStep } from "./NextStep";
import { useKeyDetails, useRefreshKey } from "./queries";
import { StoredHere } from "./StoredHere";

export function KeyPage() {
  const { arn = "" } = useParams();
  const paths = usePaths();
  const details = useKeyDetails(arn);
  const name = details.data ? keyName(details.data.row) : (arn.split("/")[1] ?? arn);
  usePage(shorten(name, 60), { text: "Keys", href: paths.keys() });
  if (details.error) {
    return (
      <ContentLayout header={<Header variant="h1">Key</Header>}>
        <ProblemAlert error={details.error.error} retry={() => details.refetch()} />
      </ContentLayout>
    );
  }
  return details.data ? <Page details={details.data} /> : <Later what="the key" />;
}

function Page({ details }: { details: KeyDetails }) {
  const { row } = details;
  const registration = useRegistrations()?.find(({ id }) => id === row.registration);
  const refresh = useRefreshKey();
  const openConsole = useOrder(() => commands.openKeyInConsole(row.arn));
  const problem = refresh.error ?? openConsole.error;
  const isSandbox = details.awsCommand === null;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={
            <>
              <KeyStatus row={row} /> · {ORIGINS[row.origin]} · {row.region} ·{" "}
              <Relative at={row.syncedAt} prefix="read" />
            </>
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button
                iconName="refresh"
                loading={refresh.isPending}
                loadingText="Reading the key from AWS"
                onClick={() => refresh.mutate(row.arn)}
              >
                Refresh
              </Button>
              <CopyText
                text={details.awsCommand ?? ""}
                label="Copy as aws command"
                offBecause={
                  isSandbox
                    ? "The sandbox inside OwnKey opens no port for other programs."
                    : undefined
                }
              />
              <Button
                iconName="external"
                iconAlign="right"
                disabled={details.consoleUrl === null}
                disabledReason={
                  isSandbox
                    ? "The sandbox has no AWS console."
                    : "Keys behind another endpoint have no page in the AWS console."
                }
                onClick={() => openConsole.mutate(undefined)}
              >
                Open in AWS console
              </Button>
            </SpaceBetween>
          }
        >
          <Foreign text={keyName(row)} />
        </Header>
      }
    >
      <SpaceBetween size="l">
        {problem && (
          <ProblemAlert
            error={problem.error}
            connection={registration?.connection.id}
            retry={() => (refresh.error ? refresh.mutate(row.arn) : openConsole.mutate(undefined))}
          />
        )}
        <NextStep details={details} />
        <KeyTabs details={details} reread={() => refresh.mutate(row.arn)} />
      </SpaceBetween>
    </ContentLayout>
  );
}

function KeyTabs({ details, reread }: { details: KeyDetails; reread: () => void }) {
  const { key, row } = details;
  const paths = usePaths();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  return (
    <Tabs
      ariaLabel="About this key"
      activeTabId={readKeyTab(search)}
      onChange={({ detail }) =>
        navigate(paths.key(row.arn, detail.activeTabId as KeyTab), { replace: true })
      }
      tabs={[
        {
          id: "details",
          label: "Details",
          content: (
            <Container>
              <Facts details={details} columns={3} />
            </Container>
          ),
        },
        {
          id: "material",
          label: "Material",
          content: <MaterialTab details={details} reread={reread} />,
        },
        {
          id: "policy",
          label: "Policy",
          content: (
            <ReadBlock reading={key.policy} retry={reread}>
              {(policy) => <Policy text={policy} />}
            </ReadBlock>
          ),
        },
        { id: "replicas", label: "Replicas", content: <Replicas details={details} /> },
        {
          id: "names",
          label: "Aliases and tags",
          content: (
            <SpaceBetween size="l">
              <Aliases aliases={details.aliases} />
              <ReadBlock reading={key.tags} retry={reread}>
                {(tags) => <TagTable tags={tags} />}
              </ReadBlock>
            </SpaceBetween>
          ),
        },
        { id: "activity", label: "Activity", content: <KeyActivity arn={row.arn} /> },
      ]}
    />
  );
}

function MaterialTab({ details, reread }: { details: KeyDetails; reread: () => void }) {
  const { key } = details;
  return (
    <SpaceBetween size="l">
      {key.origin === "EXTERNAL" ? (
        <ReadBlock reading={key.materials} retry={reread}>
          {(materials) => <Materials materials={materials} />}
        </ReadBlock>
      ) : (
        <Container header={<Header variant="h2">Key material</Header>}>
          {key.origin === "AWS_KMS"
            ? "AWS KMS made the material of this key; it cannot be seen, imported or deleted."
            : "The material of this key lies outside AWS KMS, in its custom key store."}
        </Container>
      )}
      {key.origin === "EXTERNAL" && <StoredHere arn={key.arn} />}
      <Container header={<Header variant="h2">Automatic rotation</Header>}>
        <Read reading={key.rotation}>
          {(rotation) =>
            rotation === null ? (
              "AWS does not rotate this kind of key by itself."
            ) : (
              <KeyValuePairs
                columns={3}
                items={[
                  { label: "Automatic rotation", value: rotation.enabled ? "On" : "Off" },
                  {
                    label: "Period",
                    value: rotation.periodDays === null ? "–" : `${rotation.periodDays} days`,
                  },
                  {
                    label: "Next rotation",
                    value: rotation.nextAt ? <FullInstant at={rotation.nextAt} /> : "–",
                  },
                ]}
              />
            )
          }
        </Read>
      </Container>
    </SpaceBetween>
  );
}

function Materials({ materials }: { materials: Material[] }) {
  return (
    <Table<Material>
      items={materials}
      trackBy={(material) => material.id ?? `${material.state} ${material.rotatedAt}`}
      wrapLines
      ariaLabels={{ tableLabel: "Key materials" }}
      header={
        <Header variant="h2" counter={`(${materials.length})`}>
          Key materials
        </Header>
      }
      empty="AWS holds no key material for this key."
      columnDefinitions={[
        {
          id: "id",
          header: "Material ID",
          isRowHeader: true,
          cell: ({ id }) =>
            id ? (
              <Copyable text={id} what="material ID" shown={shorten(id, 20)} />
            ) : (
              "AWS gives no id for this kind of key"
            ),
        },
        { id: "state", header: "State", cell: ({ state }) => MATERIAL_STATES[state] },
        {
          id: "imported",
          header: "Held by AWS",
          cell: ({ imported }) => (imported ? "Yes" : "No"),
        },
        {
          id: "validTo",
          header: "Expires",
          cell: ({ validTo, imported }) =>
            validTo ? <FullInstant at={validTo} /> : imported ? "Never" : NO_MATERIAL,
        },
        {
          id: "rotatedAt",
          header: "Rotated to",
          cell: ({ rotatedAt }) => (rotatedAt ? <Instant at={rotatedAt} /> : "–"),
        },
        {
          id: "description",
          header: "Description",
          cell: ({ description }) => (description ? <Foreign text={description} max={256} /> : "–"),
        },
      ]}
    />
  );
}

const MATERIAL_STATES: Record<Material["state"], string> = {
  CURRENT: "Current",
  NON_CURRENT: "Not current",
  PENDING_ROTATION: "Pending rotation",
  PENDING_MULTI_REGION_IMPORT_AND_ROTATION: "Pending import in replicas and rotation",
  OTHER: "Unknown",
};

function Policy({ text }: { text: string }) {
  return (
    <Container
      header={
        <Header variant="h2" actions={<CopyText text={text} label="Copy policy" />}>
          Key policy
        </Header>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="code-block" tabIndex={0} aria-label="Text of the key policy">
        <pre>{indented(text)}</pre>
      </section>
    </Container>
  );
}

function Replicas({ details: { key, row, related } }: { details: KeyDetails }) {
  const paths = usePaths();
  if (!key.multiRegion) {
    return (
      <Container header={<Header variant="h2">Replicas</Header>}>
        This is a single-Region key. AWS cannot turn it into a multi-Region key; that is chosen when
        a key is created.
      </Container>
    );
  }
  const family: Related[] = [
    { arn: key.arn, region: row.region, role: key.multiRegion.role, row },
    ...related,
  ];
  return (
    <Table<Related>
      items={family}
      trackBy="arn"
      ariaLabels={{ tableLabel: "Keys of this multi-Region key" }}
      header={
        <Header
          variant="h2"
          counter={`(${family.length})`}
          description="All keys of this multi-Region key share its key ID and its material."
        >
          Multi-Region key
        </Header>
      }
      columnDefinitions={[
        {
          id: "region",
          header: "Region",
          isRowHeader: true,
          cell: ({ arn, region, row: other }) =>
            arn === key.arn ? (
              `${region} (this key)`
            ) : other ? (
              <PathLink to={paths.key(arn)}>{region}</PathLink>
            ) : (
              region
            ),
        },
        { id: "role", header: "Role", cell: ({ role }) => ROLES[role] },
        {
          id: "state",
          header: "State",
          cell: ({ row: other }) =>
            other ? (
              <KeyStatus row={other} />
            ) : (
              "Not read: its region is not in any registration, or was refused"
            ),
        },
        {
          id: "expiry",
          header: "Key material expires",
          cell: ({ row: other }) =>
            other ? (
              other.validTo ? (
                <FullInstant at={other.validTo} />
              ) : (
                withoutExpiry(other)
              )
            ) : (
              "Not read"
            ),
        },
        {
          id: "arn",
          header: "ARN",
          cell: ({ arn, region }) => <CopyIcon text={arn} label={`Copy the ARN in ${region}`} />,
        },
      ]}
    />
  );
}

function Aliases({ aliases }: { aliases: string[] }) {
  return (
    <Table<string>
      items={aliases}
      trackBy={(alias) => alias}
      wrapLines
      ariaLabels={{ tableLabel: "Aliases" }}
      header={
        <Header variant="h2" counter={`(${aliases.length})`}>
          Aliases
        </Header>
      }
      empty="No alias names this key."
      columnDefinitions={[
        {
          id: "alias",
          header: "Alias",
          isRowHeader: true,
          cell: (alias) => (
            <span className="copyable">
              <CopyIcon text={alias} label={`Copy ${alias}`} />
              <ForeignBlock text={alias} />
            </span>
          ),
        },
      ]}
    />
  );
}

function TagTable({ tags }: { tags: Tag[] }) {
  return (
    <Table<Tag>
      items={tags}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: "Tags" }}
      header={
        <Header variant="h2" counter={`(${tags.length})`}>
          Tags
        </Header>
      }
      empty={<Box color="text-body-secondary">This key has no tags.</Box>}
      columnDefinitions={[
        {
          id: "key",
          minWidth: 160,
          header: "Key",
          isRowHeader: true,
          cell: ({ key }) => <ForeignBlock text={key} />,
        },
        {
          id: "value",
          header: "Value",
          cell: ({ value }) => (value === "" ? "(empty)" : <ForeignBlock text={value} />),
        },
      ]}
    />
  );
}

/** Indented for reading if it is JSON on one line; else as AWS returned it. */
function indented(policy: string): string {
  if (policy.includes("\n")) {
    return policy;
  }
  try {
    return JSON.stringify(JSON.parse(policy), null, 2);
  } catch {
    return policy;
  }
}
