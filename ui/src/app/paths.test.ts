import { expect, test } from "vitest";
import { ALL_KEYS, type KeysPlace, pathsIn, readKeysPlace, readScope, withScope } from "./paths";

function searchOf(path: string): URLSearchParams {
  return new URLSearchParams(path.split("?")[1]);
}

test("a list of keys survives its URL, whatever is filtered for", () => {
  const place: KeysPlace = {
    view: "byok",
    combine: "or",
    filters: [
      { property: null, operator: "contains", value: "a:b&c=d?e#f%20" },
      { property: "tag", operator: "equals", value: "owner=‮gnal\nlines" },
    ],
    sort: { by: "expiresInDays", descending: true },
    page: 3,
    selected: "arn:aws:kms:eu-west-1:111122223333:key/1",
  };
  const scope = { registrations: ["r-1", "r-2"], regions: ["eu-west-1"] };
  const path = pathsIn(scope).keys(place);
  expect(readKeysPlace(searchOf(path))).toEqual(place);
  expect(readScope(searchOf(path))).toEqual(scope);
});

test("a URL that nobody wrote leads to all keys", () => {
  const search = new URLSearchParams(
    "view=secret&sort=password:up&page=-1&filter=x&filter=state:drops:table&combine=xor",
  );
  expect(readKeysPlace(search)).toEqual(ALL_KEYS);
});

test("another scope keeps the filter and forgets the page and the selection", () => {
  const search = new URLSearchParams("view=byok&filter=tag:equals:a&page=4&selected=x&regions=a");
  const path = withScope("/keys", search, { registrations: ["r-1"], regions: [] });
  expect(path).toBe("/keys?registrations=r-1&view=byok&filter=tag%3Aequals%3Aa");
});
