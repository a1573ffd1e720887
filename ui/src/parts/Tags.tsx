import type { Tag } from "../api/bindings";
import { Foreign } from "./Foreign";

/** Tags in a row; `more` of them are not shown. */
export function Tags({
  tags,
  more = 0,
  max,
}: {
  tags: readonly Tag[];
  more?: number;
  max: number;
}) {
  return (
    <span className="tags">
      {tags.map(({ key, value }) => (
        <span className="tag" key={key}>
          <Foreign text={value === "" ? key : `${key}=${value}`} max={max} />
        </span>
      ))}
      {more > 0 && <span className="secondary">+{more}</span>}
    </span>
  );
}
