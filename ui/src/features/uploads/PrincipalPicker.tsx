// Users, roles or accounts: picked from a list, or typed.

import FormField from "@cloudscape-design/components/form-field";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { Foreign, shorten } from "../../parts/Foreign";

/** More than this nobody scrolls through; typing narrows it down. */
const SHOWN = 100;

export function PrincipalPicker(props: {
  label: string;
  description: string;
  /** What can be picked. */
  known: readonly string[];
  loading: boolean;
  /** What one types, such as "a user’s name or ARN". */
  typed: string;
  chosen: readonly string[];
  choose: (chosen: string[]) => void;
  errorText?: string | undefined;
}) {
  const { known, chosen } = props;
  const [search, setSearch] = useState("");
  const wanted = search.trim();
  const matching = known.filter((one) => one.toLowerCase().includes(wanted.toLowerCase()));
  const shown = matching.slice(0, SHOWN);
  const isNew = wanted !== "" && !known.includes(wanted) && !chosen.includes(wanted);
  const options: MultiselectProps.Option[] = [
    ...(isNew ? [{ value: wanted, label: `Add “${shorten(wanted, 200)}”` }] : []),
    ...shown.map(optionOf),
  ];
  const tokens = chosen.map(optionOf);
  return (
    <FormField
      stretch
      label={props.label}
      description={props.description}
      errorText={props.errorText && <Foreign text={props.errorText} max={600} />}
    >
      <Multiselect
        selectedOptions={tokens}
        options={options}
        placeholder={`Choose, or type ${props.typed}`}
        filteringType="manual"
        filteringPlaceholder={`Search, or type ${props.typed}`}
        filteringAriaLabel={`Search: ${props.label}`}
        onLoadItems={({ detail }) => setSearch(detail.filteringText)}
        statusType={props.loading ? "loading" : "finished"}
        loadingText="Asking IAM"
        empty={`Type ${props.typed}.`}
        finishedText={
          matching.length > shown.length
            ? `${shown.length} of ${matching.length.toLocaleString("en-GB")} are shown; type to narrow them down.`
            : undefined
        }
        deselectAriaLabel={({ label }) => `Remove ${label}`}
        tokenLimit={20}
        onChange={({ detail }) =>
          props.choose(detail.selectedOptions.flatMap(({ value }) => value ?? []))
        }
      />
    </FormField>
  );
}

/** An ARN's name first: the beginning is the same for all of them. */
function optionOf(value: string): MultiselectProps.Option {
  const path = /^arn:[^:]*:iam::\d*:(?:user|role)\/(.+)$/.exec(value)?.[1];
  return path
    ? { value, label: shorten(path, 128), description: shorten(value, 200) }
    : { value, label: shorten(value, 128) };
}
