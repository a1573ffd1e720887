// The part of the fake backend that keeps operations, stored material, backups and envelopes.

import type {
  AppError,
  BackupFile,
  BackupSettings,
  Changed,
  EnvelopeKey,
  KeySpec,
  Operation,
  OperationPage,
  OperationQuery,
  PickedFile,
  SealedText,
  StoredMaterial,
} from "../api/bindings";
import { inDays } from "./fixtures";
import { FOLDER, makeMaterial } from "./operationFixtures";

type Arguments = Record<string, unknown>;

/** Work on an operation that the test moves on by hand. */
export interface FakeWork {
  work: "finish" | "undo";
  operation: string;
  task: string;
  confirmation: string;
  progress: (operation: Operation) => void;
  end: (operation: Operation) => void;
  fail: (error: AppError) => void;
}

export class FakeOperations {
  operations: Operation[] = [];
  materials: StoredMaterial[] = [];
  settings: BackupSettings = { folder: FOLDER, proposed: FOLDER, passphraseKept: true };
  /** What the system's dialogs answer; null: they are left. */
  keyFile: PickedFile | null = { handle: "key-file", name: "payments.key", size: 32 };
  backupFile: PickedFile | null = { handle: "backup-file", name: "payments.age", size: 391 };
  folder: string | null = "/media/jo/safe";
  exportTo: string | null = "/media/jo/safe/export.age";
  /** What a picked backup holds, and what opens it. */
  inBackup = makeMaterial(900, { name: "payments.age" });
  passphrase = "correct horse battery staple";
  /** Every text that was opened, the first one first: to be compared, never to be found elsewhere. */
  readonly openedTexts: string[] = [];
  readonly works: FakeWork[] = [];
  /** Called for all work that begins. */
  onWork: (work: FakeWork) => void = () => undefined;
  private readonly envelopes = new Set<string>();

  constructor(private readonly announce: (change: Changed) => Promise<void>) {}

  /** The answer to a command; undefined to one that is not of this part. */
  answer(command: string, args: Arguments): unknown {
    switch (command) {
      case "list_operations":
        return this.list(args.query as OperationQuery);
      case "describe_operation":
        return this.describe(args.id as string);
      case "finish_operation":
        return this.begin("finish", args);
      case "undo_operation":
        return this.begin("undo", args);
      case "leave_operation":
        return this.leave(args.id as string);
      case "list_materials":
        return this.materials;
      case "make_material":
        return this.add(
          makeMaterial(this.materials.length + 500, {
            name: args.name as string,
            spec: args.spec as KeySpec,
            createdAt: inDays(0),
          }),
        );
      case "store_material":
        return this.add(
          makeMaterial(this.materials.length + 500, {
            name: args.name as string,
            spec: args.spec as KeySpec,
            origin: { kind: "file", name: this.keyFile?.name ?? "" },
            createdAt: inDays(0),
          }),
        );
      case "restore_backup":
        return this.restore(args.passphrase as SealedText);
      case "back_up_material":
        return this.backUp(args.id as string);
      case "verify_backup":
        return this.changeBackup(args.id as string, args.path as string);
      case "export_material":
        return this.export(args);
      case "remove_material":
        this.materials = this.materials.filter(({ id }) => id !== args.id);
        void this.announce({ what: "materials" });
        return null;
      case "read_backup_settings":
        return this.settings;
      case "set_up_backups":
        return this.setUp(args);
      case "pick_backup_folder":
        return this.folder;
      case "pick_key_file":
        return this.keyFile;
      case "pick_backup_file":
        return this.backupFile;
      case "drop_file":
        return null;
      case "make_envelope":
        return this.makeEnvelope();
      default:
        return undefined;
    }
  }

  /** Replaces an operation by what became of it, and says so. */
  settle(operation: Operation): void {
    this.operations = this.operations.map((one) => (one.id === operation.id ? operation : one));
    void this.announce({ what: "operations" });
  }

  /** The text in an envelope, which opens once. */
  async open({ envelope, ciphertext }: SealedText): Promise<string> {
    if (!this.envelopes.delete(envelope)) {
      const refusal: AppError = {
        code: "invalidInput",
        field: "passphrase",
        reason: "Type the passphrase once more.",
      };
      throw refusal;
    }
    const { privateKey } = await envelopeKeys();
    const bytes = Uint8Array.from(atob(ciphertext), (character) => character.charCodeAt(0));
    const plain = await crypto.subtle.decrypt({ name: "RSA-OAEP" }, privateKey, bytes);
    const text = new TextDecoder().decode(plain);
    this.openedTexts.push(text);
    return text;
  }

  private async makeEnvelope(): Promise<EnvelopeKey> {
    const { publicKey } = await envelopeKeys();
    const envelope = `envelope-${this.envelopes.size}-${crypto.randomUUID()}`;
    this.envelopes.add(envelope);
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
    return { envelope, publicKey: btoa(String.fromCharCode(...spki)) };
  }

