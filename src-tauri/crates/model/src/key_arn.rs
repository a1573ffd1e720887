//! The ARN of a KMS key.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AppError, Field, Partition, Region};

/// The ARN of a KMS key.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct KeyArn(String);

impl KeyArn {
    /// Accepts `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let well_formed = matches!(parts.as_slice(), ["arn", partition, "kms", region, account, resource]
            if Partition::parse(partition).is_some()
                && Region::parse(region).is_ok()
                && AccountId::parse(account).is_ok()
                && resource.strip_prefix("key/").is_some_and(is_key_id));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(AppError::invalid(
                Field::Arn,
                "A key's ARN is arn:aws:kms:REGION:ACCOUNT:key/ID.",
            ))
        }
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key's id: a UUID, or `mrk-` and hexadecimal digits.
    pub fn key_id(&self) -> &str {
        self.part(5).trim_start_matches("key/")
    }

    /// The region.
    pub fn region(&self) -> Region {
        Region::parse(self.part(3)).expect("checked by the constructor")
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        AccountId::parse(self.part(4)).expect("checked by the constructor")
    }

    fn part(&self, index: usize) -> &str {
        self.0
            .splitn(6, ':')
            .nth(index)
            .expect("checked by the constructor")
    }
}

impl std::fmt::Display for KeyArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyArn {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<KeyArn> for String {
    fn from(arn: KeyArn) -> Self {
        arn.0
    }
}

fn is_key_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn an_arn_gives_its_parts() {
        let arn = KeyArn::parse(ARN).expect("an ARN");
        assert_eq!(arn.key_id(), "1234abcd-12ab-34cd-56ef-1234567890ab");
        assert_eq!(
            (arn.region().as_str(), arn.account().as_str()),
            ("eu-central-1", "111111111111")
        );
    }

    #[test]
    fn what_is_no_key_arn_is_refused() {
        for bad in [
            "",
            "arn:aws:kms:eu-central-1:111111111111:alias/x",
            "arn:aws:s3:eu-central-1:111111111111:key/x",
            "arn:aws:kms:eu-central-1:1:key/x",
            "arn:aws:kms:eu-central-1:111111111111:key/../x",
            "arn:aws:kms:eu-central-1:111111111111:key/",
        ] {
            assert!(KeyArn::parse(bad).is_err(), "{bad}");
        }
    }
}
