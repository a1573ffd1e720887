// Sign-ins that ran out or failed, each with the button that mends it.

import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import type { AppError, Connection, Registration } from "../../api/bindings";
import { canMend, Mend } from "../../app/Mend";
import { inOneSentence, problemOf } from "../../app/problems";
import { usePaths, useTasks } from "../../app/session";
import { count } from "../../app/syncWords";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { useConnections } from "../connections/queries";

/** More are counted; the list has them all. */
const NAMED = 3;

/** The entries for the registrations that are looked at; and whether the question was answered. */
export function useSignInNeeds(looked: readonly Registration[]): {
  needs: ReactNode[];
  isKnown: boolean;
} {
  const paths = usePaths();
  const { data, error } = useConnections();
  const failed = (error ? [] : (data ?? [])).flatMap(({ connection, signIn }) => {
    const over = looked.filter((one) => one.connection.id === connection.id);
    return signIn.state === "failed" && over.length > 0
      ? [{ connection, error: signIn.error, over }]
      : [];
  });
  const more = failed.length - NAMED;
  return {
    isKnown: data !== undefined && !error,
    needs: [
      ...failed
        .slice(0, NAMED)
        .map((one) => <Failed key={`sign-in ${one.connection.id}`} {...one} />),
      more > 0 && (
        <li key="more sign-ins">
          <StatusIndicator type="warning">
            <PathLink to={paths.signIns()}>
              {count(more, "more sign-in")} ran out or failed
            </PathLink>
          </StatusIndicator>
        </li>
      ),
      error && (
        <li key="sign-ins">
          <StatusIndicator type="error">Whether a sign-in ran out is not known</StatusIndicator>
          <div className="secondary">
            <Foreign text={inOneSentence(error.error)} max={300} />
          </div>
        </li>
      ),
    ].filter(Boolean),
  };
}

function Failed(props: { connection: Connection; error: AppError; over: readonly Registration[] }) {
  const { connection, error, over } = props;
  const paths = usePaths();
  const { tasks } = useTasks();
  const mending = {
    error,
    connection: connection.id,
    // What failed for want of the sign-in is done again.
    retry: () => {
      for (const { id } of over) {
        tasks.synchronise(id);
      }
    },
  };
  return (
    <li>
      <StatusIndicator type="error">
        <PathLink to={paths.signIn(connection.id)}>
          <Foreign text={connection.name} max={80} />: {problemOf(error).title}
        </PathLink>
      </StatusIndicator>
      <div className="secondary">
        <Foreign text={inOneSentence(error)} max={300} />
      </div>
      {canMend(mending) && (
        <Box padding={{ vertical: "xxs" }}>
          <Mend {...mending} />
        </Box>
      )}
    </li>
  );
}
