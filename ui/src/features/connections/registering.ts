// Registering an account: sign in, see where that leads, keep it. The wizard and the first steps do
// the same work.

import { useEffect, useRef, useState } from "react";
import {
  type AppError,
  type Connection,
  type ConnectionEntry,
  type ConnectionId,
  type ConnectionReport,
  commands,
  type Region,
  type Registration,
} from "../../api/bindings";
import { call, Refused, refused } from "../../api/call";
import { usePreference, usePreferences } from "../../app/preferences";
import { useRegistrations } from "../../app/session";
import { mayHaveMore } from "../../parts/RegionPicker";
import { USUAL_REGIONS } from "../../parts/words";
import { type ConnectionForm, formOf, sealedDraft } from "./form";
import { EMPTY_REGISTER, type RegisterForm } from "./kept";
import { useConnections, useHomeRegion } from "./queries";

/** What an error is about: the connection, the role that is assumed over it, or the registration. */
export interface Trouble {
  with: "connection" | "role" | "registration";
  error: AppError;
}

/** What came of something; an error is the trouble as well. */
export type Outcome<T> = { came: T; error?: undefined } | { came?: undefined; error: AppError };

export type Registering = ReturnType<typeof useRegistering>;

export function useRegistering() {
  const preferences = usePreferences();
  const [kept] = usePreference("connect.draft");
  const registrations = useRegistrations() ?? [];
  const list = useConnections();
  const homeRegion = useHomeRegion();
  const [secret, setSecret] = useState("");
  const [report, setReport] = useState<ConnectionReport>();
  const [trouble, setTrouble] = useState<Trouble>();
  const [working, setWorking] = useState(false);
  const isHere = useIsHere();
  const entries = list.data ?? [];
  const connection: ConnectionForm = { ...kept.connection, secret };
  const chosenId = kept.over === "existing" ? kept.existing : kept.made;
  const chosen = entries.find((one) => one.connection.id === chosenId)?.connection;

  const put = (part: Partial<RegisterForm>) =>
    preferences.choose("connect.draft", { ...preferences.read("connect.draft"), ...part });
  const change = (part: Partial<RegisterForm>) => {
    put(part);
    setTrouble(undefined);
  };
  /** What leads elsewhere: what was found before is no longer true. */
  const changeWay = (part: Partial<Pick<RegisterForm, "over" | "existing" | "role">>) => {
    change(part);
    setReport(undefined);
  };
  const changeConnection = ({ secret: typed, ...part }: Partial<ConnectionForm>) => {
    if (typed !== undefined) {
      setSecret(typed);
    }
    change({ connection: { ...preferences.read("connect.draft").connection, ...part } });
    setReport(undefined);
  };
  const forget = () => {
    setSecret("");
    setReport(undefined);
    change(EMPTY_REGISTER);
  };

  /** Tries the connection that is typed and, if it is good, keeps it. */
  const keepConnection = async (form: RegisterForm): Promise<Reached> => {
    const connection = { ...form.connection, secret };
    const known = await call(commands.listConnections());
    const made = known.find((one) => isMine(one, form))?.connection;
    if (made && secret === "" && (await isAsKept(connection, made))) {
      return { id: made.id };
    }
    const found = await call(
      commands.testConnection(await sealedDraft(connection), made?.id ?? null),
    );
    const draft = await sealedDraft(connection);
    if (!isHere()) {
      // Who has left the form wants nothing kept.
      throw new Refused({ code: "signInCancelled" });
    }
    const { id } = await call(
      made ? commands.changeConnection(made.id, draft) : commands.addConnection(draft),
    );
    setSecret("");
    put({ made: id });
    return { id, found };
  };
  const attempt = async <T>(
    about: () => Trouble["with"],
    work: () => Promise<T>,
  ): Promise<Outcome<T>> => {
    setWorking(true);
    setTrouble(undefined);
    try {
      return { came: await work() };
    } catch (failure) {
      const { error } = refused(failure);
      setTrouble({ with: about(), error });
      return { error };
    } finally {
      setWorking(false);
    }
  };
  /** Signs in, looks where that leads, and says over which connection. */
  const signIn = async (): Promise<Outcome<ConnectionId>> => {
    // As it is now, not as it was drawn: `goOn` has just changed it.
    const form = preferences.read("connect.draft");
    const { over, existing, role } = form;
    const overRole = role.arn.trim() + role.externalId.trim() !== "";
    let about: Trouble["with"] = "connection";
    return attempt(
      () => about,
      async () => {
        if (over === "existing" && existing === "") {
          throw new Refused(CHOOSE_ONE);
        }
        const { id, found }: Reached =
          over === "existing" ? { id: existing } : await keepConnection(form);
        about = overRole ? "role" : "connection";
        const reached = found && !overRole ? found : await call(commands.readAccount(id, role));
        setReport(reached);
        const known = entries.find((one) => one.connection.id === id)?.connection.name;
        const name =
          reached.accountAlias ?? (overRole ? reached.account : (known ?? form.connection.name));
        put(proposed(preferences.read("connect.draft"), reached, registrations, name));
        return id;
      },
    );
  };
  /** Signs in once more over a connection that was kept before. */
  const goOn = (over: ConnectionId): Promise<Outcome<ConnectionId>> => {
    if (chosenId !== over) {
      changeWay({ over: "existing", existing: over });
    }
    return signIn();
  };
  const register = async (): Promise<Outcome<Registration>> => {
    const outcome = await attempt<Registration>(
      () => "registration",
      async () => {
        const { name, role, regions } = kept;
        const registration = await call(
          commands.registerAccount({ name, connection: chosenId, role, regions }),
        );
        forget();
        return registration;
      },
    );
    if (outcome.error?.code === "regionsTaken") {
      // Somebody was faster since these were offered: what is left can be registered at once.
      const { regions, by } = outcome.error;
      setReport((before) => before && withHeld(before, regions, by));
      put({ regions: kept.regions.filter((region) => !regions.includes(region)) });
    }
    return outcome;
  };

  return {
    form: kept,
    connection,
    change,
    changeWay,
    changeConnection,
    forget,
    /** All connections there are, if they could be listed. */
    list,
    entries,
    /** The connection that is kept and meant, once there is one. */
    chosenId,
    chosen,
    /** Where one is at home over it, as far as that is known. */
    home: homeRegion(chosen),
    keptSecret: kept.over === "new" && chosen?.kind.kind === "accessKey",
    report,
    trouble,
    working,
    signIn,
    goOn,
    register,
  };
}

