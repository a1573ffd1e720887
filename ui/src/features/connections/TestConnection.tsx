// Trying a connection that is kept: signs in and shows where that leads.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect } from "react";
import type { Connection } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { Found } from "./Found";
import { useReadAccount } from "./queries";

export function TestConnection(props: { connection: Connection; close: () => void }) {
  const { id, name } = props.connection;
  const read = useReadAccount(id);
  const { mutate: ask } = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => ask(undefined), []);
  return (
    <Modal
      visible
      size="large"
      data-testid="dialog"
      header={
        <>
          Test of <bdi>{name}</bdi>
        </>
      }
      onDismiss={props.close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button loading={read.isPending} onClick={() => ask(undefined)}>
              Test again
            </Button>
            <Button variant="primary" onClick={props.close}>
              Close
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <div aria-live="polite">
        {read.isPending ? (
          <StatusIndicator type="in-progress">Signing in</StatusIndicator>
        ) : read.error ? (
          <ProblemAlert error={read.error.error} retry={() => ask(undefined)} connection={id} />
        ) : (
          read.data && <Found report={read.data} />
        )}
      </div>
    </Modal>
  );
}
