// What the pages of connections and registrations ask the backend.

import { useCached, useFresh, useOrder } from "../../api/answers";
import {
  type Connection,
  type ConnectionId,
  commands,
  type RegistrationId,
  type RegistrationQuery,
  type RoleDraft,
} from "../../api/bindings";
import { NO_ROLE } from "./kept";

export function useConnections() {
  return useCached(["connections"], commands.listConnections);
}

/** The region that a connection names, else its profile; empty if neither does. */
export function useHomeRegion(): (connection: Connection | undefined) => string {
  const profiles = useFresh(["profiles"], commands.listProfiles).data;
  return (connection) => {
    const { region, kind } = connection ?? { region: null, kind: undefined };
    const profile = kind?.kind === "profile" ? kind.profile : undefined;
    return region ?? profiles?.find(({ name }) => name === profile)?.region ?? "";
  };
}

export function useRegistrationPage(query: RegistrationQuery) {
  return useCached(["registrations", "page", query], () => commands.findRegistrations(query), {
    keepLast: true,
  });
}

export function useRegistration(id: RegistrationId) {
  return useCached(["registration", id], () => commands.describeRegistration(id));
}

/** Signs in and asks where that leads; without a role, where the connection itself leads. */
export function useReadAccount(id: ConnectionId, role: RoleDraft = NO_ROLE) {
  return useOrder(() => commands.readAccount(id, role));
}
