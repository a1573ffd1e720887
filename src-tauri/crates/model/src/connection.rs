//! Ways to sign in to AWS.

use serde::{Deserialize, Serialize};

use crate::{
    AccessKeyId, AppError, Field, MfaSerial, Region, Role, RoleDraft, SealedText, SignInState,
};

/// Names a connection for as long as it exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
#[specta(transparent)]
pub struct ConnectionId(pub String);

/// A way to sign in to AWS. Holds no secret: those stay in the AWS configuration files or in the
/// operating system's keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Its identity.
    pub id: ConnectionId,
    /// The name people know it by, unique.
    pub name: String,
    /// How it signs in.
    pub kind: ConnectionKind,
    /// The role that is assumed after signing in, if any.
    pub role: Option<Role>,
    /// Where account-wide questions are asked; the profile's region, else us-east-1, if absent.
    pub region: Option<Region>,
    /// Every service is asked there instead of at AWS's own endpoints.
    pub endpoint_url: Option<EndpointUrl>,
    /// Whether AWS's FIPS endpoints are asked.
    pub fips: bool,
}

/// How a connection signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ConnectionKind {
    /// The AWS that is built into OwnKey.
    Sandbox,
    /// A profile of `~/.aws/config` and `~/.aws/credentials`.
    Profile {
        /// Its name.
        profile: String,
    },
    /// An access key; its secret is in the operating system's keychain.
    AccessKey {
        /// Its id.
        access_key_id: AccessKeyId,
        /// The MFA device whose code is asked for at sign-in, if any.
        mfa_serial: Option<MfaSerial>,
    },
}

impl Connection {
    /// Whether another way to sign in asks the same server: AWS, the AWS that is built in, or the
    /// same one in AWS's place.
    pub fn asks_same_server(&self, other: &Self) -> bool {
        let built_in = |one: &Self| one.kind == ConnectionKind::Sandbox;
        built_in(self) == built_in(other) && self.endpoint_url == other.endpoint_url
    }
}

/// What a person enters to make or change a connection. Empty text means absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionDraft {
    /// See [`Connection::name`].
    pub name: String,
    /// How to sign in.
    pub kind: ConnectionKindDraft,
    /// The role to assume after signing in.
    pub role: RoleDraft,
    /// See [`Connection::region`].
    pub region: String,
    /// See [`Connection::endpoint_url`].
    pub endpoint_url: String,
    /// See [`Connection::fips`].
    pub fips: bool,
}

/// See [`ConnectionKind`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ConnectionKindDraft {
    /// The AWS that is built into OwnKey.
    Sandbox,
    /// A profile.
    Profile {
        /// Its name.
        profile: String,
    },
    /// An access key.
    AccessKey {
        /// Its id.
        access_key_id: String,
        /// Its secret; absent where the one that is kept stays.
        secret: Option<SealedText>,
        /// The MFA device's serial number or ARN.
        mfa_serial: String,
    },
}

impl ConnectionDraft {
    /// The connection that the draft describes, under the given identity. The secret is not looked
    /// at.
    pub fn parse(&self, id: ConnectionId) -> crate::Result<Connection> {
        let kind = match &self.kind {
            ConnectionKindDraft::Sandbox => ConnectionKind::Sandbox,
            ConnectionKindDraft::Profile { profile } if profile.trim().is_empty() => {
                return Err(AppError::invalid(Field::Profile, "Choose a profile."));
            }
            ConnectionKindDraft::Profile { profile } => ConnectionKind::Profile {
                profile: profile.clone(),
            },
            ConnectionKindDraft::AccessKey {
                access_key_id,
                mfa_serial,
                ..
            } => ConnectionKind::AccessKey {
                access_key_id: AccessKeyId::parse(access_key_id.trim())?,
                mfa_serial: present(mfa_serial).map(MfaSerial::parse).transpose()?,
            },
        };
        let endpoint_url = present(&self.endpoint_url)
            .map(EndpointUrl::parse)
            .transpose()?;
        if self.fips && endpoint_url.is_some() {
            return Err(AppError::invalid(
                Field::EndpointUrl,
                "An endpoint URL and AWS's FIPS endpoints exclude each other.",
            ));
        }
        Ok(Connection {
            id,
            name: parse_name(&self.name)?,
            kind,
            role: self.role.parse()?,
            region: present(&self.region).map(Region::parse).transpose()?,
            endpoint_url,
            fips: self.fips,
        })
    }
}

