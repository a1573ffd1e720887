// A role to assume; the external ID only together with it.

import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { RoleDraft } from "../../api/bindings";
import type { FieldErrors } from "./form";
import { optional } from "./optional";

export function RoleFields(props: {
  role: RoleDraft;
  change: (role: RoleDraft) => void;
  errors: FieldErrors;
  description: string;
  /** Where two roles can be given on one page, each has names of its own. */
  labels?: { arn: string; externalId: string };
}) {
  const { role, change, errors, labels = USUAL } = props;
  return (
    <SpaceBetween size="l">
      <FormField
        stretch
        label={optional(labels.arn)}
        description={props.description}
        errorText={errors.roleArn}
      >
        <Input
          value={role.arn}
          placeholder="arn:aws:iam::111122223333:role/KeyAdministrators"
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => change({ ...role, arn: detail.value })}
        />
      </FormField>
      <FormField
        label={optional(labels.externalId)}
        description="What the owner of the role asks for beside who you are. It is no secret."
        constraintText={role.arn.trim() === "" ? "Only together with a role to assume." : undefined}
        errorText={errors.externalId}
      >
        <Input
          value={role.externalId}
          autoComplete={false}
          spellcheck={false}
          // What was typed before can always be taken out again.
          disabled={role.arn.trim() === "" && role.externalId === ""}
          onChange={({ detail }) => change({ ...role, externalId: detail.value })}
        />
      </FormField>
    </SpaceBetween>
  );
}

const USUAL = { arn: "Role to assume", externalId: "External ID" };
