//! An upload as the window asks for it, and as it is once it was checked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AppError, Field, KeyArn, KeyPolicy, KeySpec, KeyUsage, MaterialId, Partition,
    PolicyDraft, PolicyScope, Region, RegistrationId, Tag, Timestamp,
};

/// The tag that OwnKey finds a key again by while an operation is under way.
pub const OPERATION_TAG: &str = "ownkey:operation";

/// AWS takes 50 tags; one place is OwnKey's own while it works.
const MOST_TAGS: usize = 49;
const LONGEST_DESCRIPTION: usize = 8192;
const LONGEST_EXPIRY: Duration = Duration::from_secs(365 * 86_400);

/// What is to be uploaded, as the window asks for it: nothing in it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct UploadDraft {
    /// The registration whose account gets the key.
    pub registration: RegistrationId,
    /// The region.
    pub region: String,
    /// Where the material comes from.
    pub material: MaterialChoice,
    /// The key spec, as AWS spells it.
    pub spec: String,
    /// The key usage, as AWS spells it.
    pub usage: String,
    /// The alias, with or without `alias/`; empty for none.
    pub alias: String,
    /// The description.
    pub description: String,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Whether the key can be replicated into other regions. It cannot be changed later.
    pub multi_region: bool,
    /// Whether the material expires.
    pub key_expiration: bool,
    /// When, RFC 3339; together with `key_expiration` or not at all.
    pub valid_to: Option<String>,
    /// The key policy.
    pub policy: PolicyDraft,
}

/// Where the material of an import comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "from",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum MaterialChoice {
    /// OwnKey makes it.
    Generate,
    /// A file that was picked.
    File {
        /// The picked file.
        handle: String,
        /// How it is to be read, if the file could mean several things.
        reading: Option<FileReading>,
    },
    /// Already in the store.
    Stored {
        /// Which one.
        id: MaterialId,
    },
    /// None yet: the key waits for it.
    Later,
}

/// How a file with key material is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum FileReading {
    /// The file's bytes are the material.
    Raw,
    /// A JSON Web Key.
    Jwk,
    /// PEM text.
    Pem,
    /// The same in DER.
    Der,
    /// Hexadecimal digits.
    Hex,
    /// Base64.
    Base64,
}

/// A file that the user picked. Its bytes stay in the backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct PickedFile {
    /// What the window calls it by.
    pub handle: String,
    /// Its name, without the folder.
    pub name: String,
    /// Its length in bytes.
    pub size: u32,
}

/// What a choice of material turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct MaterialCheck {
    /// How the file was read; absent if the material is no file's.
    pub reading: Option<FileReading>,
    /// How many bytes the material has.
    pub bytes: u32,
    /// By what one recognises it on this computer; absent while the store has no key yet.
    pub fingerprint: Option<String>,
    /// The stored material with the same bytes, if there is one.
    pub known_as: Option<MaterialId>,
}

/// A part of the upload form, checked when it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum UploadPart {
    /// Source, spec, usage.
    Material,
    /// Account, region, alias, description, tags.
    Key,
    /// Expiry and policy.
    Access,
}

/// An upload, checked as far as this computer can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The region.
    pub region: Region,
    /// The key spec.
    pub spec: KeySpec,
    /// The key usage.
    pub usage: KeyUsage,
    /// The alias.
    pub alias: Option<AliasName>,
    /// The description.
    pub description: String,
    /// Tags, sorted.
    pub tags: Vec<Tag>,
    /// Whether the key can have replicas.
    pub multi_region: bool,
    /// Whether and when the material expires.
    pub expiry: Expiry,
    /// The key policy.
    pub policy: KeyPolicy,
}

impl UploadDraft {
    /// The upload, or the first field that can be blamed.
    pub fn parse(
        &self,
        partition: Partition,
        account: &AccountId,
        regions: &[Region],
        now: Timestamp,
    ) -> crate::Result<Upload> {
        let (spec, usage) = self.parse_kind(partition)?;
        let (region, alias, tags) = self.parse_key(regions)?;
        let (expiry, policy) = self.parse_access(partition, account, (spec, usage), now)?;
        Ok(Upload {
            region,
            spec,
            usage,
            alias,
            description: self.description.clone(),
            tags,
            multi_region: self.multi_region,
            expiry,
            policy,
        })
    }

