// The steps of an operation: what was done, when, with which answer. Progress and record alike.

import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { Operation, OperationStep } from "../api/bindings";
import {
  outcomeInWords,
  STEP_STATES,
  stepDetail,
  stepInWords,
  stepPlace,
} from "../app/operationWords";
import { ProblemText } from "../app/problems";
import { CopyIcon } from "./Copy";
import { Foreign } from "./Foreign";
import { Clock, duration } from "./Time";

export function OperationSteps({ operation }: { operation: Operation }) {
  const { steps } = operation;
  return (
    <Table<OperationStep>
      items={steps}
      trackBy={({ number }) => String(number)}
      wrapLines
      ariaLabels={{ tableLabel: "Steps of the operation" }}
      header={
        <Header variant="h2" counter={`(${steps.length})`}>
          Steps
        </Header>
      }
      columnDefinitions={[
        {
          id: "step",
          header: "Step",
          isRowHeader: true,
          minWidth: 225,
          cell: (step) => <What step={step} />,
        },
        {
          id: "state",
          header: "State",
          minWidth: 110,
          cell: (step) => <State step={step} running={operation.running} />,
        },
        { id: "outcome", header: "Outcome", minWidth: 165, cell: (step) => <Came step={step} /> },
        {
          id: "time",
          header: "Time",
          minWidth: 118,
          cell: ({ askedAt, endedAt }) =>
            askedAt ? (
              <>
                <span className="unbroken">
                  <Clock at={askedAt} />
                </span>
                {endedAt && <div className="secondary unbroken">{duration(askedAt, endedAt)}</div>}
              </>
            ) : (
              "–"
            ),
        },
        {
          id: "requestId",
          header: "AWS request ID",
          minWidth: 140,
          cell: ({ requestId }) =>
            requestId ? (
              <span className="copyable">
                <CopyIcon text={requestId} label="Copy the request ID" />
                <Box variant="code">
                  <Foreign text={requestId} max={9} />
                </Box>
              </span>
            ) : (
              "–"
            ),
        },
      ]}
    />
  );
}

function What({ step: { number, step, undo } }: { step: OperationStep }) {
  const detail = stepDetail(step);
  return (
    <>
      <div>
        {number + 1}. {undo && "Undo: "}
        {stepInWords(step)}
      </div>
      <div className="secondary">
        {stepPlace(step)}
        {detail && (
          <>
            {" · "}
            <Foreign text={detail} max={200} />
          </>
        )}
      </div>
    </>
  );
}

function State({ step: { state }, running }: { step: OperationStep; running: boolean }) {
  const { type, text } = STEP_STATES[state];
  if (state === "asked") {
    return running ? (
      <StatusIndicator type="in-progress">Under way</StatusIndicator>
    ) : (
      <StatusIndicator type="warning">Not known whether it was done</StatusIndicator>
    );
  }
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

function Came({ step: { outcome, error } }: { step: OperationStep }) {
  return (
    <>
      {outcome && outcome.outcome !== "done" && (
        <Foreign text={outcomeInWords(outcome)} max={400} />
      )}
      {error && <ProblemText error={error} />}
      {!error && (!outcome || outcome.outcome === "done") && "–"}
    </>
  );
}