/// The text of a field without surrounding blanks; `None` if nothing is left.
pub(crate) fn present(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A name without surrounding blanks, 1 to 64 characters.
pub(crate) fn parse_name(text: &str) -> crate::Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(AppError::invalid(
            Field::Name,
            "A name has 1 to 64 characters.",
        ));
    }
    Ok(name.to_owned())
}

/// A connection with what uses it and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionEntry {
    /// The connection.
    pub connection: Connection,
    /// The names of the registrations that use it, sorted.
    pub used_by: Vec<String>,
    /// How it stands.
    pub sign_in: SignInState,
}

/// The base URL of a server that answers for AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// Accepts `https://host[:port]`, and `http://` on this computer only: requests carry
    /// signatures, tags and policies, which must not cross a network in clear.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let refused = |reason: &str| Err(AppError::invalid(Field::EndpointUrl, reason));
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest.trim_end_matches('/')),
            None => return refused("An endpoint URL starts with https://."),
        };
        let well_formed = !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c));
        if !well_formed {
            return refused("An endpoint URL is a scheme, a host and optionally a port.");
        }
        let host = match rest.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                if port.parse::<u16>().is_err() {
                    return refused("The port is a number from 1 to 65535.");
                }
                host
            }
            _ => rest,
        };
        match scheme.as_str() {
            "https" => Ok(Self(format!("https://{rest}"))),
            "http" if ["localhost", "[::1]"].contains(&host) || is_loopback_v4(host) => {
                Ok(Self(format!("http://{rest}")))
            }
            "http" => refused("http:// is accepted on this computer only; use https://."),
            _ => refused("An endpoint URL starts with https://."),
        }
    }

    /// The URL without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EndpointUrl {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<EndpointUrl> for String {
    fn from(url: EndpointUrl) -> Self {
        url.0
    }
}

fn is_loopback_v4(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_endpoints_stay_on_this_computer() {
        for good in [
            "https://kms.example.com",
            "http://127.0.0.1:5002/",
            "http://localhost:1",
            "http://[::1]:80",
        ] {
            assert!(EndpointUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "ftp://localhost",
            "localhost:80",
            "https://",
            "https://host/path",
            "https://user@host",
            "http://localhost:99999",
        ] {
            assert!(EndpointUrl::parse(bad).is_err(), "{bad}");
        }
    }

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            name: " Production ".into(),
            kind: ConnectionKindDraft::Profile {
                profile: "prod".into(),
            },
            role: RoleDraft::default(),
            region: " ".into(),
            endpoint_url: String::new(),
            fips: false,
        }
    }

    fn blamed(draft: &ConnectionDraft) -> Option<Field> {
        match draft.parse(ConnectionId("c".into())) {
            Err(AppError::InvalidInput { field, .. }) => Some(field),
            _ => None,
        }
    }

    #[test]
    fn an_empty_field_of_a_draft_means_absent() {
        let connection = draft()
            .parse(ConnectionId("c".into()))
            .expect("a good draft");
        assert_eq!(connection.name, "Production");
        assert_eq!(
            (connection.region, connection.endpoint_url, connection.role),
            (None, None, None)
        );
    }

    #[test]
    fn fips_endpoints_and_an_endpoint_url_exclude_each_other() {
        let both = ConnectionDraft {
            fips: true,
            endpoint_url: "https://kms.example.com".into(),
            ..draft()
        };
        assert_eq!(blamed(&both), Some(Field::EndpointUrl));
    }

    #[test]
    fn an_external_id_needs_a_role() {
        let role = RoleDraft {
            arn: " ".into(),
            external_id: "x-1".into(),
        };
        assert_eq!(
            blamed(&ConnectionDraft { role, ..draft() }),
            Some(Field::ExternalId)
        );
    }
}
