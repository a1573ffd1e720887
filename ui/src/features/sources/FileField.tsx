// A file that the system's dialog picks; its bytes never come here.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useRef, useState } from "react";
import { type AppError, commands, type PickedFile } from "../../api/bindings";
import { type Answer, call, refused } from "../../api/call";
import { inOneSentence } from "../../app/problems";
import { count } from "../../app/syncWords";
import { Foreign } from "../../parts/Foreign";

export function FileField(props: {
  label: string;
  description: string;
  picked: ReturnType<typeof usePickedFile>;
  errorText?: string | undefined;
}) {
  const { file, error, picking, pick } = props.picked;
  const problem = error ? inOneSentence(error) : props.errorText;
  return (
    <FormField
      stretch
      label={props.label}
      description={props.description}
      errorText={problem && <Foreign text={problem} max={600} />}
    >
      <SpaceBetween direction="horizontal" size="s" alignItems="center">
        <Button iconName="folder-open" loading={picking} formAction="none" onClick={pick}>
          {file ? "Choose another file" : "Choose file"}
        </Button>
        {file && (
          <Box>
            <Foreign text={file.name} max={80} />{" "}
            <span className="secondary">({count(file.size, "byte")})</span>
          </Box>
        )}
      </SpaceBetween>
    </FormField>
  );
}

/** The picked file, which the backend forgets as soon as it is no longer wanted here. */
export function usePickedFile(
  ask: () => Answer<PickedFile | null>,
  onPicked: (file: PickedFile) => void = () => undefined,
) {
  const [file, setFile] = useState<PickedFile>();
  const [error, setError] = useState<AppError>();
  const [picking, setPicking] = useState(false);
  const held = useRef<string>(undefined);
  const drop = () => {
    if (held.current !== undefined) {
      // Forgetting can wait: the backend forgets every file when it ends.
      void call(commands.dropFile(held.current)).catch(() => undefined);
      held.current = undefined;
    }
  };
  const left = useRef(false);
  const dropNow = useRef(drop);
  dropNow.current = drop;
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true;
      dropNow.current();
    };
  }, []);
  const pick = () => {
    setPicking(true);
    setError(undefined);
    call(ask())
      .then((picked) => {
        if (picked) {
          drop();
          held.current = picked.handle;
          if (left.current) {
            drop();
            return;
          }
          setFile(picked);
          onPicked(picked);
        }
      })
      .catch((failure: unknown) => setError(refused(failure).error))
      .finally(() => setPicking(false));
  };
  const forget = () => {
    drop();
    setFile(undefined);
  };
  return { file, error, picking, pick, forget };
}
