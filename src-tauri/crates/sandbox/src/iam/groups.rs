//! Groups and their members.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>

use std::collections::BTreeSet;

use super::account::{Account, Group};
use super::answers::{Asked, conflict, exists, missing, over_quota};
use super::holders::Kind;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of groups in an account.
pub(super) const MOST_GROUPS: usize = 300;
/// AWS's limit of groups that a user is in.
pub(super) const MOST_PER_USER: usize = 10;

impl Asked<'_> {
    pub(super) fn create_group(&self) -> Result<Xml, ApiError> {
        let name = self.need("GroupName")?;
        let path = self.params.one("Path").unwrap_or("/");
        self.allow("iam:CreateGroup", &self.arn(&format!("group{path}{name}")))?;
        self.change(|account, random| {
            refuse_known(account, name)?;
            if account.groups.len() >= MOST_GROUPS {
                return Err(over_quota("GroupsPerAccount", MOST_GROUPS));
            }
            let group = Group {
                name: name.to_owned(),
                path: path.to_owned(),
                id: format!("AGPA{}", random.id(17)),
                created: self.call.now,
                members: BTreeSet::new(),
                policies: Vec::new(),
                attached: Vec::new(),
            };
            let shown = self.show_group(&group);
            account.groups.insert(name.to_owned(), group);
            Ok(Xml::new().inside("Group", shown))
        })
    }

    pub(super) fn group(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_holder(Kind::Group, "iam:GetGroup", |account, holder| {
            let group = account.groups.get(holder.name);
            let group = group.ok_or_else(|| missing("group", holder.name))?;
            let members = group.members.iter();
            let users = members.filter_map(|name| Some((name.clone(), account.users.get(name)?)));
            let users = page.cut(users).show("Users", |user| self.show_user(user));
            let shown = Xml::new().inside("Group", self.show_group(group));
            Ok(shown.append(users))
        })
    }

    pub(super) fn groups(&self) -> Result<Xml, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        self.allow("iam:ListGroups", &self.arn(&format!("group{prefix}")))?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let groups = account
            .into_iter()
            .flat_map(|account| account.groups.values());
        let groups = groups.filter(|group| group.path.starts_with(prefix));
        let groups = groups.map(|group| (group.name.clone(), group));
        Ok(page
            .cut(groups)
            .show("Groups", |group| self.show_group(group)))
    }

    pub(super) fn groups_of_user(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_holder(Kind::User, "iam:ListGroupsForUser", |account, user| {
            let groups = account.groups_of(user.name);
            let groups = groups.map(|group| (group.name.clone(), group));
            Ok(page
                .cut(groups)
                .show("Groups", |group| self.show_group(group)))
        })
    }

    pub(super) fn update_group(&self) -> Result<Xml, ApiError> {
        let name = self.need("GroupName")?;
        let new_name = self.params.one("NewGroupName").unwrap_or(name);
        let new_path = self.params.one("NewPath");
        let action = "iam:UpdateGroup";
        self.change(|account, _| {
            self.allow_on(Some(account), (Kind::Group, name), action, |context| {
                context
            })?;
            let none = || missing("group", name);
            let path = account.groups.get(name).ok_or_else(none)?.path.clone();
            let path = new_path.unwrap_or(&path).to_owned();
            self.allow(action, &self.arn(&format!("group{path}{new_name}")))?;
            if !new_name.eq_ignore_ascii_case(name) {
                refuse_known(account, new_name)?;
            }
            let mut group = account.groups.remove(name).ok_or_else(none)?;
            group.path = path;
            group.name = new_name.to_owned();
            account.groups.insert(group.name.clone(), group);
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_group(&self) -> Result<Xml, ApiError> {
        let name = self.need("GroupName")?;
        self.change(|account, _| {
            self.allow_on(
                Some(account),
                (Kind::Group, name),
                "iam:DeleteGroup",
                |context| context,
            )?;
            let group = account.groups.get(name);
            let group = group.ok_or_else(|| missing("group", name))?;
            let first = if !group.members.is_empty() {
                "remove users from group"
            } else if !group.attached.is_empty() {
                "detach all policies"
            } else if !group.policies.is_empty() {
                "delete policies"
            } else {
                account.groups.remove(name);
                return Ok(Xml::new());
            };
            Err(conflict(format!(
                "Cannot delete entity, must {first} first."
            )))
        })
    }

    pub(super) fn add_user_to_group(&self) -> Result<Xml, ApiError> {
        let user = self.need("UserName")?;
        self.change_group("iam:AddUserToGroup", |account, group| {
            let is_member = |group: &Group| group.members.contains(user);
            let others = account.groups.values().filter(|group| is_member(group));
            let count = others.count();
            if let Some(group) = account.groups.get_mut(group)
                && !is_member(group)
            {
                if count >= MOST_PER_USER {
                    return Err(over_quota("GroupsPerUser", MOST_PER_USER));
                }
                group.members.insert(user.to_owned());
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn remove_user_from_group(&self) -> Result<Xml, ApiError> {
        let user = self.need("UserName")?;
        self.change_group("iam:RemoveUserFromGroup", |account, group| {
            let group = account.groups.get_mut(group);
            if group.is_some_and(|group| group.members.remove(user)) {
                return Ok(Xml::new());
            }
            Err(missing("user", user))
        })
    }

    /// Changes a group and a user that are both there.
    fn change_group(
        &self,
        action: &str,
        change: impl FnOnce(&mut Account, &str) -> Result<Xml, ApiError>,
    ) -> Result<Xml, ApiError> {
        let (group, user) = (self.need("GroupName")?, self.need("UserName")?);
        self.change(|account, _| {
            self.allow_on(Some(account), (Kind::Group, group), action, |context| {
                context
            })?;
            if !account.groups.contains_key(group) {
                return Err(missing("group", group));
            }
            if !account.users.contains_key(user) {
                return Err(missing("user", user));
            }
            change(account, group)
        })
    }

    pub(super) fn show_group(&self, group: &Group) -> Xml {
        Xml::new()
            .text("Path", &group.path)
            .text("GroupName", &group.name)
            .text("GroupId", &group.id)
            .text("Arn", group.arn(self.caller.partition, &self.call.account))
            .text("CreateDate", seconds(group.created))
    }
}

/// Names are told apart without their case.
fn refuse_known(account: &Account, name: &str) -> Result<(), ApiError> {
    let mut known = account.groups.keys();
    if known.any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(exists("Group", name));
    }
    Ok(())
}
