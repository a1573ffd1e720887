// One registration: all that is known of it, its regions and their keys, and what can be changed.

import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useNavigate, useParams } from "react-router";
import type { KeysIn, RegistrationDetails } from "../../api/bindings";
import { isRunning } from "../../api/tasks";
import { usePage } from "../../app/frame";
import { pathsIn } from "../../app/paths";
import { ProblemAlert } from "../../app/problems";
import { usePaths, useTasks } from "../../app/session";
import { count } from "../../app/syncWords";
import { Copyable } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { FullInstant } from "../../parts/Time";
import { useRegistration } from "./queries";
import { type RegistrationWork, useRegistrationWork } from "./RegistrationWork";
import { SignInStatus } from "./SignInStatus";
import { CLOUD_NAMES } from "./words";

export function RegistrationPage() {
  const { id = "" } = useParams();
  const paths = usePaths();
  const navigate = useNavigate();
  const details = useRegistration(id);
  const name = details.data?.registration.name ?? "Registration";
  usePage(shorten(name, 60), { text: "Connections", href: paths.connections() });
  const { start, dialog } = useRegistrationWork(() => navigate(paths.connections()));
  if (details.error) {
    return (
      <ContentLayout header={<Header variant="h1">Registration</Header>}>
        <ProblemAlert error={details.error.error} retry={() => details.refetch()} />
      </ContentLayout>
    );
  }
  return details.data ? (
    <>
      <Page details={details.data} start={start} />
      {dialog}
    </>
  ) : (
    <Later what="the registration" />
  );
}

function Page(props: { details: RegistrationDetails; start: (work: RegistrationWork) => void }) {
  const { details, start } = props;
  const { registration } = details;
  const { tasks, all } = useTasks();
  const isSynchronising = all.some(
    (task) => task.registration === registration.id && isRunning(task),
  );
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={
            <>
              Account {registration.account}, {CLOUD_NAMES[registration.partition]}
            </>
          }
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => start({ on: "connection", registration })}>
                Change connection
              </Button>
              <Button onClick={() => start({ on: "regions", registration })}>Change regions</Button>
              <Button onClick={() => start({ on: "remove", registration })}>Remove</Button>
              <Button
                variant="primary"
                loading={isSynchronising}
                loadingText="Synchronising"
                onClick={() => tasks.synchronise(registration.id)}
              >
                Synchronise
              </Button>
            </SpaceBetween>
          }
        >
          <Foreign text={registration.name} max={64} />
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Facts details={details} />
        <Regions details={details} />
      </SpaceBetween>
    </ContentLayout>
  );
}

function Facts({ details }: { details: RegistrationDetails }) {
  const { registration, signIn, openOperations } = details;
  const { connection, role } = registration;
  const paths = usePaths();
  return (
    <Container header={<Header variant="h2">Registration</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: "ID", value: <Copyable text={registration.id} what="registration ID" /> },
          { label: "Name", value: <Foreign text={registration.name} max={64} /> },
          {
            label: "Account ID",
            value: <Copyable text={registration.account} what="account ID" />,
          },
          {
            label: "Account alias",
            value: registration.accountAlias ? (
              <Foreign text={registration.accountAlias} />
            ) : (
              "None, or not readable"
            ),
          },
          {
            label: "Cloud",
            value: `${registration.partition}, ${CLOUD_NAMES[registration.partition]}`,
          },
          {
            label: "Caller ARN",
            value: <Copyable text={registration.callerArn} what="caller ARN" />,
          },
          {
            label: "Connection",
            value: (
              <PathLink to={paths.signIn(connection.id)}>
                <Foreign text={connection.name} max={64} />
              </PathLink>
            ),
          },
          {
            label: "Assumed role",
            value: role ? <Copyable text={role.arn} what="role ARN" /> : "None",
          },
          {
            label: "External ID",
            value: role?.externalId ? (
              <Copyable text={role.externalId} what="external ID" />
            ) : (
              "None"
            ),
          },
          {
            label: "Sign-in",
            value: <SignInStatus state={signIn} connection={connection.id} />,
          },
          { label: "Created", value: <FullInstant at={registration.createdAt} /> },
          { label: "Changed", value: <FullInstant at={registration.updatedAt} /> },
          {
            label: "Last synchronised",
            value: registration.syncedAt ? <FullInstant at={registration.syncedAt} /> : "Never",
          },
          {
            label: "Open operations",
            value:
              openOperations === 0 ? (
                "None"
              ) : (
                <PathLink to={paths.activity({ openOnly: true })}>
                  {count(openOperations, "operation")}
                </PathLink>
              ),
          },
        ]}
      />
    </Container>
  );
}

function Regions({ details: { registration, keys } }: { details: RegistrationDetails }) {
  const total = keys.reduce((sum, one) => sum + one.keys, 0);
  return (
    <Table<KeysIn>
      items={keys}
      trackBy="region"
      enableKeyboardNavigation
      ariaLabels={{ tableLabel: "Regions" }}
      header={
        <Header
          variant="h2"
          counter={`(${keys.length})`}
          description={
            registration.syncedAt
              ? `${count(total, "key")} in the cache.`
              : "What AWS holds is not known before it was read."
          }
        >
          Regions
        </Header>
      }
      empty="No regions"
      columnDefinitions={[
        { id: "region", header: "Region", isRowHeader: true, cell: ({ region }) => region },
        {
          id: "keys",
          header: "Cached keys",
          cell: ({ region, keys: number }) => (
            <PathLink to={pathsIn({ registrations: [registration.id], regions: [region] }).keys()}>
              {count(number, "key")}
            </PathLink>
          ),
        },
      ]}
    />
  );
}
