// Removing a connection: OwnKey forgets it and its secret. Not while registrations use it.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import { useOrder } from "../../api/answers";
import { type ConnectionEntry, commands } from "../../api/bindings";
import { ProblemAlert, problemOf } from "../../app/problems";
import { FormDialog } from "../../parts/FormDialog";
import { UsedBy } from "./UsedBy";

export function RemoveConnection(props: {
  entry: ConnectionEntry;
  done: () => void;
  close: () => void;
}) {
  const { connection, usedBy } = props.entry;
  const remove = useOrder(() => commands.removeConnection(connection.id));
  const confirm = () => remove.mutate(undefined, { onSuccess: props.done });
  const error = remove.error?.error;
  // Registered since the dialog was opened.
  const users = error?.code === "connectionInUse" ? error.usedBy : usedBy;
  if (users.length > 0) {
    return <InUse name={connection.name} users={users} close={props.close} />;
  }
  return (
    <FormDialog
      header="Remove connection"
      verb="Remove connection"
      working={remove.isPending}
      submit={confirm}
      close={props.close}
    >
      {error && <ProblemAlert error={error} retry={confirm} />}
      <div>
        OwnKey forgets the connection <bdi>{connection.name}</bdi>. {LEFT[connection.kind.kind]}
      </div>
      <div>Nothing in AWS is touched. No registration uses this connection.</div>
    </FormDialog>
  );
}

const LEFT = {
  sandbox: "The AWS inside OwnKey stays.",
  profile: "The profile in ~/.aws stays as it is.",
  accessKey:
    "The secret access key is removed from the keychain; in AWS the access key stays valid until it is deleted there.",
};

function InUse(props: { name: string; users: readonly string[]; close: () => void }) {
  const { title, toDo } = problemOf({
    code: "connectionInUse",
    connection: props.name,
    usedBy: [...props.users],
  });
  return (
    <Modal
      visible
      data-testid="dialog"
      header="Remove connection"
      onDismiss={props.close}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={props.close}>
            Close
          </Button>
        </Box>
      }
    >
      <Alert type="warning" header={title}>
        These registrations are reached over <bdi>{props.name}</bdi>:
        <UsedBy names={props.users} />
        {toDo}
      </Alert>
    </Modal>
  );
}
