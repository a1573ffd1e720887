// What every stored material is given: a kind of key and a name.

import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import type { KeySpec } from "../../api/bindings";
import { usePreference } from "../../app/preferences";
import { KEY_SPECS } from "../../parts/words";

/** What was typed survives leaving the dialog, until material was stored with it. */
export function useDraft() {
  const [kept, keep] = usePreference("sources.draft");
  const spec = kept.spec in KEY_SPECS ? (kept.spec as KeySpec) : "SYMMETRIC_DEFAULT";
  const draft = { spec, name: kept.name };
  return {
    draft,
    change: (part: Partial<typeof draft>) => keep({ ...draft, ...part }),
    clear: () => keep({ spec, name: "" }),
  };
}

export function SpecField(props: {
  spec: KeySpec;
  choose: (spec: KeySpec) => void;
  errorText?: string | undefined;
}) {
  const options = Object.entries(KEY_SPECS).map(([value, label]) => ({
    value,
    label,
    description: value,
  }));
  return (
    <FormField
      label="Key spec"
      description="The kind of key that the material is for."
      errorText={props.errorText}
    >
      <Select
        selectedOption={options.find(({ value }) => value === props.spec) ?? null}
        options={options}
        onChange={({ detail }) => props.choose(detail.selectedOption.value as KeySpec)}
      />
    </FormField>
  );
}

export function NameField(props: {
  name: string;
  choose: (name: string) => void;
  errorText?: string | undefined;
}) {
  return (
    <FormField
      label="Name"
      description="How you want to see the material in OwnKey. It is not sent to AWS."
      errorText={props.errorText}
    >
      <Input
        value={props.name}
        onChange={({ detail }) => props.choose(detail.value)}
        autoComplete={false}
        spellcheck={false}
      />
    </FormField>
  );
}
