//! The organization itself: made, described, left, deleted.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html>

use serde_json::{Value, json};

use super::asked::{Asked, no_organization, nothing, violation};
use super::handshake::Handshake;
use super::kinds::Kind;
use super::record::{Member, Organization};
use crate::api::{ApiError, ApiResult};
use crate::iam::account::is_account_id;
use crate::random::Random;

impl Asked<'_> {
    pub(super) fn create_organization(&self) -> ApiResult {
        let features = self
            .input
            .word("FeatureSet", &["ALL", "CONSOLIDATED_BILLING"])?;
        let account = &self.call.account;
        let name = self.name_of(account);
        let kept = &self.around.neighbours.organizations;
        let shown = {
            let mut state = kept.write(self.around.revision);
            self.allow(&state, "CreateOrganization", None)?;
            if state.of(account).is_some() {
                return Err(ApiError::new(
                    "AlreadyInOrganizationException",
                    "The AWS account is already a member of an organization.",
                ));
            }
            let random = self.around.random;
            let (id, root) = (make_id("o", 10, random), make_id("r", 4, random));
            let first = Member {
                name,
                email: email_of(account),
                parent: root.clone(),
                invited: true,
                joined: self.call.now,
                closed: None,
            };
            let mut made = Organization::new(id.clone(), root, account.clone(), first);
            made.partition = self.call.caller.partition;
            if features == Some("CONSOLIDATED_BILLING") {
                made.all_features = false;
                made.controls = false;
                made.attached.clear();
            }
            let shown = made.show();
            state.organizations.insert(id, made);
            shown
        };
        self.enforce();
        Ok(shown)
    }

    /// What an account is called: by its alias, if it has one.
    pub(super) fn name_of(&self, account: &str) -> String {
        let iam = self.around.iam.read();
        let known = iam.accounts.get(account);
        let alias = known.and_then(|known| known.alias.clone());
        alias.unwrap_or_else(|| account.to_owned())
    }

    /// Any account of the organization may ask.
    pub(super) fn describe_organization(&self) -> ApiResult {
        let state = self.around.neighbours.organizations.read();
        self.allow(&state, "DescribeOrganization", None)?;
        let organization = state.of(&self.call.account);
        organization
            .map(Organization::show)
            .ok_or_else(no_organization)
    }

    pub(super) fn delete_organization(&self) -> ApiResult {
        {
            let kept = &self.around.neighbours.organizations;
            let mut state = kept.write(self.around.revision);
            let organization = self.managed(&state, "DeleteOrganization", None)?;
            if organization.members.len() > 1 || organization.accounts_in_work() > 0 {
                return Err(ApiError::new(
                    "OrganizationNotEmptyException",
                    "The organization isn't empty. To delete an organization, you must first \
                     remove all accounts except the management account.",
                ));
            }
            let id = organization.id.clone();
            state.organizations.remove(&id);
            // Nobody can join it any more.
            let others = |handshake: &Handshake| handshake.organization != id;
            state.handshakes.retain(|_, handshake| others(handshake));
        }
        self.enforce();
        nothing()
    }

    pub(super) fn leave(&self) -> ApiResult {
        {
            let account = &self.call.account;
            let kept = &self.around.neighbours.organizations;
            let mut state = kept.write(self.around.revision);
            self.allow(&state, "LeaveOrganization", None)?;
            let organization = state.of_mut(account).ok_or_else(no_organization)?;
            organization.let_go(account)?;
        }
        self.enforce();
        nothing()
    }

    pub(super) fn list_roots(&self) -> ApiResult {
        let page = self.input.page()?;
        self.look("ListRoots", None, |organization| {
            page.cut(
                "Roots",
                [(organization.root.clone(), organization.show_root())],
            )
        })
    }
}

impl Organization {
    fn show(&self) -> Value {
        let features = match self.all_features {
            true => "ALL",
            false => "CONSOLIDATED_BILLING",
        };
        let first = self.members.get(&self.management);
        let available: &[Kind] = match self.all_features {
            true => &[Kind::ServiceControl],
            false => &[],
        };
        json!({ "Organization": {
            "Id": self.id,
            "Arn": self.arn(),
            "FeatureSet": features,
            "MasterAccountArn": self.arn_of(&self.management),
            "MasterAccountId": self.management,
            "MasterAccountEmail": first.map(|first| &first.email),
            // AWS has stopped telling of other types here.
            "AvailablePolicyTypes": types(available),
        }})
    }

    pub(super) fn show_root(&self) -> Value {
        let enabled = Kind::ALL.into_iter().filter(|kind| self.has_enabled(*kind));
        let enabled: Vec<Kind> = enabled.collect();
        json!({
            "Id": self.root,
            "Arn": self.arn_of(&self.root),
            "Name": "Root",
            "PolicyTypes": types(&enabled),
        })
    }

    /// An account that was made here lacks what it needs to stand alone.
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html>
    pub(super) fn let_go(&mut self, account: &str) -> Result<(), ApiError> {
        let member = self.members.get(account);
        let member = member.ok_or_else(super::accounts::not_found)?;
        if account == self.management {
            return Err(ApiError::new(
                "MasterCannotLeaveOrganizationException",
                "You can't remove a management account from an organization.",
            ));
        }
        if !member.invited {
            return Err(violation(
                "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
                "To complete this operation with this member account, you first must associate a \
                 valid payment instrument with the account.",
            ));
        }
        self.forget_member(account);
        Ok(())
    }

    pub(super) fn forget_member(&mut self, account: &str) {
        self.members.remove(account);
        self.attached.remove(account);
        self.tags.remove(account);
    }
}

fn types(enabled: &[Kind]) -> Value {
    let one = |kind: &Kind| json!({ "Type": kind.word(), "Status": "ENABLED" });
    enabled.iter().map(one).collect()
}

/// The address of an account for which nobody has given one.
pub(super) fn email_of(account: &str) -> String {
    debug_assert!(is_account_id(account));
    format!("account-{account}@example.com")
}

/// Such as `r-` and four letters or digits.
pub(super) fn make_id(kind: &str, length: usize, random: &Random) -> String {
    format!("{kind}-{}", random.id(length).to_ascii_lowercase())
}
