// The desktop's keychain, looked at and locked without OwnKey.

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { environment } from "../../../src-tauri/scripts/lib/run.mjs";

const run = promisify(execFile);

/** Under which the build that is tested keeps its entries. */
const SERVICE = "dev.ownkey.desktop.development";

/** An entry of the keychain as the desktop's own command reads it; null without one. */
export async function keychainEntry(name) {
  return secretTool("lookup", "service", SERVICE, "username", name);
}

/** Everything that OwnKey keeps in the keychain, as one text. */
export async function keychainContents() {
  return (await secretTool("search", "--all", "service", SERVICE)) ?? "";
}

async function secretTool(...args) {
  try {
    return (await run("secret-tool", args, { env: environment() })).stdout;
  } catch (error) {
    // How the command says that there is nothing.
    if (error.code === 1 && error.stdout === "") return null;
    throw error;
  }
}

/** Locks the keychain of a desktop, and leaves nobody there who could be asked to unlock it. */
export async function lockKeychain(desktop) {
  const services = join(desktop.XDG_RUNTIME_DIR, "dbus-1/services");
  await mkdir(services, { recursive: true });
  const prompter = "org.gnome.keyring.SystemPrompter";
  await writeFile(
    join(services, `${prompter}.service`),
    `[D-BUS Service]\nName=${prompter}\nExec=/bin/false\n`,
  );
  const ask = (to, path, method, ...values) =>
    run(
      "dbus-send",
      [
        `--bus=${desktop.DBUS_SESSION_BUS_ADDRESS}`,
        `--dest=${to}`,
        "--print-reply",
        path,
        method,
        ...values,
      ],
      { env: environment(desktop) },
    );
  await ask("org.freedesktop.DBus", "/", "org.freedesktop.DBus.ReloadConfig");
  await ask(
    "org.freedesktop.secrets",
    "/org/freedesktop/secrets",
    "org.freedesktop.Secret.Service.Lock",
    "array:objpath:/org/freedesktop/secrets/collection/login",
  );
}

/** The files below a folder that hold this text or these bytes, whatever their kind. */
export async function filesWith(folder, secret) {
  const found = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name);
    if ((await stat(path).catch(() => undefined))?.isFile()) {
      if ((await readFile(path)).includes(secret)) found.push(name);
    }
  }
  return found;
}
