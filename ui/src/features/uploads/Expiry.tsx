// Whether and when material expires. Typed in local time, shown in UTC too.

import Button from "@cloudscape-design/components/button";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TimeInput from "@cloudscape-design/components/time-input";
import { bothTimes } from "../../parts/Time";
import { type ExpiryForm, instantOf, localParts } from "./form";

const PRESETS = [30, 90, 365];
const DAY = 86_400_000;

export function ExpiryFields(props: {
  form: ExpiryForm;
  change: (part: Partial<ExpiryForm>) => void;
  errorText?: string | undefined;
}) {
  const { form, change } = props;
  const at = instantOf(form.date, form.time);
  const isInstant = at !== null && !Number.isNaN(Date.parse(at));
  return (
    <SpaceBetween size="m">
      <FormField
        label="Expiry"
        description="When imported material expires, AWS deletes it; the key works again once the same material is imported again."
        {...(form.expires ? {} : { errorText: props.errorText })}
      >
        <RadioGroup
          value={form.expires ? "at" : "never"}
          onChange={({ detail }) => change({ expires: detail.value === "at" })}
          items={[
            { value: "never", label: "Does not expire" },
            { value: "at", label: "Expires at a time" },
          ]}
        />
      </FormField>
      {form.expires && (
        <FormField
          label="Expires on"
          description="Local time, at most 365 days ahead."
          constraintText={isInstant ? bothTimes(at) : undefined}
          errorText={props.errorText}
        >
          <SpaceBetween direction="horizontal" size="xs">
            <DatePicker
              value={form.date}
              ariaLabel="Date of expiry"
              placeholder="YYYY/MM/DD"
              onChange={({ detail }) => change({ date: detail.value })}
            />
            <TimeInput
              value={form.time}
              ariaLabel="Time of expiry"
              format="hh:mm"
              placeholder="hh:mm"
              onChange={({ detail }) => change({ time: detail.value })}
            />
            {PRESETS.map((days) => (
              <Button
                key={days}
                onClick={() => change(localParts(new Date(Date.now() + days * DAY)))}
              >
                {`In ${days} days`}
              </Button>
            ))}
          </SpaceBetween>
        </FormField>
      )}
    </SpaceBetween>
  );
}
