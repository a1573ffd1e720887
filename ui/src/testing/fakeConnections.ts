// The part of the fake backend that keeps connections and registrations and signs in over them.

import type {
  AppError,
  Changed,
  Connection,
  ConnectionDraft,
  ConnectionEntry,
  ConnectionReport,
  Operation,
  Partition,
  Profile,
  Registration,
  RegistrationChange,
  RegistrationDetails,
  RegistrationDraft,
  RegistrationPage,
  RegistrationQuery,
  Role,
  RoleDraft,
  SealedText,
  SignInRequest,
  SignInState,
} from "../api/bindings";
import {
  BROWSER_REQUEST,
  LOGIN_REQUEST,
  MFA_REQUEST,
  PERMISSIONS,
  PROFILES,
  SIGN_IN_NEEDED,
} from "./connectionFixtures";
import { EVERY_ERROR, type FakeKey, inDays, SANDBOX } from "./fixtures";

type Arguments = Record<string, unknown>;

/** What else the window knows. */
export interface FakeWorld {
  announce: (change: Changed) => Promise<void>;
  keys: () => readonly FakeKey[];
  operations: () => readonly Operation[];
  open: (sealed: SealedText) => Promise<string>;
}

export class FakeConnections {
  registrations: Registration[] = [SANDBOX];
  profiles: Profile[] = PROFILES;
  /** Where credentials lead that are not the sandbox's and assume no role. */
  found: ConnectionReport = {
    account: "444455556666",
    accountAlias: "acme-production",
    callerArn: "arn:aws:iam::444455556666:user/jo",
    partition: "aws",
    regions: ["eu-central-1", "eu-west-1", "us-east-1"].map((region) => ({ region, heldBy: null })),
    endpointUrl: null,
    expiresAt: null,
    refused: [],
  };
  permissions = PERMISSIONS;
  /** How connections stand, by id; nobody has signed in over those that are not named. */
  readonly signIns = new Map<string, SignInState>();
  /** What is asked of a person now. */
  requests: SignInRequest[] = [];
  /** The code that MFA devices show. */
  mfaCode = "123456";
  /** The external IDs that roles ask for, by ARN. */
  readonly externalIds = new Map<string, string>();
  private kept: Connection[] = [];
  /** Sign-ins in the browser that hold. */
  private readonly signedIn = new Set<string>();
  private readonly waiting = new Map<string, { done: () => void; fail: (e: AppError) => void }>();
  private readonly tasks = new Map<string, string>();
  private asked = 0;

  constructor(private readonly world: FakeWorld) {}

