// The first start: nothing to fill in, nothing that can break; and the way on from there.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import { usePreference } from "../../app/preferences";
import { usePaths, useRegistrations } from "../../app/session";
import { isUnderWay } from "../firstSteps/progress";

export function Welcome() {
  const [dismissed, chooseDismissed] = usePreference("welcome.dismissed");
  const [progress, remember] = usePreference("firstSteps");
  const registrations = useRegistrations() ?? [];
  const paths = usePaths();
  const navigate = useNavigate();
  const onlySandbox =
    registrations.length > 0 &&
    registrations.every(({ connection }) => connection.kind.kind === "sandbox");
  if (isUnderWay(progress)) {
    return (
      <Alert
        type="info"
        header="The first steps are not finished"
        dismissible
        dismissAriaLabel="Do not go on with the first steps"
        onDismiss={() => remember({ ...progress, step: "done" })}
        action={<Button onClick={() => navigate(paths.firstSteps())}>Go on</Button>}
      >
        They go on where you left them.
      </Alert>
    );
  }
  return dismissed || !onlySandbox ? null : (
    <Alert
      type="info"
      header="This is the sandbox account"
      dismissible
      dismissAriaLabel="Dismiss"
      onDismiss={() => chooseDismissed(true)}
      action={
        <Button onClick={() => navigate(paths.firstSteps())}>Connect your AWS account</Button>
      }
    >
      An AWS account inside OwnKey, with keys like a real company’s. Nothing here can be broken, and
      nothing leaves this computer.
    </Alert>
  );
}
