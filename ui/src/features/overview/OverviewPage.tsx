// What needs a person today, then counts. Every number leads to the list it counts.

import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, {
  type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { KeyRow, KeyView, Overview, SyncReport } from "../../api/bindings";
import { isRunning } from "../../api/tasks";
import { usePage } from "../../app/frame";
import { inOneSentence, ProblemAlert, problemOf } from "../../app/problems";
import { inScope, usePaths, useRegistrations, useScope, useTasks } from "../../app/session";
import { count, mayLackKeys, reportInWords } from "../../app/syncWords";
import { Foreign } from "../../parts/Foreign";
import { KeyStatus } from "../../parts/KeyStatus";
import { Later } from "../../parts/Later";
import { PathLink } from "../../parts/PathLink";
import { RefusalDialog } from "../../parts/RefusalDialog";
import { Relative } from "../../parts/Time";
import { keyName, VIEWS } from "../../parts/words";
import { useOverview } from "../keys/queries";
import { useOwnNeeds } from "./OwnNeeds";
import { useSignInNeeds } from "./SignInNeeds";
import { Welcome } from "./Welcome";

export function OverviewPage() {
  usePage("Overview");
  const scope = useScope();
  const paths = usePaths();
  const navigate = useNavigate();
  const overview = useOverview(scope);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          actions={<Button onClick={() => navigate(paths.upload())}>Upload key</Button>}
          description={
            overview.data && overview.data.keys > 0
              ? `${count(overview.data.keys, "key")} in ${count(overview.data.regions, "region")}`
              : undefined
          }
        >
          Overview
        </Header>
      }
    >
      {overview.error ? (
        <ProblemAlert error={overview.error.error} retry={() => overview.refetch()} />
      ) : overview.data ? (
        <Content overview={overview.data} />
      ) : (
        <Later what="the overview" />
      )}
    </ContentLayout>
  );
}

function Content({ overview }: { overview: Overview }) {
  const registrations = useRegistrations();
  const paths = usePaths();
  const navigate = useNavigate();
  if (registrations?.length === 0) {
    return (
      <Container header={<Header variant="h2">No account is connected</Header>}>
        <SpaceBetween size="s">
          <div>What needs you today appears here once OwnKey has read an account’s keys.</div>
          <Button variant="primary" onClick={() => navigate(paths.firstSteps())}>
            Connect your AWS account
          </Button>
        </SpaceBetween>
      </Container>
    );
  }
  return (
    <SpaceBetween size="l">
      <Welcome />
      {overview.syncedAt === null && overview.keys + overview.gone === 0 ? (
        <>
          {overview.lastSyncs.length > 0 && <Today overview={overview} />}
          <NothingRead />
        </>
      ) : (
        <SpaceBetween size="l">
          <Grid
            gridDefinition={[
              { colspan: { default: 12, xs: 6 } },
              { colspan: { default: 12, xs: 6 } },
            ]}
          >
            <Today overview={overview} />
            <Counts overview={overview} />
          </Grid>
          <NextToExpire overview={overview} />
        </SpaceBetween>
      )}
      {overview.lastSyncs.length > 0 && <LastSyncs reports={overview.lastSyncs} />}
    </SpaceBetween>
  );
}

/** Before anything was read there is nothing to count: not even zero. */
function NothingRead() {
  const { tasks, all } = useTasks();
  const scope = useScope();
  const looked = inScope(useRegistrations() ?? [], scope);
  const isBeingRead = all.some(
    (task) => isRunning(task) && looked.some(({ id }) => id === task.registration),
  );
  return (
    <Container
      header={
        <Header variant="h2">
          {isBeingRead ? "The keys are being read" : "Not synchronised yet"}
        </Header>
      }
    >
      {isBeingRead ? (
        "What needs you today appears here as the keys are read."
      ) : (
        <SpaceBetween size="s">
          <div>What AWS holds is not known before it was read.</div>
          <Button
            variant="primary"
            onClick={() => {
              for (const { id } of looked) {
                tasks.synchronise(id);
              }
            }}
          >
            Synchronise
          </Button>
        </SpaceBetween>
      )}
    </Container>
  );
}

