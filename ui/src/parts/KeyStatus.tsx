// A key's state, in AWS's words.

import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import type { KeyRow, KeyState } from "../api/bindings";
import { bothTimes } from "./Time";

export function KeyStatus({ row }: { row: Pick<KeyRow, "state" | "goneAt"> }) {
  if (row.goneAt) {
    return (
      <span title={`First missing from AWS’s list: ${bothTimes(row.goneAt)}`}>
        <StatusIndicator type="not-started">Gone</StatusIndicator>
      </span>
    );
  }
  const { type, text } = STATES[row.state];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

const STATES: Record<KeyState, { type: StatusIndicatorProps.Type; text: string }> = {
  Creating: { type: "in-progress", text: "Creating" },
  Enabled: { type: "success", text: "Enabled" },
  Disabled: { type: "stopped", text: "Disabled" },
  PendingDeletion: { type: "warning", text: "Pending deletion" },
  PendingImport: { type: "pending", text: "Pending import" },
  PendingReplicaDeletion: { type: "warning", text: "Pending replica deletion" },
  Unavailable: { type: "error", text: "Unavailable" },
  Updating: { type: "in-progress", text: "Updating" },
  Other: { type: "info", text: "Unknown state" },
};
