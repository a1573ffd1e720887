// The first start: nothing to fill in, nothing that can break.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import { usePreference } from "../../app/preferences";
import { usePaths, useRegistrations } from "../../app/session";

export function Welcome() {
  const [dismissed, chooseDismissed] = usePreference("welcome.dismissed");
  const registrations = useRegistrations() ?? [];
  const paths = usePaths();
  const navigate = useNavigate();
  const onlySandbox =
    registrations.length > 0 &&
    registrations.every(({ connection }) => connection.kind.kind === "sandbox");
  return dismissed || !onlySandbox ? null : (
    <Alert
      type="info"
      header="This is the sandbox account"
      dismissible
      dismissAriaLabel="Dismiss"
      onDismiss={() => chooseDismissed(true)}
      action={<Button onClick={() => navigate(paths.connect())}>Connect your AWS account</Button>}
    >
      An AWS account inside OwnKey, with keys like a real company’s. Nothing here can be broken, and
      nothing leaves this computer.
    </Alert>
  );
}
