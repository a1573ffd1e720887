import createWrapper from "@cloudscape-design/components/test-utils/dom";
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { AppError, Field, UploadDraft, UploadPart } from "../../api/bindings";
import { FakeBackend } from "../../testing/fake";
import { DENIED, EVERY_ERROR, HOSTILE, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import { makeMaterial } from "../../testing/operationFixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

async function openWizard(backend = new FakeBackend(), path = "/keys/upload") {
  const opened = openWindow(backend, path);
  await screen.findByText("What kind of key, and where its material comes from.");
  const wizard = () => opened.cloudscape.findWizard();
  const next = () => opened.user.click(wizard()?.findPrimaryButton().getElement() as HTMLElement);
  const goTo = async (title: string) => {
    for (let step = 0; step < 5; step += 1) {
      if (heading() === title) {
        return;
      }
      const before = heading();
      await next();
      await waitFor(() => expect(heading()).not.toBe(before));
    }
  };
  return { backend, next, goTo, ...opened };
}

function heading(): string {
  return (
    document
      .querySelector("main h1, [class*=awsui_form-header] h1")
      ?.textContent?.replace(/ - optional/, "") ?? ""
  );
}

test("Next, Next, Review works with the defaults, and shows the result", async () => {
  const { backend, next, goTo, user } = await openWizard();
  await goTo("Review");
  const { draft } = await lastAsked(backend, "plan_upload");
  expect(draft).toEqual({
    registration: SANDBOX.id,
    region: "us-east-1",
    material: { from: "generate" },
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    alias: "",
    description: "",
    tags: [],
    multiRegion: false,
    keyExpiration: false,
    validTo: null,
    policy: { raw: null, basic: null, bypassLockoutCheck: false },
  });
  expect(backend.asked("check_upload").map(({ part }) => part)).toEqual([
    "material",
    "key",
    "access",
  ]);
  const plan = screen.getByRole("table", { name: "Steps of the plan" });
  expect(plan).toHaveTextContent("Create the key");
  expect(document.body).toHaveTextContent("At least 7 requests to AWS, about 8 s");
  expect(document.body).toHaveTextContent("single-Region for good");

  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  const [apply] = backend.uploads.applies;
  expect(apply?.plan.operation).toBe("op-new-1");
  apply?.step(3);
  await waitFor(() => expect(place()).toBe("/keys/upload/op-new-1"));
  expect(await screen.findByText("Step 4 of 7: Wrap the material and import it")).toBeVisible();
  const steps = screen.getByRole("table", { name: "Steps of the operation" });
  expect(steps).toHaveTextContent("request-2");
  expect(screen.queryByTestId("notices")).not.toHaveTextContent("Upload key");

  apply?.finish();
  expect(await screen.findByText("The key is uploaded")).toBeVisible();
  expect(document.body).toHaveTextContent("The key has no alias");
  await user.click(screen.getByText("Open the key"));
  await waitFor(() => expect(place()).toContain("/keys/arn:aws:kms:us-east-1"));
});

test("the scope decides which account and region are proposed", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  const { goTo } = await openWizard(
    backend,
    `/keys/upload?registrations=${PRODUCTION.id}&regions=eu-west-1`,
  );
  await goTo("Review");
  const { draft } = await lastAsked(backend, "plan_upload");
  expect(draft).toMatchObject({ registration: PRODUCTION.id, region: "eu-west-1" });
});

const AT: [Field, UploadPart, string][] = [
  ["keySpec", "material", "Key spec"],
  ["keyUsage", "material", "Key usage"],
  ["material", "material", "Key file"],
  ["registration", "key", "Account"],
  ["region", "key", "Region"],
  ["alias", "key", "Alias"],
  ["description", "key", "Description"],
  ["tags", "key", "Tags"],
  ["validTo", "access", "Expiry"],
  ["policy", "access", "Key policy"],
];

test.each(AT)("a refused %s is marked at its field", async (field, part, label) => {
  const backend = new FakeBackend();
  const reason = `This ${field} cannot be accepted here.`;
  const { user, next, goTo } = await openWizard(backend);
  if (field === "material") {
    await user.click(screen.getByText("From a file"));
  }
  backend.uploads.refuse = (_, asked) =>
    asked === part ? { code: "invalidInput", field, reason } : undefined;
  await goTo(TITLES[part]);
  await next();
  expect(await screen.findByText(reason)).toBeVisible();
  expect(fieldOf(reason)).toContain(label);
  expect(screen.queryByText("This cannot be accepted")).toBeNull();
  expect(heading()).toBe(TITLES[part]);
});

