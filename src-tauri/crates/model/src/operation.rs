//! Operations: changes of several steps, written down before they begin.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AliasName, AppError, Expiry, KeyArn, KeyPolicy, KeySpec, KeyUsage, Material,
    MaterialId, Region, RegistrationId, Tag, Timestamp,
};

/// The name of an operation; keys made by one bear it as a tag while it is under way.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[specta(transparent)]
pub struct OperationId(pub String);

impl std::fmt::Display for OperationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum OperationKind {
    /// Makes a key for imported material and, unless it is to wait, imports the material.
    UploadKey,
    /// Imports material into a key that exists.
    ImportMaterial,
}

/// One step of an operation, with all that it needs to be done, or looked up, or done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "step",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Step {
    /// Seal the material in OwnKey's store. Done together with the opening of the operation.
    SealMaterial {
        /// Its kind.
        spec: KeySpec,
        /// Whether it was in the store already.
        known: bool,
    },
    /// Write an encrypted backup, open it again and compare.
    BackUpMaterial {
        /// The folder it goes to.
        folder: String,
    },
    /// `kms:CreateKey`, with the operation's tag.
    CreateKey {
        /// The region.
        region: Region,
        /// The key spec.
        spec: KeySpec,
        /// The key usage.
        usage: KeyUsage,
        /// The description.
        description: String,
        /// Whether it can have replicas.
        multi_region: bool,
        /// The key policy.
        policy: KeyPolicy,
    },
    /// `kms:GetParametersForImport`, wrap the material, `kms:ImportKeyMaterial`.
    ImportMaterial {
        /// The kind of key.
        spec: KeySpec,
        /// How the material is wrapped, as AWS spells it.
        wrapping_algorithm: String,
        /// The wrapping key, as AWS spells it.
        wrapping_key_spec: String,
        /// Symmetric keys: whether AWS is to see new or known material.
        import_type: Option<ImportType>,
        /// What AWS calls the material, if it had it before for this key; symmetric keys only.
        kms_material_id: Option<String>,
        /// Whether and when the material expires.
        expiry: Expiry,
    },
    /// Wait until AWS says that the key is enabled.
    AwaitEnabled,
    /// Prove that AWS holds these bytes, as far as AWS lets anyone prove it.
    VerifyMaterial {
        /// How.
        proof: Proof,
    },
    /// `kms:TagResource`.
    TagKey {
        /// The tags.
        tags: Vec<Tag>,
    },
    /// `kms:CreateAlias`.
    CreateAlias {
        /// The alias.
        alias: AliasName,
    },
    /// `kms:UntagResource` of the operation's tag.
    RemoveOperationTag,
    /// Undo: `kms:DeleteAlias`.
    DeleteAlias {
        /// The alias.
        alias: AliasName,
    },
    /// Undo: `kms:ScheduleKeyDeletion`.
    ScheduleKeyDeletion {
        /// After how many days AWS deletes the key.
        days: u32,
    },
    /// Undo: `kms:DeleteImportedKeyMaterial`.
    DeleteMaterial,
}

/// What a symmetric key is told about imported material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportType {
    /// AWS has never seen it for this key.
    NewKeyMaterial,
    /// AWS has, or the key is a replica.
    ExistingKeyMaterial,
}

impl ImportType {
    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewKeyMaterial => "NEW_KEY_MATERIAL",
            Self::ExistingKeyMaterial => "EXISTING_KEY_MATERIAL",
        }
    }
}

/// How it is proved that AWS holds the bytes that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// RSA and ECC: `kms:GetPublicKey` gives the public key of our private key.
    PublicKey,
    /// HMAC: `kms:GenerateMac` over random bytes gives our own MAC.
    Mac,
    /// Symmetric: AWS unwrapped it (which OAEP proves unaltered), says that the key is enabled, and
    /// names the material. AWS offers nothing more.
    State,
}

/// An operation before it is begun: what will be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The operation's name from now on.
    pub operation: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The key, if it exists already.
    pub key: Option<KeyArn>,
    /// How that key is now.
    pub before: Option<KeyBefore>,
    /// The steps in their order.
    pub steps: Vec<PlannedStep>,
    /// What should be known before.
    pub notes: Vec<PlanNote>,
    /// How many requests AWS is sent, at least.
    pub requests: u32,
    /// How long it takes, roughly, in seconds.
    pub seconds: u32,
    /// Backups must be set up first: nothing is imported without one.
    pub needs_backup_settings: bool,
}

/// A step with the commands of other programs that do the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct PlannedStep {
    /// The step.
    pub step: Step,
    /// What one would type in a shell, line by line; empty where nothing is asked of AWS.
    pub commands: Vec<String>,
}

/// Something to know before an operation is begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "note",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum PlanNote {
    /// The key file stays where it is, in clear.
    FileStays {
        /// Its name.
        name: String,
    },
    /// When it expires, what is encrypted under it cannot be read until the same bytes are imported
    /// again.
    Expires {
        /// When.
        at: Timestamp,
    },
    /// Multi-Region is for good, and so is single-Region.
    MultiRegionIsForGood {
        /// Which one was chosen.
        multi_region: bool,
    },
    /// The policy's lockout check is bypassed.
    LockoutCheckBypassed,
    /// The key waits for its material and cannot be used before.
    Waits,
    /// OwnKey never imported into this key: only AWS can say whether these are the bytes it had.
    SameBytesUnknown,
    /// The bytes were compared with those imported before: they are the same.
    SameBytesProved {
        /// Their fingerprint.
        fingerprint: String,
    },
    /// Other materials of the key are missing too: it stays unusable until all are imported.
    OtherMaterialsMissing {
        /// How many.
        count: u32,
    },
    /// The alias may be taken: AWS did not let OwnKey look.
    AliasNotChecked {
        /// Why.
        error: AppError,
    },
    /// The same bytes are in use in other keys.
    UsedElsewhere {
        /// The other keys.
        keys: Vec<KeyArn>,
    },
    /// This is the sandbox: the commands show what would be asked of AWS, and lead nowhere.
    Sandbox,
}

