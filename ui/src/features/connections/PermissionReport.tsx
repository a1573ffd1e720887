// What credentials may do, by what OwnKey does with an account. What is not known is never shown as
// fine.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useFresh } from "../../api/answers";
import {
  type Ability,
  type ConnectionId,
  commands,
  type Feature,
  type KnownBy,
  type NotSimulated,
  type Permission,
  type PermissionReport as Report,
  type RoleDraft,
  type Verdict,
} from "../../api/bindings";
import { inOneSentence, ProblemAlert, ProblemText } from "../../app/problems";
import { count } from "../../app/syncWords";
import { Copyable, CopyText } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { Later } from "../../parts/Later";

/** Finds out what may be done over a connection, and shows it. */
export function Permissions(props: {
  connection: ConnectionId;
  role: RoleDraft;
  /** The regions that KMS can be asked in; the first one is asked unless another is chosen. */
  regions: readonly string[];
}) {
  const { connection, role, regions } = props;
  const [chosen, choose] = useState("");
  const region = regions.find((one) => one === chosen) ?? regions[0];
  return region === undefined ? (
    <Alert type="warning" header="There is no region to ask in">
      What these credentials may do is not known.
    </Alert>
  ) : (
    <SpaceBetween size="l">
      <FormField
        label="Region"
        description="Where KMS is asked. Organisations can permit different things in different regions."
      >
        <Select
          selectedOption={{ value: region, label: region }}
          options={regions.map((value) => ({ value, label: value }))}
          filteringType={regions.length > 8 ? "auto" : "none"}
          onChange={({ detail }) => choose(detail.selectedOption.value ?? "")}
        />
      </FormField>
      <Probe connection={connection} role={role} region={region} />
    </SpaceBetween>
  );
}

function Probe(props: { connection: ConnectionId; role: RoleDraft; region: string }) {
  const { connection, role, region } = props;
  const probe = useFresh(["permissions", connection, role, region], () =>
    commands.probePermissions(connection, role, region),
  );
  if (probe.error) {
    return <ProblemAlert error={probe.error.error} retry={() => probe.refetch()} />;
  }
  return probe.data ? (
    <PermissionReport report={probe.data} />
  ) : (
    <Later what="what these credentials may do" />
  );
}

export function PermissionReport({ report }: { report: Report }) {
  const { abilities, callerArn, region, notSimulated } = report;
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description="Nothing was changed to find this out. CloudTrail shows what was read, refusals included."
            actions={<CopyText text={asText(report)} label="Copy the list" />}
          >
            By what OwnKey does
          </Header>
        }
      >
        <SpaceBetween size="m">
          <div>
            <Copyable text={callerArn} what="caller ARN" /> in {region}: {summary(abilities)}
          </div>
          {abilities.map((ability) => (
            <AbilityPart key={ability.feature} ability={ability} />
          ))}
        </SpaceBetween>
      </Container>
      <Alert type="info" header="Key policies were not evaluated">
        Each key has a policy of its own, which can refuse what is permitted here, or permit what is
        refused. It shows when the key is used.
      </Alert>
      {notSimulated && <NotSimulatedAlert why={notSimulated} />}
    </SpaceBetween>
  );
}

function AbilityPart({ ability: { feature, verdict, permissions } }: { ability: Ability }) {
  const { title, means } = FEATURES[feature];
  return (
    <div data-testid={`ability-${feature}`}>
      <Box variant="h3" padding="n">
        {title}
      </Box>
      <StatusIndicator type={VERDICTS[verdict].type}>{VERDICTS[verdict].text}</StatusIndicator>
      <div className="secondary">{means}</div>
      <ExpandableSection
        variant="footer"
        headerText={count(permissions.length, "action")}
        headingTagOverride="h4"
      >
        <Table<Permission>
          variant="borderless"
          wrapLines
          items={permissions}
          trackBy="action"
          ariaLabels={{ tableLabel: `Actions of: ${title}` }}
          columnDefinitions={[
            {
              id: "action",
              header: "Action",
              isRowHeader: true,
              cell: ({ action }) => <Box variant="code">{action}</Box>,
            },
            {
              id: "verdict",
              header: "Permitted",
              cell: (one) => (
                <StatusIndicator type={VERDICTS[one.verdict].type}>
                  {VERDICTS[one.verdict].text}
                </StatusIndicator>
              ),
            },
            {
              id: "known",
              header: "How this is known",
              cell: (one) => (
                <>
                  {known(one)}
                  {one.error && (
                    <div className="secondary">
                      <Foreign text={inOneSentence(one.error)} max={300} />
                    </div>
                  )}
                </>
              ),
            },
          ]}
        />
      </ExpandableSection>
    </div>
  );
}