const TITLES: Record<UploadPart, string> = {
  material: "Key material",
  key: "Key",
  access: "Expiry and policy",
};

/** The label of the field whose error says so. */
function fieldOf(text: string): string {
  return createWrapper()
    .findAllFormFields()
    .filter((field) => field.findError()?.getElement().textContent?.includes(text))
    .map((field) => field.findLabel()?.getElement().textContent ?? "")
    .join("; ");
}

test("an error that the plan finds leads back to its field", async () => {
  const backend = new FakeBackend();
  const { goTo, next } = await openWizard(backend);
  await goTo("Expiry and policy");
  backend.uploads.refuse = (_, part) => (part ? undefined : EVERY_ERROR.aliasTaken);
  await next();
  await waitFor(() => expect(heading()).toBe("Key"));
  expect(fieldOf("alias/prod/payments already names the key")).toContain("Alias");
});

test("an error that no field can be blamed for is shown with what to do", async () => {
  const backend = new FakeBackend();
  const { next } = await openWizard(backend);
  backend.refusals = { check_upload: EVERY_ERROR.keychainLocked };
  await next();
  expect(await screen.findByText("The keychain is locked")).toBeVisible();
  backend.refusals = {};
  await next();
  await waitFor(() => expect(heading()).toBe("Key"));
});

