// Taking material from a file into the store. The file itself stays where it is.

import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import { useState } from "react";
import { useOrder } from "../../api/answers";
import {
  commands,
  type FileReading,
  type PossibleReading,
  type StoredMaterial,
} from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { count } from "../../app/syncWords";
import { FormDialog } from "../../parts/FormDialog";
import { READINGS } from "../../parts/words";
import { FileField, usePickedFile } from "./FileField";
import { fieldError, fileError, isOnField } from "./fieldErrors";
import { NameField, SpecField, useDraft } from "./MaterialFields";

export function ImportFile(props: { done: (material: StoredMaterial) => void; close: () => void }) {
  const { draft, change, clear } = useDraft();
  const [readings, setReadings] = useState<readonly PossibleReading[]>([]);
  const [reading, setReading] = useState<FileReading | null>(null);
  const picked = usePickedFile(commands.pickKeyFile, (file) => {
    forgetReading();
    if (draft.name === "") {
      change({ name: file.name });
    }
  });
  const handle = picked.file?.handle ?? "";
  const store = useOrder(() => commands.storeMaterial(handle, reading, draft.spec, draft.name));
  const error = store.error?.error;

  function forgetReading() {
    setReadings([]);
    setReading(null);
    store.reset();
  }
  const submit = () =>
    store.mutate(undefined, {
      onSuccess: (material) => {
        clear();
        props.done(material);
      },
      onError: ({ error: refusal }) => {
        if (refusal.code === "fileRefused" && refusal.problem.problem === "ambiguous") {
          setReadings(refusal.problem.readings);
          setReading(refusal.problem.readings[0]?.reading ?? null);
        } else if (refusal.code === "fileForgotten") {
          picked.forget();
        }
      },
    });
  const isAmbiguous = error?.code === "fileRefused" && error.problem.problem === "ambiguous";
  const onFile = isAmbiguous ? undefined : fileError(error);

  return (
    <FormDialog
      header="Import key material from a file"
      verb="Import from file"
      working={store.isPending}
      offBecause={picked.file ? undefined : "Choose a file first."}
      submit={submit}
      close={props.close}
    >
      {error && !isAmbiguous && !onFile && !isOnField(error, ["name", "keySpec"]) && (
        <ProblemAlert error={error} retry={submit} />
      )}
      <FileField
        label="Key file"
        description="Raw bytes, hexadecimal, Base64 or JWK; a private key as PKCS #8, in PEM or DER."
        picked={picked}
        errorText={onFile}
      />
      <SpecField
        spec={draft.spec}
        choose={(spec) => {
          change({ spec });
          forgetReading();
        }}
        errorText={fieldError(error, "keySpec")}
      />
      {readings.length > 0 && (
        <FormField
          label="How the file is to be read"
          description="The file can be read in several ways, and only one of them gives the bytes that are meant."
        >
          <RadioGroup
            value={reading}
            onChange={({ detail }) => setReading(detail.value as FileReading)}
            items={readings.map(({ reading: way, length }) => ({
              value: way,
              label: READINGS[way],
              description: `${count(length, "byte")} of material`,
            }))}
          />
        </FormField>
      )}
      <NameField
        name={draft.name}
        choose={(name) => change({ name })}
        errorText={fieldError(error, "name")}
      />
      <Alert type="info">
        The bytes are sealed in OwnKey’s store. The file stays where it is, in clear: delete it once
        a backup was verified.
      </Alert>
    </FormDialog>
  );
}
