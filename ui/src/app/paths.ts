// Every URL of the window, written and read in this one place.

import type {
  Combine,
  ConnectionId,
  Filter,
  KeyArn,
  KeyProperty,
  KeyView,
  MaterialId,
  OperationId,
  Operator,
  Partition,
  RegistrationId,
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

export const KEY_TABS = ["details", "material", "policy", "replicas", "names", "activity"] as const;
export type KeyTab = (typeof KEY_TABS)[number];

export const SOURCE_SORTS = ["name", "spec", "origin", "created", "held", "verified"] as const;
export type SourceSort = (typeof SOURCE_SORTS)[number];

/** What the list of stored material shows. */
export interface SourcesPlace {
  /** Any text of the material. */
  text: string;
  /** Only material that AWS holds and that has no verified backup. */
  unprotected: boolean;
  sort: { by: SourceSort; descending: boolean };
  /** From 1. */
  page: number;
}

export const ALL_SOURCES: SourcesPlace = {
  text: "",
  unprotected: false,
  sort: { by: "created", descending: true },
  page: 1,
};

/** What the list of operations shows. */
export interface ActivityPlace {
  /** Only operations that have not ended. */
  openOnly: boolean;
  /** From 1. */
  page: number;
}

export const ALL_ACTIVITY: ActivityPlace = { openOnly: false, page: 1 };

/** What the list of registrations shows; an empty text means any. */
export interface RegistrationsPlace {
  id: string;
  name: string;
  account: string;
  cloud: Partition | null;
  /** From 1. */
  page: number;
}

export const ALL_REGISTRATIONS: RegistrationsPlace = {
  id: "",
  name: "",
  account: "",
  cloud: null,
  page: 1,
};

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
    /** With the stored material that is to be uploaded, if that is settled. */
    upload: (material?: MaterialId) =>
      url(PATTERNS.upload, scope, new URLSearchParams(material ? { material } : {})),
    uploaded: (id: OperationId) => url(`${PATTERNS.upload}/${encodeURIComponent(id)}`, scope),
    importMaterial: (arn: KeyArn) =>
      url(`${PATTERNS.keys}/${encodeURIComponent(arn)}/import`, scope),
    imported: (arn: KeyArn, id: OperationId) =>
      url(`${PATTERNS.keys}/${encodeURIComponent(arn)}/import/${encodeURIComponent(id)}`, scope),
    sources: (place: Partial<SourcesPlace> = {}) =>
      url(PATTERNS.sources, scope, writeSourcesPlace(place)),
    source: (id: MaterialId) => url(`${PATTERNS.sources}/${encodeURIComponent(id)}`, scope),
    activity: (place: Partial<ActivityPlace> = {}) =>
      url(PATTERNS.activity, scope, writeActivityPlace(place)),
    operation: (id: OperationId) => url(`${PATTERNS.activity}/${encodeURIComponent(id)}`, scope),
    /** The registrations, which is what the page of the connections begins with. */
    connections: (place: Partial<RegistrationsPlace> = {}) =>
      url(PATTERNS.connections, scope, writeRegistrationsPlace(place)),
    connect: () => url(PATTERNS.connect, scope),
    registration: (id: RegistrationId) =>
      url(`/connections/registrations/${encodeURIComponent(id)}`, scope),
    /** The ways to sign in. */
    signIns: () => url(PATTERNS.signIns, scope),
    newSignIn: () => url(PATTERNS.newSignIn, scope),
    signIn: (id: ConnectionId) => url(`${PATTERNS.signIns}/${encodeURIComponent(id)}`, scope),
    firstSteps: () => url(PATTERNS.firstSteps, scope),
    settings: () => url(PATTERNS.settings, scope),
  };
}

export type Paths = ReturnType<typeof pathsIn>;

