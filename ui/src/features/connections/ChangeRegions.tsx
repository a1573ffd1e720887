// Other regions of a registration. Leaving one forgets its cached keys here; AWS is not touched.

import Alert from "@cloudscape-design/components/alert";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useState } from "react";
import { useOrder } from "../../api/answers";
import {
  type ConnectionReport,
  commands,
  type RegionEntry,
  type Registration,
} from "../../api/bindings";
import { ProblemAlert, problemOf } from "../../app/problems";
import { useTasks } from "../../app/session";
import { count } from "../../app/syncWords";
import { FormDialog } from "../../parts/FormDialog";
import { mayHaveMore, RegionPicker } from "../../parts/RegionPicker";
import { useReadAccount, useRegistration } from "./queries";

export function ChangeRegions(props: { registration: Registration; close: () => void }) {
  const { id, name, connection, role, regions } = props.registration;
  const read = useReadAccount(connection.id, {
    arn: role?.arn ?? "",
    externalId: role?.externalId ?? "",
  });
  const { tasks } = useTasks();
  const { mutate: ask } = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the dialog opens
  useEffect(() => ask(undefined), []);
  const [chosen, choose] = useState<string[]>(regions);
  const change = useOrder(() =>
    commands.changeRegistration(id, { part: "regions", regions: chosen }),
  );
  const submit = () =>
    change.mutate(undefined, {
      onSuccess: () => {
        if (added.length > 0) {
          tasks.synchronise(id);
        }
        props.close();
      },
    });
  const left = regions.filter((region) => !chosen.includes(region));
  const added = chosen.filter((region) => !regions.includes(region));
  const error = change.error?.error;
  const regionError =
    error?.code === "regionsTaken"
      ? problemOf(error).happened
      : error?.code === "invalidInput" && error.field === "regions"
        ? error.reason
        : undefined;
  return (
    <FormDialog
      header="Change regions"
      verb="Change regions"
      working={change.isPending}
      offBecause={
        chosen.length === 0
          ? "A registration has at least one region."
          : left.length + added.length === 0
            ? "Nothing is changed yet."
            : undefined
      }
      wide
      stays
      submit={submit}
      close={props.close}
    >
      <div>
        The regions of <bdi>{name}</bdi> whose keys OwnKey reads. A region belongs to one
        registration of an account. Regions that are added are synchronised at once.
      </div>
      {error && !regionError && (
        <ProblemAlert error={error} retry={submit} connection={connection.id} />
      )}
      {read.isPending && (
        <StatusIndicator type="in-progress">Asking AWS for the account’s regions</StatusIndicator>
      )}
      {read.error && (
        <ProblemAlert
          title="Which other regions there are is not known"
          error={read.error.error}
          retry={() => ask(undefined)}
          connection={connection.id}
        />
      )}
      <RegionPicker
        entries={entriesOf(props.registration, read.data)}
        chosen={chosen}
        choose={choose}
        mayHaveMore={mayHaveMore(read.data)}
        errorText={regionError}
      />
      {left.length > 0 && <Left registration={props.registration} left={left} />}
    </FormDialog>
  );
}

/** What the registration has itself can be left; what another one has is off. */
function entriesOf(
  { name, regions }: Registration,
  report: ConnectionReport | undefined,
): RegionEntry[] {
  const found = report?.regions ?? [];
  const others = found.filter(({ region }) => !regions.includes(region));
  return [
    ...regions.map((region) => ({ region, heldBy: null })),
    ...others.map(({ region, heldBy }) => ({ region, heldBy: heldBy === name ? null : heldBy })),
  ].sort((a, b) => (a.region < b.region ? -1 : 1));
}

function Left({ registration, left }: { registration: Registration; left: readonly string[] }) {
  const details = useRegistration(registration.id).data;
  const keysIn = (region: string) => details?.keys.find((one) => one.region === region)?.keys;
  return (
    <Alert type="warning" header="What was read there is forgotten here">
      <ul className="points">
        {left.map((region) => {
          const keys = keysIn(region);
          return (
            <li key={region}>
              {region}: {keys === undefined ? "its cached keys" : count(keys, "cached key")}
            </li>
          );
        })}
      </ul>
      Nothing in AWS changes. Choosing a region again and synchronising brings its keys back.
    </Alert>
  );
}
