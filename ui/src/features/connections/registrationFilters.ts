// Filters of the registrations: Cloudscape's property filter on one side, the URL on the other.

import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import type { Partition } from "../../api/bindings";
import { CLOUDS, type RegistrationsPlace } from "../../app/paths";
import { CLOUD_NAMES } from "./words";

type Filters = Pick<RegistrationsPlace, "id" | "name" | "account" | "cloud">;

const TEXTS = ["name", "account", "id"] as const;

export const FILTERING_PROPERTIES: PropertyFilterProps.FilteringProperty[] = [
  { key: "name", propertyLabel: "Name", groupValuesLabel: "Names", operators: [":"] },
  {
    key: "account",
    propertyLabel: "Account ID",
    groupValuesLabel: "Account IDs",
    operators: [":"],
  },
  { key: "id", propertyLabel: "ID", groupValuesLabel: "IDs", operators: [":"] },
  { key: "cloud", propertyLabel: "Cloud", groupValuesLabel: "Clouds", operators: ["="] },
].map((property) => ({
  ...property,
  operators: property.operators as PropertyFilterProps.ComparisonOperator[],
  defaultOperator: property.operators[0] as PropertyFilterProps.ComparisonOperator,
}));

export const FILTERING_OPTIONS: PropertyFilterProps.FilteringOption[] = CLOUDS.map((value) => ({
  propertyKey: "cloud",
  value,
  label: `${value} (${CLOUD_NAMES[value]})`,
}));

export const NO_FILTERS: Filters = { id: "", name: "", account: "", cloud: null };

export function isFiltered(place: Filters): boolean {
  return place.cloud !== null || TEXTS.some((name) => place[name] !== "");
}

export function toQuery(place: Filters): PropertyFilterProps.Query {
  const texts = TEXTS.filter((name) => place[name] !== "").map((name) => ({
    propertyKey: name,
    operator: ":" as const,
    value: place[name],
  }));
  const cloud = place.cloud
    ? [{ propertyKey: "cloud", operator: "=" as const, value: place.cloud }]
    : [];
  return { operation: "and", tokens: [...texts, ...cloud] };
}

/** Each property once, the last one counts; text without a property is looked for in the name. */
export function fromQuery({ tokens }: PropertyFilterProps.Query): Filters {
  const filters = { ...NO_FILTERS };
  for (const { propertyKey, value } of tokens) {
    const text = String(value ?? "").trim();
    if (propertyKey === "cloud") {
      filters.cloud = CLOUDS.find((one): one is Partition => one === text) ?? null;
    } else {
      filters[TEXTS.find((name) => name === propertyKey) ?? "name"] = text;
    }
  }
  return filters;
}
