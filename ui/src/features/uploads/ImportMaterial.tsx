// Material into a key that exists: its first, the same again, or the same with another expiry.

import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { type ReactNode, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { useCached, useFresh, useOrder } from "../../api/answers";
import { type AppError, commands, type ImportDraft, type ImportOffer } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { usePreference, usePreferences } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { useOperations, usePaths, useRegistrations } from "../../app/session";
import { BackupFields, isSetUp, useBackupSetup } from "../../parts/BackupSetup";
import { Copyable } from "../../parts/Copy";
import { Foreign, shorten } from "../../parts/Foreign";
import { Later } from "../../parts/Later";
import { PlanReview } from "../../parts/PlanReview";
import { FullInstant } from "../../parts/Time";
import { keyName, specInWords } from "../../parts/words";
import { useKeyDetails } from "../keys/queries";
import { blame, blamed, isAmbiguous } from "./blame";
import { ExpiryFields } from "./Expiry";
import {
  EMPTY_IMPORT,
  expiryOf,
  type ImportForm,
  localParts,
  materialOf,
  NO_FILE,
  NO_SOURCE,
} from "./form";
import { drop, type Source, SourceFields } from "./Source";
import { expiryFormInWords, sourceInWords } from "./summary";
import { usePlan } from "./usePlan";

export function ImportMaterial() {
  const { arn = "" } = useParams();
  const paths = usePaths();
  const details = useKeyDetails(arn);
  const offer = useFresh(["import offer", arn], () => commands.offerImport(arn));
  const name = details.data ? keyName(details.data.row) : (arn.split("/")[1] ?? arn);
  usePage(titleOf(offer.data), { text: shorten(name, 60), href: paths.key(arn) });
  if (offer.data) {
    return <Form offer={offer.data} name={name} />;
  }
  return offer.error ? (
    <ContentLayout header={<Header variant="h1">Import key material</Header>}>
      <ProblemAlert error={offer.error.error} retry={() => offer.refetch()} />
    </ContentLayout>
  ) : (
    <Later what="the form" />
  );
}

function titleOf(offer: ImportOffer | undefined): string {
  return offer?.holdsMaterial
    ? "Change expiry"
    : offer?.sameBytesOnly
      ? "Import the same material again"
      : "Import key material";
}

type StepId = "material" | "backups" | "review";

function Form({ offer, name }: { offer: ImportOffer; name: string }) {
  const paths = usePaths();
  const navigate = useNavigate();
  const { operations } = useOperations();
  const preferences = usePreferences();
  const [kept] = usePreference("import.draft");
  const form = formFor(kept, offer);
  const draft = toImport(form);
  const [at, setAt] = useState<StepId>("material");
  const [error, setError] = useState<AppError>();
  const check = useOrder((asked: ImportDraft) => commands.checkImport(asked));
  const settings = useCached(["backup settings"], () => commands.readBackupSettings());
  const setup = useBackupSetup(settings.data);
  const planning = usePlan({
    ask: () => commands.planImport(draft),
    planned: (plan) => setAt(plan.needsBackupSettings ? "backups" : "review"),
    refused: (refusal) => refuse(refusal),
    opened: (operation) => navigate(paths.imported(offer.key, operation), { replace: true }),
  });
  const { plan } = planning;
  const isSandbox = useIsSandbox(offer.key);
  const asksForBackups =
    at === "backups" ||
    plan?.needsBackupSettings === true ||
    (!isSandbox && settings.data !== undefined && !isSetUp(settings.data));
  const ids: StepId[] = ["material", ...(asksForBackups ? (["backups"] as const) : []), "review"];

  const change = (part: Partial<ImportForm>) => {
    const now = formFor(preferences.read("import.draft"), offer);
    preferences.choose("import.draft", { ...now, ...part });
    setError(undefined);
    planning.forget();
  };
  const refuse = (refusal: AppError) => {
    setError(refusal);
    setAt(
      isAmbiguous(refusal) || isHere(refusal)
        ? "material"
        : refusal.code === "backupsNotSetUp"
          ? "backups"
          : at,
    );
  };
  const leave = (wanted: StepId) => {
    const then = () => (wanted === "review" ? planning.make() : setAt(wanted));
    setError(undefined);
    if (at === "backups") {
      void setup.submit().then((settled) => settled && then());
    } else if (at === "material") {
      check.mutate(draft, { onSuccess: then, onError: ({ error: refusal }) => refuse(refusal) });
    }
  };
  const apply = () => {
    if (!plan) {
      planning.make();
      return;
    }
    setError(undefined);
    operations.applyImport(draft, plan, {
      // Also one that was picked and then not used: it is not kept in memory.
      file: form.file.handle ? form.file : undefined,
      opened: () => preferences.choose("import.draft", EMPTY_IMPORT),
    });
  };

  const problem = error && !isAmbiguous(error) && !isHere(error) && (
    <ProblemAlert
      error={error}
      retry={at === "review" ? planning.make : () => leave(ids[ids.indexOf(at) + 1] ?? "review")}
    />
  );
  const contents: Record<StepId, { title: string; description: string; content: ReactNode }> = {
    material: {
      title: offer.holdsMaterial ? "Material and expiry" : "Key material",
      description: offer.sameBytesOnly
        ? "The key had material before. AWS takes exactly the same bytes and no others."
        : "The key takes its first material. From then on it takes only the same bytes again.",
      content: (
        <SpaceBetween size="l">
          <About offer={offer} name={name} />
          <Container>
            <SourceFields
              offered={sourcesOf(offer)}
              form={form}
              change={change}
              spec={offer.spec}
              known={offer.sameBytesOnly && offer.known.length > 0 ? offer.known : undefined}
              check={() => commands.checkImport(draft)}
              error={error}
            />
          </Container>
          <Container>
            <ExpiryFields form={form} change={change} errorText={blamed(error, "validTo")} />
          </Container>
        </SpaceBetween>
      ),
    },
    backups: {
      title: "Backups",
      description: "Nothing is imported into AWS before an encrypted backup was written and read.",
      content: (
        <Container>
          <BackupFields setup={setup} />
        </Container>
      ),
    },
    review: {
      title: "Review",
      description: "What will be done, step by step. Nothing was done so far.",
      content: plan ? (
        <PlanReview
          plan={plan}
          chosen={[
            {
              title: "Key material",
              edit: () => setAt("material"),
              items: [
                { label: "Key", value: <Foreign text={name} /> },
                { label: "Material", value: <Foreign text={sourceInWords(form)} /> },
                { label: "Expiry", value: expiryFormInWords(form) },
              ],
            },
          ]}
        />
      ) : error ? null : (
        <Later what="the plan" />
      ),
    },
  };

  return (
    <Wizard
      activeStepIndex={Math.max(0, ids.indexOf(at))}
      onNavigate={({ detail }) => {
        const wanted = ids[detail.requestedStepIndex] ?? "review";
        if (ids.indexOf(wanted) <= ids.indexOf(at)) {
          setAt(wanted);
        } else {
          leave(wanted);
        }
      }}
      onCancel={() => {
        drop(form.file.handle);
        change({ file: NO_FILE, reading: "", readings: [] });
        navigate(paths.key(offer.key));
      }}
      onSubmit={apply}
      submitButtonText={offer.holdsMaterial ? "Change expiry" : "Import key material"}
      isLoadingNextStep={check.isPending || planning.making || planning.applying || setup.working}
      steps={ids.map((id) => ({
        title: contents[id].title,
        description: contents[id].description,
        content:
          id === at ? (
            <SpaceBetween size="l">
              {problem}
              {contents[id].content}
            </SpaceBetween>
          ) : null,
      }))}
    />
  );
}

function About({ offer, name }: { offer: ImportOffer; name: string }) {
  return (
    <SpaceBetween size="m">
      {offer.sameBytesOnly && offer.known.length === 0 && (
        <Alert type="warning">
          OwnKey never imported into this key, so it cannot compare the bytes: AWS will say whether
          they are the same. If they are not, AWS refuses them and nothing is changed.
        </Alert>
      )}
      <Container header={<Header variant="h2">Key</Header>}>
        <SpaceBetween size="m">
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Name", value: <Foreign text={name} /> },
              { label: "Key spec", value: specInWords(offer.spec) },
              {
                label: "Material now",
                value: offer.holdsMaterial ? (
                  offer.validTo ? (
                    <>
                      Expires <FullInstant at={offer.validTo} />
                    </>
                  ) : (
                    "Does not expire"
                  )
                ) : (
                  "None"
                ),
              },
            ]}
          />
          <KeyValuePairs
            columns={1}
            items={[{ label: "ARN", value: <Copyable text={offer.key} what="key ARN" /> }]}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}

