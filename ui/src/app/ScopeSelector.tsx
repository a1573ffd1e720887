// Which registrations and regions are looked at. It lives in the URL.

import Checkbox from "@cloudscape-design/components/checkbox";
import Input from "@cloudscape-design/components/input";
import Popover from "@cloudscape-design/components/popover";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import type { Scope } from "../api/bindings";
import { shorten } from "../parts/Foreign";
import { withScope } from "./paths";
import { inScope, useRegistrations, useScope } from "./session";

export function ScopeSelector() {
  const registrations = useRegistrations() ?? [];
  const scope = useScope();
  const [search] = useSearchParams();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const choose = (chosen: Scope) => navigate(withScope(pathname, search, chosen));
  const regions = [...new Set(inScope(registrations, scope).flatMap((one) => one.regions))].sort();
  return (
    <span className="scope" data-testid="scope-selector">
      <Popover
        triggerType="custom"
        renderWithPortal
        position="bottom"
        size="medium"
        header="Scope"
        dismissAriaLabel="Close the scope"
        content={
          <SpaceBetween size="m">
            <Choice
              label="Registrations"
              all="All registrations"
              options={registrations.map(({ id, name, account }) => ({
                id,
                text: name,
                note: account,
              }))}
              chosen={scope.registrations}
              choose={(chosen) => choose({ registrations: chosen, regions: [] })}
            />
            <Choice
              label="Regions"
              all="All regions"
              options={regions.map((region) => ({ id: region, text: region }))}
              chosen={scope.regions}
              choose={(chosen) => choose({ ...scope, regions: chosen })}
            />
          </SpaceBetween>
        }
      >
        <button type="button" className="scope-trigger" aria-haspopup="dialog">
          <span className="for-screen-readers">Scope: </span>
          <span>{words(scope)}</span>
        </button>
      </Popover>
    </span>
  );

  function words({ registrations: ids, regions: chosen }: Scope): string {
    const names = inScope(registrations, scope).map(({ name }) => shorten(name, 24));
    const which =
      names.length === 1
        ? names[0]
        : ids.length === 0
          ? "All registrations"
          : `${names.length} registrations`;
    const where =
      chosen.length === 0
        ? "all regions"
        : chosen.length === 1
          ? chosen[0]
          : `${chosen.length} regions`;
    return `${which} · ${where}`;
  }
}

/** Worth a search field from here on. */
const MANY = 8;

function Choice(props: {
  label: string;
  all: string;
  options: { id: string; text: string; note?: string }[];
  chosen: readonly string[];
  choose: (chosen: string[]) => void;
}) {
  const [text, setText] = useState("");
  const shown = props.options.filter((option) =>
    `${option.text} ${option.note ?? ""}`.toLowerCase().includes(text.toLowerCase()),
  );
  const toggle = (id: string, checked: boolean) =>
    props.choose(
      checked ? [...props.chosen, id] : props.chosen.filter((chosenId) => chosenId !== id),
    );
  return (
    <fieldset className="scope-choice">
      <legend>{props.label}</legend>
      {props.options.length > MANY && (
        <Input
          type="search"
          value={text}
          onChange={({ detail }) => setText(detail.value)}
          placeholder={`Find ${props.label.toLowerCase()}`}
          ariaLabel={`Find ${props.label.toLowerCase()}`}
        />
      )}
      <div className="scope-options">
        <Checkbox checked={props.chosen.length === 0} onChange={() => props.choose([])}>
          {props.all}
        </Checkbox>
        {shown.map(({ id, text, note }) => (
          <Checkbox
            key={id}
            checked={props.chosen.includes(id)}
            onChange={({ detail }) => toggle(id, detail.checked)}
            description={note}
          >
            <bdi>{text}</bdi>
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
