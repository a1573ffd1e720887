// An access key. Its secret is typed once, goes to the keychain, and is never shown again.

import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { ConnectionFieldsProps } from "./ConnectionFields";
import { optional } from "./optional";

export function AccessKeyFields({ form, change, errors, keptSecret }: ConnectionFieldsProps) {
  const [revealed, setRevealed] = useState(false);
  return (
    <SpaceBetween size="l">
      <FormField label="Access key ID" errorText={errors.accessKeyId}>
        <Input
          value={form.accessKeyId}
          placeholder="AKIAIOSFODNN7EXAMPLE"
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => change({ accessKeyId: detail.value })}
        />
      </FormField>
      <FormField
        label="Secret access key"
        description="OwnKey keeps it in this computer’s keychain and never shows it again."
        constraintText={
          keptSecret ? "Leave it empty to keep the one that is in the keychain." : undefined
        }
        errorText={errors.secretAccessKey}
        secondaryControl={
          <Button
            iconName={revealed ? "lock-private" : "unlocked"}
            formAction="none"
            ariaLabel={revealed ? "Hide what is typed" : "Show what is typed"}
            onClick={() => setRevealed(!revealed)}
          >
            {revealed ? "Hide" : "Show"}
          </Button>
        }
      >
        <Input
          type={revealed ? "text" : "password"}
          value={form.secret}
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => change({ secret: detail.value })}
        />
      </FormField>
      <FormField
        stretch
        label={optional("MFA device")}
        description="Its ARN or serial number. Its code is asked for when OwnKey signs in."
        errorText={errors.mfaSerial}
      >
        <Input
          value={form.mfaSerial}
          placeholder="arn:aws:iam::111122223333:mfa/jo"
          autoComplete={false}
          spellcheck={false}
          onChange={({ detail }) => change({ mfaSerial: detail.value })}
        />
      </FormField>
    </SpaceBetween>
  );
}
