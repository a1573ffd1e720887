//! The event that is shown of a record.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::record::{Kind, Record, Way};
use crate::protocol::seconds;

/// What names are those of, by the member that has them.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("kms", "aliasName", "AWS::KMS::Alias"),
    ("iam", "userName", "AWS::IAM::User"),
    ("iam", "roleName", "AWS::IAM::Role"),
    ("iam", "groupName", "AWS::IAM::Group"),
    ("iam", "policyArn", "AWS::IAM::Policy"),
    ("iam", "policyName", "AWS::IAM::Policy"),
    ("iam", "accessKeyId", "AWS::IAM::AccessKey"),
    ("iam", "serialNumber", "AWS::IAM::MfaDevice"),
    ("s3", "bucketName", "AWS::S3::Bucket"),
    ("cloudtrail", "name", "AWS::CloudTrail::Trail"),
    ("cloudtrail", "trailName", "AWS::CloudTrail::Trail"),
    ("logs", "logGroupName", "AWS::Logs::LogGroup"),
    ("monitoring", "alarmName", "AWS::CloudWatch::Alarm"),
];

impl Record {
    pub(super) fn event(&self) -> Value {
        let mut event = json!({
            "eventVersion": "1.11",
            "userIdentity": self.identity(),
            "eventTime": seconds(self.at),
            "eventSource": self.source(),
            "eventName": self.operation,
            "awsRegion": self.region,
            "sourceIPAddress": self.address(),
            "userAgent": self.program(),
            "requestParameters": read(&self.asked),
            "responseElements": read(&self.answered),
            "eventID": self.id(),
            "readOnly": self.reads,
            "eventType": self.event_type(),
            "managementEvent": true,
            "recipientAccountId": self.account,
            "eventCategory": "Management",
        });
        if self.way != Way::Internal {
            event["requestID"] = (*self.request_id).into();
        }
        for (member, told) in [
            ("additionalEventData", &self.more),
            ("serviceEventDetails", &self.details),
        ] {
            if !told.is_empty() {
                event[member] = read(told);
            }
        }
        if let Some((code, message)) = &self.refusal {
            event["errorCode"] = (**code).into();
            event["errorMessage"] = (**message).into();
        }
        if !self.about.is_empty() {
            let shown = self.about.iter().map(|arn| {
                json!({
                    "accountId": arn.split(':').nth(4),
                    "type": kind_of(arn),
                    "ARN": arn,
                })
            });
            event["resources"] = shown.collect();
        }
        if self.shared {
            event["sharedEventID"] = derive_id(&["shared", &self.request_id]).into();
        }
        event
    }

    /// `kms.amazonaws.com`.
    pub(super) fn source(&self) -> String {
        format!("{}.amazonaws.com", self.service)
    }

    /// The id of the event, which is derived so that it need not be kept.
    pub(super) fn id(&self) -> String {
        derive_id(&["event", &self.account, &self.region, &self.request_id])
    }

    /// Who is not of the account is told to it by id only.
    pub(super) fn is_foreign(&self) -> bool {
        self.account != self.who.account
    }

    /// Types and names of what it is about.
    pub(super) fn resources(&self) -> Vec<(&'static str, String)> {
        let arns = self.about.iter();
        let mut found: Vec<_> = arns.map(|arn| (kind_of(arn), arn.to_string())).collect();
        let asked = read(&self.asked);
        for (service, member, kind) in RESOURCES {
            let name = asked.get(member).and_then(Value::as_str);
            if let Some(name) = name.filter(|_| **service == *self.service) {
                found.push((kind, name.to_owned()));
            }
        }
        let made = read(&self.answered);
        let made = made
            .pointer("/accessKey/accessKeyId")
            .and_then(Value::as_str);
        if let Some(id) = made {
            found.push(("AWS::IAM::AccessKey", id.to_owned()));
        }
        found
    }

    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
    fn identity(&self) -> Value {
        let who = &self.who;
        if self.way == Way::Internal {
            return json!({ "accountId": who.account, "invokedBy": self.way.invoker() });
        }
        let mut identity = match self.is_foreign() {
            true => json!({
                "type": "AWSAccount",
                "principalId": who.id,
                "accountId": who.account,
            }),
            false => self.own_identity(),
        };
        if let Some(invoker) = self.way.invoker() {
            identity["invokedBy"] = invoker.into();
        }
        identity
    }

    fn own_identity(&self) -> Value {
        let who = &self.who;
        let mut identity = json!({
            "type": who.kind.word(),
            "principalId": who.id,
            "arn": who.arn,
            "accountId": who.account,
        });
        if !who.key_id.is_empty() {
            identity["accessKeyId"] = (*who.key_id).into();
        }
        if who.kind == Kind::User {
            identity["userName"] = (*who.name).into();
        }
        let Some(since) = who.session_since else {
            return identity;
        };
        let mut session = json!({
            "attributes": {
                "creationDate": seconds(since),
                "mfaAuthenticated": who.mfa.to_string(),
            }
        });
        if let Some((arn, name)) = &who.role {
            session["sessionIssuer"] = json!({
                "type": "Role",
                "principalId": who.id.split(':').next(),
                "arn": arn,
                "accountId": who.account,
                "userName": name,
            });
        }
        if let Some(source) = &who.source_identity {
            session["sourceIdentity"] = (**source).into();
        }
        identity["sessionContext"] = session;
        identity
    }
}

fn kind_of(arn: &str) -> &'static str {
    match arn.split(':').nth(2) {
        Some("kms") => "AWS::KMS::Key",
        _ => "AWS::IAM::Role",
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn derive_id(parts: &[&str]) -> String {
    let hash = digest(&SHA256, parts.join("\n").as_bytes());
    let mut bytes = [0; 16];
    bytes
        .iter_mut()
        .zip(hash.as_ref())
        .for_each(|(to, from)| *to = *from);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}
