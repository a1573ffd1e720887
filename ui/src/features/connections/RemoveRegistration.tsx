// Removing a registration: OwnKey forgets it; AWS is not touched.

import { useOrder } from "../../api/answers";
import { commands, type Registration } from "../../api/bindings";
import { ProblemAlert } from "../../app/problems";
import { useTasks } from "../../app/session";
import { ConfirmByTyping } from "../../parts/ConfirmByTyping";

export function RemoveRegistration(props: {
  registration: Registration;
  done: () => void;
  close: () => void;
}) {
  const { id, name, account, connection } = props.registration;
  const { tasks } = useTasks();
  const remove = useOrder(async () => {
    await tasks.cancelAllOf(id);
    const answer = await commands.removeRegistration(id);
    if (answer.status === "ok") {
      tasks.dismissAllOf(id);
    }
    return answer;
  });
  const confirm = () => remove.mutate(undefined, { onSuccess: props.done });
  return (
    <ConfirmByTyping
      header="Remove registration"
      name={name}
      verb="Remove registration"
      working={remove.isPending}
      confirm={confirm}
      close={props.close}
    >
      {remove.error && <ProblemAlert error={remove.error.error} retry={confirm} />}
      <div>
        OwnKey forgets <bdi>{name}</bdi> and what it read about the keys of account {account}.
        Nothing in AWS is touched: no key, policy or credential is changed or deleted. Registering
        the account again and synchronising brings the keys that AWS has back.
      </div>
      <div>
        The connection <bdi>{connection.name}</bdi> stays.
      </div>
    </ConfirmByTyping>
  );
}