/** New material only where the key never had any. */
function sourcesOf({ sameBytesOnly, known }: ImportOffer): Source[] {
  return sameBytesOnly
    ? known.length > 0
      ? ["stored", "file"]
      : ["file", "stored"]
    : ["generate", "file", "stored"];
}

/** What was typed for this key; for another one the form begins anew. */
function formFor(kept: ImportForm, offer: ImportOffer): ImportForm {
  if (kept.key === offer.key && sourcesOf(offer).includes(kept.source)) {
    return kept;
  }
  const [source = "file"] = sourcesOf(offer);
  const until = offer.holdsMaterial && offer.validTo ? localParts(new Date(offer.validTo)) : null;
  return {
    ...EMPTY_IMPORT,
    ...NO_SOURCE,
    key: offer.key,
    source,
    stored: source === "stored" ? (offer.known[0] ?? "") : "",
    ...(until ? { expires: true, ...until } : {}),
  };
}

function toImport(form: ImportForm): ImportDraft {
  return { key: form.key, material: materialOf(form), ...expiryOf(form) };
}

function isHere(error: AppError): boolean {
  const field = blame(error)?.field;
  return field === "material" || field === "validTo";
}

function useIsSandbox(key: string): boolean {
  const account = key.split(":")[4];
  return (useRegistrations() ?? [])
    .filter((one) => one.account === account)
    .every(({ connection }) => connection.kind.kind === "sandbox");
}
