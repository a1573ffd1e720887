// How a connection signs in: a profile, an access key or the sandbox; and what may come on top.

import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { useState } from "react";
import { AccessKeyFields } from "./AccessKeyFields";
import { type ConnectionForm, type FieldErrors, withProposedName } from "./form";
import { optional } from "./optional";
import { ProfileField } from "./ProfileField";
import { RoleFields } from "./RoleFields";

export interface ConnectionFieldsProps {
  form: ConnectionForm;
  change: (part: Partial<ConnectionForm>) => void;
  errors: FieldErrors;
  /** Whether the keychain has a secret that stays where none is typed. */
  keptSecret: boolean;
}

export function ConnectionFields(props: ConnectionFieldsProps) {
  const { form, errors } = props;
  // The proposed name follows what is chosen, until a person types another one.
  const change = (part: Partial<ConnectionForm>) => {
    const { name } = withProposedName(form, part);
    props.change(name === form.name ? part : { ...part, name });
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">How to sign in</Header>}>
        <SpaceBetween size="l">
          <FormField stretch label="Way to sign in">
            <Tiles
              columns={3}
              value={form.way}
              onChange={({ detail }) => change({ way: detail.value as ConnectionForm["way"] })}
              items={WAYS}
            />
          </FormField>
          {form.way === "profile" && (
            <ProfileField
              chosen={form.profile}
              choose={(profile) => change({ profile })}
              errorText={errors.profile}
            />
          )}
          {form.way === "accessKey" && (
            <AccessKeyFields
              form={form}
              change={change}
              errors={errors}
              keptSecret={props.keptSecret}
            />
          )}
          {form.way === "sandbox" && (
            <div>
              An AWS inside OwnKey, with accounts of its own. Nothing leaves this computer, and
              nothing there can be broken.
            </div>
          )}
          <FormField
            label="Name of the connection"
            constraintText="1 to 64 characters, not the name of another connection."
            errorText={errors.name}
          >
            <Input
              value={form.name}
              autoComplete={false}
              spellcheck={false}
              onChange={({ detail }) => props.change({ name: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <More form={form} change={change} errors={errors} />
    </SpaceBetween>
  );
}

const WAYS = [
  {
    value: "profile",
    label: "AWS profile",
    description: "As the AWS CLI signs in: Identity Center, a role, a program, an access key.",
  },
  {
    value: "accessKey",
    label: "Access key",
    description: "OwnKey keeps its secret in this computer’s keychain.",
  },
  { value: "sandbox", label: "Sandbox", description: "The AWS inside OwnKey, to try things." },
];

function More({ form, change, errors }: Omit<ConnectionFieldsProps, "keptSecret">) {
  const inUse =
    form.role.arn + form.role.externalId + form.region + form.endpointUrl !== "" || form.fips;
  const blamed = errors.roleArn ?? errors.externalId ?? errors.region ?? errors.endpointUrl;
  const [open, setOpen] = useState(inUse);
  if (blamed !== undefined && !open) {
    // A field that is to blame must be seen; it stays in sight while it is corrected.
    setOpen(true);
  }
  return (
    <ExpandableSection
      variant="container"
      headerText="Role, region and endpoints – optional"
      expanded={open}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      <SpaceBetween size="l">
        <RoleFields
          role={form.role}
          change={(role) => change({ role })}
          errors={errors}
          description="Assumed after signing in, each time this connection is used."
        />
        <FormField
          label={optional("Region")}
          description="Where account-wide questions are asked. If empty, the profile’s region, else us-east-1."
          errorText={errors.region}
        >
          <Input
            value={form.region}
            placeholder="eu-central-1"
            autoComplete={false}
            spellcheck={false}
            onChange={({ detail }) => change({ region: detail.value })}
          />
        </FormField>
        <FormField
          label={optional("Endpoint URL")}
          description="Every service is asked there instead of at AWS: for an emulator or a private endpoint."
          constraintText={form.fips ? "Off, because AWS’s FIPS endpoints are used." : undefined}
          errorText={errors.endpointUrl}
        >
          <Input
            value={form.endpointUrl}
            placeholder="https://kms.example.com"
            autoComplete={false}
            spellcheck={false}
            disabled={form.fips && form.endpointUrl === ""}
            onChange={({ detail }) => change({ endpointUrl: detail.value })}
          />
        </FormField>
        <Checkbox
          checked={form.fips}
          disabled={!form.fips && form.endpointUrl.trim() !== ""}
          description={
            form.endpointUrl.trim() === ""
              ? "KMS has them in nearly all regions. STS, which is asked at every sign-in, has them in the US and GovCloud regions only: choose such a region above. China has none."
              : "Off, because an endpoint URL is given."
          }
          onChange={({ detail }) => change({ fips: detail.checked })}
        >
          Use AWS’s FIPS endpoints
        </Checkbox>
      </SpaceBetween>
    </ExpandableSection>
  );
}
