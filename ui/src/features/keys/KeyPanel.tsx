// The split panel beside the list: the selected key at a glance.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import SplitPanel from "@cloudscape-design/components/split-panel";
import { useNavigate } from "react-router";
import type { KeyArn, KeyDetails } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { CopyText } from "../../parts/Copy";
import { shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { Read } from "../../parts/NotRead";
import { Tags } from "../../parts/Tags";
import { keyName } from "../../parts/words";
import { Facts } from "./Facts";
import { NextStep } from "./NextStep";
import { useKeyDetails } from "./queries";

export function KeyPanel({ arn }: { arn: KeyArn }) {
  const details = useKeyDetails(arn);
  const paths = usePaths();
  const navigate = useNavigate();
  const name = details.data ? keyName(details.data.row) : (arn.split("/")[1] ?? arn);
  return (
    <SplitPanel
      header={shorten(name, 80)}
      closeBehavior="hide"
      i18nStrings={{ closeButtonAriaLabel: "Close the details" }}
    >
      {details.error ? (
        <ProblemAlert error={details.error.error} retry={() => details.refetch()} />
      ) : details.data ? (
        <SpaceBetween size="l">
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => navigate(paths.key(arn))}>Open</Button>
            <CopyText text={arn} label="Copy ARN" />
          </SpaceBetween>
          <Glance details={details.data} />
        </SpaceBetween>
      ) : (
        <Later what="the key" />
      )}
    </SplitPanel>
  );
}

function Glance({ details }: { details: KeyDetails }) {
  return (
    <SpaceBetween size="l">
      <NextStep details={details} />
      <Facts details={details} columns={1} />
      <div>
        <Box variant="awsui-key-label">Tags</Box>
        <Read reading={details.key.tags}>
          {(tags) => (tags.length === 0 ? "No tags" : <Tags tags={tags} max={200} />)}
        </Read>
      </div>
    </SpaceBetween>
  );
}