  /** The connections; those of the registrations are among them. */
  get connections(): Connection[] {
    const known = new Map(this.registrations.map((one) => [one.connection.id, one.connection]));
    for (const one of this.kept) {
      known.set(one.id, one);
    }
    return [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  set connections(all: Connection[]) {
    this.kept = all;
  }

  /** The answer to a command; undefined to one that is not of this part. */
  answer(command: string, args: Arguments): unknown {
    switch (command) {
      case "list_profiles":
        return this.profiles;
      case "list_connections":
        return this.entries();
      case "test_connection":
        return this.reach(
          this.parse(args.draft as ConnectionDraft, (args.kept as string | null) ?? "tried"),
          NO_ROLE,
        );
      case "add_connection":
        return this.add(args.draft as ConnectionDraft);
      case "change_connection":
        return this.change(args.id as string, args.draft as ConnectionDraft);
      case "remove_connection":
        return this.remove(args.id as string);
      case "read_account":
        return this.reach(this.connection(args.connection as string), args.role as RoleDraft);
      case "probe_permissions":
        return this.probe(args);
      case "sign_in":
        return this.signIn(args.id as string, args.task as string);
      case "list_sign_in_requests":
        return this.requests;
      case "answer_mfa_request":
        return this.answerMfa(args.id as string, args.code as SealedText);
      case "cancel_sign_in_request":
        this.cancelRequest(args.id as string);
        return null;
      case "open_sign_in_page":
        return null;
      case "list_registrations":
        return this.registrations;
      case "find_registrations":
        return this.find(args.query as RegistrationQuery);
      case "describe_registration":
        return this.describe(args.id as string);
      case "register_account":
        return this.register(args.draft as RegistrationDraft);
      case "change_registration":
        return this.changeRegistration(args.id as string, args.change as RegistrationChange);
      case "remove_registration":
        this.kept = this.connections;
        this.registrations = this.registrations.filter(({ id }) => id !== args.id);
        void this.world.announce({ what: "registrations" });
        void this.world.announce({ what: "connections" });
        return null;
      default:
        return undefined;
    }
  }

  /** A person is asked for something; answered, it is settled. */
  ask(request: SignInRequest): Promise<void> {
    this.requests = [...this.requests.filter(({ id }) => id !== request.id), request];
    void this.world.announce({ what: "signIns" });
    return new Promise((done, fail) => this.waiting.set(request.id, { done, fail }));
  }

  /** What was asked for has come, such as by the page in the browser. */
  settle(id: string, error?: AppError): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    this.requests = this.requests.filter((one) => one.id !== id);
    void this.world.announce({ what: "signIns" });
    if (error) {
      waiting?.fail(error);
    } else {
      waiting?.done();
    }
  }

  /** A task was cancelled; it may be a sign-in. */
  cancelTask(task: string): void {
    this.cancelRequest(this.tasks.get(task) ?? "");
  }

  private entries(): ConnectionEntry[] {
    return this.connections.map((connection) => ({
      connection,
      usedBy: this.registrations
        .filter((one) => one.connection.id === connection.id)
        .map(({ name }) => name)
        .sort(),
      signIn: this.stateOf(connection.id),
    }));
  }

  private stateOf(id: string): SignInState {
    return this.signIns.get(id) ?? { state: "notYet" };
  }

  private connection(id: string): Connection {
    return (
      this.connections.find((one) => one.id === id) ??
      refuse({ code: "notFound", what: "connection" })
    );
  }

  private registration(id: string): Registration {
    return (
      this.registrations.find((one) => one.id === id) ??
      refuse({ code: "notFound", what: "registration" })
    );
  }

  private parse(draft: ConnectionDraft, id: string): Connection {
    if (draft.name.trim() === "") {
      refuse({ code: "invalidInput", field: "name", reason: "A name has 1 to 64 characters." });
    }
    const { kind } = draft;
    return {
      id,
      name: draft.name.trim(),
      kind:
        kind.kind === "accessKey"
          ? {
              kind: "accessKey",
              accessKeyId: kind.accessKeyId,
              mfaSerial: kind.mfaSerial || null,
            }
          : kind,
      role: parseRole(draft.role),
      region: draft.region || null,
      endpointUrl: draft.endpointUrl || null,
      fips: draft.fips,
    };
  }

  private add(draft: ConnectionDraft): Connection {
    const connection = this.parse(draft, `c-${this.connections.length + 1}`);
    this.mustBeFree(connection);
    this.kept = [...this.kept, connection];
    void this.world.announce({ what: "connections" });
    return connection;
  }

  private change(id: string, draft: ConnectionDraft): Connection {
    const connection = this.parse(draft, this.connection(id).id);
    this.mustBeFree(connection);
    this.kept = [...this.kept.filter((one) => one.id !== id), connection];
    this.registrations = this.registrations.map((one) =>
      one.connection.id === id ? { ...one, connection } : one,
    );
    this.signIns.delete(id);
    void this.world.announce({ what: "connections" });
    void this.world.announce({ what: "registrations" });
    return connection;
  }

  private mustBeFree({ id, name }: Connection): void {
    if (this.connections.some((one) => one.id !== id && one.name === name)) {
      refuse({ code: "nameTaken", name });
    }
  }

  private remove(id: string): null {
    const { connection, usedBy } =
      this.entries().find((one) => one.connection.id === id) ??
      refuse({ code: "notFound", what: "connection" });
    if (usedBy.length > 0) {
      refuse({ code: "connectionInUse", connection: connection.name, usedBy });
    }
    this.kept = this.kept.filter((one) => one.id !== id);
    void this.world.announce({ what: "connections" });
    return null;
  }

  /** Signs in and says where that leads. */
  private async reach(connection: Connection, role: RoleDraft): Promise<ConnectionReport> {
    const assumed = [connection.role, parseRole(role)].filter((one) => one !== null);
    await this.signInOver(connection);
    for (const one of assumed) {
      const wanted = this.externalIds.get(one.arn);
      if (wanted !== undefined && wanted !== one.externalId) {
        refuse({
          ...EVERY_ERROR.roleRefused,
          role: one.arn,
          from: connection.name,
          externalIdGiven: one.externalId !== null,
        });
      }
    }
    const until = assumed.length > 0 ? inDays(1 / 24) : this.found.expiresAt;
    if (connection.id !== "tried") {
      this.signIns.set(connection.id, { state: "signedIn", until });
      void this.world.announce({ what: "connections" });
    }
    const base =
      connection.kind.kind === "sandbox"
        ? {
            ...this.found,
            account: SANDBOX.account,
            accountAlias: SANDBOX.accountAlias,
            callerArn: SANDBOX.callerArn,
            regions: SANDBOX.regions.map((region) => ({ region, heldBy: null })),
          }
        : this.found;
    return this.withHolders({ ...base, ...rolesIdentity(assumed.at(-1)), expiresAt: until });
  }

  private withHolders(report: ConnectionReport): ConnectionReport {
    return {
      ...report,
      regions: report.regions.map(({ region, heldBy }) => ({
        region,
        heldBy: this.holder(report.account, report.partition, region) ?? heldBy,
      })),
    };
  }

  private holder(account: string, partition: Partition, region: string): string | undefined {
    return this.registrations.find(
      (one) =>
        one.account === account && one.partition === partition && one.regions.includes(region),
    )?.name;
  }

  private async signInOver({ kind, name }: Connection): Promise<void> {
    const profile =
      kind.kind === "profile" ? this.profiles.find((one) => one.name === kind.profile) : undefined;
    if (profile?.problem) {
      refuse({ code: "noCredentials", profile: profile.name, cause: profile.problem });
    }
    const needed = Object.entries(SIGN_IN_NEEDED).find(([known]) => known === profile?.name)?.[1];
    if (needed && !this.signedIn.has(needed.signIn)) {
      refuse(needed);
    }
    const serial = kind.kind === "accessKey" ? kind.mfaSerial : (profile?.mfaSerial ?? null);
    if (serial !== null && !this.signedIn.has(serial)) {
      await this.askForCode(name, serial);
      this.signedIn.add(serial);
    }
  }

  private async askForCode(connection: string, serial: string): Promise<void> {
    this.asked += 1;
    const id = this.asked === 1 ? MFA_REQUEST.id : `${MFA_REQUEST.id}-${this.asked}`;
    await this.ask({ id, connection, wanted: { what: "mfaCode", serial } });
  }

  private async signIn(id: string, task: string): Promise<null> {
    const request = id.startsWith("login") ? LOGIN_REQUEST : BROWSER_REQUEST;
    this.tasks.set(task, request.id);
    await this.ask(request);
    this.signedIn.add(id);
    for (const [connection, state] of this.signIns) {
      if (state.state === "failed") {
        this.signIns.set(connection, { state: "signedIn", until: inDays(1 / 3) });
      }
    }
    void this.world.announce({ what: "connections" });
    return null;
  }

  private async answerMfa(id: string, sealed: SealedText): Promise<null> {
    const code = await this.world.open(sealed);
    const request = this.requests.find((one) => one.id === id);
    if (request?.wanted.what !== "mfaCode") {
      return refuse({ code: "notFound", what: "sign-in request" });
    }
    if (!(await this.judgeCode(code))) {
      return refuse({ code: "invalidInput", field: "mfaCode", reason: REFUSED_CODE });
    }
    this.settle(id);
    return null;
  }

  /** Whether AWS takes the code. */
  async judgeCode(code: string): Promise<boolean> {
    return code === this.mfaCode;
  }

  private cancelRequest(id: string): void {
    if (this.requests.some((one) => one.id === id)) {
      this.settle(id, { code: "signInCancelled" });
    }
  }

  private async probe(args: Arguments) {
    const report = await this.reach(
      this.connection(args.connection as string),
      args.role as RoleDraft,
    );
    return { ...this.permissions, callerArn: report.callerArn, region: args.region as string };
  }

  private find({ id, name, account, cloud, skip, limit }: RegistrationQuery): RegistrationPage {
    const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
    const matching = this.registrations
      .filter(
        (one) =>
          has(one.id, id) &&
          has(one.name, name) &&
          has(one.account, account) &&
          (cloud === null || one.partition === cloud),
      )
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      skip,
      limit,
      total: matching.length,
      registrations: matching.slice(skip, skip + limit),
    };
  }

