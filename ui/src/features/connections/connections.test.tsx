import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../../testing/fake";
import { DENIED, EVERY_ERROR, PRODUCTION, SANDBOX } from "../../testing/fixtures";
import { lastAsked, openWindow, place } from "../../testing/window";

async function openWizard(backend = new FakeBackend()) {
  const opened = openWindow(backend, "/connections/new");
  await screen.findByText("corporate-sso");
  const wizard = opened.cloudscape.findWizard();
  const next = () => opened.user.click(wizard?.findPrimaryButton().getElement() as HTMLElement);
  return { backend, next, ...opened };
}

test("an account is connected in three steps: sign in, what was found, name and regions", async () => {
  const backend = new FakeBackend();
  backend.connection.regions = [
    { region: "eu-central-1", heldBy: null },
    { region: "eu-west-1", heldBy: "Production" },
    { region: "us-east-1", heldBy: null },
  ];
  backend.connection.refused = [
    { region: null, action: "iam:ListAccountAliases", error: DENIED, times: 1 },
  ];
  const { user, next } = await openWizard(backend);
  await user.click(screen.getByLabelText(/^staging/));
  await user.type(screen.getByPlaceholderText("eu-central-1"), "us-east-1");
  await next();
  const { draft } = await lastAsked(backend, "test_connection");
  expect(draft).toEqual({
    kind: { kind: "profile", profile: "staging" },
    region: "us-east-1",
    endpointUrl: "",
  });

  await screen.findByText("acme-production");
  for (const text of [
    "444455556666",
    "arn:aws:iam::444455556666:user/jo",
    "iam:ListAccountAliases",
    DENIED.cause,
  ]) {
    expect(document.querySelector("main")).toHaveTextContent(text);
  }
  await next();

  const held = await screen.findByLabelText("eu-west-1");
  expect(held).toBeDisabled();
  expect(screen.getByText("Held by the registration “Production”")).toBeVisible();
  const name = screen.getByDisplayValue("acme-production");
  await user.clear(name);
  await user.type(name, "Staging");
  await user.click(screen.getByLabelText("us-east-1"));
  await next();
  const { registration } = await lastAsked(backend, "register_account");
  expect(registration).toEqual({ name: "Staging", regions: ["eu-central-1"] });
  await waitFor(() => expect(place()).toBe("/connections"));
  expect(await screen.findByText("Staging")).toBeVisible();
  await waitFor(() => expect(backend.syncs.map((sync) => sync.registration)).toContain("r-2"));
});

test("profiles that OwnKey cannot use yet are off and say why", async () => {
  await openWizard();
  expect(screen.getByLabelText(/^corporate-sso/)).toBeDisabled();
  expect(
    screen.getByText("Signs in with IAM Identity Center, which OwnKey cannot do yet."),
  ).toBeVisible();
  expect(screen.getByLabelText(/^empty/)).toBeDisabled();
});

test("a refused sign-in keeps the step, says what to do, and can be tried again", async () => {
  const { backend, user, next } = await openWizard();
  backend.refusals = { test_connection: EVERY_ERROR.credentialsRefused };
  await user.click(screen.getByLabelText(/^production/));
  await next();
  await screen.findByText("AWS refused the credentials");
  expect(screen.getByLabelText(/^production/)).toBeChecked();
  backend.refusals = {};
  await user.click(screen.getByText("Try again"));
  await screen.findByText("Who you are to AWS, and what these credentials were refused.");
});

test("a refused field is marked where it is", async () => {
  const { backend, next } = await openWizard();
  backend.refusals = {
    test_connection: {
      code: "invalidInput",
      field: "endpointUrl",
      reason: "An endpoint URL starts with https://.",
    },
  };
  await next();
  expect(await screen.findByText("An endpoint URL starts with https://.")).toBeVisible();
  expect(screen.queryByText("This cannot be accepted")).toBeNull();
});

test("a taken name is marked at the name", async () => {
  const { backend, user, next } = await openWizard();
  await user.click(screen.getByLabelText(/^production/));
  await next();
  await screen.findByText("acme-production");
  await next();
  await screen.findByText("Choose none");
  backend.refusals = { register_account: EVERY_ERROR.nameTaken };
  await next();
  await screen.findByText("Another registration is already called “Production”.");
  expect(place()).toBe("/connections/new");
});

test("what was typed survives leaving the wizard", async () => {
  const { user } = await openWizard();
  await user.type(screen.getByPlaceholderText("eu-central-1"), "eu-west-3");
  await user.click(screen.getByText("Overview"));
  await screen.findByText("What needs you today");
  await user.click(screen.getByText("Connect your AWS account"));
  expect(await screen.findByDisplayValue("eu-west-3")).toBeVisible();
});

test("registrations that cannot be listed are not shown as none", async () => {
  const backend = new FakeBackend();
  const { user } = openWindow(backend, "/connections");
  await screen.findByLabelText("Remove Sandbox");
  backend.refusals = { list_registrations: EVERY_ERROR.unexpected };
  await backend.announce({ what: "registrations" });
  await screen.findByText("Something unforeseen happened");
  expect(screen.queryByText("No account is connected")).toBeNull();
  backend.refusals = {};
  await user.click(screen.getByText("Try again"));
  await screen.findByLabelText("Remove Sandbox");
});

test("removing a registration says that AWS is not touched and asks for its name", async () => {
  const backend = new FakeBackend();
  backend.registrations = [SANDBOX, PRODUCTION];
  const { cloudscape, user } = openWindow(backend, "/connections");
  await user.click(await screen.findByLabelText("Synchronise Production"));
  await screen.findByText("Synchronising Production");
  await user.click(screen.getByLabelText("Remove Production"));
  const dialog = cloudscape.findModal()?.getElement() as HTMLElement;
  expect(dialog).toHaveTextContent("Nothing in AWS is touched");
  const remove = within(dialog).getAllByText("Remove registration").at(-1)?.closest("button");
  expect(remove).toBeDisabled();
  await user.type(
    cloudscape
      .findModal()
      ?.findContent()
      .findInput()
      ?.findNativeInput()
      .getElement() as HTMLElement,
    "Production",
  );
  await user.click(remove as HTMLElement);
  await waitFor(() =>
    expect(backend.asked("remove_registration")).toEqual([{ id: PRODUCTION.id }]),
  );
  expect(backend.asked("cancel_task")).toEqual([{ task: backend.syncs[0]?.task }]);
  await waitFor(() => expect(screen.queryByText("Production")).toBeNull());
  expect(screen.queryByText(/Synchronising/)).toBeNull();
});
