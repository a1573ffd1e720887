// What OwnKey did with a key.

import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import type { KeyArn, Operation } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useRegistrations } from "../../app/session";
import { Later } from "../../parts/Later";
import { operationColumns } from "../activity/columns";
import { useOperationsOf } from "../activity/queries";

export function KeyActivity({ arn }: { arn: KeyArn }) {
  const list = useOperationsOf(arn);
  const paths = usePaths();
  const registrations = useRegistrations() ?? [];
  if (list.error) {
    return <ProblemAlert error={list.error.error} retry={() => list.refetch()} />;
  }
  if (!list.data) {
    return <Later what="the key’s activity" />;
  }
  const { operations, total } = list.data;
  return (
    <Table<Operation>
      items={operations}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Operations of this key" }}
      header={
        <Header
          variant="h2"
          counter={`(${total.toLocaleString("en-GB")})`}
          description="What OwnKey did. What others did to the key is not in this list."
        >
          Activity
        </Header>
      }
      empty="OwnKey changed nothing about this key."
      columnDefinitions={operationColumns(paths, registrations, { withKey: false })}
    />
  );
}
