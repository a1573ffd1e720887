// What the window remembers of a registration that is being filled in: never a secret.

import type { ConnectionId, Region, RoleDraft } from "../../api/bindings";

/** A connection's form without the secret. */
export interface KeptConnectionForm {
  name: string;
  way: "profile" | "accessKey" | "sandbox";
  profile: string;
  accessKeyId: string;
  mfaSerial: string;
  role: RoleDraft;
  region: string;
  endpointUrl: string;
  fips: boolean;
}

export interface RegisterForm {
  over: "new" | "existing";
  /** The connection that was chosen; empty: none yet. */
  existing: ConnectionId;
  /** The connection that this form has made; empty: none yet. It is changed, never made twice. */
  made: ConnectionId;
  connection: KeptConnectionForm;
  /** The role that this registration assumes over the connection. */
  role: RoleDraft;
  /** The partition and account that name and regions were proposed for. */
  account: string;
  name: string;
  regions: Region[];
}

export const NO_ROLE: RoleDraft = { arn: "", externalId: "" };

export const EMPTY_KEPT_CONNECTION: KeptConnectionForm = {
  name: "",
  way: "profile",
  profile: "",
  accessKeyId: "",
  mfaSerial: "",
  role: NO_ROLE,
  region: "",
  endpointUrl: "",
  fips: false,
};

export const EMPTY_REGISTER: RegisterForm = {
  over: "new",
  existing: "",
  made: "",
  connection: EMPTY_KEPT_CONNECTION,
  role: NO_ROLE,
  account: "",
  name: "",
  regions: [],
};
