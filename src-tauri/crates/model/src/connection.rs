//! Ways to sign in to AWS.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AppError, Field, Partition, Refusal, Region};

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
    /// Where account-wide questions are asked; the profile's region, else us-east-1, if absent.
    pub region: Option<Region>,
    /// Every service is asked there instead of at AWS's own endpoints.
    pub endpoint_url: Option<EndpointUrl>,
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
}

/// What a person enters to make a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionDraft {
    /// How to sign in.
    pub kind: ConnectionKind,
    /// See [`Connection::region`]; empty means absent.
    pub region: String,
    /// See [`Connection::endpoint_url`]; empty means absent.
    pub endpoint_url: String,
}

impl ConnectionDraft {
    /// The connection that the draft describes, under the given identity and name.
    pub fn parse(&self, id: ConnectionId, name: &str) -> crate::Result<Connection> {
        let present = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        if let ConnectionKind::Profile { profile } = &self.kind
            && profile.trim().is_empty()
        {
            return Err(AppError::invalid(Field::Profile, "Choose a profile."));
        }
        Ok(Connection {
            id,
            name: name.to_owned(),
            kind: self.kind.clone(),
            region: present(&self.region)
                .map(|text| Region::parse(&text))
                .transpose()?,
            endpoint_url: present(&self.endpoint_url)
                .map(|text| EndpointUrl::parse(&text))
                .transpose()?,
        })
    }
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

/// A profile found in the AWS configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// How it signs in.
    pub sign_in: ProfileSignIn,
    /// Its region, if it names one.
    pub region: Option<String>,
}

/// How a profile signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum ProfileSignIn {
    /// An access key in the file: OwnKey can use it.
    StaticKeys,
    /// IAM Identity Center.
    Sso,
    /// A role assumed from another profile.
    AssumeRole,
    /// A program that prints credentials.
    CredentialProcess,
    /// `aws login`.
    Login,
    /// No credentials at all.
    Nothing,
}

/// What a test of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// The account.
    pub account: AccountId,
    /// The account's alias, if it has one and it may be read.
    pub account_alias: Option<String>,
    /// Who signs in.
    pub caller_arn: String,
    /// The partition.
    pub partition: Partition,
    /// The regions that can be used, sorted by code.
    pub regions: Vec<RegionEntry>,
    /// What the credentials may not do; nothing here was skipped silently.
    pub refused: Vec<Refusal>,
}

/// One region of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegionEntry {
    /// The region.
    pub region: Region,
    /// The registration that already holds it, by name.
    pub held_by: Option<String>,
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

    #[test]
    fn an_empty_field_of_a_draft_means_absent() {
        let draft = ConnectionDraft {
            kind: ConnectionKind::Profile {
                profile: "prod".into(),
            },
            region: " ".into(),
            endpoint_url: String::new(),
        };
        let connection = draft
            .parse(ConnectionId("c".into()), "Production")
            .expect("a good draft");
        assert_eq!((connection.region, connection.endpoint_url), (None, None));
    }
}
