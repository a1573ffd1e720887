// The way from nothing to the first key: connect, look, register, synchronise, upload. It can be left
// at any point and goes on there, also after a restart.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StepList from "@cloudscape-design/components/steps";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import type { Registration } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { usePreference } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useRegistrationList } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { useRegistering } from "../connections/registering";
import { type FirstStep, NOT_BEGUN, STEPS, standingOf } from "./progress";
import { useStep, type WayProps } from "./steps";

export function FirstSteps() {
  usePage("First steps");
  const registrations = useRegistrationList();
  const registering = useRegistering();
  const [progress, remember] = usePreference("firstSteps");
  // The list has it a moment later.
  const [registered, setRegistered] = useState<Registration>();
  const problem = registrations.error ?? registering.list.error;
  if (problem) {
    const retry = () => {
      void registrations.refetch();
      void registering.list.refetch();
    };
    return (
      <Frame>
        <ProblemAlert error={problem.error} retry={retry} />
      </Frame>
    );
  }
  if (!registrations.data || !registering.list.data) {
    return <Later what="the first steps" />;
  }
  const all = registrations.data;
  const known =
    registered && !all.some(({ id }) => id === registered.id) ? [...all, registered] : all;
  const isThere =
    registering.report !== undefined ||
    registering.entries.some(({ connection }) => connection.id === progress.connection);
  const standing = standingOf(progress, known, isThere);
  return standing.step === "done" ? (
    <Done registration={standing.registration} again={() => remember(NOT_BEGUN)} />
  ) : (
    <Way
      registering={registering}
      registrations={known}
      step={standing.step}
      registration={standing.registration}
      registered={setRegistered}
    />
  );
}

const TITLES: Record<FirstStep, string> = {
  signIn: "Connect",
  found: "What was found",
  permissions: "What these credentials may do",
  register: "Register",
  synchronise: "Synchronise",
  firstKey: "First key",
};

function Way(props: WayProps) {
  const paths = usePaths();
  const navigate = useNavigate();
  const { description, content, back, next } = useStep(props);
  const number = STEPS.indexOf(props.step);
  const heading = useFocusOnChange(props.step);
  return (
    <Frame
      description={`Step ${number + 1} of ${STEPS.length}. You can leave at any point and go on later.`}
      actions={<Button onClick={() => navigate(paths.overview())}>Leave for later</Button>}
    >
      <Grid
        gridDefinition={[
          { colspan: { default: 12, xs: 4, s: 3 } },
          { colspan: { default: 12, xs: 8, s: 9 } },
        ]}
      >
        <StepList
          ariaLabel="First steps"
          steps={STEPS.map((id, index) => ({
            header:
              id === props.step ? (
                <strong aria-current="step" className="accent">
                  {TITLES[id]}
                </strong>
              ) : (
                TITLES[id]
              ),
            ...(index < number
              ? { status: "success", statusIconAriaLabel: "Done" }
              : index === number
                ? { status: "in-progress", statusIconAriaLabel: "Now" }
                : { status: "pending", statusIconAriaLabel: "To do" }),
          }))}
        />
        <SpaceBetween size="l">
          <div ref={heading} tabIndex={-1}>
            <Header variant="h2" description={description}>
              {TITLES[props.step]}
            </Header>
          </div>
          {content}
          <Box float="right">
            <SpaceBetween direction="horizontal" size="xs">
              {back && <Button onClick={back}>Previous</Button>}
              {next.map(({ text, loading, run }, index) => (
                <Button
                  key={text}
                  variant={index === next.length - 1 ? "primary" : "normal"}
                  loading={loading}
                  onClick={run}
                >
                  {text}
                </Button>
              ))}
            </SpaceBetween>
          </Box>
        </SpaceBetween>
      </Grid>
    </Frame>
  );
}

function Done(props: { registration: Registration | undefined; again: () => void }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const { registration } = props;
  return (
    <Frame>
      <Container header={<Header variant="h2">The first steps are done</Header>}>
        <SpaceBetween size="m">
          <div>
            {registration ? (
              <>
                <PathLink to={paths.registration(registration.id)}>
                  <Foreign text={registration.name} max={80} />
                </PathLink>{" "}
                is registered, and its keys are under <PathLink to={paths.keys()}>Keys</PathLink>.
              </>
            ) : (
              <>
                What OwnKey has read is under <PathLink to={paths.keys()}>Keys</PathLink>.
              </>
            )}
          </div>
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="primary" onClick={() => navigate(paths.upload())}>
              Upload key
            </Button>
            <Button onClick={props.again}>Go through them again</Button>
          </SpaceBetween>
        </SpaceBetween>
      </Container>
    </Frame>
  );
}

function Frame(props: { description?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={props.description} actions={props.actions}>
          First steps
        </Header>
      }
    >
      {props.children}
    </ContentLayout>
  );
}

/** The heading of a step that was just reached has the focus, as in a wizard. */
function useFocusOnChange(step: FirstStep) {
  const heading = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) {
      shown.current = step;
      heading.current?.focus();
    }
  }, [step]);
  return heading;
}