    /// Spec and usage.
    pub fn parse_kind(&self, partition: Partition) -> crate::Result<(KeySpec, KeyUsage)> {
        let spec = KeySpec::parse(&self.spec).ok_or_else(|| {
            AppError::invalid(
                Field::KeySpec,
                format!("Material for {} keys cannot be imported.", self.spec),
            )
        })?;
        let is_rsa = matches!(spec, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096);
        if is_rsa && partition == Partition::AwsCn {
            return Err(AppError::invalid(
                Field::KeySpec,
                "AWS takes no RSA private keys in the China regions.",
            ));
        }
        let usage = spec
            .usages()
            .iter()
            .copied()
            .find(|one| one.as_str() == self.usage);
        match usage {
            Some(usage) => Ok((spec, usage)),
            None => {
                let usages: Vec<&str> = spec.usages().iter().map(|one| one.as_str()).collect();
                Err(AppError::invalid(
                    Field::KeyUsage,
                    format!("A {spec} key is for {}.", usages.join(" or ")),
                ))
            }
        }
    }

    /// Region, alias, description and tags.
    pub fn parse_key(
        &self,
        regions: &[Region],
    ) -> crate::Result<(Region, Option<AliasName>, Vec<Tag>)> {
        let region = Region::parse(&self.region)?;
        if !regions.contains(&region) {
            return Err(AppError::invalid(
                Field::Region,
                format!("{region} does not belong to this registration."),
            ));
        }
        let alias = match self.alias.trim() {
            "" => None,
            text => Some(AliasName::parse(text)?),
        };
        if self.description.chars().count() > LONGEST_DESCRIPTION {
            return Err(AppError::invalid(
                Field::Description,
                format!("A description has at most {LONGEST_DESCRIPTION} characters."),
            ));
        }
        Ok((region, alias, parse_tags(&self.tags)?))
    }

    /// Expiry and policy.
    pub fn parse_access(
        &self,
        partition: Partition,
        account: &AccountId,
        (spec, usage): (KeySpec, KeyUsage),
        now: Timestamp,
    ) -> crate::Result<(Expiry, KeyPolicy)> {
        let expiry = Expiry::parse(self.key_expiration, self.valid_to.as_deref(), now)?;
        if self.material == MaterialChoice::Later && expiry != Expiry::Never {
            return Err(AppError::invalid(
                Field::ValidTo,
                "A key without material has no expiry: it is chosen when the material is imported.",
            ));
        }
        let policy = self.policy.parse(&PolicyScope {
            partition,
            account: account.clone(),
            spec,
            usage,
            multi_region: self.multi_region,
        })?;
        Ok((expiry, policy))
    }
}

/// Whether and when imported material expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "expires", content = "at", rename_all = "camelCase")]
pub enum Expiry {
    /// Never.
    Never,
    /// At this instant.
    At(Timestamp),
}

impl Expiry {
    /// Both or neither; in the future and at most 365 days ahead.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    pub fn parse(
        key_expiration: bool,
        valid_to: Option<&str>,
        now: Timestamp,
    ) -> crate::Result<Self> {
        let refused = |reason: &str| Err(AppError::invalid(Field::ValidTo, reason));
        match (key_expiration, valid_to) {
            (false, None) => Ok(Self::Never),
            (true, None) => refused("Say when the material expires."),
            (false, Some(_)) => {
                refused("An expiry time goes together with expiring material: both or neither.")
            }
            (true, Some(text)) => match Timestamp::parse(text.trim()) {
                None => refused("An expiry time is written like 2027-01-31T12:00:00Z."),
                Some(at) if at <= now => refused("The expiry time is in the past."),
                Some(at) if at > now.plus(LONGEST_EXPIRY) => {
                    refused("AWS takes an expiry time at most 365 days ahead.")
                }
                Some(at) => Ok(Self::At(at)),
            },
        }
    }

    /// The time, if there is one.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::At(at) => Some(at),
        }
    }
}

/// The name of an alias, with its prefix `alias/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct AliasName(String);