test("a file is picked by the backend; an ambiguous one asks what is meant", async () => {
  const backend = new FakeBackend();
  const ambiguous: AppError = {
    code: "fileRefused",
    name: "payments.key",
    expected: "SYMMETRIC_DEFAULT",
    problem: {
      problem: "ambiguous",
      readings: [
        { reading: "hex", length: 32 },
        { reading: "raw", length: 64 },
      ],
    },
  };
  backend.uploads.refuse = ({ material }) =>
    material.from === "file" && material.reading === null ? ambiguous : undefined;
  const { user, next } = await openWizard(backend);
  await user.click(screen.getByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  expect(await screen.findByText("payments.key")).toBeVisible();
  expect(await screen.findByLabelText(/^Hexadecimal/)).not.toBeChecked();
  expect(screen.getByText("32 bytes of key material")).toBeVisible();
  expect(screen.getByText("64 bytes of key material")).toBeVisible();
  await next();
  expect(await screen.findByText("Say which one is meant.")).toBeVisible();
  await user.click(screen.getByLabelText(/^Hexadecimal/));
  expect(await screen.findByText(/read as Hexadecimal; fingerprint 3f9a77c1/)).toBeVisible();
  await next();
  await waitFor(() => expect(heading()).toBe("Key"));
  const { draft } = await lastAsked(backend, "check_upload");
  expect((draft as UploadDraft).material).toEqual({
    from: "file",
    handle: "key-file",
    reading: "hex",
  });
});

test("a file that does not fit says what was found and what is expected", async () => {
  const backend = new FakeBackend();
  backend.uploads.refuse = ({ material }) =>
    material.from === "file" ? EVERY_ERROR.fileRefused : undefined;
  const { user, next } = await openWizard(backend);
  await user.click(screen.getByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  expect(
    await screen.findByText(/has 16 bytes of key material, read as Raw bytes; .* exactly 32 bytes/),
  ).toBeVisible();
  await next();
  await waitFor(() => expect(fieldOf("exactly 32 bytes")).toBe("Key file"));
  expect(heading()).toBe("Key material");
});

test("the policy is given in one mode, whatever was typed into the others", async () => {
  const backend = new FakeBackend();
  const { cloudscape, user, goTo, next } = await openWizard(backend);
  await goTo("Expiry and policy");
  await user.click(screen.getByText("Basic"));
  const users = cloudscape.findAllMultiselects()[2];
  users?.openDropdown();
  await waitFor(() => expect(users?.findDropdown().getElement()).toHaveTextContent("ops/kim"));
  users?.selectOptionByValue("arn:aws:iam::111122223333:user/ops/kim");
  users?.findFilteringInput()?.setInputValue("external-user");
  await waitFor(() =>
    expect(users?.findDropdown().getElement()).toHaveTextContent("Add “external-user”"),
  );
  users?.selectOptionByValue("external-user");
  await user.click(screen.getByText("JSON"));
  const raw = await screen.findByDisplayValue(/2012-10-17/);
  await user.type(raw, " ");
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  const inRaw = (await lastAsked(backend, "plan_upload")).draft as UploadDraft;
  expect(inRaw.policy.basic).toBeNull();
  expect(inRaw.policy.raw).toContain("2012-10-17");

  await user.click(screen.getByLabelText("Edit Expiry and policy"));
  await user.click(await screen.findByText("Basic"));
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  const inBasic = (await lastAsked(backend, "plan_upload")).draft as UploadDraft;
  expect(inBasic.policy.raw).toBeNull();
  expect(inBasic.policy.basic?.keyUsers).toEqual([
    "arn:aws:iam::111122223333:user/ops/kim",
    "external-user",
  ]);
});

test("principals that IAM does not list can be typed, and the form says why", async () => {
  const backend = new FakeBackend();
  backend.uploads.principals = {
    users: [],
    roles: [],
    refused: [{ ...DENIED, action: "iam:ListUsers", resource: "*" }],
  };
  const { user, goTo } = await openWizard(backend);
  await goTo("Expiry and policy");
  await user.click(screen.getByText("Basic"));
  expect(await screen.findByText(/iam:ListUsers.*Names and ARNs can be typed/)).toBeVisible();
});

test("an expiry is typed in local time and sent in UTC, only together with expiring", async () => {
  const backend = new FakeBackend();
  const { user, goTo, next } = await openWizard(backend);
  await goTo("Expiry and policy");
  await user.click(screen.getByLabelText("Expires at a time"));
  await user.click(screen.getByText("In 90 days"));
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  const { keyExpiration, validTo } = (await lastAsked(backend, "plan_upload")).draft as UploadDraft;
  expect(keyExpiration).toBe(true);
  const days = (Date.parse(validTo ?? "") - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89.99);
  expect(days).toBeLessThanOrEqual(90);
  await user.click(screen.getByLabelText("Edit Expiry and policy"));
  await user.click(await screen.findByLabelText("Does not expire"));
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  expect((await lastAsked(backend, "plan_upload")).draft).toMatchObject({
    keyExpiration: false,
    validTo: null,
  });
});

test("a policy that locks out is shown at the policy, with the bypass that has to be typed", async () => {
  const backend = new FakeBackend();
  const { cloudscape, user, goTo, next } = await openWizard(backend);
  await goTo("Expiry and policy");
  await user.click(screen.getByText("JSON"));
  await screen.findByDisplayValue(/2012-10-17/);
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  backend.uploads.applies[0]?.fail(EVERY_ERROR.policyLocksOut);
  await waitFor(() => expect(heading()).toBe("Expiry and policy"));
  expect(fieldOf("could not change the policy afterwards")).toBe("Key policy");
  await user.click(screen.getByLabelText(/^Bypass the lockout check/));
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  expect(document.body).toHaveTextContent("The lockout check is bypassed");
  await next();
  const dialog = cloudscape.findModal();
  const button = within(dialog?.getElement() as HTMLElement)
    .getAllByText("Upload key")
    .at(-1)
    ?.closest("button");
  expect(button).toBeDisabled();
  expect(backend.uploads.applies).toHaveLength(1);
  await user.type(
    dialog?.findContent().findInput()?.findNativeInput().getElement() as HTMLElement,
    "BYPASS",
  );
  await user.click(button as HTMLElement);
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(2));
  expect(backend.uploads.applies[1]?.draft).toMatchObject({
    policy: { bypassLockoutCheck: true },
  });
});

test("a lockout that AWS finds after the journal was opened leads back to the form once undone", async () => {
  const backend = new FakeBackend();
  const { user, goTo, next } = await openWizard(backend);
  await goTo("Expiry and policy");
  await user.click(screen.getByText("JSON"));
  await screen.findByDisplayValue(/2012-10-17/);
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  const error = EVERY_ERROR.policyLocksOut;
  backend.uploads.applies[0]?.stop(2, { error });
  await screen.findByText("Stopped half-way");
  await user.click(screen.getByText("Undo"));
  await waitFor(() => expect(backend.store.works).toHaveLength(1));
  const [open] = backend.store.operations;
  if (open) {
    backend.store.works[0]?.end({ ...open, state: "undone", undo: null });
  }
  await user.click(await screen.findByText("Edit and upload again"));
  await waitFor(() => expect(heading()).toBe("Expiry and policy"));
  expect(document.body).toHaveTextContent("could not change the policy afterwards");
  expect(screen.getByDisplayValue(/2012-10-17/)).toBeVisible();
});

test("deciding later makes a key that waits, and offers the import next", async () => {
  const backend = new FakeBackend();
  const { user, goTo, next } = await openWizard(backend);
  await user.click(screen.getByText("Decide later"));
  await goTo("Expiry and policy");
  expect(document.body).toHaveTextContent("It is chosen when the material is imported.");
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  expect(document.body).toHaveTextContent("The key waits for its material");
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  backend.uploads.applies[0]?.finish();
  await user.click(await screen.findByText("Import key material"));
  await waitFor(() => expect(place()).toMatch(/\/import$/));
});

test("a plan that is no longer true is not applied: the differences and the new plan are shown", async () => {
  const backend = new FakeBackend();
  const { goTo, next } = await openWizard(backend);
  await goTo("Review");
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  backend.uploads.applies[0]?.fail({
    code: "planChanged",
    differences: ["The alias now names another key.", HOSTILE.markup],
  });
  expect(await screen.findByText("The alias now names another key.")).toBeVisible();
  await waitFor(() => expect(backend.asked("plan_upload")).toHaveLength(2));
  expect(heading()).toBe("Review");
  await next();
  await waitFor(() => expect(backend.uploads.applies[1]?.plan.operation).toBe("op-new-2"));
});

test("an upload goes on in the background, and its notice cancels it between steps", async () => {
  const backend = new FakeBackend();
  const { user, goTo, next } = await openWizard(backend);
  await goTo("Review");
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  const [apply] = backend.uploads.applies;
  apply?.step(1);
  await user.click(await screen.findByText("Continue in the background"));
  const notices = await screen.findByTestId("notices");
  await waitFor(() => expect(notices).toHaveTextContent("Step 2 of 7"));
  await user.click(screen.getByLabelText(/^Cancel: Upload key/));
  expect(backend.asked("cancel_task")).toEqual([{ task: apply?.task }]);
  apply?.stop(2);
  await waitFor(() => expect(notices).toHaveTextContent("stopped half-way"));
  await user.click(within(notices).getByText("Finish or undo"));
  await waitFor(() => expect(place()).toBe("/activity/op-new-1"));
});

test("what was typed survives leaving and a restart; starting over clears it", async () => {
  const backend = new FakeBackend();
  const { user, goTo } = await openWizard(backend);
  await user.click(screen.getByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  await screen.findByText("payments.key");
  await goTo("Key");
  await user.type(screen.getByPlaceholderText("alias/prod/payments"), "alias/mine");
  await user.click(screen.getByText("Overview"));
  await screen.findByText("What needs you today");
  expect(backend.asked("drop_file")).toEqual([]);
  await waitFor(() =>
    expect(backend.preferences.find(({ name }) => name === "upload.draft")?.value).toContain(
      "alias/mine",
    ),
  );

  const restarted = new FakeBackend();
  restarted.preferences = backend.preferences.filter(({ name }) => name !== "place");
  restarted.uploads.refuse = ({ material }) =>
    material.from === "file" ? EVERY_ERROR.fileForgotten : undefined;
  document.body.innerHTML = "";
  const again = await openWizard(restarted);
  expect(screen.getByText("payments.key")).toBeVisible();
  expect(await screen.findByText(/Choose the file again/)).toBeVisible();
  await again.user.click(screen.getByText("Generate"));
  await again.goTo("Key");
  expect(screen.getByDisplayValue("alias/mine")).toBeVisible();
  await again.user.click(screen.getByText("Start over"));
  await waitFor(() => expect(heading()).toBe("Key material"));
  await again.goTo("Key");
  expect(screen.queryByDisplayValue("alias/mine")).toBeNull();
});

test("cancelling lets the file go, and keeps what was typed", async () => {
  const backend = new FakeBackend();
  const { cloudscape, user } = await openWizard(backend);
  await user.click(screen.getByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  await screen.findByText("payments.key");
  await user.click(cloudscape.findWizard()?.findCancelButton().getElement() as HTMLElement);
  await waitFor(() => expect(place()).toBe("/keys"));
  expect(backend.asked("drop_file")).toEqual([{ handle: "key-file" }]);
});

test("a real account without backups asks for them once; the passphrase crosses only sealed", async () => {
  const backend = new FakeBackend();
  backend.registrations = [PRODUCTION];
  backend.store.settings = { folder: null, proposed: "/home/jo/backups", passphraseKept: false };
  const { user, goTo, next } = await openWizard(backend);
  await goTo("Backups");
  expect(screen.getByDisplayValue("/home/jo/backups")).toBeVisible();
  const [one, two] = passwords();
  await user.type(one as HTMLElement, "planted secret passphrase");
  await user.type(two as HTMLElement, "another");
  await next();
  expect(
    await screen.findByText(/The two passphrases that were typed are not the same/),
  ).toBeVisible();
  await user.clear(passwords()[1] as HTMLElement);
  await user.type(passwords()[1] as HTMLElement, "planted secret passphrase");
  await next();
  await waitFor(() => expect(heading()).toBe("Review"));
  expect(backend.store.openedTexts).toContain("planted secret passphrase");
  expect(JSON.stringify(backend.calls)).not.toContain("planted secret");
  expect(document.body.innerHTML).not.toContain("planted secret");
  expect(JSON.stringify(backend.preferences)).not.toContain("planted secret");
});

function passwords(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("input[type=password]")];
}

test("the sandbox asks nothing about backups", async () => {
  const backend = new FakeBackend();
  backend.store.settings = { folder: null, proposed: "/home/jo/backups", passphraseKept: false };
  const { goTo } = await openWizard(backend);
  await goTo("Expiry and policy");
  expect(screen.queryByText("Backups")).toBeNull();
});

test("stored material is offered if it fits, and can be named by the URL", async () => {
  const backend = new FakeBackend();
  backend.store.materials = [
    makeMaterial(1, { name: "payments", spec: "HMAC_256" }),
    makeMaterial(2, { name: HOSTILE.markup }),
  ];
  const { goTo } = await openWizard(backend, "/keys/upload?material=m-0001");
  expect(await screen.findByText("payments")).toBeVisible();
  await waitFor(() => expect(place()).toBe("/keys/upload"));
  await goTo("Review");
  expect((await lastAsked(backend, "plan_upload")).draft).toMatchObject({
    material: { from: "stored", id: "m-0001" },
    spec: "HMAC_256",
    usage: "GENERATE_VERIFY_MAC",
  });
});

test("hostile texts stay text", async () => {
  const backend = new FakeBackend();
  backend.store.keyFile = { handle: "key-file", name: HOSTILE.markup, size: 32 };
  backend.uploads.notes = [{ note: "fileStays", name: HOSTILE.markup }];
  backend.uploads.principals.users = [HOSTILE.markup];
  backend.registrations = [{ ...SANDBOX, name: HOSTILE.markup }];
  const { user, goTo, next } = await openWizard(backend);
  await user.click(screen.getByText("From a file"));
  await user.click(screen.getByText("Choose file"));
  expect(await screen.findByText(HOSTILE.markup)).toBeVisible();
  await goTo("Review");
  await next();
  await waitFor(() => expect(backend.uploads.applies).toHaveLength(1));
  backend.uploads.applies[0]?.finish();
  expect(await screen.findByText(/still lies there in clear/)).toHaveTextContent(HOSTILE.markup);
  expect(document.body.dataset.hacked).toBeUndefined();
  expect(document.querySelector("main img")).toBeNull();
});

test("without an account there is nothing to upload into", async () => {
  const backend = new FakeBackend();
  backend.registrations = [];
  const { user } = openWindow(backend, "/keys/upload");
  expect(await screen.findByText("No account is connected")).toBeVisible();
  await user.click(screen.getAllByText("Connect your AWS account").at(-1) as HTMLElement);
  await waitFor(() => expect(place()).toBe("/first-steps"));
});
