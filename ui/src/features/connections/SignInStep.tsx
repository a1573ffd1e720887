// First step of registering: over which connection, and which role is assumed over it.

import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Field } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { shorten } from "../../parts/Foreign";
import { useSeen } from "../../parts/useSeen";
import { ConnectionFields } from "./ConnectionFields";
import { connectionErrors, isSaidAtField, roleErrors } from "./form";
import type { RegisterForm } from "./kept";
import { RoleFields } from "./RoleFields";
import type { Registering } from "./registering";
import { connectionInWords } from "./words";

export function SignInStep(props: { registering: Registering; retry: () => void }) {
  const { registering, retry } = props;
  const { form, trouble } = registering;
  const around = useSeen(trouble);
  const isNew = form.over === "new";
  const shown = trouble?.with === "role" ? ROLE_FIELDS : isNew ? undefined : EXISTING_FIELDS;
  const isAtField = trouble && isSaidAtField(trouble.error, shown);
  return (
    <div ref={around}>
      <SpaceBetween size="l">
        {trouble && !isAtField && (
          <div data-problem>
            <ProblemAlert
              error={trouble.error}
              retry={retry}
              connection={isNew ? null : registering.chosenId}
            />
          </div>
        )}
        <Container header={<Header variant="h2">Connection</Header>}>
          <SpaceBetween size="l">
            <RadioGroup
              ariaLabel="Connection"
              value={form.over}
              onChange={({ detail }) =>
                registering.changeWay({ over: detail.value as RegisterForm["over"] })
              }
              items={[
                { value: "new", label: "A new connection" },
                {
                  value: "existing",
                  label: "A connection that OwnKey has already",
                  description: "Such as to reach another account by a role.",
                  disabled: registering.entries.length === 0,
                },
              ]}
            />
            {registering.list.error && (
              <ProblemAlert
                error={registering.list.error.error}
                retry={() => registering.list.refetch()}
              />
            )}
            {!isNew && <Existing registering={registering} />}
          </SpaceBetween>
        </Container>
        {isNew && (
          <ConnectionFields
            form={registering.connection}
            change={registering.changeConnection}
            errors={
              // Over which of two roles it failed, the error says itself.
              trouble?.with === "connection" || trouble?.error.code === "roleRefused"
                ? connectionErrors(trouble.error, registering.connection)
                : {}
            }
            keptSecret={registering.keptSecret}
          />
        )}
        <RoleOfRegistration registering={registering} />
      </SpaceBetween>
    </div>
  );
}

const ROLE_FIELDS: Field[] = ["roleArn", "externalId"];
const EXISTING_FIELDS: Field[] = ["connection"];

function Existing({ registering }: { registering: Registering }) {
  const { entries, chosen, trouble } = registering;
  const options = entries.map(({ connection }) => ({
    value: connection.id,
    label: shorten(connection.name, 80),
    description: connectionInWords(connection, undefined),
  }));
  const error = trouble?.error;
  return (
    <FormField
      label="Connection to use"
      errorText={
        error?.code === "invalidInput" && error.field === "connection" ? error.reason : undefined
      }
    >
      <Select
        selectedOption={options.find(({ value }) => value === chosen?.id) ?? null}
        options={options}
        placeholder="Choose a connection"
        filteringType={options.length > 8 ? "auto" : "none"}
        onChange={({ detail }) =>
          registering.changeWay({ existing: detail.selectedOption.value ?? "" })
        }
      />
    </FormField>
  );
}

function RoleOfRegistration({ registering }: { registering: Registering }) {
  const { form, trouble } = registering;
  const errors = trouble?.with === "role" ? roleErrors(trouble.error, form.role.arn) : {};
  const isBlamed = errors.roleArn !== undefined || errors.externalId !== undefined;
  const [open, setOpen] = useState(form.role.arn + form.role.externalId !== "");
  if (isBlamed && !open) {
    // A field that is to blame must be seen; it stays in sight while it is corrected.
    setOpen(true);
  }
  return (
    <ExpandableSection
      variant="container"
      headerText="Role of this registration – optional"
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      <RoleFields
        role={form.role}
        change={(role) => registering.changeWay({ role })}
        errors={errors}
        labels={{ arn: "Role of the registration", externalId: "External ID of the registration" }}
        description="Assumed over the connection for this account only: one connection can reach many accounts."
      />
    </ExpandableSection>
  );
}
