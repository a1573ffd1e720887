// What a machine needs beside Rust and Node, and how to see whether it has it.
// Asked is for the ability, not for the package's name, so that a machine set up otherwise passes too.

import { ask, onPath } from "./run.mjs";

const program =
  (...names) =>
  () =>
    names.every(onPath);
const library = (name) => () => ask("pkg-config", ["--exists", name]) !== null;
const font = (family) => () => (ask("fc-list", [`:family=${family}`, "family"]) ?? "") !== "";

/** To build the app and open its window. */
export const toBuild = [
  {
    what: "a C compiler",
    why: "the cryptography and SQLite are C",
    present: () => ask("cc", ["-E", "-"], "#include <stdlib.h>\n") !== null,
    apt: ["build-essential"],
    dnf: ["gcc", "gcc-c++", "make"],
  },
  {
    what: "pkg-config",
    why: "finds the libraries below",
    present: program("pkg-config"),
    apt: ["pkg-config"],
    dnf: ["pkgconf-pkg-config"],
  },
  {
    what: "WebKitGTK 4.1",
    why: "shows the window",
    present: library("webkit2gtk-4.1"),
    apt: ["libwebkit2gtk-4.1-dev"],
    dnf: ["webkit2gtk4.1-devel"],
  },
  {
    what: "libdbus",
    why: "talks to the desktop's session",
    present: library("dbus-1"),
    apt: ["libdbus-1-dev"],
    dnf: ["dbus-devel"],
  },
];

/** To drive the real window on a machine without a screen. */
export const toDrive = [
  {
    what: "WebKitWebDriver",
    why: "drives the real window",
    present: program("WebKitWebDriver"),
    apt: ["webkit2gtk-driver"],
    dnf: ["/usr/bin/WebKitWebDriver"],
  },
  {
    what: "Xvfb",
    why: "a display without a screen",
    present: program("Xvfb"),
    apt: ["xvfb"],
    dnf: ["xorg-x11-server-Xvfb"],
  },
  {
    what: "dbus-daemon and dbus-send",
    why: "a session bus for the tests alone",
    present: program("dbus-daemon", "dbus-send"),
    apt: ["dbus"],
    dnf: ["dbus-daemon", "dbus-tools"],
  },
  {
    what: "gnome-keyring",
    why: "a real keychain for the tests alone",
    present: program("gnome-keyring-daemon"),
    apt: ["gnome-keyring"],
    dnf: ["gnome-keyring"],
  },
  {
    what: "secret-tool",
    why: "reads that keychain without OwnKey",
    present: program("secret-tool"),
    apt: ["libsecret-tools"],
    dnf: ["libsecret"],
  },
  {
    what: "the typefaces Open Sans and DejaVu",
    why: "pictures that look the same everywhere",
    present: () => font("Open Sans")() && font("DejaVu Sans Mono")(),
    apt: ["fontconfig", "fonts-open-sans", "fonts-dejavu-core"],
    dnf: ["fontconfig", "open-sans-fonts", "dejavu-sans-fonts", "dejavu-sans-mono-fonts"],
  },
];

/** To try the app against programs that others wrote. */
export const toMeetPeers = [
  {
    what: "Python 3 with venv",
    why: "boto3, the aws command and the MiniStack emulator",
    present: () => ask("python3", ["-c", "import ensurepip, venv"]) !== null,
    apt: ["python3-venv"],
    dnf: ["python3"],
  },
  {
    what: "age",
    why: "opens OwnKey's backups without OwnKey",
    present: program("age"),
    apt: ["age"],
    dnf: ["age"],
  },
  {
    what: "openssl",
    why: "opens what OwnKey wrapped",
    present: program("openssl"),
    apt: ["openssl"],
    dnf: ["openssl"],
  },
];
