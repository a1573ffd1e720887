// What the keys feature asks the backend.

import type { PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useEffect, useMemo, useRef, useState } from "react";
import { useCached, useOrder } from "../../api/answers";
import {
  commands,
  type KeyArn,
  type KeyProperty,
  type KeyQuery,
  type Scope,
} from "../../api/bindings";
import { call } from "../../api/call";
import type { KeysPlace } from "../../app/paths";
import { hasSuggestions } from "./filters";

export function keyQuery(scope: Scope, place: KeysPlace, pageSize: number): KeyQuery {
  const { view, combine, filters, sort, page } = place;
  return { scope, view, combine, filters, sort, skip: (page - 1) * pageSize, limit: pageSize };
}

export function useKeyList(query: KeyQuery) {
  return useCached(["keys", query], () => commands.listKeys(query), { keepLast: true });
}

export function useOverview(scope: Scope) {
  return useCached(["overview", scope], () => commands.readOverview(scope), { keepLast: true });
}

export function useKeyDetails(arn: KeyArn) {
  return useCached(["key", arn], () => commands.describeKey(arn));
}

export function useRefreshKey() {
  return useOrder((arn: KeyArn) => commands.refreshKey(arn));
}

/** Typing faster than this asks only once. */
const ASK_AFTER_MS = 150;

/** Values that occur, asked for while a value is being typed. */
export function useSuggestions(scope: Scope) {
  const [asked, setAsked] = useState<{ property: KeyProperty; text: string }>();
  const [state, setState] = useState<{
    options: PropertyFilterProps.FilteringOption[];
    status: PropertyFilterProps.StatusType;
  }>({ options: [], status: "finished" });
  const question = useRef(0);
  const { property, text } = asked ?? {};
  useEffect(() => {
    if (property === undefined || text === undefined) {
      return;
    }
    question.current += 1;
    const mine = question.current;
    const timer = setTimeout(() => {
      call(commands.suggestValues(scope, property, text)).then(
        (found) =>
          mine === question.current &&
          setState({
            status: "finished",
            options: found.map(({ value, keys }) => ({
              propertyKey: property,
              value,
              tags: [keys === 1 ? "1 key" : `${keys.toLocaleString("en-GB")} keys`],
            })),
          }),
        () => mine === question.current && setState({ options: [], status: "error" }),
      );
    }, ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [scope, property, text]);

  return useMemo(
    () => ({
      ...state,
      load: ({ filteringProperty, filteringText }: PropertyFilterProps.LoadItemsDetail) => {
        const key = filteringProperty?.key;
        if (key !== undefined && hasSuggestions(key)) {
          setState(({ options }) => ({
            options: options.filter((option) => option.propertyKey === key),
            status: "loading",
          }));
          setAsked({ property: key, text: filteringText });
        } else {
          setAsked(undefined);
          setState({ options: [], status: "finished" });
        }
      },
    }),
    [state],
  );
}
