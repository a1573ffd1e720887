// Copying to the clipboard: names and commands, never a secret.

import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import { useEffect, useState } from "react";

/** A value with its copy button. */
export function Copyable(props: { text: string; what: string; shown?: string }) {
  return (
    <span className="copyable">
      <CopyIcon text={props.text} label={`Copy ${props.what}`} />
      <span className="copyable-text" title={props.text}>
        {props.shown ?? props.text}
      </span>
    </span>
  );
}

export function CopyIcon({ text, label }: { text: string; label: string }) {
  const { copied, copy } = useCopy(text);
  return (
    <>
      <Button variant="inline-icon" iconName={ICONS[copied]} ariaLabel={label} onClick={copy} />
      <Announcement copied={copied} />
    </>
  );
}

export function CopyText({
  text,
  label,
  variant,
  offBecause,
}: {
  text: string;
  label: string;
  variant?: ButtonProps.Variant;
  /** There is nothing to copy, and why. */
  offBecause?: string | undefined;
}) {
  const { copied, copy } = useCopy(text);
  return (
    <>
      <Button
        iconName={ICONS[copied]}
        onClick={copy}
        variant={variant ?? "normal"}
        disabled={offBecause !== undefined}
        disabledReason={offBecause}
      >
        {label}
      </Button>
      <Announcement copied={copied} />
    </>
  );
}

type Copied = "not" | "done" | "failed";

const ICONS = { not: "copy", done: "status-positive", failed: "status-negative" } as const;

function Announcement({ copied }: { copied: Copied }) {
  return (
    <span role="status" className="for-screen-readers">
      {copied === "done" ? "Copied" : copied === "failed" ? "This could not be copied" : ""}
    </span>
  );
}

function useCopy(text: string) {
  const [copied, setCopied] = useState<Copied>("not");
  useEffect(() => {
    const back = copied === "not" ? undefined : setTimeout(() => setCopied("not"), 2000);
    return () => clearTimeout(back);
  }, [copied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied("done"),
      () => setCopied("failed"),
    );
  };
  return { copied, copy };
}
