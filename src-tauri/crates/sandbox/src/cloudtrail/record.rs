//! One request as it is remembered: short, so that many are, and noting one costs little. The event
//! that is shown of it is made in `event`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::iam::caller::{Caller, Identity};

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// Counted over all accounts and regions.
    pub(super) turn: u64,
    #[serde(with = "rfc3339")]
    pub(super) at: OffsetDateTime,
    /// Whose event it is.
    pub(super) account: Box<str>,
    pub(super) region: Box<str>,
    /// The name that the request was signed for.
    pub(super) service: Box<str>,
    pub(super) operation: Box<str>,
    pub(super) reads: bool,
    pub(super) who: Who,
    pub(super) agent: Box<str>,
    pub(super) request_id: Box<str>,
    /// The parameters as JSON, without secrets; empty if there are none.
    pub(super) asked: Box<str>,
    /// What was answered, likewise.
    pub(super) answered: Box<str>,
    /// The ARNs of KMS keys, or of a role that was assumed.
    pub(super) about: Vec<Box<str>>,
    /// Code and message of a refusal.
    pub(super) refusal: Option<(Box<str>, Box<str>)>,
    /// Whether another account has the same event.
    pub(super) shared: bool,
    #[serde(default)]
    pub(super) way: Way,
    /// `additionalEventData` as JSON; empty if there is none.
    #[serde(default)]
    pub(super) more: Box<str>,
    /// `serviceEventDetails`, likewise.
    #[serde(default)]
    pub(super) details: Box<str>,
}

/// How a request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Way {
    /// The principal has sent it.
    #[default]
    Direct,
    /// S3 has, with the principal's rights.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html>
    ThroughS3,
    /// KMS has, from another region.
    ThroughKms,
    /// Nobody has: the service did something by itself.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html>
    Internal,
}

/// Who asked, as it was then.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Who {
    pub(super) kind: Kind,
    pub(super) id: Box<str>,
    pub(super) arn: Box<str>,
    pub(super) account: Box<str>,
    pub(super) key_id: Box<str>,
    /// Of the user, or of the role's session.
    pub(super) name: Box<str>,
    /// ARN and name of the role behind a session.
    pub(super) role: Option<(Box<str>, Box<str>)>,
    /// Of temporary credentials: when they were made, and whether with MFA.
    #[serde(with = "rfc3339::option")]
    pub(super) session_since: Option<OffsetDateTime>,
    pub(super) mfa: bool,
    #[serde(default)]
    pub(super) source_identity: Option<Box<str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Root,
    User,
    Federated,
    Role,
}

impl Way {
    /// The service that is told in `invokedBy`.
    pub(super) fn invoker(self) -> Option<&'static str> {
        match self {
            Self::Direct => None,
            Self::ThroughS3 => Some("fas.s3.amazonaws.com"),
            Self::ThroughKms => Some("kms.amazonaws.com"),
            Self::Internal => Some("AWS Internal"),
        }
    }
}

impl Record {
    /// What stands where the principal's address and program would.
    pub(super) fn address(&self) -> &str {
        match self.way {
            Way::Direct | Way::ThroughKms => "127.0.0.1",
            Way::ThroughS3 | Way::Internal => self.way.invoker().unwrap_or_default(),
        }
    }

    pub(super) fn program(&self) -> &str {
        match self.way {
            Way::Direct => &self.agent,
            Way::ThroughKms => "AWS Internal",
            Way::ThroughS3 | Way::Internal => self.way.invoker().unwrap_or_default(),
        }
    }

    pub(super) fn event_type(&self) -> &'static str {
        match self.way {
            Way::Internal => "AwsServiceEvent",
            Way::Direct | Way::ThroughS3 | Way::ThroughKms => "AwsApiCall",
        }
    }

    /// Bytes that it takes of memory, roughly.
    pub(super) fn held(&self) -> usize {
        let texts = [
            &self.asked,
            &self.answered,
            &self.agent,
            &self.more,
            &self.details,
        ];
        let about = self.about.iter().chain(texts);
        let refusal = self
            .refusal
            .as_ref()
            .map_or(0, |(_, message)| message.len());
        size_of::<Self>() + 512 + refusal + about.map(|text| text.len()).sum::<usize>()
    }
}

impl Kind {
    /// The word of `userIdentity`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Root => "Root",
            Self::User => "IAMUser",
            Self::Federated => "FederatedUser",
            Self::Role => "AssumedRole",
        }
    }
}

impl Who {
    pub(super) fn of(caller: &Caller, key_id: &str) -> Self {
        let (kind, name, role) = match &caller.identity {
            Identity::User { name } if caller.is_federated() => {
                let name = caller.arn.rsplit('/').next().unwrap_or(name);
                (Kind::Federated, name, None)
            }
            Identity::User { .. } if caller.arn.ends_with(":root") => (Kind::Root, "root", None),
            Identity::User { name } => (Kind::User, name.as_str(), None),
            Identity::Role { name, session_name } => {
                let role = caller.principal_arn();
                (
                    Kind::Role,
                    session_name.as_str(),
                    Some((role.into(), name.as_str().into())),
                )
            }
        };
        let session = caller.session.as_ref();
        Self {
            kind,
            id: caller.user_id.as_str().into(),
            arn: caller.arn.as_str().into(),
            account: caller.account.as_str().into(),
            key_id: key_id.into(),
            name: name.into(),
            role,
            session_since: session.map(|session| session.issued_at),
            mfa: session.is_some_and(|session| session.mfa_at.is_some()),
            source_identity: session
                .and_then(|session| session.brought.source_identity.as_deref())
                .map(Into::into),
        }
    }

    /// Nobody, in an account.
    pub(super) fn of_account(account: &str) -> Self {
        Self {
            kind: Kind::Root,
            id: "".into(),
            arn: "".into(),
            account: account.into(),
            key_id: "".into(),
            name: "".into(),
            role: None,
            session_since: None,
            mfa: false,
            source_identity: None,
        }
    }
}
