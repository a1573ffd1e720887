// The sandbox account: what becomes of changes in it, and the way back to how it began.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useFresh, useOrder } from "../../api/answers";
import { commands, type Registration } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { useRegistrations, useTasks } from "../../app/session";
import { FormDialog } from "../../parts/FormDialog";

export function Sandbox() {
  const computer = useFresh(["this computer"], commands.describeThisComputer);
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState(false);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="An account inside OwnKey for trying things out: nothing in it reaches AWS."
          actions={
            <Button
              onClick={() => {
                setDone(false);
                setAsking(true);
              }}
            >
              Start over
            </Button>
          }
        >
          Sandbox account
        </Header>
      }
    >
      <SpaceBetween size="m">
        {done && (
          <div role="status">
            <Alert
              type="success"
              dismissible
              dismissAriaLabel="Dismiss"
              onDismiss={() => setDone(false)}
            >
              The sandbox account is as it was at first.
            </Alert>
          </div>
        )}
        {computer.data?.sandboxKept === false ? (
          <Alert type="warning" header="Changes in the sandbox are not kept">
            What is changed in the sandbox is gone when OwnKey is closed: the keychain has no key to
            seal it under, or what was kept before cannot be read. Starting over keeps changes again
            once the keychain works.
          </Alert>
        ) : (
          <div>Changes in it are kept on this computer until it is started over.</div>
        )}
      </SpaceBetween>
      {asking && (
        <StartOver
          done={() => {
            setAsking(false);
            setDone(true);
            void computer.refetch();
          }}
          close={() => setAsking(false)}
        />
      )}
    </Container>
  );
}

function StartOver(props: { done: () => void; close: () => void }) {
  const { tasks } = useTasks();
  const sandboxes = (useRegistrations() ?? []).filter(isSandbox);
  const start = useOrder(async () => {
    // What is being read now would be of the sandbox as it was.
    for (const { id } of sandboxes) {
      await tasks.cancelAllOf(id);
    }
    return commands.startSandboxOver();
  });
  const submit = () =>
    start.mutate(undefined, {
      onSuccess: () => {
        for (const { id } of sandboxes) {
          tasks.synchronise(id);
        }
        props.done();
      },
    });
  return (
    <FormDialog
      header="Start the sandbox over"
      verb="Start over"
      working={start.isPending}
      submit={submit}
      close={props.close}
    >
      {start.error && <ProblemAlert error={start.error.error} retry={submit} />}
      <div>
        Every change made in the sandbox account goes, and cannot be brought back: keys that were
        uploaded, imported material, aliases, tags and policies. The keys that it began with are
        there again, and are read anew.
      </div>
      <div>
        What stays: the material in OwnKey’s store with its backups, and the record under Activity.
        Your AWS accounts are not touched.
      </div>
    </FormDialog>
  );
}

function isSandbox({ connection }: Registration): boolean {
  return connection.kind.kind === "sandbox";
}
