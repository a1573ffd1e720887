// OwnKey could not start: the whole window says why and what to do.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useEffect } from "react";
import type { AppError } from "../api/bindings";
import { Logo } from "./Logo";
import { ProblemText, problemOf } from "./problems";

export function StartProblem({ error, retry }: { error: AppError; retry: () => void }) {
  const problem = problemOf(error);
  useEffect(() => {
    document.title = `${problem.title} – OwnKey`;
  }, [problem.title]);
  return (
    <main className="start-problem" data-testid="start-problem">
      <Box margin={{ bottom: "l" }}>
        <span className="start-problem-brand">
          <Logo size={28} /> OwnKey
        </span>
      </Box>
      <Container header={<Header variant="h1">{problem.title}</Header>}>
        <ProblemText error={error}>
          {WAITS_FOR_A_RESTART.has(error.code) ? null : (
            <Button onClick={retry} variant="primary">
              Try again
            </Button>
          )}
        </ProblemText>
      </Container>
    </main>
  );
}

/** OwnKey looks at these once, when it starts: asking again would be answered in the same way. */
const WAITS_FOR_A_RESTART: ReadonlySet<AppError["code"]> = new Set([
  "journalNewer",
  "storageDamaged",
  "folderReadOnly",
  "diskFull",
  "alreadyRunning",
]);
