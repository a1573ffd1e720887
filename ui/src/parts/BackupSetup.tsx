// Where backups go and what opens them. The passphrase is encrypted in the page before it crosses.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { type AppError, type BackupSettings, commands } from "../api/bindings";
import { call, refused } from "../api/call";
import { sealText } from "../api/seal";
import { ProblemAlert, problemOf } from "../app/problems";
import { Foreign } from "./Foreign";
import { PassphraseField } from "./PassphraseField";

/** The whole form with its button, for where it stands alone. */
export function BackupSetup(props: {
  settings: BackupSettings;
  done: (settings: BackupSettings) => void;
}) {
  const setup = useBackupSetup(props.settings);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void setup.submit().then((kept) => kept && props.done(kept));
      }}
    >
      <SpaceBetween size="l">
        <BackupFields setup={setup} />
        <Button variant="primary" loading={setup.working} formAction="submit">
          {isSetUp(props.settings) ? "Save" : "Set up backups"}
        </Button>
      </SpaceBetween>
    </form>
  );
}

export function isSetUp({ folder, passphraseKept }: BackupSettings): boolean {
  return folder !== null && passphraseKept;
}

export type Setup = ReturnType<typeof useBackupSetup>;

/** What is being typed; nothing of it outlives the form. */
export function useBackupSetup(settings: BackupSettings | undefined, startsWithAnother = false) {
  const [chosen, setFolder] = useState<string>();
  const [passphrase, setPassphrase] = useState("");
  const [repeated, setRepeated] = useState("");
  const [another, setAnother] = useState(startsWithAnother);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<AppError>();
  const kept = settings?.passphraseKept ?? false;
  const folder = chosen ?? settings?.folder ?? settings?.proposed ?? "";
  const asksPassphrase = !kept || another;

  const forget = () => {
    setPassphrase("");
    setRepeated("");
    setAnother(false);
  };
  /** The new settings; absent if they were refused, and then the error says why. */
  const submit = async (): Promise<BackupSettings | undefined> => {
    setWorking(true);
    setError(undefined);
    try {
      const [one, two] = asksPassphrase
        ? [await sealText(passphrase), await sealText(repeated)]
        : [null, null];
      const settled = await call(commands.setUpBackups(folder, one, two));
      forget();
      return settled;
    } catch (failure) {
      setError(refused(failure).error);
      return undefined;
    } finally {
      setWorking(false);
    }
  };
  const pick = () => {
    call(commands.pickBackupFolder())
      .then((picked) => picked !== null && setFolder(picked))
      .catch((failure: unknown) => setError(refused(failure).error));
  };
  return {
    kept,
    folder,
    setFolder,
    pick,
    passphrase,
    setPassphrase,
    repeated,
    setRepeated,
    another,
    setAnother,
    asksPassphrase,
    working,
    error,
    submit,
    forget,
  };
}

export function BackupFields({ setup }: { setup: Setup }) {
  const { error } = setup;
  const blamed = error ? blame(error) : undefined;
  return (
    <SpaceBetween size="l">
      {error && !blamed && <ProblemAlert error={error} />}
      <FormField
        stretch
        label="Backup folder"
        description="At best on another disk, or in a folder that is itself backed up."
        errorText={blamed?.at === "folder" && <Foreign text={blamed.text} max={600} />}
        secondaryControl={
          <Button iconName="folder-open" formAction="none" onClick={setup.pick}>
            Choose folder
          </Button>
        }
      >
        <Input
          value={setup.folder}
          onChange={({ detail }) => setup.setFolder(detail.value)}
          autoComplete={false}
          spellcheck={false}
        />
      </FormField>
      {setup.kept && (
        <Checkbox
          checked={setup.another}
          onChange={({ detail }) => setup.setAnother(detail.checked)}
          description="Backups that were written before keep the passphrase they were written with."
        >
          Set another passphrase
        </Checkbox>
      )}
      {setup.asksPassphrase && (
        <SpaceBetween size="l">
          <PassphraseField
            label="Passphrase"
            description="Six or more random words are strong and can be written down. It encrypts every backup from now on."
            value={setup.passphrase}
            change={setup.setPassphrase}
            errorText={blamed?.at === "passphrase" ? blamed.text : undefined}
          />
          <PassphraseField
            label="Repeat the passphrase"
            value={setup.repeated}
            change={setup.setRepeated}
            errorText={blamed?.at === "repeated" ? blamed.text : undefined}
          />
          <Alert type="warning" header="Keep the passphrase somewhere else too">
            OwnKey keeps it in this computer’s keychain and never shows it again. Whoever loses both
            the keychain and the passphrase loses the backups.{" "}
            <Box variant="span">
              A backup opens with the stock <Box variant="code">age</Box> tool, without OwnKey.
            </Box>
          </Alert>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

function blame(
  error: AppError,
): { at: "folder" | "passphrase" | "repeated"; text: string } | undefined {
  const { happened, toDo } = problemOf(error);
  switch (error.code) {
    case "invalidInput":
      return error.field === "backupFolder"
        ? { at: "folder", text: error.reason }
        : error.field === "passphrase"
          ? { at: "passphrase", text: error.reason }
          : undefined;
    case "backupFolderNotWritable":
      return { at: "folder", text: `${happened} ${toDo}` };
    case "weakPassphrase":
      return { at: "passphrase", text: `${happened} ${toDo}` };
    case "passphrasesDiffer":
      return { at: "repeated", text: happened };
    default:
      return undefined;
  }
}
