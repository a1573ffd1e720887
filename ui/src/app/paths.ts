// Every URL of the window, written and read in this one place.

import type {
  Combine,
  Filter,
  KeyArn,
  KeyProperty,
  KeyView,
  Operator,
  Scope,
  Sort,
} from "../api/bindings";

export const EVERYWHERE: Scope = { registrations: [], regions: [] };

/** What the key list shows, as far as it is worth a link. */
export interface KeysPlace {
  view: KeyView;
  combine: Combine;
  filters: Filter[];
  sort: Sort;
  /** From 1. */
  page: number;
  selected?: KeyArn;
}

export const ALL_KEYS: KeysPlace = {
  view: "all",
  combine: "and",
  filters: [],
  sort: { by: "alias", descending: false },
  page: 1,
};

export const KEY_TABS = ["details", "material", "policy", "replicas", "names"] as const;
export type KeyTab = (typeof KEY_TABS)[number];

/** The URLs as seen from a scope, which every one of them carries. */
export function pathsIn(scope: Scope) {
  return {
    overview: () => url(PATTERNS.overview, scope),
    keys: (place: Partial<KeysPlace> = {}) => url(PATTERNS.keys, scope, writeKeysPlace(place)),
    key: (arn: KeyArn, tab: KeyTab = "details") =>
      url(
        `${PATTERNS.keys}/${encodeURIComponent(arn)}`,
        scope,
        new URLSearchParams(tab === "details" ? {} : { tab }),
      ),
    connections: () => url(PATTERNS.connections, scope),
    connect: () => url(PATTERNS.connect, scope),
    settings: () => url(PATTERNS.settings, scope),
  };
}

export type Paths = ReturnType<typeof pathsIn>;

/** The patterns that the router knows. */
export const PATTERNS = {
  overview: "/overview",
  keys: "/keys",
  key: "/keys/:arn",
  connections: "/connections",
  connect: "/connections/new",
  settings: "/settings",
} as const;

export function readScope(search: URLSearchParams): Scope {
  const list = (name: string) => (search.get(name) ?? "").split(",").filter(Boolean);
  return { registrations: list("registrations"), regions: list("regions") };
}

/** The same page, seen in another scope; a page number or a selection would no longer fit. */
export function withScope(path: string, search: URLSearchParams, scope: Scope): string {
  const kept = new URLSearchParams(search);
  for (const name of ["registrations", "regions", "page", "selected"]) {
    kept.delete(name);
  }
  return url(path, scope, kept);
}

export function readKeysPlace(search: URLSearchParams): KeysPlace {
  const [by = "", direction] = (search.get("sort") ?? "").split(":");
  const page = Number(search.get("page"));
  const selected = search.get("selected");
  return {
    view: oneOf(VIEWS, search.get("view")) ?? ALL_KEYS.view,
    combine: search.get("combine") === "or" ? "or" : "and",
    filters: search.getAll("filter").flatMap(readFilter),
    sort: oneOf(PROPERTIES, by)
      ? { by: by as KeyProperty, descending: direction === "desc" }
      : ALL_KEYS.sort,
    page: Number.isInteger(page) && page >= 1 ? page : 1,
    ...(selected ? { selected } : {}),
  };
}

export function readKeyTab(search: URLSearchParams): KeyTab {
  return oneOf(KEY_TABS, search.get("tab")) ?? "details";
}

function url(path: string, scope: Scope, more = new URLSearchParams()): string {
  const search = new URLSearchParams();
  if (scope.registrations.length > 0) {
    search.set("registrations", scope.registrations.join(","));
  }
  if (scope.regions.length > 0) {
    search.set("regions", scope.regions.join(","));
  }
  for (const [name, value] of more) {
    search.append(name, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

function writeKeysPlace(place: Partial<KeysPlace>): URLSearchParams {
  const search = new URLSearchParams();
  if (place.view && place.view !== ALL_KEYS.view) {
    search.set("view", place.view);
  }
  for (const filter of place.filters ?? []) {
    search.append("filter", `${filter.property ?? ""}:${filter.operator}:${filter.value}`);
  }
  if (place.combine === "or") {
    search.set("combine", "or");
  }
  const { sort } = place;
  if (sort && (sort.by !== ALL_KEYS.sort.by || sort.descending)) {
    search.set("sort", `${sort.by}:${sort.descending ? "desc" : "asc"}`);
  }
  if (place.page && place.page > 1) {
    search.set("page", String(place.page));
  }
  if (place.selected) {
    search.set("selected", place.selected);
  }
  return search;
}

function readFilter(text: string): Filter[] {
  const [, property = "", operator = "", value = ""] =
    /^([^:]*):([^:]*):([\s\S]*)$/.exec(text) ?? [];
  const known = oneOf(OPERATORS, operator);
  if (!known || (property !== "" && !oneOf(PROPERTIES, property))) {
    return [];
  }
  return [{ property: property === "" ? null : (property as KeyProperty), operator: known, value }];
}

function oneOf<T extends string>(all: readonly T[], text: string | null): T | undefined {
  return all.find((one) => one === text);
}

// `satisfies` over a complete record: a word that the backend adds must be added here too.
const VIEWS = Object.keys({
  all: 0,
  byok: 0,
  native: 0,
  expiring: 0,
  needsMaterial: 0,
  pendingDeletion: 0,
  disabled: 0,
  gone: 0,
} satisfies Record<KeyView, 0>) as KeyView[];

const PROPERTIES = Object.keys({
  alias: 0,
  keyId: 0,
  account: 0,
  region: 0,
  state: 0,
  origin: 0,
  spec: 0,
  usage: 0,
  description: 0,
  tag: 0,
  multiRegion: 0,
  rotation: 0,
  expiresInDays: 0,
  ageInDays: 0,
  syncedAt: 0,
} satisfies Record<KeyProperty, 0>) as KeyProperty[];

const OPERATORS = Object.keys({
  equals: 0,
  notEquals: 0,
  contains: 0,
  notContains: 0,
  startsWith: 0,
  atMost: 0,
  atLeast: 0,
} satisfies Record<Operator, 0>) as Operator[];
