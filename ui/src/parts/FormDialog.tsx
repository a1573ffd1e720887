// A dialog with a form: one verb, Enter does it, Esc and Cancel leave everything as it is.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useRef } from "react";

export function FormDialog(props: {
  header: string;
  verb: string;
  children: ReactNode;
  working: boolean;
  /** Why the button does not work yet. */
  offBecause?: string | undefined;
  /** For what would be long otherwise. */
  wide?: boolean;
  /** A click beside it does not close it. */
  stays?: boolean;
  submit: () => void;
  close: () => void;
}) {
  const { offBecause, working, submit } = props;
  const form = useFirstFocus();
  return (
    <Modal
      visible
      size={props.wide ? "large" : "medium"}
      data-testid="dialog"
      header={props.header}
      onDismiss={({ detail }) => {
        if (detail.reason !== "overlay" || !props.stays) {
          props.close();
        }
      }}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.close}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={working}
              disabled={offBecause !== undefined}
              disabledReason={offBecause}
              onClick={submit}
            >
              {props.verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (offBecause === undefined && !working) {
            submit();
          }
        }}
      >
        <SpaceBetween size="m">{props.children}</SpaceBetween>
        {/* Enter in a field submits only a form that has a button for it. */}
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </form>
    </Modal>
  );
}

/** What there is to fill in first has the focus; Cloudscape's dialogs give it to their close button. */
function useFirstFocus() {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() =>
      form.current
        ?.querySelector<HTMLElement>("input:not([type=radio]), input:checked, button:not([hidden])")
        ?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, []);
  return form;
}
