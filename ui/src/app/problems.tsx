// A refusal as it is shown: what happened, what to do, and the button that does it.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import type { AppError, ConnectionId } from "../api/bindings";
import { CopyText } from "../parts/Copy";
import { Foreign } from "../parts/Foreign";
import { canMend, Mend } from "./Mend";
import { problemOf } from "./problemWords";

export { inOneSentence, problemOf } from "./problemWords";

/** The problem as a notice with its technical part one click below. */
export function ProblemAlert(props: {
  error: AppError;
  /** Does again what failed; also once what was missing is there. */
  retry?: (() => void) | undefined;
  title?: string;
  /** Over which connection it failed, if that is known; null where that is what is shown anyway. */
  connection?: ConnectionId | null | undefined;
}) {
  return (
    <Alert
      type="error"
      header={props.title ?? problemOf(props.error).title}
      action={canMend(props) ? <Mend {...props} /> : undefined}
    >
      <ProblemText error={props.error} />
    </Alert>
  );
}

/** What happened, what to do, and the technical part; without a frame of its own. */
export function ProblemText({ error, children }: { error: AppError; children?: ReactNode }) {
  const problem = problemOf(error);
  return (
    <SpaceBetween size="xs">
      <div>
        <div>
          <Foreign text={problem.happened} max={LONGEST} />
        </div>
        {problem.points && <Points points={problem.points} />}
        <div>
          <Foreign text={problem.toDo} max={LONGEST} />
        </div>
      </div>
      {children}
      <ExpandableSection headerText="Technical details" variant="footer">
        <SpaceBetween size="xxs">
          {problem.cause && (
            <div>
              Cause: <Foreign text={problem.cause} />
            </div>
          )}
          {problem.requestId && (
            <div>
              AWS request id: <Box variant="code">{problem.requestId}</Box>
            </div>
          )}
          <div>
            Code: <Box variant="code">{error.code}</Box>
          </div>
          <CopyText text={JSON.stringify(error, null, 2)} label="Copy details" />
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

/** File names and paths are in these sentences; more than this is no sentence. */
const LONGEST = 1000;

function Points({ points }: { points: readonly string[] }) {
  return (
    <ul className="points">
      {points.map((point) => (
        <li key={point}>
          <Foreign text={point} max={300} />
        </li>
      ))}
    </ul>
  );
}
