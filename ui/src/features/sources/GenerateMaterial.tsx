// Making new material: sealed here, sent nowhere.

import { useOrder } from "../../api/answers";
import { commands, type StoredMaterial } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { FormDialog } from "../../parts/FormDialog";
import { fieldError, isOnField } from "./fieldErrors";
import { NameField, SpecField, useDraft } from "./MaterialFields";

export function GenerateMaterial(props: {
  done: (material: StoredMaterial) => void;
  close: () => void;
}) {
  const { draft, change, clear } = useDraft();
  const generate = useOrder(() => commands.makeMaterial(draft.spec, draft.name));
  const error = generate.error?.error;
  const submit = () =>
    generate.mutate(undefined, {
      onSuccess: (material) => {
        clear();
        props.done(material);
      },
    });
  return (
    <FormDialog
      header="Generate key material"
      verb="Generate"
      working={generate.isPending}
      submit={submit}
      close={props.close}
    >
      {error && !isOnField(error, ["name", "keySpec"]) && (
        <ProblemAlert error={error} retry={submit} />
      )}
      <div>
        OwnKey makes the material from the operating system’s randomness and seals it in its store.
        Nothing is sent to AWS.
      </div>
      <SpecField
        spec={draft.spec}
        choose={(spec) => change({ spec })}
        errorText={fieldError(error, "keySpec")}
      />
      <NameField
        name={draft.name}
        choose={(name) => change({ name })}
        errorText={fieldError(error, "name")}
      />
    </FormDialog>
  );
}
