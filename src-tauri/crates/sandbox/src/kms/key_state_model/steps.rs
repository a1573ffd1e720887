//! The steps of a sequence, and how a seed becomes a sequence. What a step leads to is not known here.

use crate::tests::dice::Dice;

/// A place in [`REGIONS`].
pub(super) type Region = usize;

pub(super) const REGIONS: [&str; 3] = ["eu-west-1", "us-west-2", "ap-southeast-2"];

/// What kind of key a sequence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Symmetric, with material that KMS makes.
    Native,
    /// Symmetric, with imported material.
    Imported,
    /// HMAC, with imported material.
    ImportedMac,
}

/// One operation, with everything that its outcome depends on; or time that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// An operation that is told the key and nothing else that matters.
    Simple(Region, &'static str),
    Schedule(Region, Option<u32>),
    EnableRotation(Region, Option<u32>),
    CreateAlias(Region, u8),
    DeleteAlias(Region, u8),
    /// One of the ciphertexts that were made so far.
    Decrypt(Region, usize),
    RevokeGrant(Region),
    Import(Region, Import),
    DeleteMaterial(Region, Option<u8>),
    Replicate(Region, Region),
    UpdatePrimary(Region, Region),
    /// Seconds.
    Wait(i64),
    /// Until ten minutes before the next automatic rotation.
    WaitForRotation,
}

/// One `ImportKeyMaterial`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) parameters: Parameters,
    /// Stands for the bytes.
    pub(super) material: u8,
    /// Whether the wrapped bytes are damaged on the way.
    pub(super) broken: bool,
    pub(super) expiry: Expiry,
    /// `true` is `NEW_KEY_MATERIAL`.
    pub(super) new: Option<bool>,
    /// Says it is the material with these bytes.
    pub(super) named: Option<u8>,
}

/// Which set of import parameters is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameters {
    /// The latest for this key, if there is one that is good; else one that is asked for now.
    Usual,
    /// Any that was given out before, also for another Region's key.
    Earlier(usize),
    /// One that KMS never gave out.
    Forged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    Never,
    /// Seconds from now; also such as KMS refuses.
    After(i64),
    /// `KEY_MATERIAL_EXPIRES` without a date.
    Missing,
    /// `KEY_MATERIAL_DOES_NOT_EXPIRE` with a date.
    Contradicted,
}

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// The key of a sequence, whether it is multi-Region, and the sequence.
pub(super) fn derive_sequence(seed: u64) -> (Kind, bool, Vec<Step>) {
    let mut dice = Dice::new(seed);
    let kind = dice.one_of(&[
        Kind::Native,
        Kind::Imported,
        Kind::Imported,
        Kind::ImportedMac,
    ]);
    let multi_region = !dice.once_in(4);
    let mut steps = Vec::new();
    // Most sequences start as most lives of keys do.
    if kind != Kind::Native && !dice.once_in(8) {
        steps.push(Step::Import(0, Import::plain(0, None)));
    }
    if multi_region && !dice.once_in(3) {
        steps.push(Step::Replicate(0, 1));
        if kind != Kind::Native && !dice.once_in(3) {
            steps.push(Step::Import(1, Import::plain(0, None)));
        }
    }
    let length = 5 + dice.below(26);
    while steps.len() < length {
        if dice.once_in(10) {
            steps.extend(dice.chain(kind));
        } else {
            steps.push(dice.step(kind, multi_region));
        }
    }
    steps.truncate(30);
    (kind, multi_region, steps)
}

impl Import {
    /// One that is taken by a key that takes this material.
    fn plain(material: u8, new: Option<bool>) -> Self {
        Self {
            parameters: Parameters::Usual,
            material,
            broken: false,
            expiry: Expiry::Never,
            new,
            named: None,
        }
    }
}

impl Dice {
    fn region(&mut self) -> Region {
        self.one_of(&[0, 0, 0, 1, 1, 2])
    }

    /// Steps that chance alone would hardly ever put one after the other.
    fn chain(&mut self, kind: Kind) -> Vec<Step> {
        let at = self.one_of(&[0, 0, 1]);
        let rotate = Step::Simple(at, "RotateKeyOnDemand");
        match self.below(5) {
            0 => vec![
                Step::Schedule(1 - at, Some(7)),
                Step::Schedule(at, Some(7)),
                Step::Wait(8 * DAY),
            ],
            1 if kind == Kind::Native => {
                let wait = self.one_of(&[Step::WaitForRotation, Step::Wait(100 * DAY)]);
                vec![Step::EnableRotation(at, Some(90)), wait, rotate]
            }
            1 => {
                let material = 1 + self.below(3) as u8;
                let mut steps = vec![Step::Import(at, Import::plain(material, Some(true)))];
                for replica in (0..REGIONS.len()).filter(|replica| *replica != at) {
                    let import = Import::plain(material, Some(false));
                    steps.push(Step::Import(replica, import));
                }
                steps.push(rotate);
                steps
            }
            2 => vec![
                Step::CreateAlias(at, 0),
                Step::Simple(at, "UpdateAlias"),
                Step::DeleteAlias(at, 0),
            ],
            3 => vec![Step::Simple(at, "CreateGrant"), Step::RevokeGrant(at)],
            _ => vec![
                Step::Simple(0, "EnableKey"),
                Step::Simple(1, "EnableKey"),
                Step::UpdatePrimary(at, 1 - at),
            ],
        }
    }

