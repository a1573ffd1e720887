// A passphrase being typed: never shown, never kept, never suggested.

import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

export function PassphraseField(props: {
  label: string;
  value: string;
  change: (value: string) => void;
  description?: string | undefined;
  errorText?: string | undefined;
}) {
  return (
    <FormField label={props.label} description={props.description} errorText={props.errorText}>
      <Input
        type="password"
        value={props.value}
        onChange={({ detail }) => props.change(detail.value)}
        autoComplete={false}
        spellcheck={false}
      />
    </FormField>
  );
}
