// Where things lie. Every other script asks here.

import { homedir, platform } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(import.meta.url), "../../../..");

/** Downloaded tools and stamps; can be deleted at any time. */
export const cache = join(root, ".cache");

const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const exe = platform() === "win32" ? ".exe" : "";

export const binaries = {
  app: join(target, "debug", `ownkey${exe}`),
  sandbox: join(target, "debug", `ownkey-sandbox${exe}`),
  syncPeer: join(target, "debug", "examples", `sync_peer${exe}`),
};

/** The same as they are released, and the programs that measure. */
export const releases = {
  app: join(target, "release", `ownkey${exe}`),
  sandbox: join(target, "release", `ownkey-sandbox${exe}`),
  bench: join(target, "release", "examples", `bench${exe}`),
  queries: join(target, "release", "examples", `queries${exe}`),
};

/** rustup's folder, for a shell that was opened before Rust was installed. */
export const cargoBin = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "bin");
