// "Connect your AWS account": sign in, what was found, what may be done, name and regions, review.

import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { usePage } from "../../app/frame";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useTasks } from "../../app/session";
import { Found } from "./Found";
import { isOnNameOrRegions, NameAndRegions } from "./NameAndRegions";
import { Permissions } from "./PermissionReport";
import { ReviewRegistration } from "./ReviewRegistration";
import { askableRegions, useRegistering } from "./registering";
import { SignInStep } from "./SignInStep";

const STEPS = ["signIn", "found", "permissions", "name", "review"] as const;
type Step = (typeof STEPS)[number];

export function ConnectAccount() {
  const paths = usePaths();
  usePage("Connect your AWS account", { text: "Connections", href: paths.connections() });
  const navigate = useNavigate();
  const { tasks } = useTasks();
  const registering = useRegistering();
  const { form, report, trouble } = registering;
  const [at, setAt] = useState<Step>("signIn");
  // Without a report there is nothing to show but where it comes from.
  const step = report ? at : "signIn";

  const leaveFirst = async (wanted: Step) => {
    const { came } = await registering.signIn();
    if (came !== undefined) {
      setAt(wanted);
    }
  };
  const goTo = (wanted: Step) => {
    if (STEPS.indexOf(wanted) <= STEPS.indexOf(step) || (step !== "signIn" && report)) {
      setAt(wanted);
    } else {
      void leaveFirst("found");
    }
  };
  const submit = async () => {
    const { came, error } = await registering.register();
    if (came) {
      tasks.synchronise(came.id);
      navigate(paths.connections());
    } else if (isOnNameOrRegions(error)) {
      setAt("name");
    }
  };

  const contents: Record<Step, { title: string; description: string; content: ReactNode }> = {
    signIn: {
      title: "Sign in",
      description: "How OwnKey signs in to AWS. What works is kept as a connection.",
      content: <SignInStep registering={registering} retry={() => void leaveFirst("found")} />,
    },
    found: {
      title: "What was found",
      description: "Who you are to AWS, and what these credentials were refused.",
      content: report && <Found report={report} />,
    },
    permissions: {
      title: "What these credentials may do",
      description: "Found out without changing anything. You can go on before it is known.",
      content: report && (
        <Permissions
          connection={registering.chosenId}
          role={form.role}
          regions={askableRegions(registering)}
        />
      ),
    },
    name: {
      title: "Name and regions",
      description: "OwnKey reads the keys of these regions. It changes nothing by doing so.",
      content: report && (
        <NameAndRegions
          report={report}
          name={form.name}
          regions={form.regions}
          change={registering.change}
          error={trouble?.with === "registration" ? trouble.error : undefined}
        />
      ),
    },
    review: {
      title: "Review",
      description: "What will be kept. Nothing was registered so far.",
      content: report && (
        <SpaceBetween size="l">
          {trouble?.with === "registration" && (
            <ProblemAlert error={trouble.error} retry={() => void submit()} />
          )}
          <ReviewRegistration registering={registering} report={report} />
        </SpaceBetween>
      ),
    },
  };

  return (
    <Wizard
      activeStepIndex={STEPS.indexOf(step)}
      onNavigate={({ detail }) => goTo(STEPS[detail.requestedStepIndex] ?? "review")}
      onCancel={() => navigate(paths.connections())}
      onSubmit={() => void submit()}
      submitButtonText="Register and synchronise"
      isLoadingNextStep={registering.working}
      secondaryActions={
        <Button
          onClick={() => {
            registering.forget();
            setAt("signIn");
          }}
        >
          Start over
        </Button>
      }
      steps={STEPS.map((id) => ({
        title: contents[id].title,
        description: contents[id].description,
        content: id === step ? contents[id].content : null,
      }))}
    />
  );
}
