// Third step: how long the material lasts and who may do what with the key.

import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { blamed } from "./blame";
import { ExpiryFields } from "./Expiry";
import { toDraft } from "./form";
import { PolicyFields } from "./PolicyFields";
import type { StepProps } from "./UploadKey";

export function AccessStep({ form, change, target, error }: StepProps) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Expiry</Header>}>
        {form.source === "later" ? (
          "It is chosen when the material is imported."
        ) : (
          <ExpiryFields form={form} change={change} errorText={blamed(error, "validTo")} />
        )}
      </Container>
      <Container header={<Header variant="h2">Access</Header>}>
        <PolicyFields
          form={form.policy}
          change={(part) => change({ policy: part })}
          draft={toDraft(form, target)}
          account={target.registration?.account ?? ""}
          error={error}
        />
      </Container>
    </SpaceBetween>
  );
}