/** The patterns that the router knows. */
export const PATTERNS = {
  overview: "/overview",
  keys: "/keys",
  key: "/keys/:arn",
  upload: "/keys/upload",
  uploaded: "/keys/upload/:operation",
  importMaterial: "/keys/:arn/import",
  imported: "/keys/:arn/import/:operation",
  sources: "/sources",
  source: "/sources/:id",
  activity: "/activity",
  operation: "/activity/:id",
  connections: "/connections",
  connect: "/connections/new",
  registration: "/connections/registrations/:id",
  signIns: "/connections/sign-ins",
  newSignIn: "/connections/sign-ins/new",
  signIn: "/connections/sign-ins/:id",
  firstSteps: "/first-steps",
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

export function readSourcesPlace(search: URLSearchParams): SourcesPlace {
  const [by = "", direction] = (search.get("sort") ?? "").split(":");
  const known = oneOf(SOURCE_SORTS, by);
  return {
    text: search.get("text") ?? "",
    unprotected: search.get("show") === "unprotected",
    sort: known ? { by: known, descending: direction === "desc" } : ALL_SOURCES.sort,
    page: readPage(search),
  };
}

export function readRegistrationsPlace(search: URLSearchParams): RegistrationsPlace {
  return {
    id: search.get("id") ?? "",
    name: search.get("name") ?? "",
    account: search.get("account") ?? "",
    cloud: oneOf(CLOUDS, search.get("cloud")) ?? null,
    page: readPage(search),
  };
}

export function readActivityPlace(search: URLSearchParams): ActivityPlace {
  return { openOnly: search.get("show") === "open", page: readPage(search) };
}

export function readKeysPlace(search: URLSearchParams): KeysPlace {
  const [by = "", direction] = (search.get("sort") ?? "").split(":");
  const selected = search.get("selected");
  return {
    view: oneOf(VIEWS, search.get("view")) ?? ALL_KEYS.view,
    combine: search.get("combine") === "or" ? "or" : "and",
    filters: search.getAll("filter").flatMap(readFilter),
    sort: oneOf(PROPERTIES, by)
      ? { by: by as KeyProperty, descending: direction === "desc" }
      : ALL_KEYS.sort,
    page: readPage(search),
    ...(selected ? { selected } : {}),
  };
}

export function readKeyTab(search: URLSearchParams): KeyTab {
  return oneOf(KEY_TABS, search.get("tab")) ?? "details";
}

function readPage(search: URLSearchParams): number {
  const page = Number(search.get("page"));
  return Number.isInteger(page) && page >= 1 ? page : 1;
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

function writeSourcesPlace(place: Partial<SourcesPlace>): URLSearchParams {
  const search = new URLSearchParams();
  if (place.text) {
    search.set("text", place.text);
  }
  if (place.unprotected) {
    search.set("show", "unprotected");
  }
  const { sort } = place;
  if (sort && (sort.by !== ALL_SOURCES.sort.by || !sort.descending)) {
    search.set("sort", `${sort.by}:${sort.descending ? "desc" : "asc"}`);
  }
  if (place.page && place.page > 1) {
    search.set("page", String(place.page));
  }
  return search;
}

function writeRegistrationsPlace(place: Partial<RegistrationsPlace>): URLSearchParams {
  const search = new URLSearchParams();
  for (const name of ["id", "name", "account", "cloud"] as const) {
    const value = place[name];
    if (value) {
      search.set(name, value);
    }
  }
  if (place.page && place.page > 1) {
    search.set("page", String(place.page));
  }
  return search;
}

function writeActivityPlace(place: Partial<ActivityPlace>): URLSearchParams {
  const search = new URLSearchParams();
  if (place.openOnly) {
    search.set("show", "open");
  }
  if (place.page && place.page > 1) {
    search.set("page", String(place.page));
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

export const CLOUDS = Object.keys({
  aws: 0,
  "aws-us-gov": 0,
  "aws-cn": 0,
} satisfies Record<Partition, 0>) as Partition[];

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
