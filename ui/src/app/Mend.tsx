// The button that mends a refusal: sign in, go to the connection, try again.

import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useNavigate } from "react-router";
import { useCached, useOrder } from "../api/answers";
import { type AppError, type ConnectionId, commands, type SignInId } from "../api/bindings";
import { Foreign } from "../parts/Foreign";
import { inOneSentence, problemOf } from "./problemWords";
import { usePaths } from "./session";

interface Mending {
  error: AppError;
  /** Does again what failed; also once what was missing is there. */
  retry?: (() => void) | undefined;
  /** Over which connection it failed, if that is known; null where that is what is shown anyway. */
  connection?: ConnectionId | null | undefined;
  /** Whether it stands in a notice, whose colour a primary button cannot be read on. */
  inNotice?: boolean;
}

/** Whether there is a button at all. */
export function canMend({ error, retry, connection }: Mending): boolean {
  return (
    error.code === "signInNeeded" ||
    (problemOf(error).again && retry !== undefined) ||
    leadsToConnection(error, connection)
  );
}

/** None of its buttons submits the form that it may stand in: what failed would be done twice. */
export function Mend({ error, retry, connection, inNotice }: Mending) {
  if (error.code === "signInNeeded") {
    return <SignIn id={error.signIn} retry={retry} variant={inNotice ? "normal" : "primary"} />;
  }
  const again = problemOf(error).again && retry;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {leadsToConnection(error, connection) && <ShowConnection error={error} id={connection} />}
      {again && (
        <Button formAction="none" onClick={again}>
          Try again
        </Button>
      )}
    </SpaceBetween>
  );
}

/** What a person mends in the connection; a secret that is missing names it itself. */
export function leadsToConnection(error: AppError, connection: Mending["connection"]): boolean {
  switch (error.code) {
    case "accessKeyMissing":
      return connection !== null;
    case "accountChanged":
    case "credentialProcessFailed":
    case "credentialsRefused":
    case "noCredentials":
    case "roleRefused":
      // An id that is not chosen yet is empty.
      return Boolean(connection);
    default:
      return false;
  }
}

/**
 * Signs in in the browser, then does again what failed for want of it. A sign-in is known until
 * OwnKey is closed; what failed for want of it may have been written down before.
 */
function SignIn(props: { id: SignInId; retry: Mending["retry"]; variant: "normal" | "primary" }) {
  const { id, retry, variant } = props;
  const order = useOrder(() => commands.signIn(id, crypto.randomUUID()));
  const failed = order.error?.error;
  const isForgotten = failed?.code === "notFound";
  return (
    <SpaceBetween size="xxs">
      <Button
        variant={variant}
        formAction="none"
        loading={order.isPending}
        loadingText="Signing in"
        onClick={() =>
          order.mutate(undefined, {
            onSuccess: () => retry?.(),
            // What asked for the sign-in asks again, and is told of one that is known.
            onError: ({ error }) => error.code === "notFound" && retry?.(),
          })
        }
      >
        Sign in
      </Button>
      {failed && failed.code !== "signInCancelled" && !(isForgotten && retry) && (
        <div role="alert" className="secondary">
          <Foreign
            text={isForgotten ? "Try the operation again first." : inOneSentence(failed)}
            max={300}
          />
        </div>
      )}
    </SpaceBetween>
  );
}

function ShowConnection({ error, id }: { error: AppError; id: Mending["connection"] }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const named = useNamedConnection(
    error.code === "accessKeyMissing" ? error.connection : undefined,
  );
  const known = id ?? named;
  return (
    <Button
      formAction="none"
      onClick={() => navigate(known === undefined ? paths.signIns() : paths.signIn(known))}
    >
      {error.code === "accessKeyMissing" ? "Enter the secret" : "Show the connection"}
    </Button>
  );
}

function useNamedConnection(name: string | undefined): ConnectionId | undefined {
  const { data } = useCached(["connections"], commands.listConnections, {
    enabled: name !== undefined,
  });
  return data?.find(({ connection }) => connection.name === name)?.connection.id;
}