impl AliasName {
    /// Accepts the name with or without its prefix. AWS keeps `alias/aws/` for itself.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>
    pub fn parse(text: &str) -> crate::Result<Self> {
        let refused = |reason: &str| Err(AppError::invalid(Field::Alias, reason));
        let name = text.strip_prefix("alias/").unwrap_or(text);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
        if name.is_empty() || name.len() > 250 {
            return refused("An alias has 1 to 250 characters after alias/.");
        }
        if !name.chars().all(allowed) {
            return refused("An alias has letters, digits, slashes, hyphens and underscores only.");
        }
        if name.starts_with("aws/") {
            return refused("Aliases that begin with alias/aws/ are AWS's own.");
        }
        Ok(Self(format!("alias/{name}")))
    }

    /// The name with its prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AliasName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AliasName {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<AliasName> for String {
    fn from(alias: AliasName) -> Self {
        alias.0
    }
}

/// Tags as AWS accepts them, sorted by key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html>
pub fn parse_tags(tags: &[Tag]) -> crate::Result<Vec<Tag>> {
    let refused = |reason: String| Err(AppError::invalid(Field::Tags, reason));
    if tags.len() > MOST_TAGS {
        return refused(format!(
            "AWS takes 50 tags, of which OwnKey needs one while it works: at most {MOST_TAGS}."
        ));
    }
    let mut sorted = tags.to_vec();
    sorted.sort();
    for (index, tag) in sorted.iter().enumerate() {
        let key = &tag.key;
        if key.trim().is_empty() || key.chars().count() > 128 {
            return refused("A tag's key has 1 to 128 characters.".into());
        }
        if tag.value.chars().count() > 256 {
            return refused(format!("The value of {key} has more than 256 characters."));
        }
        if let Some(bad) = key.chars().chain(tag.value.chars()).find(|c| !is_tag(*c)) {
            return refused(format!(
                "{key}: {bad:?} is not allowed. Letters, digits, blanks and _ . : / = + - @ are."
            ));
        }
        if key.to_lowercase().starts_with("aws:") {
            return refused(format!("{key}: tags that begin with aws: are AWS's own."));
        }
        if key.starts_with("ownkey:") {
            return refused(format!(
                "{key}: tags that begin with ownkey: are OwnKey's own."
            ));
        }
        if index > 0 && sorted[index - 1].key == *key {
            return refused(format!("{key} is there twice."));
        }
    }
    Ok(sorted)
}

fn is_tag(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c)
}

/// An import into a key that exists, as the window asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportDraft {
    /// The key.
    pub key: KeyArn,
    /// Where the material comes from; not `Later`.
    pub material: MaterialChoice,
    /// Whether the material expires.
    pub key_expiration: bool,
    /// When, RFC 3339; together with `key_expiration` or not at all.
    pub valid_to: Option<String>,
}

/// What an import into a key can be, before it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ImportOffer {
    /// The key.
    pub key: KeyArn,
    /// Its spec.
    pub spec: KeySpec,
    /// Whether material was imported before: then only the same bytes are taken.
    pub same_bytes_only: bool,
    /// The stored materials that OwnKey knows the key to have had.
    pub known: Vec<MaterialId>,
    /// When the present material expires.
    pub valid_to: Option<Timestamp>,
    /// Whether AWS holds material now: then an import only changes the expiry.
    pub holds_material: bool,
}