  private list({ openOnly, key, skip, limit }: OperationQuery): OperationPage {
    const all = this.operations
      .filter(({ state }) => !openOnly || state === "open" || state === "undoing")
      .filter((one) => key === null || one.key === key)
      .sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1));
    return { operations: all.slice(skip, skip + limit), total: all.length };
  }

  private describe(id: string): Operation {
    const found = this.operations.find((one) => one.id === id);
    if (!found) {
      const refusal: AppError = { code: "notFound", what: `the operation ${id}` };
      throw refusal;
    }
    return found;
  }

  private leave(id: string): Operation {
    const left: Operation = { ...this.describe(id), state: "leftAsIs", undo: null };
    this.operations = this.operations.map((one) => (one.id === id ? left : one));
    void this.announce({ what: "operations" });
    return left;
  }

  private begin(work: FakeWork["work"], args: Arguments): Promise<Operation> {
    const channel = args.progress as { onmessage: (operation: Operation) => void };
    return new Promise((resolve, reject) => {
      const begun: FakeWork = {
        work,
        operation: args.id as string,
        task: args.task as string,
        confirmation: (args.confirmation as string | undefined) ?? "",
        progress: (operation) => {
          this.settle(operation);
          channel.onmessage(operation);
        },
        end: (operation) => {
          this.settle(operation);
          resolve(operation);
        },
        fail: reject,
      };
      this.works.push(begun);
      this.onWork(begun);
    });
  }

  private add(material: StoredMaterial): StoredMaterial {
    this.materials = [material, ...this.materials.filter(({ id }) => id !== material.id)];
    void this.announce({ what: "materials" });
    return material;
  }

  private async restore(passphrase: SealedText): Promise<StoredMaterial> {
    if ((await this.open(passphrase)) !== this.passphrase) {
      const refusal: AppError = {
        code: "backupUnusable",
        path: `/media/jo/safe/${this.backupFile?.name}`,
        problem: "wrongPassphrase",
      };
      throw refusal;
    }
    return this.materials.find(({ id }) => id === this.inBackup.id) ?? this.add(this.inBackup);
  }

  private backUp(id: string): StoredMaterial {
    if (this.settings.folder === null || !this.settings.passphraseKept) {
      const refusal: AppError = { code: "backupsNotSetUp" };
      throw refusal;
    }
    const path = `${this.settings.folder}/ownkey-${id}.age`;
    const backup = {
      path,
      writtenAt: inDays(0),
      verifiedAt: inDays(0),
      sandbox: false,
      ownPassphrase: false,
    };
    return this.change(id, (backups) => [backup, ...backups.filter((one) => one.path !== path)]);
  }

  private changeBackup(id: string, path: string): StoredMaterial {
    return this.change(id, (backups) =>
      backups.map((one) => (one.path === path ? { ...one, verifiedAt: inDays(0) } : one)),
    );
  }

  private async export(args: Arguments): Promise<StoredMaterial | null> {
    const text = await this.newPassphrase(
      args.passphrase as SealedText,
      args.repeated as SealedText,
    );
    return text && this.exportTo ? this.change(args.id as string, (backups) => backups) : null;
  }

  private async setUp(args: Arguments): Promise<BackupSettings> {
    if (args.passphrase) {
      this.passphrase = await this.newPassphrase(
        args.passphrase as SealedText,
        args.repeated as SealedText,
      );
    }
    this.settings = { ...this.settings, folder: args.folder as string, passphraseKept: true };
    void this.announce({ what: "materials" });
    return this.settings;
  }

  private async newPassphrase(typed: SealedText, repeated: SealedText): Promise<string> {
    const [one, two] = [await this.open(typed), await this.open(repeated)];
    const refusal: AppError | undefined =
      one !== two
        ? { code: "passphrasesDiffer" }
        : one.length < 12
          ? { code: "weakPassphrase", reason: "The passphrase has fewer than 12 characters." }
          : undefined;
    if (refusal) {
      throw refusal;
    }
    return one;
  }

  private change(id: string, change: (backups: BackupFile[]) => BackupFile[]): StoredMaterial {
    this.materials = this.materials.map((one) =>
      one.id === id ? { ...one, backups: change(one.backups) } : one,
    );
    void this.announce({ what: "materials" });
    return this.materials.find((one) => one.id === id) as StoredMaterial;
  }
}

/** Real ones, so that what was sealed in the window can really be opened; made once, for speed. */
function envelopeKeys(): Promise<CryptoKeyPair> {
  keys ??= crypto.subtle.generateKey(
    {
      name: "RSA-OAEP",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    true,
    ["encrypt", "decrypt"],
  );
  return keys;
}

let keys: Promise<CryptoKeyPair> | undefined;
