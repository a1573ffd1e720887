// "Connect your AWS account": how to sign in, what that reaches, name and regions.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useFresh, useOrder } from "../../api/answers";
import {
  type AppError,
  type ConnectionDraft,
  type ConnectionReport,
  commands,
  type Field,
  type Profile,
  type ProfileSignIn,
} from "../../api/bindings";
import { usePage } from "../../app/frame";
import { usePreference } from "../../app/preferences";
import { ProblemAlert, problemOf } from "../../app/problems";
import { usePaths, useTasks } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { RefusalTable } from "../../parts/RefusalTable";
import { RegionPicker } from "../../parts/RegionPicker";

export function ConnectAccount() {
  const paths = usePaths();
  usePage("Connect your AWS account", { text: "Connections", href: paths.connections() });
  const navigate = useNavigate();
  const { tasks } = useTasks();
  const [entered, enter] = usePreference("connect.draft");
  const [step, setStep] = useState(0);
  const [name, setName] = useState("");
  const [regions, setRegions] = useState<string[]>([]);
  const test = useOrder(commands.testConnection);
  const register = useOrder(
    (draft: { connection: ConnectionDraft; name: string; regions: string[] }) =>
      commands.registerAccount(draft.connection, { name: draft.name, regions: draft.regions }),
  );
  const connection: ConnectionDraft = {
    kind: { kind: "profile", profile: entered.profile },
    region: entered.region,
    endpointUrl: entered.endpointUrl,
  };
  const report = test.data;

  const change = (part: Partial<typeof entered>) => {
    enter({ ...entered, ...part });
    test.reset();
  };
  const leaveFirst = () =>
    test.mutate(connection, {
      onSuccess: (found) => {
        setName(name || found.accountAlias || entered.profile);
        setRegions(
          found.regions.filter(({ heldBy }) => heldBy === null).map(({ region }) => region),
        );
        setStep(1);
      },
    });
  const submit = () =>
    register.mutate(
      { connection, name, regions },
      {
        onSuccess: ({ id }) => {
          enter({ profile: "", region: "", endpointUrl: "" });
          tasks.synchronise(id);
          navigate(paths.connections());
        },
      },
    );

  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => {
        if (detail.requestedStepIndex <= step) {
          setStep(detail.requestedStepIndex);
        } else if (step === 0) {
          leaveFirst();
        } else {
          setStep(detail.requestedStepIndex);
        }
      }}
      onCancel={() => navigate(paths.connections())}
      onSubmit={submit}
      submitButtonText="Register and synchronise"
      isLoadingNextStep={test.isPending || register.isPending}
      steps={[
        {
          title: "Sign in",
          description:
            "OwnKey uses a profile of ~/.aws/config and ~/.aws/credentials. It copies no secret.",
          content: (
            <SignIn
              entered={entered}
              change={change}
              error={test.error?.error}
              retry={leaveFirst}
            />
          ),
        },
        {
          title: "What was found",
          description: "Who you are to AWS, and what these credentials were refused.",
          content: report ? <Found report={report} /> : null,
        },
        {
          title: "Name and regions",
          description: "OwnKey reads the keys of these regions. It changes nothing by doing so.",
          content: report ? (
            <NameAndRegions
              report={report}
              name={name}
              setName={setName}
              regions={regions}
              setRegions={setRegions}
              error={register.error?.error}
              retry={submit}
            />
          ) : null,
        },
      ]}
    />
  );
}

/** Why a profile cannot be used yet; absent where it can. */
const UNSUPPORTED: Record<ProfileSignIn, string | null> = {
  staticKeys: null,
  sso: "Signs in with IAM Identity Center, which OwnKey cannot do yet.",
  assumeRole: "Assumes a role, which OwnKey cannot do yet.",
  credentialProcess: "Gets its credentials from a program, which OwnKey cannot run yet.",
  login: "Signs in with aws login, which OwnKey cannot do yet.",
  nothing: "Has no credentials.",
};