function NotSimulatedAlert({ why }: { why: NotSimulated }) {
  return (
    <Alert type="warning" header="What may not be tried is not known">
      {why.reason === "noPolicies" ? (
        <div>
          IAM simulates the policies of users and roles. These credentials belong to neither, so
          what changes something could not be found out without doing it.
        </div>
      ) : (
        <SpaceBetween size="xs">
          <div>
            What changes something is not tried; IAM would say whether it is permitted, and refused
            to (iam:SimulatePrincipalPolicy).
          </div>
          <ProblemText error={why.error} />
        </SpaceBetween>
      )}
    </Alert>
  );
}

const FEATURES: Record<Feature, { title: string; means: string }> = {
  synchronise: { title: "Synchronise", means: "Reading keys, their policies, tags and aliases." },
  uploadKeys: { title: "Upload keys", means: "Making a key and importing material into it." },
  reimportMaterial: {
    title: "Import material again",
    means: "Importing material into a key that is there, or deleting it.",
  },
  undoUploads: { title: "Undo uploads", means: "Taking back what an upload has made." },
  proveMaterial: {
    title: "Prove material",
    means: "Proving that AWS holds the same bytes as OwnKey.",
  },
  choosePrincipals: {
    title: "Choose users and roles",
    means: "Listing them for a key policy. They can be typed otherwise.",
  },
  findRegions: {
    title: "Find regions",
    means: "Listing the account’s regions. The usual ones are offered otherwise.",
  },
};

const VERDICTS: Record<Verdict, { type: StatusIndicatorProps.Type; text: string }> = {
  allowed: { type: "success", text: "Allowed" },
  refused: { type: "error", text: "Refused" },
  unknown: { type: "warning", text: "Not known" },
};

const KNOWN_BY: Record<KnownBy, string> = {
  tried: "Tried on one key",
  simulated: "Simulated by IAM",
  nothing: "Not found out",
};

/** What is tried on the account and not on a key. */
const OF_THE_ACCOUNT = ["ec2:DescribeRegions", "kms:ListAliases", "kms:ListKeys"];

function known({ action, knownBy, verdict }: Permission): string {
  if (knownBy === "tried" && OF_THE_ACCOUNT.includes(action)) {
    return "Tried";
  }
  if (knownBy === "simulated" && verdict === "unknown") {
    return "Simulated by IAM: the caller’s policies do not permit it for every key, or under conditions only; a key’s own policy, or one for some keys, may";
  }
  return KNOWN_BY[knownBy];
}

function summary(abilities: readonly Ability[]): string {
  const have = (verdict: Verdict) =>
    abilities.filter((ability) => ability.verdict === verdict).length;
  return [
    `${have("allowed")} of ${abilities.length} allowed`,
    ...(have("refused") > 0 ? [`${have("refused")} refused`] : []),
    ...(have("unknown") > 0 ? [`${have("unknown")} not known`] : []),
  ].join(", ");
}

/** For whoever is to permit what is missing. */
function asText({ callerArn, region, abilities }: Report): string {
  return [
    `${callerArn} in ${region}. Key policies were not evaluated.`,
    ...abilities.flatMap(({ feature, verdict, permissions }) => [
      "",
      `${FEATURES[feature].title}: ${VERDICTS[verdict].text}`,
      ...permissions.map((one) => `  ${one.action}: ${VERDICTS[one.verdict].text} (${known(one)})`),
    ]),
  ].join("\n");
}
