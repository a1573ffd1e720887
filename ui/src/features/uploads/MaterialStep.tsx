// First step: what kind of key, what it is for, and where its material comes from.

import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { commands, type KeySpec } from "../../api/bindings";
import { KEY_SPECS, specInWords, usageInWords } from "../../parts/words";
import { blamed } from "./blame";
import { knownSpec, toDraft, USAGES } from "./form";
import { SourceFields } from "./Source";
import type { StepProps } from "./UploadKey";

export function MaterialStep({ form, change, target, error }: StepProps) {
  const spec = knownSpec(form.spec);
  const partition = target.registration?.partition;
  const specs = (Object.keys(KEY_SPECS) as KeySpec[]).map((value) => ({
    value,
    label: specInWords(value, partition),
    description: value,
  }));
  const usages = USAGES[spec].map((value) => ({
    value,
    label: usageInWords(value),
    description: value,
  }));
  return (
    <SpaceBetween size="l">
      <Container>
        <SpaceBetween size="l">
          <FormField label="Key spec" errorText={blamed(error, "keySpec")}>
            <Select
              selectedOption={specs.find(({ value }) => value === spec) ?? null}
              options={specs}
              onChange={({ detail }) => {
                const chosen = knownSpec(detail.selectedOption.value ?? "");
                change({
                  spec: chosen,
                  usage: USAGES[chosen][0] ?? "",
                  reading: "",
                  readings: [],
                  stored: "",
                });
              }}
            />
          </FormField>
          <FormField
            label="Key usage"
            description="It cannot be changed once the key exists."
            errorText={blamed(error, "keyUsage")}
          >
            <Select
              selectedOption={usages.find(({ value }) => value === form.usage) ?? null}
              options={usages}
              onChange={({ detail }) => change({ usage: detail.selectedOption.value ?? "" })}
            />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container>
        <SourceFields
          offered={["generate", "file", "stored", "later"]}
          form={form}
          change={change}
          spec={spec}
          check={() => commands.checkUpload(toDraft(form, target), "material")}
          error={error}
        />
      </Container>
    </SpaceBetween>
  );
}
