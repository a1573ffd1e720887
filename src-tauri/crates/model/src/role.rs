//! What signs in, spelled as IAM spells it: roles, access keys, MFA devices.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AppError, Field, Partition, connection::present};

/// A role to assume.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Its ARN.
    pub arn: RoleArn,
    /// What its owner asks for beside the caller's identity, if anything. Not a secret.
    pub external_id: Option<String>,
}

/// A role as it is entered. Empty text means absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RoleDraft {
    /// See [`Role::arn`].
    pub arn: String,
    /// See [`Role::external_id`]; only together with an ARN.
    pub external_id: String,
}

impl RoleDraft {
    /// The role, or `None` if nothing was entered.
    pub fn parse(&self) -> crate::Result<Option<Role>> {
        let external_id = present(&self.external_id)
            .map(parse_external_id)
            .transpose()?;
        match present(&self.arn) {
            Some(arn) => Ok(Some(Role {
                arn: RoleArn::parse(arn)?,
                external_id,
            })),
            None if external_id.is_some() => Err(AppError::invalid(
                Field::ExternalId,
                "An external ID can be given only together with a role ARN.",
            )),
            None => Ok(None),
        }
    }
}

impl From<&Role> for RoleDraft {
    fn from(role: &Role) -> Self {
        Self {
            arn: role.arn.as_str().to_owned(),
            external_id: role.external_id.clone().unwrap_or_default(),
        }
    }
}

/// 2 to 1,224 characters, as STS takes them.
fn parse_external_id(text: &str) -> crate::Result<String> {
    let well_formed = (2..=1_224).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c));
    if well_formed {
        return Ok(text.to_owned());
    }
    Err(AppError::invalid(
        Field::ExternalId,
        "An external ID has 2 to 1,224 letters, digits and _ + = , . @ : / -.",
    ))
}

/// An IAM role's ARN.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct RoleArn(String);

impl RoleArn {
    /// Accepts `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let refused = || {
            AppError::invalid(
                Field::RoleArn,
                "A role ARN looks like arn:aws:iam::111122223333:role/Name.",
            )
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, role] = parts[..] else {
            return Err(refused());
        };
        let path = role.strip_prefix("role/").ok_or_else(refused)?;
        let well_formed = Partition::parse(partition).is_some()
            && AccountId::parse(account).is_ok()
            && !path.is_empty()
            && !path.ends_with('/')
            && text.len() <= 2_048
            && path
                .chars()
                .all(|c| c.is_ascii_graphic() && !"\"'<>\\`".contains(c));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account that owns the role.
    pub fn account(&self) -> AccountId {
        AccountId::parse(self.0.split(':').nth(4).unwrap_or_default()).expect("checked in `parse`")
    }
}

impl TryFrom<String> for RoleArn {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<RoleArn> for String {
    fn from(arn: RoleArn) -> Self {
        arn.0
    }
}

/// The id of an access key. Not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct AccessKeyId(String);

impl AccessKeyId {
    /// Accepts letters and digits, 4 to 128: emulators know other ids than AWS, which has 20
    /// capitals and digits. A temporary key (`ASIA…`) is refused: it ends with a session token that
    /// OwnKey does not keep.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let well_formed =
            (4..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
        if !well_formed {
            return Err(AppError::invalid(
                Field::AccessKeyId,
                "An access key ID looks like AKIAIOSFODNN7EXAMPLE.",
            ));
        }
        if text.starts_with("ASIA") {
            return Err(AppError::invalid(
                Field::AccessKeyId,
                "This is a temporary key, which ends within hours. Use a profile for those.",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccessKeyId {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<AccessKeyId> for String {
    fn from(id: AccessKeyId) -> Self {
        id.0
    }
}

/// The serial number of a hardware MFA device, or the ARN of a virtual one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct MfaSerial(String);

impl MfaSerial {
    /// Accepts 9 to 256 characters, as STS takes them.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let well_formed = (9..=256).contains(&text.len())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_=/:,.@-".contains(c));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(AppError::invalid(
                Field::MfaSerial,
                "An MFA device looks like arn:aws:iam::111122223333:mfa/name, or is a serial number.",
            ))
        }
    }

    /// The serial number or ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MfaSerial {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<MfaSerial> for String {
    fn from(serial: MfaSerial) -> Self {
        serial.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_by_its_arn_in_any_partition() {
        for good in [
            "arn:aws:iam::111122223333:role/Admin",
            "arn:aws-cn:iam::111122223333:role/path/to/Admin",
            "arn:aws-us-gov:iam::111122223333:role/a+b=c,d.e@f-g_h",
        ] {
            let arn = RoleArn::parse(good).expect(good);
            assert_eq!(arn.account().as_str(), "111122223333");
        }
        for bad in [
            "",
            "Admin",
            "arn:aws:iam::111122223333:user/Admin",
            "arn:aws:iam::1111:role/Admin",
            "arn:aws-iso:iam::111122223333:role/Admin",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:aws:sts::111122223333:assumed-role/Admin/me",
        ] {
            assert!(RoleArn::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_temporary_access_key_is_refused() {
        assert!(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").is_ok());
        assert!(AccessKeyId::parse("test").is_ok());
        assert!(AccessKeyId::parse("ASIAIOSFODNN7EXAMPLE").is_err());
        assert!(AccessKeyId::parse("AKIA with blanks").is_err());
    }

    #[test]
    fn an_mfa_device_is_an_arn_or_a_serial_number() {
        assert!(MfaSerial::parse("arn:aws:iam::111122223333:mfa/jo").is_ok());
        assert!(MfaSerial::parse("GAHT12345678").is_ok());
        assert!(MfaSerial::parse("123456").is_err());
    }
}
