// "Upload key": material, key, expiry and policy, backups if they are not set up, review.

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useCached, useOrder } from "../../api/answers";
import { type AppError, commands, type UploadDraft, type UploadPart } from "../../api/bindings";
import { usePage } from "../../app/frame";
import { usePreference, usePreferences } from "../../app/preferences";
import { ProblemAlert } from "../../app/problems";
import { inScope, useOperations, usePaths, useRegistrations, useScope } from "../../app/session";
import { BackupFields, isSetUp, useBackupSetup } from "../../parts/BackupSetup";
import { ConfirmByTyping } from "../../parts/ConfirmByTyping";
import { Later } from "../../parts/Later";
import { PlanReview } from "../../parts/PlanReview";
import { AccessStep } from "./AccessStep";
import { blame, isAmbiguous, type Part } from "./blame";
import {
  EMPTY_UPLOAD,
  NO_FILE,
  type Target,
  targetOf,
  toDraft,
  type UploadForm,
  USAGES,
} from "./form";
import { KeyStep } from "./KeyStep";
import { MaterialStep } from "./MaterialStep";
import { drop } from "./Source";
import { chosenOf } from "./summary";
import { usePlan } from "./usePlan";

export interface StepProps {
  form: UploadForm;
  change: (part: FormPart) => void;
  target: Target;
  error: AppError | undefined;
}

type FormPart = Partial<Omit<UploadForm, "policy">> & { policy?: Partial<UploadForm["policy"]> };
type StepId = Part | "review";

export function UploadKey() {
  const paths = usePaths();
  const navigate = useNavigate();
  usePage("Upload key", { text: "Keys", href: paths.keys() });
  const registrations = useRegistrations();
  if (!registrations) {
    return <Later what="the form" />;
  }
  return registrations.length > 0 ? (
    <Form />
  ) : (
    <ContentLayout header={<Header variant="h1">Upload key</Header>}>
      <Container header={<Header variant="h2">No account is connected</Header>}>
        <SpaceBetween size="s">
          <div>A key is uploaded into an account that OwnKey is connected to.</div>
          <Button variant="primary" onClick={() => navigate(paths.firstSteps())}>
            Connect your AWS account
          </Button>
        </SpaceBetween>
      </Container>
    </ContentLayout>
  );
}