  private describe(id: string): RegistrationDetails {
    const registration = this.registration(id);
    return {
      registration,
      signIn: this.stateOf(registration.connection.id),
      keys: registration.regions.map((region) => ({
        region,
        keys: this.world
          .keys()
          .filter(
            ({ row }) => row.registration === id && row.region === region && row.goneAt === null,
          ).length,
      })),
      openOperations: this.world
        .operations()
        .filter((one) => one.registration === id && one.closedAt === null).length,
    };
  }

  private async register(draft: RegistrationDraft): Promise<Registration> {
    const connection = this.connection(draft.connection);
    const report = await this.reach(connection, draft.role);
    if (this.registrations.some(({ name }) => name === draft.name)) {
      refuse({ code: "nameTaken", name: draft.name });
    }
    this.mustBeFreeRegions(report, draft.regions);
    const registration: Registration = {
      id: `r-${this.registrations.length + 1}`,
      name: draft.name,
      account: report.account,
      accountAlias: report.accountAlias,
      partition: report.partition,
      callerArn: report.callerArn,
      connection,
      role: parseRole(draft.role),
      regions: [...draft.regions].sort(),
      createdAt: inDays(0),
      updatedAt: inDays(0),
      syncedAt: null,
    };
    this.registrations = [...this.registrations, registration];
    void this.world.announce({ what: "registrations" });
    void this.world.announce({ what: "connections" });
    return registration;
  }

