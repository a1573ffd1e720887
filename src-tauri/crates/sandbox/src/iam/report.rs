//! The credential report: a line of CSV for the root and every user.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::format_description::FormatItem;
use time::macros::format_description;
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use super::State;
use super::account::User;
use super::answers::Asked;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// How long a report is handed out; one that is not so old is not made anew.
const LIFE: Duration = Duration::hours(4);

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
                       password_last_changed,password_next_rotation,mfa_active,\
                       access_key_1_active,access_key_1_last_rotated,\
                       access_key_1_last_used_date,access_key_1_last_used_region,\
                       access_key_1_last_used_service,access_key_2_active,\
                       access_key_2_last_rotated,access_key_2_last_used_date,\
                       access_key_2_last_used_region,access_key_2_last_used_service,\
                       cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// A report that was made.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    text: String,
    #[serde(with = "rfc3339")]
    made: OffsetDateTime,
}

impl Asked<'_> {
    pub(super) fn generate_report(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GenerateCredentialReport", "*")?;
        self.iam.change(|state, _| {
            let text = self.written(state);
            let account = state.accounts.get_mut(&self.call.account);
            let Some(account) = account else {
                return Ok(Xml::new().text("State", "STARTED"));
            };
            let known = account.report.as_ref();
            if known.is_some_and(|report| self.call.now - report.made < LIFE) {
                return Ok(Xml::new().text("State", "COMPLETE"));
            }
            account.report = Some(Report {
                text,
                made: self.call.now,
            });
            Ok(Xml::new().text("State", "STARTED").text(
                "Description",
                "No report exists. Starting a new report generation task",
            ))
        })
    }

    pub(super) fn credential_report(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetCredentialReport", "*")?;
        let state = self.iam.read();
        let account = self.account(&state);
        let Some(report) = account.and_then(|account| account.report.as_ref()) else {
            let sentence = "No report present";
            return Err(ApiError::new("ReportNotPresent", sentence).with_status(410));
        };
        if self.call.now - report.made >= LIFE {
            let sentence = "The report has expired. Generate a new one.";
            return Err(ApiError::new("ReportExpired", sentence).with_status(410));
        }
        Ok(Xml::new()
            .text("Content", STANDARD.encode(&report.text))
            .text("ReportFormat", "text/csv")
            .text("GeneratedTime", seconds(report.made)))
    }

    fn written(&self, state: &State) -> String {
        let mut text = format!("{COLUMNS}\n");
        let account = state.accounts.get(&self.call.account);
        let users = account
            .into_iter()
            .flat_map(|account| account.users.values());
        let oldest = users.clone().map(|user| user.created).min();
        let root = [
            "<root_account>".to_owned(),
            self.arn("root"),
            moment(oldest.unwrap_or(self.call.now)),
            "not_supported".into(),
            "no_information".into(),
            "not_supported".into(),
            "not_supported".into(),
            "false".into(),
        ];
        // The root of a simulated account has neither keys nor certificates.
        text.push_str(&root.join(","));
        text.push_str(",false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n");
        for user in users {
            text.push_str(&self.line(state, user).join(","));
            text.push('\n');
        }
        text
    }

    fn line(&self, state: &State, user: &User) -> Vec<String> {
        let account = state.accounts.get(&self.call.account);
        let mfa = account.is_some_and(|account| account.devices_of(&user.name).next().is_some());
        let mut line = vec![
            user.name.clone(),
            user.arn(self.caller.partition, &self.call.account),
            moment(user.created),
        ];
        line.extend(match &user.login {
            None => ["false", "N/A", "N/A", "N/A"].map(str::to_owned),
            Some(login) => {
                let policy = account.and_then(|account| account.password_policy.as_ref());
                let oldest = policy.and_then(|policy| policy.oldest_days);
                let due = oldest.map(|days| login.changed + Duration::days(days.into()));
                // Nobody has ever signed in with one.
                [
                    "true".to_owned(),
                    "no_information".to_owned(),
                    moment(login.changed),
                    due.map_or_else(|| "N/A".to_owned(), moment),
                ]
            }
        });
        line.push(mfa.to_string());
        let mut keys = state.keys_of(&self.call.account, &user.name);
        for _ in 0..2 {
            let Some((id, key)) = keys.next() else {
                line.extend(["false", "N/A", "N/A", "N/A", "N/A"].map(str::to_owned));
                continue;
            };
            line.push((!key.inactive).to_string());
            line.push(moment(key.created.unwrap_or(user.created)));
            match self.iam.uses().of_key(id) {
                Some(used) => line.extend([moment(used.at), used.region, used.service]),
                None => line.extend(["N/A"; 3].map(str::to_owned)),
            }
        }
        line.extend(["false", "N/A", "false", "N/A"].map(str::to_owned));
        line
    }
}

fn moment(at: OffsetDateTime) -> String {
    const FORMAT: &[FormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+00:00");
    at.to_offset(time::UtcOffset::UTC)
        .format(FORMAT)
        .unwrap_or_default()
}
