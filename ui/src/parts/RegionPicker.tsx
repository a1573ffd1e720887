// Choosing regions; those that another registration holds are off and say so.

import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { RegionEntry } from "../api/bindings";

export function RegionPicker(props: {
  entries: readonly RegionEntry[];
  chosen: readonly string[];
  choose: (regions: string[]) => void;
  errorText?: string | undefined;
}) {
  const { entries, chosen, choose } = props;
  const free = entries.filter(({ heldBy }) => heldBy === null).map(({ region }) => region);
  return (
    <FormField
      stretch
      label="Regions"
      description={`${chosen.length} of ${free.length} chosen`}
      errorText={props.errorText}
    >
      <SpaceBetween size="s">
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => choose(free)} disabled={chosen.length === free.length}>
            Choose all
          </Button>
          <Button onClick={() => choose([])} disabled={chosen.length === 0}>
            Choose none
          </Button>
        </SpaceBetween>
        <div className="region-picker">
          {entries.map(({ region, heldBy }) => (
            <Checkbox
              key={region}
              checked={chosen.includes(region)}
              disabled={heldBy !== null}
              description={heldBy === null ? undefined : `Held by the registration “${heldBy}”`}
              onChange={({ detail }) =>
                choose(
                  detail.checked ? [...chosen, region] : chosen.filter((one) => one !== region),
                )
              }
            >
              {region}
            </Checkbox>
          ))}
        </div>
      </SpaceBetween>
    </FormField>
  );
}
