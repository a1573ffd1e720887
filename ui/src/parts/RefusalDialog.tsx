// A dialog with what a synchronisation could not read.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import type { SyncReport } from "../api/bindings";
import { RefusalTable } from "./RefusalTable";

export function RefusalDialog(props: { report: SyncReport; name: string; close: () => void }) {
  return (
    <Modal
      visible
      size="large"
      header={`What could not be read: ${props.name}`}
      onDismiss={props.close}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={props.close}>
            Close
          </Button>
        </Box>
      }
    >
      <RefusalTable refusals={props.report.refusals} />
    </Modal>
  );
}
