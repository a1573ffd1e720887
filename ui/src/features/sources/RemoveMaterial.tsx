// Removing material from the store, for good. The backend refuses it while AWS needs it.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useOrder } from "../../api/answers";
import { commands, type StoredMaterial } from "../../api/bindings";
import { ProblemAlert, ProblemText, problemOf } from "../../app/problems";
import { count } from "../../app/syncWords";
import { ConfirmByTyping } from "../../parts/ConfirmByTyping";
import { Foreign } from "../../parts/Foreign";
import { useNow } from "../../parts/Time";
import { heldPlaces, lastVerified } from "./material";
import { PlaceList } from "./Places";

export function RemoveMaterial(props: {
  material: StoredMaterial;
  backUp: () => void;
  done: () => void;
  close: () => void;
}) {
  const { id, name, backups } = props.material;
  const remove = useOrder(() => commands.removeMaterial(id, name));
  const confirm = () => remove.mutate(undefined, { onSuccess: props.done });
  const error = remove.error?.error;
  const held = heldPlaces(props.material, useNow());
  const verified = lastVerified(props.material);
  return (
    <ConfirmByTyping
      header="Remove key material"
      name={name.replace(/\s+/g, " ").trim()}
      verb="Remove key material"
      working={remove.isPending}
      confirm={confirm}
      close={props.close}
    >
      {error?.code === "materialNeeded" ? (
        <Alert
          type="error"
          header={problemOf(error).title}
          action={<Button onClick={props.backUp}>Back up now</Button>}
        >
          <ProblemText error={error} />
        </Alert>
      ) : (
        error && <ProblemAlert error={error} retry={confirm} />
      )}
      <SpaceBetween size="s">
        <div>
          OwnKey forgets the bytes of <Foreign text={name} max={80} />. This cannot be undone: they
          come back only from a backup, and AWS gives key material back to nobody.
        </div>
        {held.length > 0 && (
          <div>
            AWS holds it for {count(held.length, "key")}. They keep working until the material
            expires or is deleted; then only exactly these bytes bring them back.
            <PlaceList places={held} />
          </div>
        )}
        <div>
          {verified
            ? `${count(backups.length, "backup")}, verified at least once. Backup files stay where they are.`
            : "No backup of it was verified."}
        </div>
      </SpaceBetween>
    </ConfirmByTyping>
  );
}
