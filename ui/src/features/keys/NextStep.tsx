// The one thing that would help the key most, said plainly.

import Alert, { type AlertProps } from "@cloudscape-design/components/alert";
import type { ReactNode } from "react";
import type { KeyDetails, NextAction } from "../../api/bindings";
import { bothTimes, Relative } from "../../parts/Time";

export function NextStep({ details }: { details: KeyDetails }) {
  const step = STEPS[details.nextAction](details);
  return step ? (
    <Alert type={step.type} header={step.header}>
      {step.text}
    </Alert>
  ) : null;
}

interface Step {
  type: AlertProps.Type;
  header: ReactNode;
  text: ReactNode;
}

const STEPS: Record<NextAction, (details: KeyDetails) => Step | null> = {
  nothing: () => null,
  gone: ({ row }) => ({
    type: "info",
    header: "This key is no longer in AWS",
    text: (
      <>
        It was missing from a complete list of {row.region}
        {row.goneAt && (
          <>
            {" "}
            <Relative at={row.goneAt} />
          </>
        )}
        . What is shown is what was last read.
      </>
    ),
  }),
  pendingDeletion: ({ key }) => ({
    type: "warning",
    header: key.deletionAt ? (
      <Relative at={key.deletionAt} prefix="AWS deletes this key" />
    ) : (
      "AWS deletes this key once its replicas are deleted"
    ),
    text: (
      <>
        It cannot be used now. Until the deletion it can be cancelled with kms:CancelKeyDeletion;
        afterwards everything encrypted under it is unreadable for good.
      </>
    ),
  }),
  importMaterial: () => ({
    type: "warning",
    header: "The key waits for its key material",
    text: (
      <>
        If it had material before, AWS accepts only exactly the same bytes. AWS needs two calls:
        kms:GetParametersForImport, which gives a wrapping key and an import token that are valid
        for 24 hours, then kms:ImportKeyMaterial with the wrapped material.
      </>
    ),
  }),
  reimportMaterial: () => ({
    type: "error",
    header: "The key material expired or was deleted",
    text: (
      <>
        Nothing encrypted under this key can be read now. AWS accepts the same material again, and
        only the same: kms:GetParametersForImport, then kms:ImportKeyMaterial with exactly the bytes
        that were imported before.
      </>
    ),
  }),
  materialExpires: ({ key }) => ({
    type: "warning",
    header: key.validTo ? (
      <Relative at={key.validTo} prefix="The key material expires" />
    ) : (
      "The key material expires soon"
    ),
    text: (
      <>
        {key.validTo && `On ${bothTimes(key.validTo)}. `}
        From then on nothing encrypted under this key can be read. Importing the same material again
        with a later date, or without one, keeps the key working.
      </>
    ),
  }),
  disabled: () => ({
    type: "info",
    header: "This key is disabled",
    text: "It cannot be used, and nothing encrypted under it can be read, until it is enabled with kms:EnableKey.",
  }),
};
