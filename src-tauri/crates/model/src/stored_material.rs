//! Key material in OwnKey's own store, as the window shows it: never the bytes.

use serde::{Deserialize, Serialize};

use crate::{AppError, Field, KeyArn, KeySpec, Timestamp};

/// The name of one material in the local store.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct MaterialId(String);

impl MaterialId {
    /// Accepts 1 to 64 lower-case letters, digits and hyphens: a backup's file is named by it.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MaterialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MaterialId {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text).ok_or_else(|| {
            AppError::invalid(Field::Material, "This is no name of a stored material.")
        })
    }
}

impl From<MaterialId> for String {
    fn from(id: MaterialId) -> Self {
        id.0
    }
}

/// Where a material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum SourceTier {
    /// Made or brought here.
    Local,
    /// A Luna HSM.
    HsmLuna,
    /// A KMIP server.
    Dsm,
}

impl SourceTier {
    const ALL: [Self; 3] = [Self::Local, Self::HsmLuna, Self::Dsm];

    /// The word, as CipherTrust spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::HsmLuna => "hsm-luna",
            Self::Dsm => "dsm",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// How a material came into the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum MaterialOrigin {
    /// OwnKey made it from the operating system's randomness.
    Generated,
    /// It was read from a file.
    File {
        /// The file's name, without its folder.
        name: String,
    },
    /// It was restored from a backup.
    Restored {
        /// The backup's name, without its folder.
        name: String,
    },
}

/// A material in the store. The bytes lie sealed beside it and never cross to the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct StoredMaterial {
    /// Its name in OwnKey.
    pub id: MaterialId,
    /// What people call it; any text.
    pub name: String,
    /// The kind of key it is for.
    pub spec: KeySpec,
    /// Where it comes from.
    pub tier: SourceTier,
    /// How it came into the store.
    pub origin: MaterialOrigin,
    /// By what one recognises it on this computer.
    pub fingerprint: String,
    /// The key check value, six hexadecimal digits, as HSMs show it; AES only.
    pub check_value: Option<String>,
    /// When it was sealed.
    pub created_at: Timestamp,
    /// The keys that AWS holds it for, or held it for until it ran out.
    pub places: Vec<MaterialPlace>,
    /// Its backups, the latest first.
    pub backups: Vec<BackupFile>,
}

/// A key that a material was imported into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct MaterialPlace {
    /// The key.
    pub key: KeyArn,
    /// AWS's id of the material; symmetric keys only.
    pub kms_material_id: Option<String>,
    /// When OwnKey imported it last.
    pub imported_at: Timestamp,
    /// When AWS drops it.
    pub valid_to: Option<Timestamp>,
    /// When it was taken out of AWS by OwnKey, or the key's deletion was begun.
    pub removed_at: Option<Timestamp>,
}

impl MaterialPlace {
    /// Whether AWS holds the bytes there at a time, for all that OwnKey knows.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.removed_at.is_none() && self.valid_to.is_none_or(|end| end > now)
    }
}

/// A backup of a material, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct BackupFile {
    /// The whole path.
    pub path: String,
    /// When it was written.
    pub written_at: Timestamp,
    /// When it was last opened and found to hold exactly these bytes.
    pub verified_at: Option<Timestamp>,
    /// Whether it was written for the sandbox account: its passphrase is OwnKey's own, and it
    /// stands for no backup of real material.
    pub sandbox: bool,
    /// Whether it has a passphrase of its own, which OwnKey did not keep: it was exported, or restored
    /// from.
    pub own_passphrase: bool,
}

/// Where backups go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct BackupSettings {
    /// The folder; absent until it was chosen.
    pub folder: Option<String>,
    /// What is proposed.
    pub proposed: String,
    /// Whether the keychain has a passphrase for them.
    pub passphrase_kept: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_fit_for_a_file_name() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            MaterialId::parse(id).as_ref().map(MaterialId::as_str),
            Some(id)
        );
        let long = "a".repeat(65);
        for bad in ["", "../x", "A", "a b", "a.b", "é", long.as_str()] {
            assert_eq!(MaterialId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn aws_holds_a_material_until_it_runs_out_or_is_taken_out() {
        let at = Timestamp::from_unix_seconds;
        let place = MaterialPlace {
            key: KeyArn::parse("arn:aws:kms:eu-west-1:111111111111:key/1234").expect("an ARN"),
            kms_material_id: None,
            imported_at: at(10),
            valid_to: Some(at(20)),
            removed_at: None,
        };
        assert!(place.holds_at(at(19)));
        assert!(!place.holds_at(at(20)));
        let removed = MaterialPlace {
            removed_at: Some(at(12)),
            valid_to: None,
            ..place
        };
        assert!(!removed.holds_at(at(15)));
    }
}
