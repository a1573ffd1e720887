// How a connection stands, with the one button that mends it.

import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ConnectionId, SignInState } from "../../api/bindings";
import { canMend, Mend } from "../../app/Mend";
import { inOneSentence, problemOf } from "../../app/problems";
import { Foreign } from "../../parts/Foreign";
import { Instant } from "../../parts/Time";
import { useReadAccount } from "./queries";

export function SignInStatus(props: {
  state: SignInState;
  connection: ConnectionId;
  /** Whether this stands on the connection's own page. */
  isHere?: boolean;
}) {
  const { state } = props;
  switch (state.state) {
    case "notYet":
      return <StatusIndicator type="stopped">Not signed in yet</StatusIndicator>;
    case "signedIn":
      return (
        <StatusIndicator type="success">
          {state.until === null ? (
            "Signed in"
          ) : (
            <>
              Signed in until <Instant at={state.until} />
            </>
          )}
        </StatusIndicator>
      );
    case "failed":
      return <Failed {...props} state={state} />;
  }
}

function Failed(props: {
  state: Extract<SignInState, { state: "failed" }>;
  connection: ConnectionId;
  isHere?: boolean;
}) {
  const { error } = props.state;
  // How it ends is told by the connection's new state.
  const again = useReadAccount(props.connection);
  const mending = {
    error,
    retry: () => again.mutate(undefined),
    connection: props.isHere ? null : props.connection,
  };
  return (
    <SpaceBetween size="xxs">
      <StatusIndicator type={error.code === "signInNeeded" ? "warning" : "error"}>
        {problemOf(error).title}
      </StatusIndicator>
      <div className="secondary">
        <Foreign text={inOneSentence(error)} max={200} />
      </div>
      {again.isPending ? (
        <StatusIndicator type="in-progress">Signing in</StatusIndicator>
      ) : (
        canMend(mending) && <Mend {...mending} />
      )}
    </SpaceBetween>
  );
}
