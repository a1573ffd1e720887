// Installs what the machine lacks, after saying what and why.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { ask, onPath, runInTerminal } from "./run.mjs";

/** Looks at Rust, Node and the operating system; resolves to whether the work can go on. */
export async function prepareSystem(needs, { dryRun = false } = {}) {
  const lacking = [...lackingToolchain(), ...lackingOnThisPlatform()];
  if (lacking.length > 0) {
    console.error("Missing, and to be installed by you:");
    for (const { what, where } of lacking) console.error(`  - ${what}: ${where}`);
    return false;
  }
  return process.platform === "linux" ? prepareLinux(needs, dryRun) : true;
}

function lackingToolchain() {
  const lacking = [];
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    lacking.push({
      what: `Node 20.19 or newer (this is ${process.versions.node})`,
      where: "https://nodejs.org",
    });
  }
  const wanted = /rust-version = "(\d+)\.(\d+)/.exec(
    readFileSync(join(root, "Cargo.toml"), "utf8"),
  );
  const found = /^rustc (\d+)\.(\d+)/.exec(ask("rustc", ["--version"]) ?? "");
  const newEnough =
    found && (+found[1] > +wanted[1] || (found[1] === wanted[1] && +found[2] >= +wanted[2]));
  if (!newEnough || ask("cargo", ["--version"]) === null) {
    const state = found ? `this is ${found[1]}.${found[2]}: rustup update` : "none found";
    lacking.push({
      what: `Rust ${wanted[1]}.${wanted[2]} or newer (${state})`,
      where: "https://rustup.rs",
    });
  }
  return lacking;
}

function lackingOnThisPlatform() {
  if (process.platform === "darwin") {
    return ask("xcode-select", ["-p"]) === null
      ? [{ what: "Xcode command line tools", where: "run: xcode-select --install" }]
      : [];
  }
  if (process.platform !== "win32") return [];
  const lacking = [];
  if (!hasMsvc()) {
    lacking.push({
      what: 'MSVC build tools ("Desktop development with C++")',
      where: "https://visualstudio.microsoft.com/visual-cpp-build-tools/",
    });
  }
  if (!hasWebView2()) {
    lacking.push({
      what: "WebView2 runtime",
      where: "https://developer.microsoft.com/microsoft-edge/webview2/",
    });
  }
  return lacking;
}

function hasMsvc() {
  const programs = process.env["ProgramFiles(x86)"] ?? "C:\\Program Files (x86)";
  const vswhere = `${programs}\\Microsoft Visual Studio\\Installer\\vswhere.exe`;
  const tools = "Microsoft.VisualStudio.Component.VC.Tools.x86.x64";
  return Boolean(
    ask(vswhere, ["-products", "*", "-requires", tools, "-property", "installationPath"]),
  );
}

function hasWebView2() {
  const client = "Microsoft\\EdgeUpdate\\Clients\\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
  return ["HKLM\\SOFTWARE\\WOW6432Node", "HKLM\\SOFTWARE", "HKCU\\Software"].some(
    (hive) => ask("reg", ["query", `${hive}\\${client}`, "/v", "pv"]) !== null,
  );
}

async function prepareLinux(needs, dryRun) {
  const lacking = needs.filter((need) => !need.present());
  if (lacking.length === 0) {
    console.log("System packages: nothing is missing.");
    return true;
  }
  const manager = packageManager();
  console.log("Missing on this machine:");
  for (const { what, why } of lacking) console.log(`  - ${what}: ${why}`);
  if (!manager) {
    console.error(
      "Neither apt-get nor dnf is here: please install these by your own package manager.",
    );
    return false;
  }
  const packages = lacking.flatMap((need) => need[manager.name]);
  const lines = manager.commands(packages).map(asAdministrator);
  console.log("To be run now:");
  for (const line of lines) console.log(`  ${line.join(" ")}`);
  if (dryRun) return true;
  if (lines[0][0] === "sudo" && !onPath("sudo")) {
    console.error(
      "That needs root, and there is no sudo here: run the above as root, then start again.",
    );
    return false;
  }
  for (const [command, ...args] of lines) {
    const code = await runInTerminal(command, args);
    if (code !== 0) {
      console.error(`${command} ended with ${code}.`);
      return false;
    }
  }
  const still = lacking.filter((need) => !need.present());
  for (const { what } of still) console.error(`Still missing after the installation: ${what}`);
  return still.length === 0;
}

function packageManager() {
  const managers = [
    {
      name: "apt",
      program: "apt-get",
      commands: (packages) => [
        ["apt-get", "update", "-q"],
        [
          "env",
          "DEBIAN_FRONTEND=noninteractive",
          "apt-get",
          "install",
          "-q",
          "-y",
          "--no-install-recommends",
          ...packages,
        ],
      ],
    },
    {
      name: "dnf",
      program: "dnf",
      commands: (packages) => [["dnf", "install", "-y", ...packages]],
    },
  ];
  return managers.find(({ program }) => onPath(program));
}

function asAdministrator(command) {
  if (process.getuid() === 0) return command;
  // In CI nobody could type a password: fail at once in place of waiting.
  return process.env.CI ? ["sudo", "-n", ...command] : ["sudo", ...command];
}