/// An operation as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its name.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// Over which registration.
    pub registration: RegistrationId,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The alias that the key is to have, for its title.
    pub alias: Option<AliasName>,
    /// Where it stands.
    pub state: OperationState,
    /// Whether it is being worked on now.
    pub running: bool,
    /// When it was begun.
    pub opened_at: Timestamp,
    /// When it came to its end.
    pub closed_at: Option<Timestamp>,
    /// The key, as soon as it is known.
    pub key: Option<KeyArn>,
    /// The material, if it has one.
    pub material: Option<MaterialId>,
    /// How a key that existed already was before; undoing leads back there.
    pub before: Option<KeyBefore>,
    /// All steps in their order; those of undoing come last.
    pub steps: Vec<OperationStep>,
    /// What stopped it.
    pub error: Option<AppError>,
    /// What undoing would do; absent for one that has ended.
    pub undo: Option<UndoOffer>,
}

/// How a key was before an import into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyBefore {
    /// Whether AWS held the material.
    pub held_material: bool,
    /// Whether and when it was to expire.
    pub expiry: Expiry,
    /// All its materials; symmetric keys only, since AWS lists no others.
    pub materials: Vec<Material>,
}

impl KeyBefore {
    /// Whether AWS held a material by this name, and until when; by no name, whether it held the
    /// only one.
    pub fn held(&self, kms_material_id: Option<&str>) -> (bool, Expiry) {
        let named = kms_material_id.and_then(|id| {
            self.materials
                .iter()
                .find(|one| one.id.as_deref() == Some(id))
        });
        match (named, kms_material_id) {
            (Some(one), _) => (one.imported, one.valid_to.map_or(Expiry::Never, Expiry::At)),
            (None, Some(_)) if !self.materials.is_empty() => (false, Expiry::Never),
            _ => (self.held_material, self.expiry),
        }
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum OperationState {
    /// Begun and not ended: it runs, or waits to be finished or undone.
    Open,
    /// Undoing was begun and not ended.
    Undoing,
    /// Ended, all steps done.
    Finished,
    /// Ended, undone.
    Undone,
    /// Ended by the user's word alone: what is in AWS stays as it is.
    LeftAsIs,
}

impl OperationState {
    /// Whether it has ended.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Finished | Self::Undone | Self::LeftAsIs)
    }
}

/// A step as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct OperationStep {
    /// Its place, from 0.
    pub number: u32,
    /// What it does.
    pub step: Step,
    /// Whether it undoes.
    pub undo: bool,
    /// Where it stands.
    pub state: StepState,
    /// When it was asked for, last.
    pub asked_at: Option<Timestamp>,
    /// When the answer was there.
    pub ended_at: Option<Timestamp>,
    /// AWS's id of the request that did it.
    pub request_id: Option<String>,
    /// What came of it.
    pub outcome: Option<StepOutcome>,
    /// Why it was refused.
    pub error: Option<AppError>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Begun; whether it was done is not known until it is looked up.
    Asked,
    /// Done.
    Done,
    /// Refused: it was not done.
    Refused,
    /// Not needed.
    Skipped,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "outcome",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum StepOutcome {
    /// The answer said so.
    Done,
    /// The answer was lost or never read; looking showed that it was done.
    FoundDone,
    /// There was nothing left to do.
    NotNeeded,
    /// The key that was made.
    KeyMade {
        /// The key.
        key: KeyArn,
        /// Whether it was found by its tag instead of in the answer.
        found: bool,
    },
    /// The backup that was written, opened and compared.
    BackedUp {
        /// Its path.
        path: String,
    },
    /// The material that was imported.
    Imported {
        /// AWS's id of it; symmetric keys only.
        kms_material_id: Option<String>,
    },
    /// AWS holds these bytes.
    Proved {
        /// By what.
        proof: Proof,
    },
    /// AWS did not let OwnKey look: it is not proved.
    NotProved {
        /// Why.
        error: AppError,
    },
    /// The key will be gone.
    DeletionScheduled {
        /// When.
        at: Option<Timestamp>,
    },
}

/// What undoing an operation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "undo",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum UndoOffer {
    /// Nothing was done in AWS: the operation is closed. The material stays in the store.
    Close,
    /// The key is scheduled for deletion, after seven days.
    RemoveKey {
        /// The key; absent if it is not known whether it was made, and is looked for first.
        key: Option<KeyArn>,
        /// What has to be typed, once AWS has held the material.
        confirmation: Option<String>,
    },
    /// The material is taken out of AWS; the key waits for it again.
    RemoveMaterial {
        /// The key.
        key: KeyArn,
        /// What has to be typed.
        confirmation: String,
    },
    /// The material stays; the former expiry is set again by importing once more.
    RestoreExpiry {
        /// The former expiry.
        expiry: Expiry,
    },
    /// It cannot be undone: the former expiry has passed.
    TooLate,
}

/// Operations, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct OperationPage {
    /// The operations of the page.
    pub operations: Vec<Operation>,
    /// How many there are.
    pub total: u32,
}

/// Which operations are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct OperationQuery {
    /// Only those that have not ended.
    pub open_only: bool,
    /// Only those of a key.
    pub key: Option<KeyArn>,
    /// How many to leave out at the beginning.
    pub skip: u32,
    /// How many to show, at most 200.
    pub limit: u32,
}
