// What a person is asked for while somebody waits: an MFA code, or to sign in in the browser. Stands
// above everything else, one request at a time.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button, { type ButtonProps } from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input, { type InputProps } from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useCached, useOrder } from "../api/answers";
import { type AppError, commands, type SignInRequest, type Wanted } from "../api/bindings";
import { call, refused } from "../api/call";
import { sealText } from "../api/seal";
import { Copyable, CopyText } from "../parts/Copy";
import { Foreign } from "../parts/Foreign";
import { FormDialog } from "../parts/FormDialog";
import { Relative } from "../parts/Time";
import { ProblemText } from "./problems";

export function SignInRequests() {
  const { data } = useCached(["sign-in requests"], commands.listSignInRequests);
  // The oldest first; the next one is another dialog, with a focus of its own.
  const request = data?.[0];
  return request ? <Request key={request.id} request={request} /> : null;
}

function Request({ request }: { request: SignInRequest }) {
  const cancel = useOrder(() => commands.cancelSignInRequest(request.id));
  const close = () => cancel.mutate(undefined);
  const { wanted } = request;
  const failed = cancel.error?.error;
  switch (wanted.what) {
    case "mfaCode":
      return <MfaCode request={request} wanted={wanted} close={close} failed={failed} />;
    case "browser":
      return <Browser request={request} wanted={wanted} close={close} failed={failed} />;
    case "login":
      return <Login wanted={wanted} close={close} failed={failed} />;
  }
}

interface Asked<What extends Wanted["what"]> {
  wanted: Extract<Wanted, { what: What }>;
  close: () => void;
  failed: AppError | undefined;
}

const CODE_LENGTH = 6;

function MfaCode({
  request,
  wanted,
  close,
  failed,
}: Asked<"mfaCode"> & { request: SignInRequest }) {
  const [code, setCode] = useState("");
  const field = useRef<InputProps.Ref>(null);
  const [sending, setSending] = useState<{ at: "no" | "now" } | { at: "refused"; error: AppError }>(
    {
      at: "no",
    },
  );
  const error = sending.at === "refused" ? sending.error : failed;
  const onField = error?.code === "invalidInput" && error.field === "mfaCode";
  const submit = () => {
    // Nothing of the code stays here: no order is given, which would be remembered for a while.
    setCode("");
    setSending({ at: "now" });
    sealText(code, "mfaCode")
      .then((sealed) => call(commands.answerMfaRequest(request.id, sealed)))
      .catch((failure: unknown) => {
        setSending({ at: "refused", error: refused(failure).error });
        // The button that was pressed is off now: the next thing to do is to type.
        field.current?.focus();
      });
  };
  return (
    <FormDialog
      header="MFA code"
      verb="Sign in"
      working={sending.at === "now"}
      offBecause={code.length === CODE_LENGTH ? undefined : `Type the ${CODE_LENGTH} digits first.`}
      stays
      submit={submit}
      close={close}
    >
      {error && !onField && (
        <Alert type="error">
          <ProblemText error={error} />
        </Alert>
      )}
      <For request={request} what="the code of your MFA device" />
      <div>
        Device: <Foreign text={wanted.serial} max={256} />
      </div>
      <FormField
        label="Code"
        constraintText={`The ${CODE_LENGTH} digits that the device shows now.`}
        errorText={onField && <Foreign text={error.reason} max={400} />}
      >
        <Input
          ref={field}
          value={code}
          onChange={({ detail }) => setCode(digitsOf(detail.value))}
          inputMode="numeric"
          autoComplete="one-time-code"
          spellcheck={false}
        />
      </FormField>
    </FormDialog>
  );
}

/** Codes are shown, and copied, with a gap in the middle. */
function digitsOf(text: string): string {
  return text.replace(/\D/g, "").slice(0, CODE_LENGTH);
}

function Browser({
  request,
  wanted,
  close,
  failed,
}: Asked<"browser"> & { request: SignInRequest }) {
  const again = useOrder(() => commands.openSignInPage(request.id));
  const open = useFirst();
  const error = again.error?.error ?? failed;
  return (
    <Dialog
      header="Sign in in the browser"
      close={close}
      action={
        <Button ref={open} loading={again.isPending} onClick={() => again.mutate(undefined)}>
          Open the page again
        </Button>
      }
      error={error}
    >
      <For request={request} what="you to sign in" />
      <div>
        The browser has opened a page that shows a code. Go on there only if it is exactly this one:
      </div>
      <div>
        <div className="user-code" data-testid="user-code">
          <Foreign text={wanted.userCode} />
        </div>
        <CopyText text={wanted.userCode} label="Copy code" />
      </div>
      <div>
        If no page has opened, open this one:
        <br />
        <Copyable text={wanted.url} what="link" />
      </div>
      <Box color="text-body-secondary">
        The time for it ends <Relative at={wanted.expiresAt} />. This window goes on by itself.
      </Box>
    </Dialog>
  );
}

function Login({ wanted, close, failed }: Asked<"login">) {
  return (
    <Dialog header="Sign in in the browser" close={close} error={failed}>
      <div>
        The command <Box variant="code">aws login</Box> has opened the browser for the profile{" "}
        <Foreign text={wanted.profile} max={80} />. Sign in there; this window goes on by itself.
      </div>
    </Dialog>
  );
}

/** Who waits, and for what. A connection that is only tried has no name yet. */
function For({ request: { connection }, what }: { request: SignInRequest; what: string }) {
  return (
    <div>
      The connection{" "}
      {connection === "" ? "that you are trying" : <Foreign text={connection} max={64} />} needs{" "}
      {what}.
    </div>
  );
}

function Dialog(props: {
  header: string;
  children: ReactNode;
  action?: ReactNode;
  error: AppError | undefined;
  close: () => void;
}) {
  return (
    <Modal
      visible
      data-testid="dialog"
      header={props.header}
      // A click beside it gives nothing up.
      onDismiss={({ detail }) => detail.reason !== "overlay" && props.close()}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.close}>
              Cancel
            </Button>
            {props.action}
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {props.error && (
          <Alert type="error">
            <ProblemText error={props.error} />
          </Alert>
        )}
        {props.children}
      </SpaceBetween>
    </Modal>
  );
}

/** Has the focus first; Cloudscape's dialogs give it to their close button. */
function useFirst() {
  const button = useRef<ButtonProps.Ref>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => button.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return button;
}
