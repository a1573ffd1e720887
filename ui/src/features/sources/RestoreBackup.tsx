// Bringing material back from a backup, with the passphrase it was written with.

import { useState } from "react";
import { useOrder } from "../../api/answers";
import { commands, type StoredMaterial } from "../../api/bindings";
import { sealText } from "../../api/seal";
import { ProblemAlert } from "../../app/problems";
import { FormDialog } from "../../parts/FormDialog";
import { PassphraseField } from "../../parts/PassphraseField";
import { FileField, usePickedFile } from "./FileField";
import { fieldError, fileError, isOnField } from "./fieldErrors";

export function RestoreBackup(props: {
  done: (material: StoredMaterial) => void;
  close: () => void;
}) {
  const [passphrase, setPassphrase] = useState("");
  const picked = usePickedFile(commands.pickBackupFile, () => restore.reset());
  const handle = picked.file?.handle ?? "";
  const restore = useOrder(async () => commands.restoreBackup(handle, await sealText(passphrase)));
  const error = restore.error?.error;
  const submit = () =>
    restore.mutate(undefined, {
      onSuccess: (material) => {
        setPassphrase("");
        props.done(material);
      },
      onError: ({ error: refusal }) => refusal.code === "fileForgotten" && picked.forget(),
    });
  const isWrong = error?.code === "backupUnusable" && error.problem === "wrongPassphrase";
  const onFile = isWrong ? undefined : fileError(error);
  const onPassphrase = isWrong
    ? "The passphrase does not open this backup. Type the one that was in force when it was written."
    : fieldError(error, "passphrase");
  return (
    <FormDialog
      header="Restore key material from a backup"
      verb="Restore"
      working={restore.isPending}
      offBecause={
        !picked.file
          ? "Choose a backup first."
          : passphrase === ""
            ? "Type the passphrase first."
            : undefined
      }
      submit={submit}
      close={props.close}
    >
      {error && !onFile && !onPassphrase && !isOnField(error, ["passphrase"]) && (
        <ProblemAlert error={error} retry={submit} />
      )}
      <div>
        The material in the backup is sealed in OwnKey’s store. Material that is there already stays
        as it is. Nothing is sent to AWS.
      </div>
      <FileField
        label="Backup"
        description="A file that OwnKey wrote; its name ends in .age."
        picked={picked}
        errorText={onFile}
      />
      <PassphraseField
        label="Passphrase of the backup"
        value={passphrase}
        change={setPassphrase}
        errorText={onPassphrase}
      />
    </FormDialog>
  );
}
