// Where backups go, and whether the keychain has their passphrase.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useCached } from "../../api/answers";
import { type BackupSettings, commands } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { BackupFields, isSetUp, useBackupSetup } from "../../parts/BackupSetup";
import { Copyable } from "../../parts/Copy";
import { FormDialog } from "../../parts/FormDialog";
import { Later } from "../../parts/Later";

type Changing = "folder" | "passphrase" | "both";

export function Backups() {
  const settings = useCached(["backup settings"], () => commands.readBackupSettings());
  const [changing, setChanging] = useState<Changing>();
  const [saved, setSaved] = useState(false);
  const change = (what: Changing) => {
    setSaved(false);
    setChanging(what);
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Nothing is imported into AWS before an encrypted backup of it was written and read again."
          actions={
            settings.data && !settings.error && <Actions settings={settings.data} change={change} />
          }
        >
          Backups
        </Header>
      }
    >
      <SpaceBetween size="m">
        {saved && (
          <div role="status">
            <Alert
              type="success"
              dismissible
              dismissAriaLabel="Dismiss"
              onDismiss={() => setSaved(false)}
            >
              Saved. Backups are written this way from now on.
            </Alert>
          </div>
        )}
        {settings.error ? (
          <ProblemAlert error={settings.error.error} retry={() => settings.refetch()} />
        ) : settings.data ? (
          <Facts settings={settings.data} />
        ) : (
          <Later what="the backup settings" />
        )}
      </SpaceBetween>
      {changing && settings.data && (
        <ChangeBackups
          settings={settings.data}
          changing={changing}
          done={() => {
            setChanging(undefined);
            setSaved(true);
            void settings.refetch();
          }}
          close={() => setChanging(undefined)}
        />
      )}
    </Container>
  );
}

function Actions(props: { settings: BackupSettings; change: (what: Changing) => void }) {
  return isSetUp(props.settings) ? (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={() => props.change("folder")}>Change folder</Button>
      <Button onClick={() => props.change("passphrase")}>Change passphrase</Button>
    </SpaceBetween>
  ) : (
    <Button onClick={() => props.change("both")}>Set up backups</Button>
  );
}

function Facts({ settings: { folder, passphraseKept } }: { settings: BackupSettings }) {
  return (
    <KeyValuePairs
      columns={2}
      items={[
        {
          label: "Folder",
          value: folder ? (
            <Copyable text={folder} what="backup folder" />
          ) : (
            <StatusIndicator type="warning">Not chosen yet</StatusIndicator>
          ),
        },
        {
          label: "Passphrase",
          value: passphraseKept ? (
            <StatusIndicator type="success">In the keychain, for later backups</StatusIndicator>
          ) : (
            <StatusIndicator type="warning">Not set</StatusIndicator>
          ),
        },
      ]}
    />
  );
}

const HEADERS: Record<Changing, string> = {
  folder: "Change the backup folder",
  passphrase: "Change the passphrase for backups",
  both: "Set up backups",
};

function ChangeBackups(props: {
  settings: BackupSettings;
  changing: Changing;
  done: () => void;
  close: () => void;
}) {
  const { changing } = props;
  const setup = useBackupSetup(props.settings, changing === "passphrase");
  const submit = () => void setup.submit().then((kept) => kept && props.done());
  return (
    <FormDialog
      header={HEADERS[changing]}
      verb={changing === "both" ? "Set up backups" : "Save"}
      working={setup.working}
      submit={submit}
      close={props.close}
    >
      {changing === "passphrase" && (
        <div>
          Backups that exist already keep their old passphrase: keep it for as long as you keep
          them, or back the material up again.
        </div>
      )}
      {changing === "folder" && (
        <div>Backups that exist already stay where they are; later ones go to the new folder.</div>
      )}
      <BackupFields setup={setup} />
    </FormDialog>
  );
}
