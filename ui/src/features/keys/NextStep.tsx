// The one thing that would help the key most, said plainly.

import Alert, { type AlertProps } from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import type { KeyDetails, NextAction } from "../../api/bindings";
import { usePaths } from "../../app/session";
import { bothTimes, Relative } from "../../parts/Time";

export function NextStep({ details }: { details: KeyDetails }) {
  const step = STEPS[details.nextAction](details);
  const paths = usePaths();
  const navigate = useNavigate();
  const offer = IMPORTS[details.nextAction];
  return step ? (
    <Alert
      type={step.type}
      header={step.header}
      action={
        offer && (
          <Button onClick={() => navigate(paths.importMaterial(details.row.arn))}>{offer}</Button>
        )
      }
    >
      {step.text}
    </Alert>
  ) : null;
}

/** What an import would do for the key, where one would help. */
const IMPORTS: Partial<Record<NextAction, string>> = {
  importMaterial: "Import key material",
  reimportMaterial: "Import the same material again",
  materialExpires: "Change expiry",
};

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
        It cannot be used until then. If it had material before, AWS accepts only exactly the same
        bytes.
      </>
    ),
  }),
  reimportMaterial: () => ({
    type: "error",
    header: "The key material expired or was deleted",
    text: (
      <>
        Nothing encrypted under this key can be read now. AWS accepts the same material again, and
        only the same: exactly the bytes that were imported before.
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
