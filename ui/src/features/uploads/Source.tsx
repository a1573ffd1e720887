// Where the material comes from: made here, a file, OwnKey's store, or nowhere yet.

import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Tiles from "@cloudscape-design/components/tiles";
import { useEffect, useRef } from "react";
import { useCached, useFresh, useOrder } from "../../api/answers";
import {
  type AppError,
  commands,
  type KeySpec,
  type MaterialCheck,
  type PossibleReading,
  type StoredMaterial,
} from "../../api/bindings";
import { type Answer, call } from "../../api/call";
import { ProblemAlert } from "../../app/problems";
import { count } from "../../app/syncWords";
import { Foreign, shorten } from "../../parts/Foreign";
import { READINGS, specInWords } from "../../parts/words";
import { blamed } from "./blame";
import { NO_FILE, type SourceForm } from "./form";

export type Source = SourceForm["source"];

const SOURCES: Record<Source, { label: string; description: string }> = {
  generate: {
    label: "Generate",
    description: "OwnKey makes new material from this computer’s randomness.",
  },
  file: {
    label: "From a file",
    description: "Raw, hexadecimal or Base64; RSA and ECC as PKCS #8, DER or PEM.",
  },
  stored: {
    label: "In OwnKey’s store",
    description: "Material that was made or brought here before.",
  },
  later: {
    label: "Decide later",
    description: "The key is created and waits; it cannot be used before.",
  },
};

export interface SourceProps {
  offered: readonly Source[];
  form: SourceForm;
  change: (part: Partial<SourceForm>) => void;
  spec: KeySpec;
  /** Only these stored materials; absent: all that fit the spec. */
  known?: readonly string[] | undefined;
  /** Asks what the chosen file turns out to be. */
  check: () => Answer<MaterialCheck | null>;
  error: AppError | undefined;
}

export function SourceFields(props: SourceProps) {
  const { form, change, offered } = props;
  return (
    <SpaceBetween size="l">
      <FormField label="Source" stretch>
        <Tiles
          value={form.source}
          columns={2}
          onChange={({ detail }) => change({ source: detail.value as Source })}
          items={offered.map((value) => ({ value, ...SOURCES[value] }))}
        />
      </FormField>
      {form.source === "file" && <FileFields {...props} />}
      {form.source === "stored" && <StoredField {...props} />}
    </SpaceBetween>
  );
}

function FileFields(props: SourceProps) {
  const { form, change, error } = props;
  const { file, reading } = form;
  const pick = useOrder(() => commands.pickKeyFile());
  const choose = () =>
    pick.mutate(undefined, {
      onSuccess: (picked) => {
        if (picked) {
          drop(file.handle);
          change({ file: picked, reading: "", readings: [] });
        }
      },
    });
  const readings = readingsOf(error) ?? form.readings;
  return (
    <SpaceBetween size="m">
      {pick.error && <ProblemAlert error={pick.error.error} retry={choose} />}
      <FormField
        stretch
        label="Key file"
        description="It is read once and stays where it is, in clear. Its bytes never come into this window."
        errorText={text(blamed(error, "material"))}
      >
        <SpaceBetween direction="horizontal" size="s" alignItems="center">
          <Button iconName="folder-open" loading={pick.isPending} onClick={choose}>
            Choose file
          </Button>
          {file.name !== "" && (
            <span>
              <Foreign text={file.name} max={80} />{" "}
              <span className="secondary">({count(file.size, "byte")})</span>
            </span>
          )}
        </SpaceBetween>
      </FormField>
      {readings.length > 0 && (
        <FormField
          label="How the file is to be read"
          description="The file can mean several things. Only one of them is the key."
          errorText={readingsOf(error) && "Say which one is meant."}
        >
          <RadioGroup
            value={reading || null}
            onChange={({ detail }) => change({ reading: detail.value, readings })}
            items={readings.map((one) => ({
              value: one.reading,
              label: READINGS[one.reading],
              description: `${count(one.length, "byte")} of key material`,
            }))}
          />
        </FormField>
      )}
      {file.handle !== "" && (
        <FileReport key={`${file.handle} ${reading} ${props.spec}`} {...props} />
      )}
    </SpaceBetween>
  );
}

/** What the file turned out to be, asked as soon as it is chosen. */
function FileReport({ form, spec, check, change, error: known }: SourceProps) {
  const { handle } = form.file;
  const report = useFresh(["file", handle, form.reading, spec], check);
  const error = report.error?.error;
  useReadings(readingsOf(error), change);
  if (error) {
    const problem = known ? undefined : (blamed(error, "material") ?? undefined);
    return problem ? (
      <StatusIndicator type="error">
        <Foreign text={problem} max={600} />
      </StatusIndicator>
    ) : null;
  }
  const { data } = report;
  return data ? (
    <StatusIndicator type="success">
      {`${count(data.bytes, "byte")} of key material for ${specInWords(spec)}`}
      {data.reading && `, read as ${READINGS[data.reading]}`}
      {data.knownAs && "; already in OwnKey’s store"}
      {data.fingerprint && `; fingerprint ${data.fingerprint}`}
    </StatusIndicator>
  ) : null;
}

function readingsOf(error: AppError | undefined): PossibleReading[] | undefined {
  return error?.code === "fileRefused" && error.problem.problem === "ambiguous"
    ? error.problem.readings
    : undefined;
}

/** An ambiguous file brings its possible readings along; they are kept until it is replaced. */
function useReadings(readings: PossibleReading[] | undefined, change: SourceProps["change"]): void {
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => {
    if (readings) {
      latest.current({ readings });
    }
  }, [readings]);
}

function StoredField({ form, change, spec, known, error }: SourceProps) {
  const materials = useCached(["materials"], () => commands.listMaterials());
  const fitting = (materials.data ?? []).filter(
    (one) => one.spec === spec && (!known || known.includes(one.id)),
  );
  const options = fitting.map(option);
  if (materials.error) {
    return <ProblemAlert error={materials.error.error} retry={() => materials.refetch()} />;
  }
  return (
    <FormField
      stretch
      label="Stored material"
      description={`Material for ${specInWords(spec)}.`}
      errorText={text(blamed(error, "material"))}
    >
      <Select
        selectedOption={options.find(({ value }) => value === form.stored) ?? null}
        options={options}
        placeholder="Choose stored material"
        empty={`The store has no material for ${specInWords(spec)}.`}
        statusType={materials.isPending ? "loading" : "finished"}
        loadingText="Opening the store"
        filteringType={options.length > 8 ? "auto" : "none"}
        onChange={({ detail }) => change({ stored: detail.selectedOption.value ?? "" })}
      />
    </FormField>
  );
}

function option({ id, name, fingerprint, places, backups }: StoredMaterial) {
  return {
    value: id,
    label: shorten(name, 80),
    description: `Fingerprint ${fingerprint}`,
    tags: [
      count(places.filter(({ removedAt }) => removedAt === null).length, "key"),
      backups.some(({ verifiedAt }) => verifiedAt !== null) ? "backed up" : "no verified backup",
    ],
  };
}

/** Forgets a picked file; the backend forgets every file when it ends. */
export function drop(handle: string): void {
  if (handle !== "") {
    void call(commands.dropFile(handle)).catch(() => undefined);
  }
}

export function dropped(form: SourceForm): Partial<SourceForm> {
  drop(form.file.handle);
  return { file: NO_FILE, reading: "", readings: [] };
}

function text(problem: string | undefined) {
  return problem && <Foreign text={problem} max={600} />;
}
