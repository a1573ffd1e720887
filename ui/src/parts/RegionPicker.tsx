// Choosing regions; those that another registration holds are off and say so.

import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { RegionEntry } from "../api/bindings";
import { shorten } from "./Foreign";

export function RegionPicker(props: {
  entries: readonly RegionEntry[];
  chosen: readonly string[];
  choose: (regions: string[]) => void;
  errorText?: string | undefined;
}) {
  const { entries, chosen, choose } = props;
  const [text, setText] = useState("");
  const searched = text.trim().toLowerCase();
  const shown = entries.filter(({ region }) => region.includes(searched));
  const free = freeOf(entries);
  const freeShown = freeOf(shown);
  return (
    <FormField
      stretch
      label="Regions"
      description={`${chosen.length} of ${free.length} chosen`}
      errorText={props.errorText}
    >
      <SpaceBetween size="s">
        <SpaceBetween direction="horizontal" size="xs">
          {entries.length > MANY && (
            <Input
              type="search"
              value={text}
              ariaLabel="Search the regions"
              // What is wrong is which ones are chosen.
              invalid={false}
              placeholder="Search the regions"
              onChange={({ detail }) => setText(detail.value)}
            />
          )}
          <Button
            onClick={() => choose([...new Set([...chosen, ...freeShown])])}
            disabled={freeShown.every((region) => chosen.includes(region))}
          >
            {searched === "" ? "Choose all" : "Choose these"}
          </Button>
          <Button
            onClick={() => choose(chosen.filter((region) => !freeShown.includes(region)))}
            disabled={!freeShown.some((region) => chosen.includes(region))}
          >
            {searched === "" ? "Choose none" : "Choose none of these"}
          </Button>
        </SpaceBetween>
        <div role="status">{shown.length === 0 && "No region is called that."}</div>
        <div className="region-picker">
          {shown.map(({ region, heldBy }) => (
            <Checkbox
              key={region}
              checked={chosen.includes(region)}
              disabled={heldBy !== null}
              // Why it is off has to be readable, though it is off.
              description={
                heldBy !== null && (
                  <span className="secondary">
                    Held by the registration “<bdi>{shorten(heldBy, 64)}</bdi>”
                  </span>
                )
              }
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

/** From so many on there is something to search. */
const MANY = 8;

function freeOf(entries: readonly RegionEntry[]): string[] {
  return entries.filter(({ heldBy }) => heldBy === null).map(({ region }) => region);
}