/** What may need a person, the most pressing first. */
const NEEDS: readonly {
  view: KeyView & keyof Overview;
  type: StatusIndicatorProps.Type;
  one: string;
  many: string;
}[] = [
  {
    view: "expiring",
    type: "warning",
    one: "key whose material expires soon",
    many: "keys whose material expires soon",
  },
  {
    view: "needsMaterial",
    type: "pending",
    one: "key waits for its material",
    many: "keys wait for their material",
  },
  {
    view: "pendingDeletion",
    type: "warning",
    one: "key is going to be deleted",
    many: "keys are going to be deleted",
  },
];

function Today({ overview }: { overview: Overview }) {
  const paths = usePaths();
  const needs = NEEDS.filter(({ view }) => overview[view] > 0);
  const scope = useScope();
  const looked = inScope(useRegistrations() ?? [], scope);
  const reportOf = (id: string) =>
    overview.lastSyncs.find(({ registration }) => registration === id);
  const incomplete = looked.flatMap(({ id, name }) => {
    const report = reportOf(id);
    return report && report.outcome !== "complete" ? [{ name, report }] : [];
  });
  const unread = looked.filter(({ id }) => !reportOf(id));
  const own = useOwnNeeds();
  const signIns = useSignInNeeds(looked);
  const nothing =
    looked.length > 0 &&
    own.isKnown &&
    signIns.isKnown &&
    own.needs.length + signIns.needs.length + needs.length + incomplete.length + unread.length ===
      0;
  return (
    <Container fitHeight header={<Header variant="h2">What needs you today</Header>}>
      {nothing ? (
        <StatusIndicator type="success">
          Nothing. No operation is half done, no sign-in ran out, all material that AWS holds is
          backed up, none expires soon, no key waits for material or deletion, and everything could
          be read.
        </StatusIndicator>
      ) : (
        <ul className="needs">
          {own.needs}
          {signIns.needs}
          {needs.map(({ view, type, one, many }) => (
            <li key={view}>
              <StatusIndicator type={type}>
                <PathLink to={paths.keys({ view })}>
                  {overview[view].toLocaleString("en-GB")} {overview[view] === 1 ? one : many}
                </PathLink>
              </StatusIndicator>
            </li>
          ))}
          {incomplete.map(({ name, report }) => (
            <li key={report.registration}>
              <Incomplete name={name} report={report} />
            </li>
          ))}
          {unread.length > 0 && (
            <li>
              <StatusIndicator type="pending">
                <PathLink to={paths.connections()}>
                  {count(unread.length, "registration was", "registrations were")} never read
                </PathLink>
              </StatusIndicator>
            </li>
          )}
        </ul>
      )}
    </Container>
  );
}

/** A registration whose last synchronisation did not read everything. */
function Incomplete({ name, report }: { name: string; report: SyncReport }) {
  if (report.error) {
    const { happened, toDo } = problemOf(report.error);
    return (
      <>
        <StatusIndicator type="error">
          <Foreign text={name} />: synchronisation failed
        </StatusIndicator>
        <div className="secondary">
          <Foreign text={`${happened} ${toDo}`} max={600} />
        </div>
      </>
    );
  }
  if (report.outcome === "cancelled") {
    return (
      <StatusIndicator type="stopped">
        <Foreign text={name} />: synchronisation was cancelled
      </StatusIndicator>
    );
  }
  const things = report.refusals.reduce((sum, { times }) => sum + times, 0);
  return (
    <StatusIndicator type="warning">
      <Button variant="inline-link" onClick={showLastSyncs}>
        <Foreign text={name} />: {things === 0 ? "not everything" : count(things, "thing")} could
        not be read
      </Button>
    </StatusIndicator>
  );
}

const LAST_SYNCS = "last-synchronisations";

function showLastSyncs(): void {
  const reports = document.getElementById(LAST_SYNCS);
  reports?.scrollIntoView();
  reports?.focus();
}

const COUNTED: readonly { view: KeyView; of: keyof Overview }[] = [
  { view: "all", of: "keys" },
  { view: "byok", of: "byok" },
  { view: "native", of: "native" },
  { view: "disabled", of: "disabled" },
  { view: "gone", of: "gone" },
];

