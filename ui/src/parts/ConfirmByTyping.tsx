// For what cannot be undone by a click: the name is typed before the button works.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useState } from "react";
import { useFocus } from "./useFocus";

export function ConfirmByTyping(props: {
  header: string;
  /** What is typed. */
  name: string;
  verb: string;
  children: ReactNode;
  working: boolean;
  confirm: () => void;
  close: () => void;
}) {
  const [typed, setTyped] = useState("");
  const field = useFocus();
  const matches = typed.trim() === props.name;
  return (
    <Modal
      visible
      data-testid="dialog"
      header={props.header}
      onDismiss={props.close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.close}>
              Cancel
            </Button>
            <Button
              variant="primary"
              disabled={!matches}
              loading={props.working}
              onClick={props.confirm}
            >
              {props.verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && !props.working) {
            props.confirm();
          }
        }}
      >
        <SpaceBetween size="m">
          {props.children}
          <FormField
            label={
              <>
                To confirm, type <bdi>{props.name}</bdi>
              </>
            }
          >
            <Input
              ref={field}
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
              autoComplete={false}
              spellcheck={false}
            />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}
