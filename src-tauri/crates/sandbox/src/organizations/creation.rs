//! `CreateAccount`: asked for, it answers that the work goes on; whoever asks next finds it done.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::asked::{Asked, moment, violation};
use super::input::invalid;
use super::organization::make_id;
use super::record::{Creation, Member, Organization, Outcome};
use crate::api::{ApiError, ApiResult};
use crate::iam::account::{Account, Role, Tags, iam_arn};
use crate::iam::policy::{Malformed, Policy, PolicyKind};

/// The most accounts of an organization: ten in AWS, which raises it for who asks; raised here once for all.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
pub(super) const MOST: usize = 1_000;

/// AWS's limit of accounts that are being made at a time.
const MOST_IN_WORK: usize = 5;

/// Requests that are remembered; AWS forgets them with time.
const MOST_REQUESTS: usize = 10_000;

/// What the role is called through which the management account comes in, if nobody says so.
const USUAL_ROLE: &str = "OrganizationAccountAccessRole";

impl Asked<'_> {
    pub(super) fn create_account(&self) -> ApiResult {
        let email = self.input.need("Email", 64)?;
        let name = self.input.need("AccountName", 50)?;
        let role = self.input.text("RoleName", 1, 64)?.unwrap_or(USUAL_ROLE);
        self.input
            .word("IamUserAccessToBilling", &["ALLOW", "DENY"])?;
        let tags = self.input.tags()?.unwrap_or_default();
        if !is_address(email) || !name.chars().all(|letter| (' '..='~').contains(&letter)) {
            return Err(invalid("INVALID_PATTERN"));
        }
        let in_name = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        if !role.chars().all(in_name) {
            return Err(invalid("INVALID_ROLE_NAME"));
        }
        let (taken, invited) = {
            let state = self.around.neighbours.organizations.read();
            let home = state.of(&self.call.account);
            let invited = home.map_or(0, |home| state.open_invitations(&home.id, self.call.now));
            (state.has_email(email), invited)
        };
        let id = make_id("car", 32, self.around.random);
        let outcome = if !is_valid_address(email) {
            Outcome::Failed("INVALID_EMAIL".to_owned())
        } else if taken {
            Outcome::Failed("EMAIL_ALREADY_EXISTS".to_owned())
        } else {
            Outcome::Pending
        };
        let goes_on = outcome == Outcome::Pending;
        let (asked_for, partition) = self.change("CreateAccount", None, |organization| {
            organization.refuse_one_more(invited)?;
            organization.forget_requests();
            let creation = Creation {
                name: name.to_owned(),
                email: email.to_owned(),
                outcome,
                requested: self.call.now,
            };
            organization.creations.insert(id.clone(), creation.clone());
            let asked_for = Creation {
                outcome: Outcome::Pending,
                ..creation
            };
            Ok((asked_for, organization.partition))
        })?;
        if goes_on {
            let home = Account {
                alias: None,
                ..Account::new(partition)
            };
            let account = self.make_account(home, role)?;
            self.take_in(&id, &account, tags);
            self.enforce();
        }
        Ok(json!({ "CreateAccountStatus": asked_for.show(&id) }))
    }

    pub(super) fn describe_creation(&self) -> ApiResult {
        let id = self.input.id("CreateAccountRequestId", is_request)?;
        self.look("DescribeCreateAccountStatus", None, |organization| {
            let creation = organization.creations.get(id).ok_or_else(|| {
                ApiError::new(
                    "CreateAccountStatusNotFoundException",
                    "You specified a create account request that doesn't exist.",
                )
            })?;
            Ok(json!({ "CreateAccountStatus": creation.show(id) }))
        })
    }

    pub(super) fn list_creations(&self) -> ApiResult {
        let states = self.input.texts("States")?;
        let known = ["IN_PROGRESS", "SUCCEEDED", "FAILED"];
        if states.iter().flatten().any(|state| !known.contains(state)) {
            return Err(invalid("INVALID_ENUM"));
        }
        let page = self.input.page()?;
        self.look("ListCreateAccountStatus", None, |organization| {
            let creations = organization.creations.iter();
            let wanted = creations.filter(|(_, creation)| {
                let state = creation.state();
                states.as_ref().is_none_or(|list| list.contains(&state))
            });
            let shown = wanted.map(|(id, creation)| (id, creation.show(id)));
            page.cut("CreateAccountStatuses", shown)
        })
    }

    /// An account with a new number, and in it the role that trusts the management account.
    fn make_account(&self, mut home: Account, role: &str) -> Result<String, ApiError> {
        let (partition, random) = (home.partition, self.around.random);
        let root = iam_arn(partition, &self.call.account, "root");
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{root}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let trust = Policy::parse(&trust, PolicyKind::Trust)
            .map_err(|Malformed(sentence)| ApiError::new("ServiceException", sentence))?;
        let word = partition.word();
        let role = Role {
            name: role.to_owned(),
            path: "/".to_owned(),
            id: format!("AROA{}", random.id(17)),
            created: self.call.now,
            description: String::new(),
            trust: Arc::new(trust),
            policies: Vec::new(),
            attached: vec![format!("arn:{word}:iam::aws:policy/AdministratorAccess")],
            boundary: None,
            longest_session: 3_600,
            tags: Tags::new(),
        };
        home.roles.insert(role.name.clone(), role);
        Ok(self.around.iam.change(|state, random| {
            let id = loop {
                let number = u64::from_le_bytes(random.bytes()) % 900_000_000_000;
                let id = (number + 100_000_000_000).to_string();
                if !state.accounts.contains_key(&id) {
                    break id;
                }
            };
            state.accounts.insert(id.clone(), home);
            id
        }))
    }

    /// The new account becomes a member.
    fn take_in(&self, request: &str, account: &str, tags: Tags) {
        let kept = &self.around.neighbours.organizations;
        let mut state = kept.write(self.around.revision);
        let Some(organization) = state.of_mut(&self.call.account) else {
            return;
        };
        let Some(creation) = organization.creations.get_mut(request) else {
            return;
        };
        creation.outcome = Outcome::Made(account.to_owned());
        let member = Member {
            name: creation.name.clone(),
            email: creation.email.clone(),
            parent: organization.root.clone(),
            invited: false,
            joined: self.call.now,
            closed: None,
        };
        organization.members.insert(account.to_owned(), member);
        organization.begin_controls(account);
        if !tags.is_empty() {
            organization.tags.insert(account.to_owned(), tags);
        }
    }
}

