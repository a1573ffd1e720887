// An encrypted file of the material under a passphrase of its own, where the user wants it.

import { useState } from "react";
import { useOrder } from "../../api/answers";
import { commands, type StoredMaterial } from "../../api/bindings";
import { sealText } from "../../api/seal";
import { ProblemAlert, problemOf } from "../../app/problems";
import { Foreign } from "../../parts/Foreign";
import { FormDialog } from "../../parts/FormDialog";
import { PassphraseField } from "../../parts/PassphraseField";
import { fieldError } from "./fieldErrors";

export function ExportMaterial(props: {
  material: StoredMaterial;
  done: (material: StoredMaterial) => void;
  close: () => void;
}) {
  const { id, name, backups } = props.material;
  const [passphrase, setPassphrase] = useState("");
  const [repeated, setRepeated] = useState("");
  const write = useOrder(async () =>
    commands.exportMaterial(id, await sealText(passphrase), await sealText(repeated)),
  );
  const error = write.error?.error;
  const submit = () =>
    write.mutate(undefined, {
      onSuccess: (material) => {
        setPassphrase("");
        setRepeated("");
        // Left without a file: nothing was written, and there is nothing to say.
        return material ? props.done(material) : props.close();
      },
    });
  const onPassphrase =
    error?.code === "weakPassphrase" ? sentences(error) : fieldError(error, "passphrase");
  const onRepeated = error?.code === "passphrasesDiffer" ? sentences(error) : undefined;
  return (
    <FormDialog
      header="Export key material"
      verb="Export"
      working={write.isPending}
      offBecause={
        passphrase === "" || repeated === "" ? "Type the passphrase twice first." : undefined
      }
      submit={submit}
      close={props.close}
    >
      {error && !onPassphrase && !onRepeated && <ProblemAlert error={error} retry={submit} />}
      <div>
        Writes <Foreign text={name} max={80} /> into an encrypted file that the age tool opens
        without OwnKey. The file has a passphrase of its own: whoever has both has the key material.
        {backups.length > 0 && " The passphrase of the backups is not changed."}
      </div>
      <PassphraseField
        label="Passphrase"
        value={passphrase}
        change={setPassphrase}
        errorText={onPassphrase}
      />
      <PassphraseField
        label="Repeat the passphrase"
        description="OwnKey does not keep it and cannot find it out."
        value={repeated}
        change={setRepeated}
        errorText={onRepeated}
      />
    </FormDialog>
  );
}

function sentences(error: Parameters<typeof problemOf>[0]): string {
  const { happened, toDo } = problemOf(error);
  return `${happened} ${toDo}`;
}