function Counts({ overview }: { overview: Overview }) {
  const paths = usePaths();
  return (
    <Container fitHeight header={<Header variant="h2">Keys</Header>}>
      <dl className="counts">
        {COUNTED.map(({ view, of }) => (
          <div key={view}>
            <dt>{VIEWS[view]}</dt>
            <dd>
              <Link
                to={paths.keys({ view })}
                aria-label={`${VIEWS[view]}: ${count(Number(overview[of]), "key")}`}
              >
                {Number(overview[of]).toLocaleString("en-GB")}
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </Container>
  );
}

function NextToExpire({ overview }: { overview: Overview }) {
  const { nextToExpire: rows, expiring, lastSyncs } = overview;
  const scope = useScope();
  const paths = usePaths();
  const navigate = useNavigate();
  return (
    <Table<KeyRow>
      items={rows}
      trackBy="arn"
      ariaLabels={{ tableLabel: "Next to expire" }}
      header={
        <Header
          variant="h2"
          actions={
            expiring > rows.length ? (
              <Button onClick={() => navigate(paths.keys({ view: "expiring" }))}>
                Show all {expiring.toLocaleString("en-GB")}
              </Button>
            ) : undefined
          }
        >
          Next to expire
        </Header>
      }
      empty={
        lastSyncs.some((report) => mayLackKeys(report, scope)) ? (
          <>
            Not everything in scope could be read.{" "}
            <Button variant="inline-link" onClick={showLastSyncs}>
              Show what
            </Button>
          </>
        ) : (
          "No imported key material in scope expires soon."
        )
      }
      columnDefinitions={[
        {
          id: "key",
          header: "Key",
          isRowHeader: true,
          cell: (row) => (
            <PathLink to={paths.key(row.arn)}>
              <Foreign text={keyName(row)} max={80} />
            </PathLink>
          ),
        },
        { id: "region", header: "Region", cell: ({ region }) => region },
        { id: "state", header: "State", cell: (row) => <KeyStatus row={row} /> },
        {
          id: "expiry",
          header: "Key material expires",
          cell: ({ validTo }) => (validTo ? <Relative at={validTo} /> : "–"),
        },
      ]}
    />
  );
}

function LastSyncs({ reports }: { reports: SyncReport[] }) {
  const registrations = useRegistrations() ?? [];
  const { tasks } = useTasks();
  const [shown, setShown] = useState<SyncReport>();
  const nameOf = (id: string) => registrations.find((one) => one.id === id)?.name ?? id;
  return (
    // A target for "Show what" and nothing more, hence no role.
    <div id={LAST_SYNCS} tabIndex={-1}>
      <Table<SyncReport>
        items={reports}
        trackBy="registration"
        wrapLines
        ariaLabels={{ tableLabel: "Last synchronisations" }}
        header={<Header variant="h2">Last synchronisations</Header>}
        columnDefinitions={[
          {
            id: "registration",
            header: "Registration",
            isRowHeader: true,
            minWidth: 150,
            cell: ({ registration }) => <Foreign text={nameOf(registration)} />,
          },
          {
            id: "outcome",
            header: "Outcome",
            minWidth: 130,
            cell: ({ outcome }) => (
              <StatusIndicator type={OUTCOMES[outcome].type}>
                {OUTCOMES[outcome].text}
              </StatusIndicator>
            ),
          },
          {
            id: "finished",
            header: "Finished",
            minWidth: 110,
            cell: ({ finishedAt }) => <Relative at={finishedAt} />,
          },
          {
            id: "what",
            header: "Result",
            minWidth: 160,
            cell: (report) =>
              report.error ? (
                <Foreign text={inOneSentence(report.error)} max={300} />
              ) : (
                reportInWords(report)
              ),
          },
          {
            id: "actions",
            header: "Actions",
            minWidth: 130,
            cell: (report) => (
              <SpaceBetween direction="horizontal" size="s">
                {report.refusals.length > 0 && (
                  <Button
                    variant="inline-link"
                    ariaLabel={`Show what could not be read of ${nameOf(report.registration)}`}
                    onClick={() => setShown(report)}
                  >
                    What could not be read
                  </Button>
                )}
                <Button
                  variant="inline-link"
                  ariaLabel={`Synchronise ${nameOf(report.registration)}`}
                  onClick={() => tasks.synchronise(report.registration)}
                >
                  Synchronise
                </Button>
              </SpaceBetween>
            ),
          },
        ]}
      />
      {shown && (
        <RefusalDialog
          report={shown}
          name={nameOf(shown.registration)}
          close={() => setShown(undefined)}
        />
      )}
    </div>
  );
}

const OUTCOMES: Record<SyncReport["outcome"], { type: StatusIndicatorProps.Type; text: string }> = {
  complete: { type: "success", text: "Complete" },
  partial: { type: "warning", text: "In part" },
  cancelled: { type: "stopped", text: "Cancelled" },
  failed: { type: "error", text: "Failed" },
};
