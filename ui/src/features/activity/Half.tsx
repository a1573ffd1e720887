// An operation that stopped on its way: what is done, what is left, Finish and Undo.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Operation, OperationStep } from "../../api/bindings";
import { Mend } from "../../app/Mend";
import { stepInWords, undoInWords } from "../../app/operationWords";
import { ProblemText } from "../../app/problems";
import { useOperations } from "../../app/session";
import { ConfirmByTyping } from "../../parts/ConfirmByTyping";
import { Foreign } from "../../parts/Foreign";
import { LeaveAsIs } from "./LeaveAsIs";

export function Half({ operation }: { operation: Operation }) {
  const { state, error, steps, undo } = operation;
  const { operations } = useOperations();
  const [confirming, setConfirming] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const offer = undo ? undoInWords(undo) : undefined;
  const isUndoing = state === "undoing";
  const counted = steps.filter((step) => step.undo === isUndoing);
  const done = counted.filter(isDone);
  const left = counted.filter((step) => !isDone(step));
  const finish = () => operations.finish(operation);
  const startUndo = () =>
    offer?.confirmation ? setConfirming(true) : operations.undo(operation, "");

  // Undoing that was begun is only finished.
  const canUndo = offer?.verb != null && !isUndoing;
  // Before the first import nothing is lost by giving up, so that is offered first.
  const isEasy = offer?.confirmation === null;
  return (
    <>
      <Alert
        type={error ? "error" : "warning"}
        header={isUndoing ? "Half undone" : "Stopped half-way"}
      >
        <SpaceBetween size="m">
          {error ? (
            <ProblemText error={error}>
              {error.code === "signInNeeded" && <Mend error={error} retry={finish} />}
            </ProblemText>
          ) : (
            <div>Nothing is lost: what was done is kept, and what is left can be done now.</div>
          )}
          <div className="side-by-side">
            <Steps title="Done" steps={done} none="Nothing yet." />
            <Steps title="Left" steps={left} none="Only to close the operation." />
          </div>
          {offer && !isUndoing && (
            <div>
              {canUndo && <strong>Undo: </strong>}
              <Foreign text={offer.does} max={600} />
            </div>
          )}
          <SpaceBetween direction="horizontal" size="xs">
            {canUndo && isEasy && (
              <Button variant="primary" onClick={startUndo}>
                {offer.verb}
              </Button>
            )}
            <Button variant={canUndo && isEasy ? "normal" : "primary"} onClick={finish}>
              {isUndoing ? "Finish undoing" : "Finish"}
            </Button>
            {canUndo && !isEasy && <Button onClick={startUndo}>{offer.verb}</Button>}
            <Button variant="link" onClick={() => setLeaving(true)}>
              Leave it as it is
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      </Alert>
      {leaving && <LeaveAsIs operation={operation} close={() => setLeaving(false)} />}
      {confirming && offer?.confirmation && (
        <ConfirmByTyping
          header={offer.verb ?? "Undo"}
          name={offer.confirmation}
          verb="Undo"
          working={false}
          confirm={() => {
            setConfirming(false);
            operations.undo(operation, offer.confirmation ?? "");
          }}
          close={() => setConfirming(false)}
        >
          <div>
            <Foreign text={offer.does} max={600} />
          </div>
        </ConfirmByTyping>
      )}
    </>
  );
}

function isDone({ state }: OperationStep): boolean {
  return state === "done" || state === "skipped";
}

function Steps(props: { title: string; steps: OperationStep[]; none: string }) {
  return (
    <div>
      <strong>{props.title}</strong>
      {props.steps.length === 0 ? (
        <div>{props.none}</div>
      ) : (
        <ul className="points">
          {props.steps.map(({ number, step, state }) => (
            <li key={number}>
              {stepInWords(step)}
              {state === "asked" && " (begun; whether it was done is looked up first)"}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
