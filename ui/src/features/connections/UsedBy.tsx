// The registrations that use a connection, as links to their pages.

import { usePaths, useRegistrations } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";

/** More than this pushes everything else off the page. */
const MOST = 8;

export function UsedBy({ names, max = MOST }: { names: readonly string[]; max?: number }) {
  const paths = usePaths();
  const registrations = useRegistrations() ?? [];
  return (
    <ul className="points">
      {names.slice(0, max).map((name) => {
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
      {names.length > max && <li>and {names.length - max} more</li>}
    </ul>
  );
}
