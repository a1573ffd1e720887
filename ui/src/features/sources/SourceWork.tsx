// What can be done with stored material: the dialogs, and what came of it.

import Alert from "@cloudscape-design/components/alert";
import ButtonDropdown, {
  type ButtonDropdownProps,
} from "@cloudscape-design/components/button-dropdown";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import type { BackupFile, StoredMaterial } from "../../api/bindings";
import { usePaths } from "../../app/session";
import { Copyable } from "../../parts/Copy";
import { Foreign } from "../../parts/Foreign";
import { PathLink } from "../../parts/PathLink";
import { BackUpMaterial } from "./BackUpMaterial";
import { ExportMaterial } from "./ExportMaterial";
import { GenerateMaterial } from "./GenerateMaterial";
import { ImportFile } from "./ImportFile";
import { verifiable } from "./material";
import { RemoveMaterial } from "./RemoveMaterial";
import { RestoreBackup } from "./RestoreBackup";
import { VerifyBackup } from "./VerifyBackup";

export type Work =
  | { on: "generate" | "import" | "restore" }
  | { on: "backUp" | "export" | "remove"; material: StoredMaterial }
  | { on: "verify"; material: StoredMaterial; backup?: BackupFile };

/** What came of it. */
type Outcome =
  | { of: "generated" | "imported" | "restored" | "known"; material: StoredMaterial }
  | { of: "backedUp" | "verified" | "exported"; material: StoredMaterial; path?: string }
  | { of: "removed"; name: string };

export interface SourceWork {
  start: (work: Work) => void;
  /** What came of the last one; stands above the content. */
  notice: ReactNode;
  /** The dialog that is open. */
  dialog: ReactNode;
}

/** `known` is what the store had before; `removed` is called once the material is no longer there. */
export function useSourceWork(
  known: readonly StoredMaterial[],
  removed: () => void = () => undefined,
): SourceWork {
  const [work, setWork] = useState<Work>();
  const [outcome, setOutcome] = useState<Outcome>();
  const close = () => setWork(undefined);
  const start = (next: Work) => {
    setOutcome(undefined);
    setWork(next);
  };
  const end = (came: Outcome) => {
    close();
    setOutcome(came);
  };
  const added = (of: "generated" | "imported" | "restored") => (material: StoredMaterial) =>
    end({ of: known.some(({ id }) => id === material.id) ? "known" : of, material });

  const backedUp = (material: StoredMaterial) => {
    // Written anew, or found good and recorded anew: the latest either way.
    const path = material.backups[0]?.path;
    end({ of: "backedUp", material, ...(path ? { path } : {}) });
  };
  const exported = (material: StoredMaterial) => {
    const path = newPath(material, known);
    end({ of: "exported", material, ...(path ? { path } : {}) });
  };

  return {
    start,
    notice: outcome && (
      <div role="status" data-testid="source-outcome">
        <Alert
          type={outcome.of === "known" ? "info" : "success"}
          dismissible
          dismissAriaLabel="Dismiss"
          onDismiss={() => setOutcome(undefined)}
        >
          <OutcomeText outcome={outcome} />
        </Alert>
      </div>
    ),
    dialog: work && dialog(work),
  };

  function dialog(now: Work): ReactNode {
    switch (now.on) {
      case "generate":
        return <GenerateMaterial done={added("generated")} close={close} />;
      case "import":
        return <ImportFile done={added("imported")} close={close} />;
      case "restore":
        return <RestoreBackup done={added("restored")} close={close} />;
      case "backUp":
        return <BackUpMaterial material={now.material} done={backedUp} close={close} />;
      case "export":
        return <ExportMaterial material={now.material} done={exported} close={close} />;
      case "verify":
        return (
          <VerifyBackup
            material={now.material}
            backup={now.backup}
            done={(material, path) => end({ of: "verified", material, path })}
            close={close}
          />
        );
      case "remove":
        return (
          <RemoveMaterial
            material={now.material}
            backUp={() => start({ on: "backUp", material: now.material })}
            done={() => {
              end({ of: "removed", name: now.material.name });
              removed();
            }}
            close={close}
          />
        );
    }
  }
}

function OutcomeText({ outcome }: { outcome: Outcome }) {
  const paths = usePaths();
  if (outcome.of === "removed") {
    return (
      <>
        <Foreign text={outcome.name} max={80} /> was removed from OwnKey’s store. Its backup files
        stay where they are.
      </>
    );
  }
  const name = (
    <PathLink to={paths.source(outcome.material.id)}>
      <Foreign text={outcome.material.name} max={80} />
    </PathLink>
  );
  const path =
    "path" in outcome && outcome.path ? (
      <>
        : <Copyable text={outcome.path} what="path of the file" />
      </>
    ) : (
      "."
    );
  switch (outcome.of) {
    case "generated":
      return <>{name} was generated and sealed. No backup of it exists yet: back it up now.</>;
    case "imported":
      return <>{name} was read from the file and sealed.</>;
    case "restored":
      return <>{name} was restored from the backup and sealed.</>;
    case "known":
      return <>These bytes are in the store already, as {name}. It stays as it is.</>;
    case "backedUp":
      return (
        <>
          A backup of {name} was written, opened again and compared{path}
        </>
      );
    case "exported":
      return (
        <>
          {name} was exported, and the file was opened again and compared{path}
        </>
      );
    case "verified":
      return (
        <>
          The backup holds exactly the bytes of {name}
          {path}
        </>
      );
  }
}

/** The file that was not among the backups before, if the backend names it. */
function newPath({ id, backups }: StoredMaterial, known: readonly StoredMaterial[]) {
  const before = known.find((one) => one.id === id)?.backups ?? [];
  return backups.find(({ path }) => !before.some((one) => one.path === path))?.path;
}

/** Everything that can be done with one material, in a menu. */
export function SourceMenu(props: { material: StoredMaterial; start: (work: Work) => void }) {
  const { material, start } = props;
  const paths = usePaths();
  const navigate = useNavigate();
  const items: ButtonDropdownProps.Items = [
    { id: "backUp", text: "Back up now" },
    {
      id: "verify",
      text: "Verify backup",
      disabled: verifiable(material).length === 0,
      disabledReason:
        material.backups.length === 0
          ? "There is no backup of it yet."
          : "Its files have passphrases of their own: restore from one to try it.",
    },
    { id: "export", text: "Export" },
    { id: "upload", text: "Upload as a new key" },
    { id: "remove", text: "Remove" },
  ];
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={`Actions for ${material.name}`}
      items={items}
      onItemClick={({ detail: { id } }) => {
        if (id === "upload") {
          navigate(paths.upload(material.id));
        } else {
          start({ on: id as "backUp" | "verify" | "export" | "remove", material });
        }
      }}
    />
  );
}
