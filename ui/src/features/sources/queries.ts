// What the sources feature asks the backend.

import { useCached } from "../../api/answers";
import { commands } from "../../api/bindings";

export function useMaterials() {
  return useCached(["materials"], () => commands.listMaterials());
}
