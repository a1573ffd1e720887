// The views that every user has, with counts, and those a person saved.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { KeyView, Overview } from "../../api/bindings";
import type { KeysPlace } from "../../app/paths";
import { type SavedView, usePreference } from "../../app/preferences";
import { usePaths } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { useFocus } from "../../parts/useFocus";
import { VIEWS } from "../../parts/words";

export function ViewBar({ place, counts }: { place: KeysPlace; counts: Overview | undefined }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const [saved, chooseSaved] = usePreference("keys.views");
  const [naming, setNaming] = useState(false);
  const current = saved.find((view) => shows(view, place));
  const { sort } = place;
  return (
    <nav aria-label="Views" className="views">
      {(Object.keys(VIEWS) as KeyView[]).map((view) => (
        <Link
          key={view}
          to={paths.keys({ view, sort })}
          aria-current={!current && place.view === view ? "page" : undefined}
        >
          {VIEWS[view]}
          {counts && (
            <span className="view-count">{countOf(view, counts).toLocaleString("en-GB")}</span>
          )}
        </Link>
      ))}
      {saved.length > 0 && <span className="views-divider" aria-hidden="true" />}
      {saved.map((view) => (
        <Link
          key={view.name}
          to={paths.keys({ ...view, sort })}
          aria-current={view === current ? "page" : undefined}
        >
          <Foreign text={view.name} max={32} />
        </Link>
      ))}
      {current ? (
        <Button
          variant="inline-link"
          ariaLabel={`Delete the view ${current.name}`}
          onClick={() => {
            chooseSaved(saved.filter((view) => view !== current));
            navigate(paths.keys({ sort }));
          }}
        >
          Delete view
        </Button>
      ) : place.filters.length > 0 ? (
        <Button variant="inline-link" onClick={() => setNaming(true)}>
          Save view
        </Button>
      ) : null}
      {naming && (
        <NameView
          taken={saved.map(({ name }) => name)}
          close={() => setNaming(false)}
          save={(name) => {
            const { view, combine, filters } = place;
            const kept = saved.filter((one) => one.name !== name);
            chooseSaved([...kept, { name, view, combine, filters }]);
            setNaming(false);
          }}
        />
      )}
    </nav>
  );
}

function NameView(props: {
  taken: readonly string[];
  close: () => void;
  save: (name: string) => void;
}) {
  const [name, setName] = useState("");
  const [tried, setTried] = useState(false);
  const field = useFocus();
  const trimmed = name.trim();
  const refused = trimmed === "" ? "Enter a name." : undefined;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    setTried(true);
    if (!refused) {
      props.save(trimmed);
    }
  };
  return (
    <Modal
      visible
      size="small"
      header="Save this view"
      onDismiss={props.close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.close}>
              Cancel
            </Button>
            <Button variant="primary" onClick={() => submit()}>
              Save view
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form onSubmit={submit}>
        <FormField
          label="Name"
          description="The view and its filters are kept under this name on this computer."
          constraintText={
            props.taken.includes(trimmed) ? "Replaces the view of this name." : undefined
          }
          errorText={tried ? refused : undefined}
        >
          <Input ref={field} value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      </form>
    </Modal>
  );
}

function shows(view: SavedView, place: KeysPlace): boolean {
  const part = ({ view, combine, filters }: SavedView | KeysPlace) =>
    JSON.stringify([
      view,
      combine,
      filters.map(({ property, operator, value }) => [property, operator, value]),
    ]);
  return part(view) === part(place);
}

function countOf(view: KeyView, counts: Overview): number {
  return view === "all" ? counts.keys : counts[view];
}
