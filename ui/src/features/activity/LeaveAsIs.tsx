// For an operation that can neither be finished nor undone: it ends, and AWS is asked nothing.

import { useState } from "react";
import { type AppError, commands, type Operation } from "../../api/bindings";
import { call, refused } from "../../api/call";
import { ProblemText } from "../../app/problems";
import { ConfirmByTyping } from "../../parts/ConfirmByTyping";
import { Foreign } from "../../parts/Foreign";

export function LeaveAsIs({ operation, close }: { operation: Operation; close: () => void }) {
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<AppError>();
  const name = nameOf(operation);
  const leave = async () => {
    setWorking(true);
    try {
      await call(commands.leaveOperation(operation.id, name));
      close();
    } catch (failure) {
      setError(refused(failure).error);
      setWorking(false);
    }
  };
  return (
    <ConfirmByTyping
      header="Leave it as it is"
      name={name}
      verb="Leave it as it is"
      working={working}
      confirm={leave}
      close={close}
    >
      <div>
        OwnKey stops minding this operation. AWS is asked nothing:{" "}
        {operation.key ? (
          <>
            the key <Foreign text={operation.key} /> stays as it is now
          </>
        ) : (
          "a key that was made stays where it is"
        )}
        , with the tag ownkey:operation if it has it. The material stays in OwnKey’s store. Finish
        and Undo are offered no more.
      </div>
      {error && <ProblemText error={error} />}
    </ConfirmByTyping>
  );
}

/** What people know the operation's key by. */
function nameOf({ alias, key, id }: Operation): string {
  return alias ?? key?.split("key/").at(-1) ?? id;
}
