import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FakeBackend } from "../../testing/fake";
import { EVERY_ERROR } from "../../testing/fixtures";
import { FOLDER } from "../../testing/operationFixtures";
import { lastAsked, openWindow } from "../../testing/window";

const PASSPHRASE = "six random words are quite strong";

async function openSettings(change: (backend: FakeBackend) => void = () => undefined) {
  const backend = new FakeBackend();
  change(backend);
  const opened = openWindow(backend, "/settings");
  await screen.findByRole("heading", { name: "Backups" });
  return { backend, store: backend.store, ...opened };
}

test("the folder is shown, and whether the keychain has the passphrase, never the passphrase", async () => {
  const { backend, user } = await openSettings();
  await screen.findByText(FOLDER);
  expect(screen.getByText("In the keychain, for later backups")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Change folder" }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Choose folder" }));
  await waitFor(() =>
    expect(within(dialog).getByRole("textbox", { name: "Backup folder" })).toHaveValue(
      "/media/jo/safe",
    ),
  );
  expect(within(dialog).queryByLabelText("Passphrase")).toBeNull();
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await lastAsked(backend, "set_up_backups")).toEqual({
    folder: "/media/jo/safe",
    passphrase: null,
    repeated: null,
  });
  await screen.findByText(/^Saved\./);
  expect(await screen.findByText("/media/jo/safe")).toBeVisible();
});

test("a folder that cannot be written to is said at the folder", async () => {
  const { user } = await openSettings((backend) => {
    backend.refusals = { set_up_backups: EVERY_ERROR.backupFolderNotWritable };
  });
  await user.click(await screen.findByRole("button", { name: "Change folder" }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  await within(dialog).findByText(/OwnKey cannot write to/);
});

test("another passphrase: existing backups keep the old one, and it crosses only encrypted", async () => {
  const { backend, store, user } = await openSettings();
  await user.click(await screen.findByRole("button", { name: "Change passphrase" }));
  const dialog = screen.getByRole("dialog");
  expect(dialog).toHaveTextContent("Backups that exist already keep their old passphrase");
  await user.type(within(dialog).getByLabelText("Passphrase"), PASSPHRASE);
  await user.type(within(dialog).getByLabelText("Repeat the passphrase"), `${PASSPHRASE} `);
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  await within(dialog).findByText(/two passphrases that were typed are not the same/);
  await user.type(within(dialog).getByLabelText("Repeat the passphrase"), "{Backspace}{Enter}");
  await screen.findByText(/^Saved\./);
  expect(store.passphrase).toBe(PASSPHRASE);
  expect(JSON.stringify(backend.calls)).not.toContain(PASSPHRASE);
});

test("where nothing is set up yet, both are asked for", async () => {
  const { backend, user } = await openSettings((one) => {
    one.store.settings = { folder: null, proposed: FOLDER, passphraseKept: false };
  });
  await screen.findByText("Not chosen yet");
  await user.click(screen.getByRole("button", { name: "Set up backups" }));
  const dialog = screen.getByRole("dialog");
  expect(within(dialog).getByRole("textbox", { name: "Backup folder" })).toHaveValue(FOLDER);
  await user.type(within(dialog).getByLabelText("Passphrase"), PASSPHRASE);
  await user.type(within(dialog).getByLabelText("Repeat the passphrase"), PASSPHRASE);
  await user.click(within(dialog).getByRole("button", { name: "Set up backups" }));
  await screen.findByText("In the keychain, for later backups");
  expect(await lastAsked(backend, "set_up_backups")).toMatchObject({ folder: FOLDER });
});

test("settings that cannot be read are not shown as none", async () => {
  const { user, backend } = await openSettings((one) => {
    one.refusals = { read_backup_settings: EVERY_ERROR.keychainLocked };
  });
  await screen.findByText("The keychain is locked");
  expect(screen.queryByText("Not chosen yet")).toBeNull();
  backend.refusals = {};
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText(FOLDER);
});
