// What a key is, as label and value.

import KeyValuePairs, {
  type KeyValuePairsProps,
} from "@cloudscape-design/components/key-value-pairs";
import type { KeyDetails } from "../../api/bindings";
import { useRegistrations } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign, ForeignBlock } from "../../parts/Foreign";
import { KeyStatus } from "../../parts/KeyStatus";
import { Read } from "../../parts/NotRead";
import { FullInstant } from "../../parts/Time";
import { NO_MATERIAL, ORIGINS, ROLES, usageInWords } from "../../parts/words";

export function Facts({ details, columns }: { details: KeyDetails; columns: number }) {
  const registrations = useRegistrations() ?? [];
  const { row, key } = details;
  const registration = registrations.find(({ id }) => id === row.registration);
  const items: KeyValuePairsProps.Pair[] = [
    { label: "State", value: <KeyStatus row={row} /> },
    { label: "Origin", value: `${ORIGINS[key.origin]} (${key.origin})` },
    { label: "Key spec", value: key.spec },
    { label: "Key usage", value: usageInWords(key.usage) },
    { label: "Region", value: row.region },
    {
      label: "Account",
      value: (
        <>
          {row.account}
          {registration && (
            <>
              {" "}
              (<Foreign text={registration.name} />)
            </>
          )}
        </>
      ),
    },
    {
      label: "Alias",
      value:
        row.alias === null ? (
          "None"
        ) : (
          <>
            <Foreign text={row.alias} max={256} />
            {row.aliasCount > 1 ? ` and ${row.aliasCount - 1} more` : ""}
          </>
        ),
    },
    { label: "Key ID", value: <Copyable text={row.keyId} what="key ID" /> },
    { label: "ARN", value: <Copyable text={row.arn} what="ARN" /> },
    {
      label: "Description",
      value: key.description === "" ? "None" : <ForeignBlock text={key.description} />,
    },
    { label: "Key material expires", value: <Expiry details={details} /> },
    ...(key.deletionAt
      ? [{ label: "Will be deleted", value: <FullInstant at={key.deletionAt} /> }]
      : []),
    {
      label: "Multi-Region",
      value: key.multiRegion ? ROLES[key.multiRegion.role] : "No, single-Region key",
    },
    {
      label: "Automatic rotation",
      value: (
        <Read reading={key.rotation}>
          {(rotation) =>
            rotation === null
              ? "Not for this kind of key"
              : rotation.enabled
                ? `On${rotation.periodDays === null ? "" : `, every ${rotation.periodDays} days`}`
                : "Off"
          }
        </Read>
      ),
    },
    { label: "Created", value: <FullInstant at={key.createdAt} /> },
    { label: "Last read from AWS", value: <FullInstant at={row.syncedAt} /> },
    ...(row.goneAt ? [{ label: "Gone since", value: <FullInstant at={row.goneAt} /> }] : []),
    ...(key.customKeyStoreId
      ? [
          {
            label: "Custom key store",
            value: <Copyable text={key.customKeyStoreId} what="custom key store ID" />,
          },
        ]
      : []),
    {
      label: "Algorithms",
      value: key.algorithms.length === 0 ? "None" : key.algorithms.join(", "),
    },
  ];
  return <KeyValuePairs columns={columns} items={items} />;
}

function Expiry({ details: { key } }: { details: KeyDetails }) {
  if (key.validTo) {
    return <FullInstant at={key.validTo} />;
  }
  return key.expirationModel === "KEY_MATERIAL_DOES_NOT_EXPIRE" || key.origin !== "EXTERNAL"
    ? "Never"
    : NO_MATERIAL;
}
