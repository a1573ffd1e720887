// Choosing regions; those that another registration holds are off and say so.

import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { ConnectionReport, RegionEntry } from "../api/bindings";
import { shorten } from "./Foreign";

export function RegionPicker(props: {
  entries: readonly RegionEntry[];
  chosen: readonly string[];
  choose: (regions: string[]) => void;
  /** Whether the account may have regions that are not among the entries: these can be typed. */
  mayHaveMore?: boolean;
  errorText?: string | undefined;
}) {
  const { chosen, choose, mayHaveMore = false } = props;
  const [text, setText] = useState("");
  const searched = text.trim().toLowerCase();
  const [typed, setTyped] = useState<string[]>([]);
  const entries = withTyped(props.entries, mayHaveMore ? [...chosen, ...typed] : []);
  const isNew = mayHaveMore && REGION.test(searched) && entries.every((e) => e.region !== searched);
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
          {(entries.length > MANY || mayHaveMore) && (
            <Input
              type="search"
              value={text}
              ariaLabel="Search the regions"
              // What is wrong is which ones are chosen.
              invalid={false}
              placeholder={mayHaveMore ? "Search, or type a region" : "Search the regions"}
              onChange={({ detail }) => setText(detail.value)}
            />
          )}
          <Button
            formAction="none"
            onClick={() => choose([...new Set([...chosen, ...freeShown])])}
            disabled={freeShown.every((region) => chosen.includes(region))}
          >
            {searched === "" ? "Choose all" : "Choose these"}
          </Button>
          <Button
            formAction="none"
            onClick={() => choose(chosen.filter((region) => !freeShown.includes(region)))}
            disabled={!freeShown.some((region) => chosen.includes(region))}
          >
            {searched === "" ? "Choose none" : "Choose none of these"}
          </Button>
        </SpaceBetween>
        {mayHaveMore && (
          <div className="secondary">
            AWS does not let these credentials list the account’s regions. These are the ones that
            every account has; another one can be typed in full, such as eu-central-2.
          </div>
        )}
        <div role="status">
          {isNew ? (
            <Button
              formAction="none"
              onClick={() => {
                setTyped([...typed, searched]);
                choose([...chosen, searched]);
                setText("");
              }}
            >
              Add {searched}
            </Button>
          ) : (
            shown.length === 0 && "No region is called that."
          )}
        </div>
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

/** How AWS writes a region. */
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

function withTyped(entries: readonly RegionEntry[], typed: readonly string[]): RegionEntry[] {
  const more = [...new Set(typed)].filter((one) => entries.every(({ region }) => region !== one));
  return more.length === 0
    ? [...entries]
    : [...entries, ...more.map((region) => ({ region, heldBy: null }))].sort((a, b) =>
        a.region < b.region ? -1 : 1,
      );
}

/** Whether AWS did not list the account's regions. */
export function mayHaveMore(report: ConnectionReport | undefined): boolean {
  return report?.refused.some(({ action }) => action === "ec2:DescribeRegions") ?? false;
}

function freeOf(entries: readonly RegionEntry[]): string[] {
  return entries.filter(({ heldBy }) => heldBy === null).map(({ region }) => region);
}
