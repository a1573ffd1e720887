// The part of the fake backend that uploads and imports: checks, plans, and work that tests move on.

import type {
  AppError,
  ImportDraft,
  ImportOffer,
  MaterialCheck,
  MaterialChoice,
  Operation,
  OperationStep,
  Plan,
  PlannedStep,
  Principals,
  Step,
  UploadDraft,
  UploadPart,
} from "../api/bindings";
import type { FakeOperations } from "./fakeOperations";
import { inDays, SANDBOX } from "./fixtures";
import { arnOf, FOLDER, makeOperation } from "./operationFixtures";

type Arguments = Record<string, unknown>;

/** An applied plan that the test moves on by hand. */
export interface FakeApply {
  draft: UploadDraft | ImportDraft;
  plan: Plan;
  task: string;
  /** The operation as it is once so many steps are done. */
  step: (done: number, change?: Partial<Operation>) => void;
  /** It ends with all steps done. */
  finish: () => void;
  /** It stops after so many steps. */
  stop: (done: number, change?: Partial<Operation>) => void;
  /** It is refused before it is written down. */
  fail: (error: AppError) => void;
}

export const POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": [{ "Sid": "Root" }]\n}';

export class FakeUploads {
  principals: Principals = {
    users: ["arn:aws:iam::111122223333:user/jo", "arn:aws:iam::111122223333:user/ops/kim"],
    roles: ["arn:aws:iam::111122223333:role/Application"],
    refused: [],
  };
  /** What is wrong with a draft, if anything. */
  refuse: (draft: UploadDraft | ImportDraft, part?: UploadPart) => AppError | undefined = () =>
    undefined;
  notes: Plan["notes"] = [];
  offer: Partial<ImportOffer> = {};
  readonly applies: FakeApply[] = [];
  /** Called for every plan that is applied. */
  onApply: (apply: FakeApply) => void = () => undefined;
  private plans = 0;

  constructor(private readonly store: FakeOperations) {}

  /** The answer to a command; undefined to one that is not of this part. */
  answer(command: string, args: Arguments): unknown {
    const draft = args.draft as UploadDraft;
    switch (command) {
      case "check_upload":
        this.mayRefuse(draft, args.part as UploadPart);
        return args.part === "material" ? checked(draft.material) : null;
      case "preview_policy":
        return draft.policy.raw ?? POLICY;
      case "list_principals":
        return this.principals;
      case "plan_upload":
        this.mayRefuse(draft);
        return this.planUpload(draft);
      case "offer_import":
        return this.offerFor(args.key as string);
      case "check_import":
        this.mayRefuse(draft);
        return checked(draft.material);
      case "plan_import":
        this.mayRefuse(draft);
        return this.planImport(args.draft as ImportDraft);
      case "apply_upload":
      case "apply_import":
        return this.apply(args);
      default:
        return undefined;
    }
  }

  private mayRefuse(draft: UploadDraft, part?: UploadPart): void {
    const refusal = this.refuse(draft, part);
    if (refusal) {
      throw refusal;
    }
  }

  private planUpload(draft: UploadDraft): Plan {
    const later = draft.material.from === "later";
    const spec = draft.spec as "SYMMETRIC_DEFAULT";
    const mode = draft.policy.raw ? "raw" : draft.policy.basic ? "basic" : "default";
    const steps: PlannedStep[] = [
      ...(later ? [] : this.keep(spec, draft.material)),
      {
        step: {
          step: "createKey",
          region: draft.region,
          spec,
          usage: draft.usage as "ENCRYPT_DECRYPT",
          description: draft.description,
          multiRegion: draft.multiRegion,
          policy: {
            mode,
            text: draft.policy.raw ?? (draft.policy.basic ? POLICY : null),
            bypassLockoutCheck: draft.policy.bypassLockoutCheck ?? false,
          },
        },
        commands: [`aws kms create-key --region ${draft.region} --origin EXTERNAL`],
      },
      ...(later ? [] : imports(spec, draft.validTo)),
      ...(draft.tags.length > 0
        ? [planned({ step: "tagKey", tags: draft.tags }, "aws kms tag-resource")]
        : []),
      ...(draft.alias
        ? [planned({ step: "createAlias", alias: draft.alias }, "aws kms create-alias")]
        : []),
      planned({ step: "removeOperationTag" }, "aws kms untag-resource"),
    ];
    return this.plan("uploadKey", draft.region, null, steps, [
      ...(later ? [{ note: "waits" } as const] : []),
      { note: "multiRegionIsForGood", multiRegion: draft.multiRegion },
      ...(draft.policy.bypassLockoutCheck ? [{ note: "lockoutCheckBypassed" } as const] : []),
    ]);
  }

