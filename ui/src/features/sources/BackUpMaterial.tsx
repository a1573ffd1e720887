// Writing a backup now; where backups are not set up yet, that comes first, in the same dialog.

import { useCached, useOrder } from "../../api/answers";
import { commands, type StoredMaterial } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { BackupFields, isSetUp, useBackupSetup } from "../../parts/BackupSetup";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { FormDialog } from "../../parts/FormDialog";
import { Later } from "../../parts/Later";

export function BackUpMaterial(props: {
  material: StoredMaterial;
  done: (material: StoredMaterial) => void;
  close: () => void;
}) {
  const { id, name } = props.material;
  const settings = useCached(["backup settings"], () => commands.readBackupSettings());
  const setup = useBackupSetup(settings.data);
  const backUp = useOrder(() => commands.backUpMaterial(id));
  const error = backUp.error?.error;
  // The settings may say that all is set up, and the keychain may have lost the passphrase since.
  const isMissing =
    settings.data !== undefined && (!isSetUp(settings.data) || error?.code === "backupsNotSetUp");
  const write = () => backUp.mutate(undefined, { onSuccess: props.done });
  const submit = async () => {
    if (!isMissing || (await setup.submit())) {
      write();
    }
  };
  return (
    <FormDialog
      header="Back up key material"
      verb={isMissing ? "Set up and back up" : "Back up now"}
      working={setup.working || backUp.isPending}
      offBecause={settings.data ? undefined : "Where backups go is not known yet."}
      submit={() => void submit()}
      close={props.close}
    >
      {settings.error && (
        <ProblemAlert error={settings.error.error} retry={() => settings.refetch()} />
      )}
      {error && error.code !== "backupsNotSetUp" && <ProblemAlert error={error} retry={write} />}
      <div>
        Writes an encrypted file of <Foreign text={name} max={80} />, opens it again and compares
        every byte.
      </div>
      {!settings.data ? (
        !settings.error && <Later what="the backup settings" />
      ) : isMissing ? (
        <BackupFields setup={setup} />
      ) : (
        settings.data.folder && (
          <div>
            Into <Copyable text={settings.data.folder} what="backup folder" />
          </div>
        )
      )}
    </FormDialog>
  );
}
