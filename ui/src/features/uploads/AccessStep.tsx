// Third step: how long the material lasts and who may do what with the key.

import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { blamed } from "./blame";
import { ExpiryFields } from "./Expiry";
import { toDraft } from "./form";
import { PolicyFields } from "./PolicyFields";
import type { StepProps } from "./UploadKey";

export function AccessStep({ form, change, target, error }: StepProps) {
  return (
    <SpaceBetween size="l">
      <Container>
        {form.source === "later" ? (
          <FormField label="Expiry">It is chosen when the material is imported.</FormField>
        ) : (
          <ExpiryFields form={form} change={change} errorText={blamed(error, "validTo")} />
        )}
      </Container>
      <Container>
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
