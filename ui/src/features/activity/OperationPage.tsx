// One operation: what was done, what stopped it, what is left, and how it goes on.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useParams } from "react-router";
import type { Operation } from "../../api/bindings";
import { isAtWork, type OperationTask, useAttend } from "../../api/operations";
import { usePage } from "../../app/frame";
import { operationStateInWords, operationTitle, stepsInWords } from "../../app/operationWords";
import { ProblemAlert } from "../../app/problems";
import { useOperations, usePaths, useRegistrations } from "../../app/session";
import { Copyable, CopyText } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { OperationSteps } from "../../parts/OperationSteps";
import { PathLink } from "../../parts/PathLink";
import { FullInstant } from "../../parts/Time";
import { useMaterials } from "../sources/queries";
import { Duration, KeyOf } from "./columns";
import { Half } from "./Half";
import { useOperation } from "./queries";

export function OperationPage() {
  const { id = "" } = useParams();
  const paths = usePaths();
  const { operations, all } = useOperations();
  useAttend(operations, id);
  const read = useOperation(id);
  const task = all.find(({ operation }) => operation === id);
  // What this window set going tells faster than the journal can be read again.
  const operation = task && isAtWork(task) ? (task.latest ?? read.data) : read.data;
  const title = operation ? operationTitle(operation) : "Operation";
  usePage(shorten(title, 60), { text: "Activity", href: paths.activity() });
  if (operation) {
    return <Page operation={operation} task={task} title={title} />;
  }
  return read.error ? (
    <ContentLayout header={<Header variant="h1">Operation</Header>}>
      <ProblemAlert error={read.error.error} retry={() => read.refetch()} />
    </ContentLayout>
  ) : (
    <Later what="the operation" />
  );
}

function Page(props: { operation: Operation; task: OperationTask | undefined; title: string }) {
  const { operation, task } = props;
  const { operations } = useOperations();
  const atWork = operation.running || (task !== undefined && isAtWork(task));
  const { type, text } = operationStateInWords({ ...operation, running: atWork });
  const isOpen = operation.state === "open" || operation.state === "undoing";
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={<StatusIndicator type={type}>{text}</StatusIndicator>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyText text={JSON.stringify(operation, null, 2)} label="Copy details" />
            </SpaceBetween>
          }
        >
          <Foreign text={props.title} />
        </Header>
      }
    >
      <SpaceBetween size="l">
        {task?.state.at === "failed" && (
          <ProblemAlert error={task.state.error} title="This could not be done" />
        )}
        {atWork ? (
          <AtWork
            operation={operation}
            task={task && isAtWork(task) ? task : undefined}
            cancel={() => operations.cancel(operation.id)}
          />
        ) : (
          isOpen && <Half operation={operation} />
        )}
        <Facts operation={operation} />
        <OperationSteps operation={{ ...operation, running: atWork }} />
      </SpaceBetween>
    </ContentLayout>
  );
}

function AtWork(props: {
  operation: Operation;
  task: OperationTask | undefined;
  cancel: () => void;
}) {
  const { text, percent } = stepsInWords(props.operation);
  const cancelling = props.task?.state.at === "cancelling";
  return (
    <Alert
      type="info"
      header={props.operation.state === "undoing" ? "Being undone" : "Running"}
      action={
        props.task && (
          <Button disabled={cancelling} onClick={props.cancel}>
            {cancelling ? "Cancelling after this step" : "Cancel"}
          </Button>
        )
      }
    >
      <ProgressBar
        ariaLabel="Progress of the operation"
        value={percent}
        description={text}
        additionalInfo="Leaving this page stops nothing. Cancelling stops after the present step; what is done stays, and can be finished or undone."
      />
    </Alert>
  );
}

function Facts({ operation }: { operation: Operation }) {
  const paths = usePaths();
  const registrations = useRegistrations() ?? [];
  const materials = useMaterials();
  const { id, registration, account, region, key, material, openedAt, closedAt } = operation;
  const stored = materials.data?.find((one) => one.id === material);
  return (
    <Container header={<Header variant="h2">Operation</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "Key", value: <KeyOf operation={operation} paths={paths} /> },
          {
            label: "Key ARN",
            value: key ? <Copyable text={key} what="key ARN" /> : "Not made, or not known yet",
          },
          {
            label: "Account and region",
            value: (
              <>
                <Foreign
                  text={registrations.find((one) => one.id === registration)?.name ?? account}
                  max={64}
                />
                <div className="secondary">
                  {account} · {region}
                </div>
              </>
            ),
          },
          {
            label: "Key material",
            value: material ? (
              <PathLink to={paths.source(material)}>
                <Foreign text={stored?.name || material} max={80} />
              </PathLink>
            ) : (
              "None"
            ),
          },
          { label: "Started", value: <FullInstant at={openedAt} /> },
          {
            label: closedAt ? "Ended" : "Duration",
            value: closedAt ? (
              <>
                <FullInstant at={closedAt} />
                <div className="secondary">
                  after <Duration operation={operation} />
                </div>
              </>
            ) : (
              <Duration operation={operation} />
            ),
          },
          { label: "Operation ID", value: <Copyable text={id} what="operation ID" /> },
        ]}
      />
    </Container>
  );
}
