// Filters: Cloudscape's property filter on one side, the backend's conditions on the other.

import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import type { Combine, Filter, KeyProperty, Operator } from "../../api/bindings";

const SIGNS: Record<Operator, PropertyFilterProps.ComparisonOperator> = {
  equals: "=",
  notEquals: "!=",
  contains: ":",
  notContains: "!:",
  startsWith: "^",
  atMost: "<=",
  atLeast: ">=",
};

const TEXT: Operator[] = ["equals", "notEquals", "contains", "notContains", "startsWith"];
const NUMBER: Operator[] = ["atMost", "atLeast"];

const PROPERTIES: readonly { key: KeyProperty; label: string; values: string; number?: true }[] = [
  { key: "alias", label: "Alias", values: "Aliases" },
  { key: "keyId", label: "Key ID", values: "Key IDs" },
  { key: "account", label: "Account", values: "Accounts" },
  { key: "region", label: "Region", values: "Regions" },
  { key: "state", label: "State", values: "States" },
  { key: "origin", label: "Origin", values: "Origins" },
  { key: "spec", label: "Key spec", values: "Key specs" },
  { key: "usage", label: "Key usage", values: "Key usages" },
  { key: "description", label: "Description", values: "Descriptions" },
  { key: "tag", label: "Tag", values: "Tags" },
  { key: "multiRegion", label: "Multi-Region", values: "Multi-Region roles" },
  { key: "rotation", label: "Rotation", values: "Rotation" },
  { key: "expiresInDays", label: "Expires in days", values: "Days until expiry", number: true },
  { key: "ageInDays", label: "Age in days", values: "Days since creation", number: true },
];

export const FILTERING_PROPERTIES: PropertyFilterProps.FilteringProperty[] = PROPERTIES.map(
  ({ key, label, values, number }) => ({
    key,
    propertyLabel: label,
    groupValuesLabel: values,
    operators: (number ? NUMBER : TEXT).map((operator) => SIGNS[operator]),
    ...(number ? { defaultOperator: SIGNS.atMost } : {}),
  }),
);

/** Whether there are values to suggest. */
export function hasSuggestions(property: string): property is KeyProperty {
  return PROPERTIES.some(({ key, number }) => key === property && !number);
}

export function toQuery(filters: readonly Filter[], combine: Combine): PropertyFilterProps.Query {
  return {
    operation: combine,
    tokens: filters.map(({ property, operator, value }) => ({
      ...(property ? { propertyKey: property } : {}),
      operator: SIGNS[operator],
      value,
    })),
  };
}

export function fromQuery(query: PropertyFilterProps.Query): {
  filters: Filter[];
  combine: Combine;
} {
  return {
    combine: query.operation,
    filters: query.tokens.flatMap(({ propertyKey, operator, value }) => {
      const word = (Object.keys(SIGNS) as Operator[]).find((one) => SIGNS[one] === operator);
      const text = String(value ?? "").trim();
      const property = PROPERTIES.find(({ key }) => key === propertyKey)?.key ?? null;
      return word && text !== "" ? [{ property, operator: word, value: text }] : [];
    }),
  };
}
