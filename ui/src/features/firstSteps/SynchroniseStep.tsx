// The first synchronisation of an account, region by region.

import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import type { Registration, SyncReport } from "../../api/bindings";
import type { SyncTask } from "../../api/tasks";
import { ProblemAlert } from "../../app/problems";
import { useTasks } from "../../app/session";
import { atWork, progressInWords, regionInWords, reportInWords, share } from "../../app/syncWords";
import { Foreign } from "../../parts/Foreign";
import { RefusalDialog } from "../../parts/RefusalDialog";
import { Relative } from "../../parts/Time";

export function SynchroniseStep({ registration }: { registration: Registration }) {
  const { tasks, all } = useTasks();
  const task = all.find((one) => one.registration === registration.id);
  const synchronise = () => tasks.synchronise(registration.id);
  return (
    <Container
      header={
        <Header variant="h2">
          <Foreign text={registration.name} max={80} />
        </Header>
      }
    >
      {task ? (
        <Task task={task} registration={registration} synchronise={synchronise} />
      ) : (
        <SpaceBetween size="s">
          {registration.syncedAt ? (
            <StatusIndicator type="success">
              Synchronised <Relative at={registration.syncedAt} />
            </StatusIndicator>
          ) : (
            <StatusIndicator type="pending">Its keys were never read</StatusIndicator>
          )}
          <Button onClick={synchronise}>
            {registration.syncedAt ? "Synchronise again" : "Synchronise"}
          </Button>
        </SpaceBetween>
      )}
    </Container>
  );
}

function Task(props: { task: SyncTask; registration: Registration; synchronise: () => void }) {
  const { task, registration } = props;
  const { tasks } = useTasks();
  switch (task.state.at) {
    case "running":
    case "cancelling":
      return (
        <SpaceBetween size="s">
          <Running task={task} />
          <Button
            disabled={task.state.at === "cancelling"}
            onClick={() => void tasks.cancel(task.id)}
          >
            {task.state.at === "cancelling" ? "Cancelling" : "Cancel synchronising"}
          </Button>
        </SpaceBetween>
      );
    case "failed":
      return (
        <ProblemAlert
          error={task.state.error}
          retry={props.synchronise}
          connection={registration.connection.id}
        />
      );
    case "ended":
      return (
        <Ended
          report={task.state.report}
          name={registration.name}
          synchronise={props.synchronise}
        />
      );
  }
}

function Running({ task: { progress } }: { task: SyncTask }) {
  return (
    <>
      <ProgressBar
        label="Reading keys"
        value={progress ? share(progress) : 0}
        description={progress ? progressInWords(progress) : "Asking for the list of keys"}
      />
      <ul className="points">
        {(progress ? atWork(progress) : []).map((region) => (
          <li key={region.region}>{regionInWords(region)}</li>
        ))}
      </ul>
    </>
  );
}

function Ended(props: { report: SyncReport; name: string; synchronise: () => void }) {
  const { report, name } = props;
  const [shown, setShown] = useState(false);
  const isWhole = report.outcome === "complete";
  return (
    <SpaceBetween size="s">
      <StatusIndicator
        type={isWhole ? "success" : report.outcome === "cancelled" ? "stopped" : "warning"}
      >
        {reportInWords(report)}
      </StatusIndicator>
      {!isWhole && (
        <SpaceBetween direction="horizontal" size="xs">
          {report.refusals.length > 0 && (
            <Button onClick={() => setShown(true)}>Show what could not be read</Button>
          )}
          <Button onClick={props.synchronise}>Synchronise again</Button>
        </SpaceBetween>
      )}
      {shown && <RefusalDialog report={report} name={name} close={() => setShown(false)} />}
    </SpaceBetween>
  );
}
