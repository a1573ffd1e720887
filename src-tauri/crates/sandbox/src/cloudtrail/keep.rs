//! Where records go: to the accounts that they concern, and to the trails that want them.

use super::delivery;
use super::record::{Record, Way, Who};
use crate::api::Call;
use crate::kms::Happened;
use crate::neighbours::Around;
use crate::services::Service;

/// Keeps a record for the account of who asked and, if it was carried out, for those whose keys or
/// roles it is about.
pub(super) fn keep(around: &Around<'_>, call: &Call, record: Record) {
    let mut accounts = vec![record.account.clone()];
    if record.refusal.is_none() {
        let owners = record.about.iter().filter_map(|arn| arn.split(':').nth(4));
        for owner in owners {
            if !accounts.iter().any(|known| **known == *owner) {
                accounts.push(owner.into());
            }
        }
    }
    let shared = accounts.len() > 1;
    for account in accounts {
        let record = Record {
            account,
            shared,
            ..record.clone()
        };
        delivery::deliver(around, call, &record);
        let kept = &around.neighbours.cloudtrail;
        // What was only read, or refused, is no reason to write the state down.
        match record.reads || record.refusal.is_some() {
            true => kept.note().keep(record),
            false => kept.write(around.revision).keep(record),
        }
    }
}

/// Writes down what KMS did by itself up to now, at the times when it fell due.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/non-api-aws-service-events.html>
pub(crate) fn catch_up(around: &Around<'_>, call: &Call) {
    for happened in around.kms.take_happened(call.now) {
        keep(around, call, Record::of(happened));
    }
}

impl Record {
    fn of(happened: Happened) -> Self {
        let moment = happened.at.unix_timestamp_nanos();
        let details = happened
            .details
            .map_or_else(String::new, |details| details.to_string());
        Self {
            turn: 0,
            at: happened.at,
            who: Who::of_account(&happened.account),
            account: happened.account,
            region: happened.region,
            service: Service::Kms.name().into(),
            reads: false,
            agent: "".into(),
            // Shown to nobody: only the id of the event follows from it. Several materials of a key
            // can expire in one moment.
            request_id: format!("{} {} {moment} {details}", happened.name, happened.key).into(),
            operation: happened.name,
            asked: "".into(),
            answered: "".into(),
            about: vec![happened.key],
            refusal: None,
            shared: false,
            way: Way::Internal,
            more: "".into(),
            details: details.into(),
        }
    }
}
