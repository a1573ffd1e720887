// What will be kept of an account, before it is registered.

import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Fragment } from "react";
import type { ConnectionReport } from "../../api/bindings";
import { count } from "../../app/syncWords";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import type { Registering } from "./registering";
import { connectionInWords } from "./words";

export function ReviewRegistration(props: { registering: Registering; report: ConnectionReport }) {
  const { report } = props;
  const { form, chosen } = props.registering;
  const externalId = form.role.externalId.trim();
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">What OwnKey keeps</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: "Name", value: <Foreign text={form.name} /> },
            {
              label: "Account",
              value: (
                <>
                  <Copyable text={report.account} what="account ID" />
                  {report.accountAlias && (
                    <div className="secondary">
                      <Foreign text={report.accountAlias} />
                    </div>
                  )}
                </>
              ),
            },
            { label: "Partition", value: report.partition },
            { label: "Caller", value: <Copyable text={report.callerArn} what="caller ARN" /> },
            {
              label: "Connection",
              value: chosen ? (
                <>
                  <Foreign text={chosen.name} />
                  <div className="secondary">
                    <Foreign text={connectionInWords(chosen, undefined)} />
                    {chosen.kind.kind === "accessKey" && "; its secret is in the keychain"}
                  </div>
                </>
              ) : (
                "–"
              ),
            },
            {
              label: "Role",
              value:
                form.role.arn.trim() === "" ? (
                  "None"
                ) : (
                  <>
                    <Copyable text={form.role.arn.trim()} what="role ARN" />
                    {externalId !== "" && (
                      <div className="secondary">
                        External ID <Foreign text={externalId} />
                      </div>
                    )}
                  </>
                ),
            },
            {
              label: count(form.regions.length, "region"),
              value: form.regions.length === 0 ? "None chosen" : <Regions codes={form.regions} />,
            },
          ]}
        />
      </Container>
      <Alert type="info" header="AWS is not changed">
        Registering keeps this on this computer. Synchronising then reads the keys of{" "}
        {form.regions.length === 1 ? "this region" : "these regions"}; it changes nothing there.
      </Alert>
    </SpaceBetween>
  );
}

/** No code is broken at its hyphens. */
function Regions({ codes }: { codes: readonly string[] }) {
  return codes.map((code, index) => (
    <Fragment key={code}>
      <span className="unbroken">{index < codes.length - 1 ? `${code},` : code}</span>{" "}
    </Fragment>
  ));
}
