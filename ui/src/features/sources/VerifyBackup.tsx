// Opening a backup and comparing it with the sealed material.

import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { useOrder } from "../../api/answers";
import { type BackupFile, commands, type StoredMaterial } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { Foreign } from "../../parts/Foreign";
import { FormDialog } from "../../parts/FormDialog";
import { local } from "../../parts/Time";
import { verifiable } from "./material";

export function VerifyBackup(props: {
  material: StoredMaterial;
  /** Which one is chosen at first. */
  backup?: BackupFile | undefined;
  done: (material: StoredMaterial, path: string) => void;
  close: () => void;
}) {
  const { id, name } = props.material;
  const backups = verifiable(props.material);
  const [path, setPath] = useState((props.backup ?? backups[0])?.path ?? "");
  const verify = useOrder(() => commands.verifyBackup(id, path));
  const error = verify.error?.error;
  const isOlder = error?.code === "backupUnusable" && error.problem === "wrongPassphrase";
  const submit = () =>
    verify.mutate(undefined, { onSuccess: (material) => props.done(material, path) });
  return (
    <FormDialog
      header="Verify a backup"
      verb="Verify backup"
      working={verify.isPending}
      submit={submit}
      close={props.close}
    >
      {error && <ProblemAlert error={error} retry={submit} />}
      {isOlder && (
        <div>
          A backup that was written before the passphrase was changed opens only with the old one.
          Back the material up again, or restore this file to try a passphrase.
        </div>
      )}
      <div>
        Opens the file and compares what is in it with the sealed bytes of{" "}
        <Foreign text={name} max={80} />. The passphrase is the one in the keychain; files with a
        passphrase of their own are tried by restoring from them.
      </div>
      <FormField label="Backup" stretch>
        <RadioGroup
          value={path}
          onChange={({ detail }) => {
            setPath(detail.value);
            verify.reset();
          }}
          items={backups.map((backup) => ({
            value: backup.path,
            label: <Foreign text={backup.path} max={200} />,
            description: `Written ${local(backup.writtenAt)}, ${
              backup.verifiedAt ? `verified ${local(backup.verifiedAt)}` : "never verified"
            }${backup.sandbox ? ", sandbox" : ""}`,
          }))}
        />
      </FormField>
    </FormDialog>
  );
}