function SignIn(props: {
  entered: { profile: string; region: string; endpointUrl: string };
  change: (part: Partial<{ profile: string; region: string; endpointUrl: string }>) => void;
  error: AppError | undefined;
  retry: () => void;
}) {
  const profiles = useFresh(["profiles"], commands.listProfiles);
  const { entered, change, error } = props;
  const blamed = fieldErrors(error);
  return (
    <SpaceBetween size="l">
      {error && !isOnField(error, ["profile", "region", "endpointUrl"]) && (
        <ProblemAlert error={error} retry={props.retry} />
      )}
      <Container header={<Header variant="h2">Profile</Header>}>
        <SpaceBetween size="m">
          {profiles.error ? (
            <ProblemAlert error={profiles.error.error} retry={() => profiles.refetch()} />
          ) : !profiles.data ? (
            <Later what="the profiles" />
          ) : profiles.data.length === 0 ? (
            <Alert
              header="There are no AWS profiles on this computer"
              action={<Button onClick={() => profiles.refetch()}>Look again</Button>}
            >
              Create one with <Box variant="code">aws configure --profile production</Box>, then
              look again.
            </Alert>
          ) : (
            <FormField label="AWS profile" errorText={blamed.profile}>
              <RadioGroup
                value={entered.profile}
                onChange={({ detail }) => change({ profile: detail.value })}
                items={profiles.data.map(profileItem)}
              />
            </FormField>
          )}
          <FormField
            label={
              <>
                Region <i>– optional</i>
              </>
            }
            description="Where account-wide questions are asked. If empty, the profile’s region."
            errorText={blamed.region}
          >
            <Input
              value={entered.region}
              placeholder="eu-central-1"
              onChange={({ detail }) => change({ region: detail.value })}
            />
          </FormField>
          <ExpandableSection
            headerText="Endpoint URL"
            defaultExpanded={entered.endpointUrl !== "" || blamed.endpointUrl !== undefined}
          >
            <FormField
              label={
                <>
                  Endpoint URL <i>– optional</i>
                </>
              }
              description="Every service is asked there instead of at AWS: for an emulator or a private endpoint."
              errorText={blamed.endpointUrl}
            >
              <Input
                value={entered.endpointUrl}
                placeholder="https://kms.example.com"
                onChange={({ detail }) => change({ endpointUrl: detail.value })}
              />
            </FormField>
          </ExpandableSection>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function profileItem({ name, signIn, region }: Profile) {
  const reason = UNSUPPORTED[signIn];
  return {
    value: name,
    label: <Foreign text={name} />,
    description: reason ?? (region ? `Access key, ${region}` : "Access key"),
    disabled: reason !== null,
  };
}

function Found({ report }: { report: ConnectionReport }) {
  const free = report.regions.filter(({ heldBy }) => heldBy === null).length;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Account</Header>}>
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Account ID", value: <Copyable text={report.account} what="account ID" /> },
            {
              label: "Account alias",
              value: report.accountAlias ? (
                <Foreign text={report.accountAlias} />
              ) : (
                "None, or not readable"
              ),
            },
            { label: "Partition", value: report.partition },
            { label: "Caller", value: <Copyable text={report.callerArn} what="caller ARN" /> },
            {
              label: "Regions",
              value: `${report.regions.length}, of which ${free} can be registered`,
            },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">What was refused</Header>}>
        {report.refused.length === 0 ? (
          <StatusIndicator type="success">Nothing that was asked here was refused</StatusIndicator>
        ) : (
          <SpaceBetween size="s">
            <div>The account can still be registered. This is what OwnKey could not find out:</div>
            <RefusalTable refusals={report.refused} />
          </SpaceBetween>
        )}
      </Container>
    </SpaceBetween>
  );
}

function NameAndRegions(props: {
  report: ConnectionReport;
  name: string;
  setName: (name: string) => void;
  regions: string[];
  setRegions: (regions: string[]) => void;
  error: AppError | undefined;
  retry: () => void;
}) {
  const { error } = props;
  const blamed = fieldErrors(error);
  const nameError = error?.code === "nameTaken" ? problemOf(error).happened : blamed.name;
  const regionError = error?.code === "regionsTaken" ? problemOf(error).happened : blamed.regions;
  return (
    <SpaceBetween size="l">
      {error && !nameError && !regionError && <ProblemAlert error={error} retry={props.retry} />}
      <Container>
        <SpaceBetween size="l">
          <FormField
            label="Name"
            description="How you want to see this account in OwnKey."
            constraintText="1 to 64 characters, not the name of another registration."
            errorText={nameError}
          >
            <Input value={props.name} onChange={({ detail }) => props.setName(detail.value)} />
          </FormField>
          <RegionPicker
            entries={props.report.regions}
            chosen={props.regions}
            choose={props.setRegions}
            errorText={regionError}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

function fieldErrors(error: AppError | undefined): Partial<Record<Field, string>> {
  if (error?.code === "invalidInput") {
    return { [error.field]: error.reason };
  }
  return error?.code === "noCredentials" ? { profile: problemOf(error).happened } : {};
}

function isOnField(error: AppError, fields: readonly Field[]): boolean {
  return error.code === "invalidInput" && fields.includes(error.field);
}
