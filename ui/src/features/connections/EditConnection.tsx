// Adding a connection, or changing how one signs in. Nothing is kept before it is saved.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import {
  type AppError,
  type ConnectionEntry,
  type ConnectionReport,
  commands,
} from "../../api/bindings";
import { call, refused } from "../../api/call";
import { usePage } from "../../app/frame";
import { ProblemAlert } from "../../app/problems";
import { usePaths } from "../../app/session";
import { shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { useSeen } from "../../parts/useSeen";
import { ConnectionFields } from "./ConnectionFields";
import { Found } from "./Found";
import {
  type ConnectionForm,
  connectionErrors,
  EMPTY_CONNECTION,
  formOf,
  isSaidAtField,
  sealedDraft,
} from "./form";
import { useConnections } from "./queries";
import { RemoveConnection } from "./RemoveConnection";
import { SignInStatus } from "./SignInStatus";
import { UsedBy } from "./UsedBy";

export function AddConnection() {
  const paths = usePaths();
  usePage("Add connection", { text: "Connections", href: paths.signIns() });
  return <Page />;
}

export function EditConnection() {
  const { id = "" } = useParams();
  const paths = usePaths();
  const list = useConnections();
  const entry = list.data?.find(({ connection }) => connection.id === id);
  usePage(shorten(entry?.connection.name ?? "Connection", 60), {
    text: "Connections",
    href: paths.signIns(),
  });
  if (entry) {
    return <Page key={id} entry={entry} />;
  }
  return (
    <ContentLayout header={<Header variant="h1">Connection</Header>}>
      {list.error ? (
        <ProblemAlert error={list.error.error} retry={() => list.refetch()} />
      ) : list.data ? (
        <ProblemAlert error={{ code: "notFound", what: "this connection" }} />
      ) : (
        <Later what="the connection" />
      )}
    </ContentLayout>
  );
}

type Work =
  | { at: "rest" }
  | { at: "test" | "save" }
  | { at: "failed"; in: "test" | "save"; error: AppError };

function Page({ entry }: { entry?: ConnectionEntry }) {
  const kept = entry?.connection;
  const paths = usePaths();
  const navigate = useNavigate();
  const [form, setForm] = useState<ConnectionForm>(() => (kept ? formOf(kept) : EMPTY_CONNECTION));
  const [work, setWork] = useState<Work>({ at: "rest" });
  const [report, setReport] = useState<ConnectionReport>();
  const [removing, setRemoving] = useState(false);
  const error = work.at === "failed" ? work.error : undefined;

  const around = useSeen(error);
  const change = (part: Partial<ConnectionForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setReport(undefined);
    setWork({ at: "rest" });
  };
  // No orders are given for these: they would be remembered, with what was typed, for a while.
  const run = async (at: "test" | "save", order: () => Promise<void>) => {
    setWork({ at });
    setReport(undefined);
    try {
      await order();
      setWork({ at: "rest" });
    } catch (failure) {
      setWork({ at: "failed", in: at, error: refused(failure).error });
    }
  };
  const test = () =>
    run("test", async () =>
      setReport(await call(commands.testConnection(await sealedDraft(form), kept?.id ?? null))),
    );
  const save = () =>
    run("save", async () => {
      const draft = await sealedDraft(form);
      await call(kept ? commands.changeConnection(kept.id, draft) : commands.addConnection(draft));
      setForm(EMPTY_CONNECTION);
      navigate(paths.signIns());
    });

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={entry && <Button onClick={() => setRemoving(true)}>Remove</Button>}
        >
          {kept ? <bdi>{kept.name}</bdi> : "Add connection"}
        </Header>
      }
    >
      <Form
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => navigate(paths.signIns())}>
              Cancel
            </Button>
            <Button
              loading={work.at === "test"}
              disabled={work.at === "save"}
              onClick={() => void test()}
            >
              Test
            </Button>
            <Button
              variant="primary"
              loading={work.at === "save"}
              disabled={work.at === "test"}
              onClick={() => void save()}
            >
              Save
            </Button>
          </SpaceBetween>
        }
      >
        <div ref={around}>
          <SpaceBetween size="l">
            {entry && <SignInStatus state={entry.signIn} connection={entry.connection.id} isHere />}
            {entry && entry.usedBy.length > 0 && <Used entry={entry} />}
            <ConnectionFields
              form={form}
              change={change}
              errors={connectionErrors(error, form)}
              keptSecret={kept?.kind.kind === "accessKey"}
            />
            {work.at === "failed" && !isSaidAtField(work.error) && (
              <div data-problem>
                <ProblemAlert
                  error={work.error}
                  retry={() => void (work.in === "test" ? test() : save())}
                  connection={null}
                />
              </div>
            )}
            <div aria-live="polite">{report && <Found report={report} />}</div>
          </SpaceBetween>
        </div>
      </Form>
      {removing && entry && (
        <RemoveConnection
          entry={entry}
          done={() => navigate(paths.signIns())}
          close={() => setRemoving(false)}
        />
      )}
    </ContentLayout>
  );
}

function Used({ entry }: { entry: ConnectionEntry }) {
  return (
    <Alert type="info" header="Registrations are reached over this connection">
      <UsedBy names={entry.usedBy} />
      Saving signs in the new way first, and changes nothing if that leads to another account.
    </Alert>
  );
}