/** The report, now that these regions belong to another registration. */
function withHeld(report: ConnectionReport, taken: readonly Region[], by: string) {
  const regions = report.regions.map((one) =>
    taken.includes(one.region) ? { ...one, heldBy: by } : one,
  );
  return { ...report, regions };
}

/** Whether the page that asks is still shown. */
function useIsHere(): () => boolean {
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  return () => here.current;
}

const CHOOSE_ONE: AppError = {
  code: "invalidInput",
  field: "connection",
  reason: "Choose a connection.",
};

/** Where what may be done can be asked: first where somebody is at home, of what was chosen. */
export function askableRegions({ report, home, form }: Registering): string[] {
  const found = report?.regions.map(({ region }) => region) ?? [];
  const usual = [home, ...USUAL_REGIONS];
  const first = usual.filter((region) => form.regions.includes(region));
  const all = [...first, ...form.regions, ...usual, ...found];
  return [...new Set(all)].filter((region) => found.includes(region));
}

/** A connection, and what was found over it if it was tried just now. */
interface Reached {
  id: ConnectionId;
  found?: ConnectionReport;
}

/** Once a registration uses it, a connection is no longer this form's to change. */
function isMine({ connection, usedBy }: ConnectionEntry, { made }: RegisterForm): boolean {
  return connection.id === made && usedBy.length === 0;
}

async function isAsKept(form: ConnectionForm, connection: Connection): Promise<boolean> {
  const [typed, kept] = [await sealedDraft(form), await sealedDraft(formOf(connection))];
  return JSON.stringify(typed) === JSON.stringify(kept);
}

/** Name and regions as proposed for another account than before; what was chosen stays otherwise. */
export function proposed(
  form: RegisterForm,
  report: ConnectionReport,
  registrations: readonly Registration[],
  name: string,
): Partial<RegisterForm> {
  const { account, partition, regions } = report;
  const free = regions.filter(({ heldBy }) => heldBy === null).map(({ region }) => region);
  const held = regions.filter(({ heldBy }) => heldBy !== null).map(({ region }) => region);
  // One that was typed is not in the report where AWS lists no regions.
  const stays = (region: string) =>
    mayHaveMore(report) ? !held.includes(region) : free.includes(region);
  const reached = `${partition} ${account}`;
  return form.account === reached
    ? { regions: form.regions.filter(stays) }
    : { account: reached, name: freeName(name, registrations), regions: free };
}

/** The name, or the first of "name 2", "name 3" that no registration has. */
function freeName(name: string, registrations: readonly Registration[]): string {
  const taken = new Set(registrations.map((one) => one.name));
  const base = [...name].slice(0, LONGEST_NAME).join("");
  for (let number = 1; ; number++) {
    const ending = number === 1 ? "" : ` ${number}`;
    const candidate = `${[...base].slice(0, LONGEST_NAME - ending.length).join("")}${ending}`;
    if (!taken.has(candidate)) {
      return candidate;
    }
  }
}

const LONGEST_NAME = 64;