/// Whom a key policy can name, as IAM lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Principals {
    /// ARNs of users.
    pub users: Vec<String>,
    /// ARNs of roles; not those that AWS services made for themselves.
    pub roles: Vec<String>,
    /// What was not listed, and why.
    pub refused: Vec<AppError>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<T: std::fmt::Debug>(outcome: crate::Result<T>) -> Field {
        match outcome {
            Err(AppError::InvalidInput { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    fn draft() -> UploadDraft {
        UploadDraft {
            registration: RegistrationId("r".into()),
            region: "eu-west-1".into(),
            material: MaterialChoice::Generate,
            spec: "SYMMETRIC_DEFAULT".into(),
            usage: "ENCRYPT_DECRYPT".into(),
            alias: "payments".into(),
            description: String::new(),
            tags: vec![],
            multi_region: false,
            key_expiration: false,
            valid_to: None,
            policy: PolicyDraft::default(),
        }
    }

    fn parse(draft: &UploadDraft) -> crate::Result<Upload> {
        draft.parse(
            Partition::Aws,
            &AccountId::parse("111111111111").expect("an account"),
            &[Region::parse("eu-west-1").expect("a region")],
            Timestamp::from_unix_seconds(1_000_000_000),
        )
    }

    #[test]
    fn the_defaults_are_an_upload() {
        let upload = parse(&draft()).expect("good");
        assert_eq!(upload.alias.expect("named").as_str(), "alias/payments");
        assert_eq!(upload.expiry, Expiry::Never);
    }

    #[test]
    fn the_field_that_is_wrong_is_the_one_that_is_named() {
        let wrong = |change: fn(&mut UploadDraft)| {
            let mut draft = draft();
            change(&mut draft);
            field(parse(&draft))
        };
        assert_eq!(wrong(|d| d.spec = "ML_DSA_65".into()), Field::KeySpec);
        assert_eq!(wrong(|d| d.usage = "SIGN_VERIFY".into()), Field::KeyUsage);
        assert_eq!(wrong(|d| d.region = "eu-central-1".into()), Field::Region);
        assert_eq!(wrong(|d| d.alias = "alias/aws/mine".into()), Field::Alias);
        assert_eq!(wrong(|d| d.alias = "no blanks".into()), Field::Alias);
        assert_eq!(wrong(|d| d.alias = "alias/".into()), Field::Alias);
        assert_eq!(
            wrong(|d| d.description = "x".repeat(8193)),
            Field::Description
        );
        assert_eq!(wrong(|d| d.key_expiration = true), Field::ValidTo);
        assert_eq!(
            wrong(|d| d.valid_to = Some("2001-10-09T01:46:40Z".into())),
            Field::ValidTo
        );
        let later = |d: &mut UploadDraft| {
            d.material = MaterialChoice::Later;
            d.key_expiration = true;
            d.valid_to = Some("2001-10-09T01:46:40Z".into());
        };
        assert_eq!(wrong(later), Field::ValidTo);
    }

    #[test]
    fn an_expiry_is_in_the_future_and_at_most_a_year_ahead() {
        let now = Timestamp::parse("2026-11-22T00:00:00Z").expect("a time");
        let expiry = |text: &str| Expiry::parse(true, Some(text), now);
        assert_eq!(field(expiry("2026-11-22T00:00:00Z")), Field::ValidTo);
        assert_eq!(field(expiry("2027-11-22T00:00:01Z")), Field::ValidTo);
        assert_eq!(field(expiry("tomorrow")), Field::ValidTo);
        let last = Timestamp::parse("2027-11-22T00:00:00Z").expect("a time");
        assert_eq!(expiry("2027-11-22T01:00:00+01:00"), Ok(Expiry::At(last)));
    }

    #[test]
    fn tags_are_what_aws_accepts() {
        let tag = |key: &str, value: &str| Tag {
            key: key.into(),
            value: value.into(),
        };
        let good = [tag("Größe", "a b_.:/=+-@9"), tag("cost-center", "")];
        assert_eq!(
            parse_tags(&good).expect("good"),
            [tag("Größe", "a b_.:/=+-@9"), tag("cost-center", "")]
        );
        for bad in [
            tag("", "x"),
            tag(" ", "x"),
            tag("aws:x", "x"),
            tag("AWS:x", "x"),
            tag("ownkey:operation", "x"),
            tag("x", "<b>"),
            tag("x", "a\nb"),
            tag(&"k".repeat(129), "x"),
            tag("x", &"v".repeat(257)),
        ] {
            assert_eq!(
                field(parse_tags(std::slice::from_ref(&bad))),
                Field::Tags,
                "{bad:?}"
            );
        }
        assert_eq!(
            field(parse_tags(&[tag("x", "1"), tag("x", "2")])),
            Field::Tags
        );
        let many: Vec<Tag> = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
        assert_eq!(field(parse_tags(&many)), Field::Tags);
        assert!(parse_tags(&many[..49]).is_ok());
    }

    #[test]
    fn rsa_keys_stay_out_of_china() {
        let rsa = UploadDraft {
            spec: "RSA_2048".into(),
            usage: "SIGN_VERIFY".into(),
            ..draft()
        };
        assert_eq!(field(rsa.parse_kind(Partition::AwsCn)), Field::KeySpec);
        assert!(rsa.parse_kind(Partition::AwsUsGov).is_ok());
    }
}
