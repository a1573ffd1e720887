// The key policy in one of three modes. Only one of them is ever in the draft.

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Tiles from "@cloudscape-design/components/tiles";
import { useFresh, useOrder } from "../../api/answers";
import {
  type AppError,
  type BasicPolicy,
  commands,
  type RegistrationId,
  type UploadDraft,
} from "../../api/bindings";
import { inOneSentence, ProblemAlert } from "../../app/problems";
import { useRegistrations } from "../../app/session";
import { Foreign } from "../../parts/Foreign";
import { blamed } from "./blame";
import type { PolicyForm } from "./form";
import { PrincipalPicker } from "./PrincipalPicker";

interface PolicyProps {
  form: PolicyForm;
  change: (part: Partial<PolicyForm>) => void;
  /** The draft as it is now. */
  draft: UploadDraft;
  account: string;
  error: AppError | undefined;
}

export function PolicyFields(props: PolicyProps) {
  const { form, change, draft, error } = props;
  const prefill = useOrder((plain: UploadDraft) => commands.previewPolicy(plain));
  const chooseMode = (mode: PolicyForm["mode"]) => {
    change({ mode });
    if (mode === "raw" && form.raw === "") {
      const policy = { raw: null, basic: null, bypassLockoutCheck: false };
      prefill.mutate({ ...draft, policy }, { onSuccess: (raw) => change({ raw }) });
    }
  };
  return (
    <SpaceBetween size="l">
      <FormField stretch label="Key policy" errorText={text(blamed(error, "policy"))}>
        <Tiles
          value={form.mode}
          columns={3}
          onChange={({ detail }) => chooseMode(detail.value as PolicyForm["mode"])}
          items={[
            {
              value: "default",
              label: "Default",
              description: "The account may do everything, so its IAM policies decide.",
            },
            {
              value: "basic",
              label: "Basic",
              description: "Name administrators and users; OwnKey writes the policy.",
            },
            { value: "raw", label: "JSON", description: "Write the policy yourself." },
          ]}
        />
      </FormField>
      {form.mode === "basic" && <Basic {...props} />}
      {form.mode === "raw" && (
        <SpaceBetween size="l">
          {prefill.error && <ProblemAlert error={prefill.error.error} />}
          <FormField stretch label="Policy as JSON" constraintText="At most 32,768 bytes.">
            <div className="code-input">
              <Textarea
                value={form.raw}
                rows={16}
                spellcheck={false}
                disabled={prefill.isPending}
                onChange={({ detail }) => change({ raw: detail.value })}
              />
            </div>
          </FormField>
        </SpaceBetween>
      )}
      {form.mode === "default" ? (
        <Preview draft={draft} header="Policy that AWS writes" />
      ) : (
        <Bypass form={form} change={change} offered={error?.code === "policyLocksOut"} />
      )}
    </SpaceBetween>
  );
}

function Bypass(props: {
  form: PolicyForm;
  change: PolicyProps["change"];
  /** AWS refused the policy because of the check. */
  offered: boolean;
}) {
  return (
    <SpaceBetween size="s">
      <Checkbox
        checked={props.form.bypass}
        description="AWS normally refuses a policy under which you could not change it any more. With the bypass it takes it, and then perhaps nobody can manage the key, not even the account’s root user; only AWS Support can help."
        onChange={({ detail }) => props.change({ bypass: detail.checked })}
      >
        Bypass the lockout check
      </Checkbox>
      {props.offered && !props.form.bypass && (
        <Alert type="warning">
          Change the policy so that you may call kms:PutKeyPolicy, or bypass the check if somebody
          else is meant to keep control of the key.
        </Alert>
      )}
    </SpaceBetween>
  );
}

const LISTS: readonly {
  list: keyof BasicPolicy;
  label: string;
  description: string;
  kind: "users" | "roles" | "accounts";
}[] = [
  {
    list: "keyAdmins",
    label: "Key administrators: users",
    description: "May manage the key and its policy, not use it.",
    kind: "users",
  },
  {
    list: "keyAdminsRoles",
    label: "Key administrators: roles",
    description: "May manage the key and its policy, not use it.",
    kind: "roles",
  },
  {
    list: "keyUsers",
    label: "Key users: users",
    description: "May use the key, and let AWS services use it for them.",
    kind: "users",
  },
  {
    list: "keyUsersRoles",
    label: "Key users: roles",
    description: "May use the key, and let AWS services use it for them.",
    kind: "roles",
  },
  {
    list: "externalAccounts",
    label: "Other accounts",
    description: "May use the key; their own IAM policies say who in them may.",
    kind: "accounts",
  },
];

const TYPED = {
  users: "a user’s name or ARN",
  roles: "a role’s name or ARN",
  accounts: "an account ID of 12 digits",
};

function Basic({ form, change, draft, account, error }: PolicyProps) {
  const principals = usePrincipals(draft.registration);
  const others = (useRegistrations() ?? [])
    .map((one) => one.account)
    .filter((one, index, all) => one !== account && all.indexOf(one) === index);
  const known = {
    users: principals.data?.users ?? [],
    roles: principals.data?.roles ?? [],
    accounts: others,
  };
  const refused = principals.error ? [principals.error.error] : (principals.data?.refused ?? []);
  return (
    <SpaceBetween size="l">
      {refused.map((one) => (
        <Alert key={JSON.stringify(one)} type="info" header="Not everything could be listed">
          <Foreign text={`${inOneSentence(one)} Names and ARNs can be typed.`} max={600} />
        </Alert>
      ))}
      {LISTS.map(({ list, label, description, kind }) => (
        <PrincipalPicker
          key={list}
          label={label}
          description={description}
          known={known[kind]}
          loading={kind !== "accounts" && principals.isPending}
          typed={TYPED[kind]}
          chosen={form[list]}
          choose={(chosen) => change({ [list]: chosen })}
          errorText={blamed(error, list)}
        />
      ))}
      <Preview draft={draft} header="Policy that OwnKey writes" />
    </SpaceBetween>
  );
}

function usePrincipals(registration: RegistrationId) {
  return useFresh(["principals", registration], () => commands.listPrincipals(registration));
}

function Preview({ draft, header }: { draft: UploadDraft; header: string }) {
  return (
    <ExpandableSection headerText={header}>
      <PreviewText draft={draft} />
    </ExpandableSection>
  );
}

function PreviewText({ draft }: { draft: UploadDraft }) {
  const { registration, spec, usage, multiRegion, policy } = draft;
  const preview = useFresh(["policy", registration, spec, usage, multiRegion, policy], () =>
    commands.previewPolicy(draft),
  );
  if (preview.error) {
    return (
      <Box color="text-body-secondary">
        <Foreign text={inOneSentence(preview.error.error)} max={600} />
      </Box>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="code-block" tabIndex={0} aria-label="Text of the key policy">
      <pre>{preview.data ?? ""}</pre>
    </section>
  );
}

function text(problem: string | undefined) {
  return problem && <Foreign text={problem} max={600} />;
}
