// What each of the first steps shows, and what leads on from it.

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import type { Registration } from "../../api/bindings";
import { usePreferences } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useTasks } from "../../app/session";
import { Foreign, shorten } from "../../parts/Foreign";
import { Found } from "../connections/Found";
import { isOnNameOrRegions, NameAndRegions } from "../connections/NameAndRegions";
import { Permissions } from "../connections/PermissionReport";
import { useHomeRegion } from "../connections/queries";
import { ReviewRegistration } from "../connections/ReviewRegistration";
import { askableRegions, type Registering } from "../connections/registering";
import { SignInStep } from "../connections/SignInStep";
import { type FirstStep, isUnderWay, type Progress, type Standing } from "./progress";
import { SynchroniseStep } from "./SynchroniseStep";

/** Where one is on the way, and what belongs there. */
export interface WayProps {
  registering: Registering;
  registrations: readonly Registration[];
  step: FirstStep;
  registration: Standing["registration"];
  registered: (registration: Registration) => void;
}

interface Shown {
  description: string;
  content: ReactNode;
  back?: (() => void) | undefined;
  /** What leads on; the last one is the usual. */
  next: { text: string; loading?: boolean; run: () => void }[];
}

export function useStep({
  registering,
  registrations,
  step,
  registration,
  registered,
}: WayProps): Shown {
  const preferences = usePreferences();
  const paths = usePaths();
  const navigate = useNavigate();
  const { tasks } = useTasks();
  const homeRegion = useHomeRegion();
  const { form, report, trouble, working } = registering;
  const progress = preferences.read("firstSteps");
  const remember = (part: Partial<Progress>) =>
    preferences.choose("firstSteps", { ...preferences.read("firstSteps"), ...part });

  const connect = async () => {
    const { came } = await registering.signIn();
    if (came !== undefined) {
      const over = registrations.filter(({ connection }) => connection.id === came);
      remember({
        connection: came,
        before: over.map(({ id }) => id),
        registration: "",
        step: "found",
      });
    }
  };
  const register = async () => {
    const { came } = await registering.register();
    if (came) {
      registered(came);
      tasks.synchronise(came.id);
      remember({ registration: came.id, step: "synchronise" });
    }
  };
  const adopt = ({ id, connection }: Registration) =>
    remember({ connection: connection.id, registration: id, step: "synchronise" });
  const upload = ({ id, connection, regions }: Registration) => {
    const draft = preferences.read("upload.draft");
    const region = regions.find((one) => one === homeRegion(connection)) ?? "";
    preferences.choose("upload.draft", { ...draft, registration: id, region });
    remember({ step: "done" });
    navigate(paths.upload());
  };

  if (registration) {
    return step === "firstKey"
      ? {
          description: "Material that you generate or bring, under a new key of this account.",
          content: <FirstKey registration={registration} />,
          back: () => remember({ registration: registration.id, step: "synchronise" }),
          next: [
            {
              text: "Later",
              run: () => {
                remember({ registration: registration.id, step: "done" });
                navigate(paths.overview());
              },
            },
            { text: "Upload key", run: () => upload(registration) },
          ],
        }
      : {
          description: "OwnKey reads the keys of the account. It goes on if you do.",
          content: <SynchroniseStep registration={registration} />,
          next: [
            {
              text: "Next",
              run: () => remember({ registration: registration.id, step: "firstKey" }),
            },
          ],
        };
  }
  if (step === "signIn") {
    return {
      description: "How OwnKey signs in to AWS. What works is kept as a connection.",
      content: (
        <SpaceBetween size="l">
          {!isUnderWay(progress) && <Registered all={registrations} adopt={adopt} />}
          <SignInStep registering={registering} retry={() => void connect()} />
        </SpaceBetween>
      ),
      next: [{ text: "Sign in and test", loading: working, run: () => void connect() }],
    };
  }
  if (!report) {
    const goOn = () => void registering.goOn(progress.connection);
    return {
      description: "What AWS says is asked anew.",
      content: <LeftHere registering={registering} progress={progress} retry={goOn} />,
      back: () => remember({ step: "signIn" }),
      next: [{ text: "Sign in and go on", loading: working, run: goOn }],
    };
  }
  switch (step) {
    case "found":
      return {
        description: "Who you are to AWS, and what these credentials were refused.",
        content: <Found report={report} />,
        back: () => remember({ step: "signIn" }),
        next: [{ text: "Next", run: () => remember({ step: "permissions" }) }],
      };
    case "permissions":
      return {
        description: "Found out without changing anything. You can go on before it is known.",
        content: (
          <Permissions
            connection={registering.chosenId}
            role={form.role}
            regions={askableRegions(registering)}
          />
        ),
        back: () => remember({ step: "found" }),
        next: [{ text: "Next", run: () => remember({ step: "register" }) }],
      };
    default: {
      const error = trouble?.with === "registration" ? trouble.error : undefined;
      return {
        description: "What the account is called here, and which regions are looked at.",
        content: (
          <SpaceBetween size="l">
            {error && !isOnNameOrRegions(error) && (
              <ProblemAlert
                error={error}
                retry={() => void register()}
                connection={registering.chosenId}
              />
            )}
            <NameAndRegions
              report={report}
              name={form.name}
              regions={form.regions}
              change={registering.change}
              error={error}
            />
            <ReviewRegistration registering={registering} report={report} />
          </SpaceBetween>
        ),
        back: () => remember({ step: "permissions" }),
        next: [{ text: "Register and synchronise", loading: working, run: () => void register() }],
      };
    }
  }
}

/** So many are offered; the list of connections has them all. */
const OFFERED = 5;

/** Accounts that are registered already need not be registered again. */
function Registered(props: {
  all: readonly Registration[];
  adopt: (registration: Registration) => void;
}) {
  const own = props.all.filter(({ connection }) => connection.kind.kind !== "sandbox");
  return own.length === 0 ? null : (
    <Alert type="info" header="An account is registered already">
      <SpaceBetween size="xs">
        <div>Go on with it, or connect another one below.</div>
        <SpaceBetween direction="horizontal" size="xs">
          {own.slice(0, OFFERED).map((one) => (
            <Button key={one.id} onClick={() => props.adopt(one)}>
              {`Go on with ${shorten(one.name, 40)}`}
            </Button>
          ))}
        </SpaceBetween>
      </SpaceBetween>
    </Alert>
  );
}

/** After a restart nobody is signed in, and nothing that was found is known any more. */
function LeftHere(props: {
  registering: WayProps["registering"];
  progress: Progress;
  retry: () => void;
}) {
  const { registering, progress } = props;
  const { trouble } = registering;
  const over = registering.entries.find(({ connection }) => connection.id === progress.connection);
  return (
    <SpaceBetween size="l">
      {trouble && (
        <ProblemAlert error={trouble.error} retry={props.retry} connection={progress.connection} />
      )}
      <Container>
        You left the first steps here. OwnKey signs in over the connection{" "}
        <Foreign text={over?.connection.name ?? ""} max={80} /> once more to go on.
      </Container>
    </SpaceBetween>
  );
}

function FirstKey({ registration }: { registration: Registration }) {
  return (
    <Container>
      <SpaceBetween size="s">
        <div>
          <Foreign text={registration.name} max={80} /> is ready. Uploading a key makes a KMS key in
          this account and imports material into it: generated here, or from a file.
        </div>
        <div>
          A plan shows every step before anything is done, and nothing is imported before an
          encrypted backup was written and read back.
        </div>
      </SpaceBetween>
    </Container>
  );
}
