// The keys that AWS holds a material for.

import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import type { MaterialPlace, StoredMaterial } from "../../api/bindings";
import { usePaths } from "../../app/session";
import { count } from "../../app/syncWords";
import { shorten } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { useNow } from "../../parts/Time";
import { type Holding, holdingOf, keyInWords } from "./material";

/** A key where there is room for a few words: the whole ARN is in the tooltip. */
export function KeyLink({ arn }: { arn: string }) {
  const paths = usePaths();
  const { id, region } = keyInWords(arn);
  return (
    <span title={arn}>
      <PathLink to={paths.key(arn, "material")}>
        {shorten(id, 12)} · <span className="unbroken">{shorten(region, 20)}</span>
      </PathLink>
    </span>
  );
}

export function PlaceList({ places }: { places: readonly MaterialPlace[] }) {
  return (
    <ul className="points">
      {places.map(({ key }) => (
        <li key={key}>
          <KeyLink arn={key} />
        </li>
      ))}
    </ul>
  );
}

export const HOLDINGS: Record<Holding, { type: StatusIndicatorProps.Type; text: string }> = {
  held: { type: "success", text: "Held by AWS" },
  expired: { type: "warning", text: "Expired" },
  removed: { type: "stopped", text: "Removed" },
};

/** More keys than this are counted; the material's page has them all. */
const SHOWN = 2;

/** Where AWS holds a material, in a table's cell. */
export function HeldBy({ material }: { material: StoredMaterial }) {
  const now = useNow();
  const paths = usePaths();
  const places = material.places.filter((place) => holdingOf(place, now) !== "removed");
  const held = places.filter((place) => holdingOf(place, now) === "held").length;
  if (places.length === 0) {
    return <>Not in AWS</>;
  }
  return (
    <>
      <div>{held === 0 ? "No longer" : count(held, "key")}</div>
      {places.slice(0, SHOWN).map((place) => (
        <div key={place.key}>
          <KeyLink arn={place.key} />{" "}
          {holdingOf(place, now) === "expired" && (
            <StatusIndicator type={HOLDINGS.expired.type}>{HOLDINGS.expired.text}</StatusIndicator>
          )}
        </div>
      ))}
      {places.length > SHOWN && (
        <PathLink to={paths.source(material.id)}>and {places.length - SHOWN} more</PathLink>
      )}
    </>
  );
}
