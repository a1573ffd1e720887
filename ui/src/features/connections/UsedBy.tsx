// The registrations that use a connection, as links to their pages.

import { usePaths, useRegistrations } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";

export function UsedBy({ names }: { names: readonly string[] }) {
  const paths = usePaths();
  const registrations = useRegistrations() ?? [];
  return (
    <ul className="points">
      {names.map((name) => {
        const id = registrations.find((one) => one.name === name)?.id;
        return (
          <li key={name}>
            {id === undefined ? (
              <Foreign text={name} max={64} />
            ) : (
              <PathLink to={paths.registration(id)}>
                <Foreign text={name} max={64} />
              </PathLink>
            )}
          </li>
        );
      })}
    </ul>
  );
}
