// In place of the list, where the store cannot be opened: what is wrong and what to do.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import type { AppError } from "../../api/bindings";
import { ProblemAlert, ProblemText, problemOf } from "../../app/problems";

export function StoreProblem(props: { error: AppError; retry: () => void; restore: () => void }) {
  const { error } = props;
  return (
    <Box textAlign="left" padding="m">
      {error.code === "masterKeyMissing" ? (
        <Alert
          type="error"
          header={problemOf(error).title}
          action={<Button onClick={props.restore}>Restore from backup</Button>}
        >
          <ProblemText error={error} />
        </Alert>
      ) : (
        <ProblemAlert error={error} retry={props.retry} />
      )}
    </Box>
  );
}