impl Organization {
    /// How many accounts are being made.
    pub(super) fn accounts_in_work(&self) -> usize {
        let creations = self.creations.values();
        let pending = creations.filter(|creation| creation.outcome == Outcome::Pending);
        pending.count()
    }

    /// Whether another account would be too many, beside so many that are invited.
    fn refuse_one_more(&self, invited: usize) -> Result<(), ApiError> {
        let in_work = self.accounts_in_work();
        if in_work >= MOST_IN_WORK {
            return Err(violation(
                "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that can be in progress at a time.",
            ));
        }
        if self.members.len() + in_work + invited >= MOST {
            return Err(violation(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "You have exceeded the allowed number of AWS accounts.",
            ));
        }
        Ok(())
    }

    /// The oldest request gives way to a new one.
    fn forget_requests(&mut self) {
        if self.creations.len() < MOST_REQUESTS {
            return;
        }
        let done = self.creations.iter();
        let done = done.filter(|(_, creation)| creation.outcome != Outcome::Pending);
        let oldest = done.min_by_key(|(_, creation)| creation.requested);
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.creations.remove(&id);
        }
    }
}

impl Creation {
    fn state(&self) -> &'static str {
        match self.outcome {
            Outcome::Pending => "IN_PROGRESS",
            Outcome::Made(_) => "SUCCEEDED",
            Outcome::Failed(_) => "FAILED",
        }
    }

    fn show(&self, id: &str) -> Value {
        let mut shown = json!({
            "Id": id,
            "AccountName": self.name,
            "State": self.state(),
            "RequestedTimestamp": moment(self.requested),
        });
        match &self.outcome {
            Outcome::Pending => return shown,
            Outcome::Made(account) => shown["AccountId"] = account.as_str().into(),
            Outcome::Failed(reason) => shown["FailureReason"] = reason.as_str().into(),
        }
        shown["CompletedTimestamp"] = moment(self.requested);
        shown
    }
}

/// Something, an at sign, and a domain with a dot; at least six characters.
pub(super) fn is_address(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let dotted = domain.rsplit_once('.');
    text.chars().count() >= 6
        && !name.is_empty()
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
        && dotted.is_some_and(|(before, after)| !before.is_empty() && !after.is_empty())
}

/// Whether an address is also one that mail can be sent to, which shows only when the account is made.
fn is_valid_address(address: &str) -> bool {
    let (name, domain) = address.split_once('@').unwrap_or_default();
    let in_domain = |letter: char| letter.is_ascii_alphanumeric() || "-.".contains(letter);
    address.is_ascii()
        && !name.starts_with('.')
        && !name.contains(|letter| "\"'()<>[]:;,\\|%&".contains(letter))
        && domain.chars().all(in_domain)
        && !domain.starts_with(['-', '.'])
        && !domain.ends_with(['-', '.'])
}

fn is_request(id: &str) -> bool {
    id.strip_prefix("car-").is_some_and(|id| {
        (8..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
