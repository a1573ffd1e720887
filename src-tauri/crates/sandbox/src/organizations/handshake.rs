//! What an invitation is and in which state it is at a moment. What is done with it is in `invitations`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use super::asked::moment;
use super::organization::email_of;
use super::record::{Organization, State};
use crate::iam::account::Tags;

/// How long an invitation waits.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#min-max-handshakes>
const WAITS: Duration = Duration::days(15);

/// How long it is still shown when it has ended.
const IS_SHOWN: Duration = Duration::days(30);

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Handshake {
    /// The id of the organization, and its management account.
    pub(super) organization: String,
    pub(super) management: String,
    pub(super) target: Target,
    pub(super) notes: Option<String>,
    /// Those that the account is to have in the organization.
    pub(super) tags: Tags,
    #[serde(with = "rfc3339")]
    pub(super) requested: OffsetDateTime,
    pub(super) answer: Option<Answer>,
}

/// Who is invited.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Target {
    Account(String),
    Email(String),
}

/// What came of it, and when.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) outcome: HandshakeState,
    #[serde(with = "rfc3339")]
    pub(super) at: OffsetDateTime,
}

/// In AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum HandshakeState {
    Requested,
    Canceled,
    Accepted,
    Declined,
    Expired,
}

impl HandshakeState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Canceled => "CANCELED",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Expired => "EXPIRED",
        }
    }
}

impl Target {
    fn kind_and_value(&self) -> (&'static str, &str) {
        match self {
            Self::Account(id) => ("ACCOUNT", id),
            Self::Email(address) => ("EMAIL", address),
        }
    }
}

impl Handshake {
    pub(super) fn state(&self, now: OffsetDateTime) -> HandshakeState {
        match &self.answer {
            Some(answer) => answer.outcome,
            None if now >= self.expires() => HandshakeState::Expired,
            None => HandshakeState::Requested,
        }
    }

    fn expires(&self) -> OffsetDateTime {
        self.requested.checked_add(WAITS).unwrap_or(self.requested)
    }

    /// Whether nobody sees it any more.
    pub(super) fn is_forgotten(&self, now: OffsetDateTime) -> bool {
        let ended = self.answer.as_ref().map(|answer| answer.at);
        now - ended.unwrap_or_else(|| self.expires()) > IS_SHOWN
    }

    /// The sender's side of it, which can have gone since.
    pub(super) fn show(
        &self,
        id: &str,
        sender: Option<&Organization>,
        now: OffsetDateTime,
    ) -> Value {
        let (kind, target) = self.target.kind_and_value();
        let mut about = Vec::new();
        if let Some(sender) = sender {
            let features = match sender.all_features {
                true => "ALL",
                false => "CONSOLIDATED_BILLING",
            };
            if let Some(first) = sender.members.get(&sender.management) {
                about.push(json!({ "Type": "MASTER_EMAIL", "Value": first.email }));
                about.push(json!({ "Type": "MASTER_NAME", "Value": first.name }));
            }
            about.push(json!({ "Type": "ORGANIZATION_FEATURE_SET", "Value": features }));
        }
        let mut resources = vec![
            json!({ "Type": "ORGANIZATION", "Value": self.organization, "Resources": about }),
            json!({ "Type": kind, "Value": target }),
        ];
        if let Some(notes) = &self.notes {
            resources.push(json!({ "Type": "NOTES", "Value": notes }));
        }
        json!({
            "Id": id,
            "Arn": self.arn(id, sender),
            "Parties": [
                { "Id": self.organization, "Type": "ORGANIZATION" },
                { "Id": target, "Type": kind },
            ],
            "State": self.state(now).word(),
            "RequestedTimestamp": moment(self.requested),
            "ExpirationTimestamp": moment(self.expires()),
            "Action": "INVITE",
            "Resources": resources,
        })
    }

    pub(super) fn arn(&self, id: &str, sender: Option<&Organization>) -> String {
        let word = sender.map_or("aws", |sender| sender.partition.word());
        let (management, organization) = (&self.management, &self.organization);
        format!("arn:{word}:organizations::{management}:handshake/{organization}/invite/{id}")
    }
}

impl State {
    /// The address of an account.
    pub(super) fn address_of(&self, account: &str) -> String {
        let member = self.of(account).and_then(|home| home.members.get(account));
        member.map_or_else(|| email_of(account), |member| member.email.clone())
    }

    /// Whether a handshake was sent to this account.
    pub(super) fn is_for(&self, handshake: &Handshake, account: &str) -> bool {
        match &handshake.target {
            Target::Account(id) => id == account,
            Target::Email(address) => address.eq_ignore_ascii_case(&self.address_of(account)),
        }
    }

    /// The invitations of an organization that wait for an answer.
    pub(super) fn open_invitations(&self, organization: &str, now: OffsetDateTime) -> usize {
        let sent = self.handshakes.values();
        let sent = sent.filter(|handshake| handshake.organization == organization);
        sent.filter(|handshake| handshake.state(now) == HandshakeState::Requested)
            .count()
    }

    /// Drops what nobody sees any more.
    pub(super) fn forget_handshakes(&mut self, now: OffsetDateTime) {
        self.handshakes
            .retain(|_, handshake| !handshake.is_forgotten(now));
    }
}
