// An upload or import after it was applied: progress, then what was done and what to do next.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useNavigate, useParams } from "react-router";
import { useCached } from "../../api/answers";
import { type AppError, commands, type Operation } from "../../api/bindings";
import { isAtWork, type OperationTask, useAttend } from "../../api/operations";
import { usePage } from "../../app/frame";
import { operationStateInWords, operationTitle, stepsInWords } from "../../app/operationWords";
import { usePreferences } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { useOperations, usePaths } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { OperationSteps } from "../../parts/OperationSteps";
import { PathLink } from "../../parts/PathLink";
import { Half } from "../activity/Half";
import { useOperation } from "../activity/queries";
import { blame } from "./blame";
import { NO_FILE } from "./form";

export function Applied() {
  const { operation: id = "" } = useParams();
  const paths = usePaths();
  const { operations, all } = useOperations();
  const task = all.find(({ operation }) => operation === id);
  useAttend(operations, id);
  const read = useOperation(id);
  const operation = task?.latest ?? read.data;
  usePage(operation ? shorten(operationTitle(operation), 60) : "Operation", {
    text: "Keys",
    href: paths.keys(),
  });
  if (operation) {
    return <Page operation={operation} task={task} />;
  }
  return read.error ? (
    <ContentLayout header={<Header variant="h1">Operation</Header>}>
      <ProblemAlert error={read.error.error} retry={() => read.refetch()} />
    </ContentLayout>
  ) : (
    <Later what="the operation" />
  );
}

function Page({ operation, task }: { operation: Operation; task: OperationTask | undefined }) {
  const atWork = operation.running || (task !== undefined && isAtWork(task));
  const now = { ...operation, running: atWork };
  const { type, text } = operationStateInWords(now);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={<StatusIndicator type={type}>{text}</StatusIndicator>}>
          <Foreign text={operationTitle(operation)} />
        </Header>
      }
    >
      <SpaceBetween size="l">
        {task?.state.at === "failed" && <ProblemAlert error={task.state.error} />}
        <Standing operation={operation} task={task} atWork={atWork} />
        <OperationSteps operation={now} />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Standing(props: {
  operation: Operation;
  task: OperationTask | undefined;
  atWork: boolean;
}) {
  const { operation } = props;
  if (props.atWork) {
    return <AtWork operation={operation} task={props.task} />;
  }
  switch (operation.state) {
    case "finished":
      return <Done operation={operation} />;
    case "undone":
      return <Undone operation={operation} />;
    default:
      return <Half operation={operation} />;
  }
}

function AtWork({ operation, task }: { operation: Operation; task: OperationTask | undefined }) {
  const { operations } = useOperations();
  const paths = usePaths();
  const navigate = useNavigate();
  const { text, percent } = stepsInWords(operation);
  const cancelling = task?.state.at === "cancelling";
  return (
    <Container>
      <SpaceBetween size="m">
        <ProgressBar
          label="Progress"
          value={percent}
          description={text}
          additionalInfo="Cancelling stops after the present step. What is done stays, and can be finished or undone."
        />
        <SpaceBetween direction="horizontal" size="xs">
          {task && (
            <Button disabled={cancelling} onClick={() => operations.cancel(operation.id)}>
              {cancelling ? "Cancelling after this step" : "Cancel"}
            </Button>
          )}
          <Button onClick={() => navigate(paths.keys())}>Continue in the background</Button>
        </SpaceBetween>
      </SpaceBetween>
    </Container>
  );
}

function Done({ operation }: { operation: Operation }) {
  const { key, kind, material } = operation;
  const paths = usePaths();
  const navigate = useNavigate();
  const fileName = useFileName(operation);
  const waits = kind === "uploadKey" && material === null;
  return (
    <Alert
      type="success"
      header={
        waits
          ? "The key is created and waits for its material"
          : kind === "uploadKey"
            ? "The key is uploaded"
            : "The key material is imported"
      }
      action={
        key &&
        (waits ? (
          <Button onClick={() => navigate(paths.importMaterial(key))}>Import key material</Button>
        ) : (
          <Button onClick={() => navigate(paths.key(key))}>Open the key</Button>
        ))
      }
    >
      <SpaceBetween size="s">
        {key && (
          <div>
            <PathLink to={paths.key(key)}>
              {operation.alias ?? key.split("/")[1] ?? "The key"}
            </PathLink>{" "}
            in {operation.region}
            <br />
            <Copyable text={key} what="key ARN" />
          </div>
        )}
        <ul className="points">
          {waits && <li>Until its material is imported, the key cannot be used.</li>}
          {fileName && (
            <li>
              The file <Foreign text={fileName} max={80} /> still lies there in clear: delete it, or
              keep it safe.
            </li>
          )}
          {material && (
            <li>
              The material and its backups are under{" "}
              <PathLink to={paths.source(material)}>Sources</PathLink>.
            </li>
          )}
          {operation.alias === null && !waits && kind === "uploadKey" && (
            <li>The key has no alias: programs name it by its ID or ARN.</li>
          )}
        </ul>
      </SpaceBetween>
    </Alert>
  );
}

function Undone({ operation }: { operation: Operation }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const preferences = usePreferences();
  const sent = preferences.read("upload.sent");
  const canEdit = operation.kind === "uploadKey" && sent.operation === operation.id;
  const edit = () => {
    preferences.choose("upload.draft", {
      ...sent.form,
      // Its file was let go.
      ...(sent.form.source === "file" && operation.material
        ? { source: "stored" as const, stored: operation.material, file: NO_FILE }
        : {}),
    });
    const error = causeOf(operation);
    navigate(paths.upload(), { state: error ? { error } : null });
  };
  return (
    <Alert
      type="info"
      header="The operation was undone"
      action={canEdit && <Button onClick={edit}>Edit and upload again</Button>}
    >
      {operation.material
        ? "The material stays in OwnKey’s store, and its backups where they are."
        : "Nothing was kept."}
    </Alert>
  );
}

/** What stopped the operation, if a field of the form is to blame. */
function causeOf({ error, steps }: Operation): AppError | undefined {
  return [error, ...steps.map((step) => step.error)].find((one) => one && blame(one)) ?? undefined;
}

/** The name of the key file, which stays where it is. */
function useFileName(operation: Operation): string | undefined {
  const preferences = usePreferences();
  const materials = useCached(["materials"], () => commands.listMaterials());
  const { operation: sent, form } = preferences.read("upload.sent");
  if (sent === operation.id) {
    return form.source === "file" ? form.file.name : undefined;
  }
  const origin = materials.data?.find(({ id }) => id === operation.material)?.origin;
  return origin?.kind === "file" ? origin.name : undefined;
}