  private planImport(draft: ImportDraft): Plan {
    return this.plan(
      "importMaterial",
      draft.key.split(":")[3] ?? "",
      draft.key,
      [
        ...this.keep("SYMMETRIC_DEFAULT", draft.material),
        ...imports("SYMMETRIC_DEFAULT", draft.validTo),
      ],
      [],
    );
  }

  private keep(spec: "SYMMETRIC_DEFAULT", material: MaterialChoice): PlannedStep[] {
    return [
      planned({ step: "sealMaterial", spec, known: material.from === "stored" }),
      planned({ step: "backUpMaterial", folder: this.store.settings.folder ?? FOLDER }),
    ];
  }

  private plan(
    kind: Plan["kind"],
    region: string,
    key: string | null,
    steps: PlannedStep[],
    notes: Plan["notes"],
  ): Plan {
    this.plans += 1;
    return {
      operation: `op-new-${this.plans}`,
      kind,
      account: SANDBOX.account,
      region,
      key,
      before: null,
      steps,
      notes: [...notes, ...this.notes],
      requests: steps.length,
      seconds: 8,
      needsBackupSettings: !this.store.settings.folder || !this.store.settings.passphraseKept,
    };
  }

  private offerFor(key: string): ImportOffer {
    return {
      key,
      spec: "SYMMETRIC_DEFAULT",
      sameBytesOnly: false,
      known: [],
      validTo: null,
      holdsMaterial: false,
      ...this.offer,
    };
  }

  private apply(args: Arguments): Promise<Operation> {
    const channel = args.progress as { onmessage: (operation: Operation) => void };
    const draft = args.draft as UploadDraft | ImportDraft;
    const plan = args.plan as Plan;
    const at = (done: number, change: Partial<Operation> = {}) => {
      const operation = operationAt(plan, draft, done, change);
      this.store.operations = [
        operation,
        ...this.store.operations.filter(({ id }) => id !== operation.id),
      ];
      this.store.settle(operation);
      return operation;
    };
    return new Promise((resolve, reject) => {
      const applied: FakeApply = {
        draft,
        plan,
        task: args.task as string,
        step: (done, change) => channel.onmessage(at(done, { running: true, ...change })),
        finish: () =>
          resolve(at(plan.steps.length, { state: "finished", closedAt: inDays(0), undo: null })),
        stop: (done, change) => resolve(at(done, change)),
        fail: reject,
      };
      this.applies.push(applied);
      this.onApply(applied);
    });
  }
}

function planned(step: Step, ...commands: string[]): PlannedStep {
  return { step, commands };
}

function imports(spec: "SYMMETRIC_DEFAULT", validTo: string | null): PlannedStep[] {
  return [
    planned(
      {
        step: "importMaterial",
        spec,
        wrappingAlgorithm: "RSA_AES_KEY_WRAP_SHA_256",
        wrappingKeySpec: "RSA_4096",
        importType: "NEW_KEY_MATERIAL",
        kmsMaterialId: null,
        expiry: validTo ? { expires: "at", at: validTo } : { expires: "never" },
      },
      "aws kms get-parameters-for-import",
      "openssl pkeyutl -encrypt",
      "aws kms import-key-material",
    ),
    planned({ step: "awaitEnabled" }, "aws kms describe-key"),
    planned({ step: "verifyMaterial", proof: "state" }, "aws kms describe-key"),
  ];
}

function checked(material: MaterialChoice): MaterialCheck | null {
  return material.from === "later"
    ? null
    : {
        reading: material.from === "file" ? (material.reading ?? "raw") : null,
        bytes: 32,
        fingerprint: material.from === "generate" ? null : "3f9a77c1",
        knownAs: material.from === "stored" ? material.id : null,
      };
}

function operationAt(
  plan: Plan,
  draft: UploadDraft | ImportDraft,
  done: number,
  change: Partial<Operation>,
): Operation {
  const makesKey = plan.steps.findIndex(({ step }) => step.step === "createKey");
  return makeOperation(0, {
    id: plan.operation,
    kind: plan.kind,
    region: plan.region,
    alias: "alias" in draft && draft.alias ? draft.alias : null,
    key: plan.key ?? (done > makesKey ? arnOf(777, plan.region, plan.account) : null),
    material: draft.material.from === "later" ? null : "m-0777",
    openedAt: inDays(0),
    steps: plan.steps.map(
      ({ step }, number): OperationStep => ({
        number,
        step,
        undo: false,
        state: number < done ? "done" : number === done ? "asked" : "waiting",
        askedAt: number <= done ? inDays(0) : null,
        endedAt: number < done ? inDays(0) : null,
        requestId: number < done && number > 1 ? `request-${number}` : null,
        outcome: number < done ? { outcome: "done" } : null,
        error: null,
      }),
    ),
    undo: { undo: "close" },
    ...change,
  });
}
