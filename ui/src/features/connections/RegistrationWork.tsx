// What can be done with a registration, and the dialogs for it.

import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import type { Registration } from "../../api/bindings";
import { isRunning } from "../../api/tasks";
import { usePaths, useTasks } from "../../app/session";
import { ChangeConnection } from "./ChangeConnection";
import { ChangeRegions } from "./ChangeRegions";
import { RemoveRegistration } from "./RemoveRegistration";

export interface RegistrationWork {
  on: "connection" | "regions" | "remove";
  registration: Registration;
}

/** `removed` is called once OwnKey has forgotten the registration. */
export function useRegistrationWork(removed: () => void = () => undefined): {
  start: (work: RegistrationWork) => void;
  dialog: ReactNode;
} {
  const [work, start] = useState<RegistrationWork>();
  const close = () => start(undefined);
  return { start, dialog: work && dialog(work) };

  function dialog({ on, registration }: RegistrationWork): ReactNode {
    switch (on) {
      case "connection":
        return <ChangeConnection registration={registration} close={close} />;
      case "regions":
        return <ChangeRegions registration={registration} close={close} />;
      case "remove":
        return (
          <RemoveRegistration
            registration={registration}
            done={() => {
              close();
              removed();
            }}
            close={close}
          />
        );
    }
  }
}

export function RegistrationMenu(props: {
  registration: Registration;
  start: (work: RegistrationWork) => void;
}) {
  const { registration, start } = props;
  const { id, name } = registration;
  const { tasks, all } = useTasks();
  const paths = usePaths();
  const navigate = useNavigate();
  const isSynchronising = all.some((task) => task.registration === id && isRunning(task));
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={`Actions for ${name}`}
      items={[
        {
          id: "synchronise",
          text: "Synchronise",
          disabled: isSynchronising,
          disabledReason: "It is being synchronised.",
        },
        { id: "open", text: "Open" },
        { id: "connection", text: "Change connection" },
        { id: "regions", text: "Change regions" },
        { id: "remove", text: "Remove" },
      ]}
      onItemClick={({ detail }) => {
        if (detail.id === "synchronise") {
          tasks.synchronise(id);
        } else if (detail.id === "open") {
          navigate(paths.registration(id));
        } else {
          start({ on: detail.id as RegistrationWork["on"], registration });
        }
      }}
    />
  );
}
