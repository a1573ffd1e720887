// What OwnKey's own record asks of a person: half-done operations, material without a backup.

import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import { interruptedTitle, useInterrupted } from "../../app/interrupted";
import { inOneSentence } from "../../app/problems";
import { usePaths, useRegistrations } from "../../app/session";
import { count } from "../../app/syncWords";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { useNow } from "../../parts/Time";
import { isUnprotected, sandboxAccountsOf } from "../sources/material";
import { useMaterials } from "../sources/queries";

/** More are counted; the list has them all. */
const NAMED = 3;

/** The entries, whatever the scope; and whether both questions were answered. */
export function useOwnNeeds(): { needs: ReactNode[]; isKnown: boolean } {
  const paths = usePaths();
  const now = useNow();
  const sandboxAccounts = sandboxAccountsOf(useRegistrations() ?? []);
  const { operations, error } = useInterrupted();
  const materials = useMaterials();
  const unprotected = (materials.error ? [] : (materials.data ?? [])).filter((one) =>
    isUnprotected(one, sandboxAccounts, now),
  ).length;
  const more = (operations?.length ?? 0) - NAMED;
  return {
    isKnown: operations !== undefined && materials.data !== undefined && !materials.error,
    needs: [
      ...(operations ?? []).slice(0, NAMED).map((one) => (
        <li key={one.id}>
          <StatusIndicator type="warning">
            <PathLink to={paths.operation(one.id)}>
              Half done: <Foreign text={interruptedTitle(one)} max={120} />
            </PathLink>
          </StatusIndicator>
        </li>
      )),
      more > 0 && (
        <li key="more operations">
          <StatusIndicator type="warning">
            <PathLink to={paths.activity({ openOnly: true })}>
              {count(more, "more half-done operation")}
            </PathLink>
          </StatusIndicator>
        </li>
      ),
      error && (
        <Unknown key="operations" what="Whether an operation is half done is not known">
          {inOneSentence(error)}
        </Unknown>
      ),
      unprotected > 0 && (
        <li key="unprotected">
          <StatusIndicator type="warning">
            <PathLink to={paths.sources({ unprotected: true })}>
              {count(unprotected, "material", "materials")} held by AWS without a verified backup
            </PathLink>
          </StatusIndicator>
        </li>
      ),
      materials.error && (
        <Unknown key="materials" what="Whether stored material is backed up is not known">
          {inOneSentence(materials.error.error)}
        </Unknown>
      ),
    ].filter(Boolean),
  };
}

function Unknown(props: { what: string; children: string }) {
  return (
    <li>
      <StatusIndicator type="error">{props.what}</StatusIndicator>
      <div className="secondary">
        <Foreign text={props.children} max={300} />
      </div>
    </li>
  );
}
