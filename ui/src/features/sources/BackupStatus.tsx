// Whether a backup of a material is known to be good.

import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { BackupFile, StoredMaterial } from "../../api/bindings";
import { useRegistrations } from "../../app/session";
import { Relative, useNow } from "../../parts/Time";
import { isUnprotected, lastVerified, sandboxAccountsOf } from "./material";

export function BackupStatus({ material }: { material: StoredMaterial }) {
  const now = useNow();
  const sandboxAccounts = sandboxAccountsOf(useRegistrations() ?? []);
  const verified = lastVerified(material);
  if (!verified?.verifiedAt) {
    return (
      <StatusIndicator type="warning">
        {material.backups.length === 0 ? "No backup" : "Never verified"}
      </StatusIndicator>
    );
  }
  return isUnprotected(material, sandboxAccounts, now) ? (
    <StatusIndicator type="warning">Only a sandbox backup</StatusIndicator>
  ) : (
    <StatusIndicator type="success">
      Verified{" "}
      <span className="unbroken">
        <Relative at={verified.verifiedAt} />
      </span>
      {verified.sandbox && (
        <>
          {" "}
          <span className="unbroken">(sandbox)</span>
        </>
      )}
    </StatusIndicator>
  );
}

export function VerifiedAt({ backup }: { backup: BackupFile }) {
  return backup.verifiedAt ? (
    <StatusIndicator type="success">
      Verified{" "}
      <span className="unbroken">
        <Relative at={backup.verifiedAt} />
      </span>
    </StatusIndicator>
  ) : (
    <StatusIndicator type="warning">Never verified</StatusIndicator>
  );
}
