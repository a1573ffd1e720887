// OwnKey could not start: the whole window says why and what to do.

import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useEffect } from "react";
import type { AppError } from "../api/bindings";
import { Logo } from "./Logo";
import { ProblemText, problemOf } from "./problems";

export function StartProblem({ error }: { error: AppError }) {
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
          {SAYS_SO_ITSELF.has(error.code) ? null : <div>Close OwnKey and start it again.</div>}
        </ProblemText>
      </Container>
    </main>
  );
}

/**
 * OwnKey looks once, when it starts: asking again would be answered in the same way. The words of
 * these already say what to do before the next start.
 */
const SAYS_SO_ITSELF: ReadonlySet<AppError["code"]> = new Set([
  "journalNewer",
  "storageDamaged",
  "folderReadOnly",
  "diskFull",
  "alreadyRunning",
]);