  private mustBeFreeRegions(
    { account, partition }: Pick<ConnectionReport, "account" | "partition">,
    regions: readonly string[],
    except?: string,
  ): void {
    if (regions.length === 0) {
      refuse({ code: "invalidInput", field: "regions", reason: "Choose at least one region." });
    }
    const taken = regions.filter((region) => {
      const by = this.holder(account, partition, region);
      return by !== undefined && by !== except;
    });
    if (taken[0] !== undefined) {
      const by = this.holder(account, partition, taken[0]) ?? "";
      refuse({ code: "regionsTaken", regions: taken, by });
    }
  }

  private async changeRegistration(id: string, change: RegistrationChange): Promise<Registration> {
    const before = this.registration(id);
    const changed = { ...before, updatedAt: inDays(0) };
    if (change.part === "connection") {
      const connection = this.connection(change.connection);
      const report = await this.reach(connection, change.role);
      if (report.account !== before.account) {
        refuse({ code: "accountChanged", expected: before.account, found: report.account });
      }
      Object.assign(changed, {
        connection,
        role: parseRole(change.role),
        callerArn: report.callerArn,
      });
    } else {
      this.mustBeFreeRegions(before, change.regions, before.name);
      changed.regions = [...change.regions].sort();
    }
    this.registrations = this.registrations.map((one) => (one.id === id ? changed : one));
    void this.world.announce({ what: "keys", registration: id });
    void this.world.announce({ what: "registrations" });
    void this.world.announce({ what: "connections" });
    return changed;
  }
}

export const REFUSED_CODE =
  "MultiFactorAuthentication failed with invalid MFA one time pass code. Each code is taken once: wait for the next one.";

const NO_ROLE: RoleDraft = { arn: "", externalId: "" };

function parseRole({ arn, externalId }: RoleDraft): Role | null {
  if (arn === "" && externalId !== "") {
    refuse({
      code: "invalidInput",
      field: "externalId",
      reason: "An external ID can be given only together with a role ARN.",
    });
  }
  return arn === "" ? null : { arn, externalId: externalId || null };
}

/** Who one is after assuming a role. */
function rolesIdentity(role: Role | undefined): Partial<ConnectionReport> {
  const [, partition, , , account, name] = role?.arn.split(":") ?? [];
  return account === undefined
    ? {}
    : {
        account,
        accountAlias: null,
        partition: partition as Partition,
        callerArn: `arn:${partition}:sts::${account}:assumed-role/${name?.replace(/^role\//, "")}/ownkey`,
      };
}

function refuse(error: AppError): never {
  throw error;
}
