// A desktop for the tests alone: a display without a screen, a session bus, a keychain, an empty home.
// Nothing of the person's own session is read or written.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ask, end, environment, start } from "./run.mjs";

/** Calls `work` with the environment of a fresh desktop and takes the desktop down afterwards. */
export async function withDesktop(work) {
  const home = await mkdtemp(join(tmpdir(), "ownkey-desktop-"));
  const running = [];
  try {
    const env = await freshHome(home);
    if (process.env.OWNKEY_E2E_DISPLAY === "1") {
      console.log(
        `Display: ${process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY} (OWNKEY_E2E_DISPLAY=1)`,
      );
    } else {
      env.DISPLAY = await startDisplay(running);
      env.WAYLAND_DISPLAY = undefined;
      env.GDK_BACKEND = "x11";
    }
    env.DBUS_SESSION_BUS_ADDRESS = await startSessionBus(running, env);
    await startKeychain(running, env);
    return await work(env);
  } finally {
    for (const child of running.reverse()) await end(child);
    await rm(home, { recursive: true, force: true });
  }
}

async function freshHome(home) {
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_DATA_HOME: join(home, ".local/share"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_STATE_HOME: join(home, ".local/state"),
    XDG_RUNTIME_DIR: join(home, "run"),
  };
  for (const folder of Object.values(env)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return env;
}

async function startDisplay(running) {
  // Xvfb takes a free number by itself and says which: no guess, no race.
  const screen = ["-screen", "0", "2000x1400x24", "-dpi", "96"];
  const xvfb = start("Xvfb", ["-displayfd", "3", ...screen, "-nolisten", "tcp", "-noreset"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    env: environment(),
  });
  running.push(xvfb);
  return `:${await firstLine(xvfb, xvfb.stdio[3], "Xvfb")}`;
}

async function startSessionBus(running, env) {
  const bus = start("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "ignore"],
    env: environment(env),
  });
  running.push(bus);
  return firstLine(bus, bus.stdout, "dbus-daemon");
}

async function startKeychain(running, env) {
  const keychain = start(
    "gnome-keyring-daemon",
    ["--foreground", "--unlock", "--components=secrets"],
    {
      stdio: ["pipe", "ignore", "ignore"],
      env: environment(env),
    },
  );
  running.push(keychain);
  keychain.stdin.end("test");
  const question = [
    `--bus=${env.DBUS_SESSION_BUS_ADDRESS}`,
    "--dest=org.freedesktop.DBus",
    "--print-reply",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.GetNameOwner",
    "string:org.freedesktop.secrets",
  ];
  const deadline = Date.now() + 20_000;
  while (ask("dbus-send", question) === null) {
    if (Date.now() > deadline) throw new Error("gnome-keyring did not appear on the session bus");
    await pause(50);
  }
}

function firstLine(child, stream, name) {
  return new Promise((done, fail) => {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (more) => {
      text += more;
      if (text.includes("\n")) done(text.split("\n")[0].trim());
    });
    child.once("error", (error) => fail(new Error(`${name} did not start: ${error.message}`)));
    child.once("close", (code) => fail(new Error(`${name} ended with ${code}`)));
  });
}