function Form() {
  const paths = usePaths();
  const navigate = useNavigate();
  const preferences = usePreferences();
  const { operations } = useOperations();
  const [form] = usePreference("upload.draft");
  const target = useTarget(form);
  const draft = toDraft(form, target);
  const sentBack = useSentBack();
  const [error, setError] = useState<AppError | undefined>(sentBack);
  const [at, setAt] = useState<StepId>(blame(sentBack)?.part ?? "material");
  const [confirming, setConfirming] = useState(false);
  const check = useOrder((asked: { draft: UploadDraft; part: UploadPart }) =>
    commands.checkUpload(asked.draft, asked.part),
  );
  const settings = useCached(["backup settings"], () => commands.readBackupSettings());
  const setup = useBackupSetup(settings.data);
  const planning = usePlan({
    ask: () => commands.planUpload(draft),
    planned: (plan) => setAt(plan.needsBackupSettings ? "backups" : "review"),
    refused: (refusal) => refuse(refusal),
    opened: (operation) => navigate(paths.uploaded(operation), { replace: true }),
  });
  const { plan } = planning;
  const isSandbox = target.registration?.connection.kind.kind === "sandbox";
  const asksForBackups =
    at === "backups" ||
    plan?.needsBackupSettings === true ||
    (form.source !== "later" &&
      !isSandbox &&
      settings.data !== undefined &&
      !isSetUp(settings.data));
  const ids: StepId[] = [
    "material",
    "key",
    "access",
    ...(asksForBackups ? (["backups"] as const) : []),
    "review",
  ];

  const change = ({ policy, ...part }: FormPart) => {
    const now = preferences.read("upload.draft");
    preferences.choose("upload.draft", {
      ...now,
      ...part,
      policy: { ...now.policy, ...policy },
    });
    setError(undefined);
    planning.forget();
  };
  const clear = () => {
    drop(form.file.handle);
    setup.forget();
    change(EMPTY_UPLOAD);
    setAt("material");
  };
  const refuse = (refusal: AppError) => {
    setError(refusal);
    const part = isAmbiguous(refusal) ? "material" : blame(refusal)?.part;
    setAt(part ?? (refusal.code === "backupsNotSetUp" ? "backups" : at));
  };
  const leave = (wanted: StepId) => {
    const then = () => (wanted === "review" ? planning.make() : setAt(wanted));
    setError(undefined);
    if (at === "backups") {
      void setup.submit().then((kept) => kept && then());
    } else if (at !== "review") {
      check.mutate(
        { draft, part: at },
        { onSuccess: then, onError: ({ error: refusal }) => refuse(refusal) },
      );
    }
  };
  const apply = () => {
    if (!plan) {
      planning.make();
      return;
    }
    setError(undefined);
    setConfirming(false);
    operations.applyUpload(draft, plan, {
      // Also one that was picked and then not used: it is not kept in memory.
      file: form.file.handle ? form.file : undefined,
      opened: () => {
        preferences.choose("upload.sent", { operation: plan.operation, form });
        preferences.choose("upload.draft", EMPTY_UPLOAD);
      },
    });
  };
  const bypasses = plan?.steps.some(
    ({ step }) => step.step === "createKey" && step.policy.bypassLockoutCheck,
  );

  const problem = error && !isAmbiguous(error) && !blame(error) && (
    <ProblemAlert
      error={error}
      retry={at === "review" ? planning.make : () => leave(ids[ids.indexOf(at) + 1] ?? "review")}
    />
  );
  useWantedMaterial(change);
  const stepProps: StepProps = { form, change, target, error };
  const contents: Record<StepId, { title: string; description: string; content: ReactNode }> = {
    material: {
      title: "Key material",
      description: "What kind of key, and where its material comes from.",
      content: <MaterialStep {...stepProps} />,
    },
    key: {
      title: "Key",
      description: "Where the key lives and what it is called.",
      content: <KeyStep {...stepProps} />,
    },
    access: {
      title: "Expiry and policy",
      description: "How long the material lasts, and who may do what with the key.",
      content: <AccessStep {...stepProps} />,
    },
    backups: {
      title: "Backups",
      description: "Nothing is imported into AWS before an encrypted backup was written and read.",
      content: settings.data ? (
        <Container>
          <BackupFields setup={setup} />
        </Container>
      ) : settings.error ? (
        <ProblemAlert error={settings.error.error} retry={() => settings.refetch()} />
      ) : (
        <Later what="the backup settings" />
      ),
    },
    review: {
      title: "Review",
      description: "What will be done, step by step. Nothing was done so far.",
      content: plan ? (
        <PlanReview plan={plan} chosen={chosenOf(form, target, setAt)} />
      ) : error ? null : (
        <Later what="the plan" />
      ),
    },
  };

  return (
    <>
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
          navigate(paths.keys());
        }}
        onSubmit={() => (bypasses ? setConfirming(true) : apply())}
        submitButtonText="Upload key"
        isLoadingNextStep={check.isPending || planning.making || planning.applying || setup.working}
        secondaryActions={<Button onClick={clear}>Start over</Button>}
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
      {confirming && (
        <ConfirmByTyping
          header="Bypass the lockout check"
          name="BYPASS"
          verb="Upload key"
          working={planning.applying}
          confirm={apply}
          close={() => setConfirming(false)}
        >
          <Box>
            AWS will take the policy even if you cannot change it afterwards. If it lets nobody
            manage the key, not even the account’s root user can; only AWS Support can help.
          </Box>
        </ConfirmByTyping>
      )}
    </>
  );
}

function useTarget(form: UploadForm): Target {
  const registrations = useRegistrations() ?? [];
  const scope = useScope();
  return targetOf(form, inScope(registrations, scope), registrations, scope.regions);
}

/** The page of a stored material leads here with it. */
function useWantedMaterial(change: (part: FormPart) => void): void {
  const [search] = useSearchParams();
  const paths = usePaths();
  const navigate = useNavigate();
  const wanted = search.get("material");
  const materials = useCached(["materials"], () => commands.listMaterials(), {
    enabled: wanted !== null,
  });
  const found = materials.data?.find(({ id }) => id === wanted);
  const latest = useRef(change);
  latest.current = change;
  useEffect(() => {
    if (found) {
      const usage = USAGES[found.spec][0] ?? "";
      latest.current({ source: "stored", stored: found.id, spec: found.spec, usage });
      navigate(paths.upload(), { replace: true });
    }
  }, [found, navigate, paths]);
}

/** Why the form is shown again, if an upload came back to it. */
function useSentBack(): AppError | undefined {
  const { state } = useLocation();
  return (state as { error?: AppError } | null)?.error;
}
