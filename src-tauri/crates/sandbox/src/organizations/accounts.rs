//! The accounts of an organization: listed, described, moved, removed. How they come into being is in
//! `creation`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::asked::{Asked, moment, nothing};
use super::input::is_parent;
use super::record::{Member, Organization};
use crate::api::{ApiError, ApiResult};
use crate::iam::account::is_account_id;

impl Asked<'_> {
    pub(super) fn list_accounts(&self) -> ApiResult {
        let page = self.input.page()?;
        self.look("ListAccounts", None, |organization| {
            let members = organization.members.iter();
            let shown = members
                .map(|(id, member)| (id, organization.show_account(id, member, self.call.now)));
            page.cut("Accounts", shown)
        })
    }

    pub(super) fn list_accounts_for_parent(&self) -> ApiResult {
        let parent = self.input.id("ParentId", is_parent)?;
        let page = self.input.page()?;
        self.look("ListAccountsForParent", Some(parent), |organization| {
            organization.need_parent(parent)?;
            let members = organization.members.iter();
            let inside = members.filter(|(_, member)| member.parent == parent);
            let shown = inside
                .map(|(id, member)| (id, organization.show_account(id, member, self.call.now)));
            page.cut("Accounts", shown)
        })
    }

    pub(super) fn describe_account(&self) -> ApiResult {
        let id = self.input.id("AccountId", is_account_id)?;
        self.look("DescribeAccount", Some(id), |organization| {
            let member = organization.members.get(id).ok_or_else(not_found)?;
            Ok(json!({ "Account": organization.show_account(id, member, self.call.now) }))
        })
    }

    pub(super) fn move_account(&self) -> ApiResult {
        let id = self.input.id("AccountId", is_account_id)?;
        let from = self.input.id("SourceParentId", is_parent)?;
        let to = self.input.id("DestinationParentId", is_parent)?;
        self.change_controls("MoveAccount", Some(id), |organization| {
            if !organization.is_parent(to) {
                return Err(ApiError::new(
                    "DestinationParentNotFoundException",
                    "You specified a destination container that doesn't exist.",
                ));
            }
            let member = organization.members.get_mut(id).ok_or_else(not_found)?;
            if member.parent != from {
                return Err(ApiError::new(
                    "SourceParentNotFoundException",
                    "You specified a source container that doesn't contain the account.",
                ));
            }
            if from == to {
                return Err(ApiError::new(
                    "DuplicateAccountException",
                    "The account is already in the destination container.",
                ));
            }
            to.clone_into(&mut member.parent);
            nothing()
        })
    }

    pub(super) fn remove_account(&self) -> ApiResult {
        let id = self.input.id("AccountId", is_account_id)?;
        let action = "RemoveAccountFromOrganization";
        self.change_controls(action, Some(id), |organization| {
            organization.let_go(id)?;
            nothing()
        })
    }
}

impl Organization {
    pub(super) fn show_account(&self, id: &str, member: &Member, now: OffsetDateTime) -> Value {
        let (status, state) = member.state(now);
        json!({
            "Id": id,
            "Arn": self.arn_of(id),
            "Email": member.email,
            "Name": member.name,
            "Status": status,
            "State": state,
            "Paths": [self.path_of(id)],
            "JoinedMethod": if member.invited { "INVITED" } else { "CREATED" },
            "JoinedTimestamp": moment(member.joined),
        })
    }

    /// Refuses what is neither the root nor a unit.
    pub(super) fn need_parent(&self, id: &str) -> Result<(), ApiError> {
        if self.is_parent(id) {
            return Ok(());
        }
        Err(ApiError::new(
            "ParentNotFoundException",
            "You specified a root or organizational unit that doesn't exist.",
        ))
    }
}

pub(super) fn not_found() -> ApiError {
    ApiError::new(
        "AccountNotFoundException",
        "You specified an account that doesn't exist.",
    )
}