    fn step(&mut self, kind: Kind, multi_region: bool) -> Step {
        let at = if multi_region || self.once_in(20) {
            self.region()
        } else {
            0
        };
        if kind != Kind::Native && self.below(4) == 0 {
            return match self.below(5) {
                0 => {
                    Step::DeleteMaterial(at, self.one_of(&[None, None, Some(0), Some(1), Some(7)]))
                }
                1 => Step::Simple(at, "RotateKeyOnDemand"),
                _ => Step::Import(at, self.import()),
            };
        }
        match self.below(32) {
            0..=2 => Step::Simple(at, "DisableKey"),
            3..=7 => Step::Simple(at, "EnableKey"),
            8..=9 => Step::Simple(at, "CancelKeyDeletion"),
            10..=11 => Step::Simple(at, self.one_of(&["Encrypt", "GenerateDataKey"])),
            12 => Step::Simple(at, "GenerateMac"),
            13..=14 => Step::Decrypt(at, self.below(8)),
            15 => Step::Simple(
                at,
                self.one_of(&["DisableKeyRotation", "RotateKeyOnDemand"]),
            ),
            16 => Step::Simple(at, "RotateKeyOnDemand"),
            17 => Step::Simple(
                at,
                self.one_of(&["PutKeyPolicy", "TagResource", "UntagResource"]),
            ),
            18 => Step::Simple(at, self.one_of(&["UpdateKeyDescription", "GetKeyPolicy"])),
            19 => Step::Simple(at, self.one_of(&VIEWS)),
            20 => Step::EnableRotation(at, self.one_of(&[None, Some(90), Some(200), Some(2_561)])),
            21..=22 if self.once_in(2) => match self.below(3) {
                0 => Step::CreateAlias(at, self.below(2) as u8),
                1 => Step::Simple(at, "UpdateAlias"),
                _ => Step::DeleteAlias(at, self.below(2) as u8),
            },
            21..=22 => match self.below(3) {
                0 => Step::RevokeGrant(at),
                _ => Step::Simple(at, "CreateGrant"),
            },
            23 => Step::Simple(at, "GetParametersForImport"),
            24..=25 => Step::Replicate(at, self.region()),
            26 => Step::UpdatePrimary(at, self.region()),
            27 => Step::Schedule(
                at,
                self.one_of(&[None, Some(7), Some(7), Some(9), Some(31)]),
            ),
            28 => Step::Import(at, self.import()),
            29 => Step::WaitForRotation,
            30 => Step::Wait(self.one_of(&[HOUR, 13 * HOUR, 25 * HOUR])),
            _ => Step::Wait(self.one_of(&[3, 8, 8, 31, 100, 400]) * DAY),
        }
    }

    /// One that will often be taken.
    fn import(&mut self) -> Import {
        let parameters = match self.below(60) {
            0 => Parameters::Forged,
            1..=5 => Parameters::Earlier(self.below(8)),
            _ => Parameters::Usual,
        };
        let expiry = if self.once_in(10) {
            self.one_of(&[
                Expiry::Missing,
                Expiry::Contradicted,
                Expiry::After(-HOUR),
                Expiry::After(365 * DAY + HOUR),
            ])
        } else {
            self.one_of(&[
                Expiry::Never,
                Expiry::Never,
                Expiry::After(5 * DAY + 420),
                Expiry::After(60 * DAY + 420),
            ])
        };
        let kinds = [None, None, None, Some(true), Some(true), Some(false)];
        Import {
            parameters,
            material: self.one_of(&[0, 0, 0, 1, 1, 2, 3]),
            broken: self.once_in(12),
            expiry,
            new: self.one_of(&kinds),
            named: self.once_in(12).then(|| self.below(3) as u8),
        }
    }
}

const VIEWS: [&str; 6] = [
    "DescribeKey",
    "GetKeyRotationStatus",
    "ListKeyRotations",
    "ListResourceTags",
    "ListGrants",
    "ListKeyPolicies",
];
