// What a test of a connection found: the account, who one is there, and what was refused.

import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ConnectionReport } from "../../api/bindings";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { RefusalTable } from "../../parts/RefusalTable";
import { FullInstant } from "../../parts/Time";

export function Found({ report }: { report: ConnectionReport }) {
  const free = report.regions.filter(({ heldBy }) => heldBy === null).length;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Account</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Account ID", value: <Copyable text={report.account} what="account ID" /> },
            {
              label: "Account alias",
              value: report.accountAlias ? (
                <Foreign text={report.accountAlias} />
              ) : (
                "None, or not readable"
              ),
            },
            { label: "Partition", value: report.partition },
            { label: "Caller", value: <Copyable text={report.callerArn} what="caller ARN" /> },
            {
              label: "Regions",
              value: (
                <span title={report.regions.map(({ region }) => region).join("\n")}>
                  {report.regions.length}, of which {free} can be registered
                </span>
              ),
            },
            {
              label: "Sign-in valid until",
              value: report.expiresAt ? (
                <FullInstant at={report.expiresAt} />
              ) : (
                "It does not run out"
              ),
            },
            ...(report.endpointUrl
              ? [
                  {
                    label: "Endpoint",
                    value: (
                      <StatusIndicator type="info">
                        <Foreign text={report.endpointUrl} /> is asked instead of AWS
                      </StatusIndicator>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">What was refused</Header>}>
        {report.refused.length === 0 ? (
          <StatusIndicator type="success">Nothing that was asked here was refused</StatusIndicator>
        ) : (
          <SpaceBetween size="s">
            <div>The account can still be registered. This is what OwnKey could not find out:</div>
            <RefusalTable refusals={report.refused} />
          </SpaceBetween>
        )}
      </Container>
    </SpaceBetween>
  );
}
