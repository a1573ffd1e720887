//! `CloseAccount`: from then on nobody of the account may do anything, and nobody else may use what is in it.
//! After some time it is no member any more. Opening it again is for AWS's support to do, and not for the API.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html>

use time::{Duration, OffsetDateTime};

use super::asked::{Asked, nothing, violation};
use super::record::{Member, Organization, State};
use crate::api::{ApiError, ApiResult};
use crate::iam::account::is_account_id;

/// How long a closed account stays in its organization.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-closing.html#post-closure-period>
const STAYS: Duration = Duration::days(90);

/// AWS's limit of accounts that are being closed at a time.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const MOST_IN_WORK: usize = 3;

/// The days in which a fifth of the members can be closed, or so many if that is more or less.
const WINDOW: Duration = Duration::days(30);
const LEAST_IN_WINDOW: usize = 250;
const MOST_IN_WINDOW: usize = 1_000;

impl Asked<'_> {
    pub(super) fn close_account(&self) -> ApiResult {
        let id = self.input.id("AccountId", is_account_id)?;
        {
            let kept = &self.around.neighbours.organizations;
            let mut state = kept.write(self.around.revision);
            let organization = self.managed(&state, "CloseAccount", Some(id))?;
            organization.refuse_closing(id, self.call.now)?;
            if let Some(organization) = state.of_mut(&self.call.account)
                && let Some(member) = organization.members.get_mut(id)
            {
                member.closed = Some(self.call.now);
            }
            state.closed.insert(id.to_owned());
        }
        self.enforce();
        nothing()
    }

    /// Accounts that were closed long ago are members no more.
    pub(super) fn settle(&self) {
        let now = self.call.now;
        let kept = &self.around.neighbours.organizations;
        if kept.read().has_gone(now) {
            kept.write(self.around.revision).drop_gone(now);
            self.enforce();
        }
    }
}

impl State {
    fn has_gone(&self, now: OffsetDateTime) -> bool {
        let organizations = self.organizations.values();
        let mut members = organizations.flat_map(|organization| organization.members.values());
        members.any(|member| member.is_gone(now))
    }

    fn drop_gone(&mut self, now: OffsetDateTime) {
        for organization in self.organizations.values_mut() {
            let members = organization.members.iter();
            let gone = members.filter(|(_, member)| member.is_gone(now));
            let gone: Vec<String> = gone.map(|(id, _)| id.clone()).collect();
            for id in &gone {
                organization.forget_member(id);
            }
        }
    }
}

impl Member {
    /// AWS's words for its status and its state.
    pub(super) fn state(&self, now: OffsetDateTime) -> (&'static str, &'static str) {
        match self.closed {
            None => ("ACTIVE", "ACTIVE"),
            Some(closed) if now <= closed => ("PENDING_CLOSURE", "PENDING_CLOSURE"),
            Some(_) => ("SUSPENDED", "CLOSED"),
        }
    }

    fn is_gone(&self, now: OffsetDateTime) -> bool {
        self.closed.is_some_and(|closed| now - closed > STAYS)
    }
}

impl Organization {
    fn refuse_closing(&self, id: &str, now: OffsetDateTime) -> Result<(), ApiError> {
        if !self.all_features {
            return Err(violation(
                "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                "This operation requires the organization to be configured to support all features.",
            ));
        }
        if id == self.management {
            return Err(violation(
                "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
                "You can't close the management account.",
            ));
        }
        let member = self.members.get(id);
        match member.ok_or_else(super::accounts::not_found)?.closed {
            Some(closed) if now <= closed => {
                return Err(ApiError::new(
                    "ConflictException",
                    "The account is being closed.",
                ));
            }
            Some(_) => {
                return Err(ApiError::new(
                    "AccountAlreadyClosedException",
                    "You attempted to close an account that is already closed.",
                ));
            }
            None => {}
        }
        let closed = self.members.values().filter_map(|member| member.closed);
        if closed.clone().filter(|closed| now <= *closed).count() >= MOST_IN_WORK {
            return Err(violation(
                "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
                "You attempted to exceed the number of accounts that you can close at a time.",
            ));
        }
        let fifth = self.members.len().saturating_sub(1) / 5;
        let most = fifth.clamp(LEAST_IN_WINDOW, MOST_IN_WINDOW);
        if closed.filter(|closed| now - *closed < WINDOW).count() >= most {
            return Err(violation(
                "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
                "You have exceeded close account quota for the past 30 days.",
            ));
        }
        Ok(())
    }
}
