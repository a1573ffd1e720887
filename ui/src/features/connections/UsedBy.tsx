// The registrations that use a connection, as links to their pages.

import { usePaths, useRegistrations } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";

/** More than this pushes everything else off the page. */
const MOST = 8;

export function UsedBy({ names, max = MOST }: { names: readonly string[]; max?: number }) {
  const [only, ...others] = names;
  return only !== undefined && others.length === 0 ? (
    <div>
      <Link name={only} />
    </div>
  ) : (
    <ul className="points">
      {names.slice(0, max).map((name) => (
        <li key={name}>
          <Link name={name} />
        </li>
      ))}
      {names.length > max && <li>and {names.length - max} more</li>}
    </ul>
  );
}

function Link({ name }: { name: string }) {
  const paths = usePaths();
  const id = useRegistrations()?.find((one) => one.name === name)?.id;
  const shown = <Foreign text={name} max={64} />;
  return id === undefined ? shown : <PathLink to={paths.registration(id)}>{shown}</PathLink>;
}
