// From the start of the released program to the painted list, and the memory of all its processes.

import { fileURLToPath } from "node:url";
import { withDesktop } from "../lib/desktop.mjs";
import { toDrive } from "../lib/needs.mjs";
import { pythonProgram } from "../lib/python.mjs";
import { prepareSystem } from "../lib/system.mjs";
import { binaries, jsonOf } from "./programs.mjs";

/** Several starts on a display of its own; the middle one counts. */
export async function windowStart() {
  if (!(await prepareSystem(toDrive))) throw new Error("the window cannot be driven here");
  const script = fileURLToPath(new URL("window_starts.mjs", import.meta.url));
  const found = await withDesktop((env) =>
    jsonOf(process.execPath, [script], {
      ...env,
      OWNKEY_APP: binaries.app,
      OWNKEY_PYTHON: pythonProgram("python"),
    }),
  );
  return { name: "start to the painted list of keys, all processes", ...found };
}
