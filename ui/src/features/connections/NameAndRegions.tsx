// What a registration is called, and which regions it looks at.

import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { AppError, ConnectionReport } from "../../api/bindings";
import { problemOf } from "../../app/problems";
import { Foreign } from "../../parts/Foreign";
import { mayHaveMore, RegionPicker } from "../../parts/RegionPicker";
import { useSeen } from "../../parts/useSeen";

export function NameAndRegions(props: {
  report: ConnectionReport;
  name: string;
  regions: readonly string[];
  change: (part: { name?: string; regions?: string[] }) => void;
  error: AppError | undefined;
}) {
  const { report, change } = props;
  const errors = registrationErrors(props.error);
  const around = useSeen(props.error);
  const isFull = !mayHaveMore(report) && report.regions.every(({ heldBy }) => heldBy !== null);
  return (
    <div ref={around}>
      <SpaceBetween size="l">
        {isFull && (
          <Alert type="warning" header="Every region of this account is registered already">
            A region belongs to one registration of an account. Take regions out of the other
            registration first, or go back and sign in to another account.
          </Alert>
        )}
        <Container>
          <SpaceBetween size="l">
            <FormField
              label="Name"
              description="How you want to see this account in OwnKey."
              constraintText="1 to 64 characters, not the name of another registration."
              errorText={errors.name && <Foreign text={errors.name} max={300} />}
            >
              <Input
                value={props.name}
                autoComplete={false}
                spellcheck={false}
                onChange={({ detail }) => change({ name: detail.value })}
              />
            </FormField>
            <RegionPicker
              entries={report.regions}
              chosen={props.regions}
              choose={(regions) => change({ regions })}
              mayHaveMore={mayHaveMore(report)}
              errorText={errors.regions}
            />
          </SpaceBetween>
        </Container>
      </SpaceBetween>
    </div>
  );
}

/** Whether the error is said in full at one of these fields. */
export function isOnNameOrRegions(error: AppError | undefined): boolean {
  return Object.keys(registrationErrors(error)).length > 0;
}

/** The sentences for name and regions; without one, the error is about something else. */
function registrationErrors(error: AppError | undefined): {
  name?: string;
  regions?: string;
} {
  switch (error?.code) {
    case "nameTaken":
      return { name: problemOf(error).happened };
    case "regionsTaken":
      return { regions: problemOf(error).happened };
    case "invalidInput":
      return error.field === "name" || error.field === "regions"
        ? { [error.field]: error.reason }
        : {};
    default:
      return {};
  }
}
