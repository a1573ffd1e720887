// Another way to the same account: connection and role of a registration.

import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useOrder } from "../../api/answers";
import { commands, type Registration, type RoleDraft } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { shorten } from "../../parts/Foreign";
import { FormDialog } from "../../parts/FormDialog";
import { isSaidAtField, roleErrors } from "./form";
import { useConnections } from "./queries";
import { RoleFields } from "./RoleFields";
import { connectionInWords } from "./words";

export function ChangeConnection(props: { registration: Registration; close: () => void }) {
  const { id, name, account, connection, role } = props.registration;
  const list = useConnections();
  const [chosen, choose] = useState(connection.id);
  const [wanted, setWanted] = useState<RoleDraft>({
    arn: role?.arn ?? "",
    externalId: role?.externalId ?? "",
  });
  const change = useOrder(() =>
    commands.changeRegistration(id, { part: "connection", connection: chosen, role: wanted }),
  );
  const submit = () => change.mutate(undefined, { onSuccess: props.close });
  const error = change.error?.error;
  const options = (list.data ?? []).map((entry) => ({
    value: entry.connection.id,
    label: shorten(entry.connection.name, 80),
    description: connectionInWords(entry.connection, undefined),
  }));
  const isUnchanged =
    chosen === connection.id &&
    wanted.arn.trim() === (role?.arn ?? "") &&
    wanted.externalId.trim() === (role?.externalId ?? "");
  return (
    <FormDialog
      header="Change connection"
      verb="Sign in and change"
      working={change.isPending}
      offBecause={isUnchanged ? "Nothing is changed yet." : undefined}
      stays
      submit={submit}
      close={props.close}
    >
      {list.error && <ProblemAlert error={list.error.error} retry={() => list.refetch()} />}
      {error && !isSaidAtField(error, ["roleArn", "externalId"]) && (
        <ProblemAlert error={error} retry={submit} connection={chosen} />
      )}
      <div>
        <bdi>{name}</bdi> stays the registration of account {account}: OwnKey signs in the new way
        first, and changes nothing if that leads to another account. Its regions and what was read
        stay as they are.
      </div>
      <FormField stretch label="Connection">
        <Select
          selectedOption={options.find(({ value }) => value === chosen) ?? null}
          options={options}
          onChange={({ detail }) => choose(detail.selectedOption.value ?? chosen)}
          filteringType={options.length > MANY ? "auto" : "none"}
          expandToViewport
        />
      </FormField>
      <RoleFields
        role={wanted}
        change={setWanted}
        errors={roleErrors(error, wanted.arn)}
        description="Assumed over the connection, for this registration only."
      />
    </FormDialog>
  );
}

/** From so many on there is something to search. */
const MANY = 8;
