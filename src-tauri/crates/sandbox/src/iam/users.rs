//! Users: made, listed, renamed, deleted.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use super::State;
use super::account::{Account, User};
use super::answers::{Asked, conflict, exists, missing, over_quota};
use super::attached::show_boundary;
use super::holders::Kind;
use super::tags;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of users in an account.
pub(super) const MOST_USERS: usize = 5_000;

impl Asked<'_> {
    pub(super) fn create_user(&self) -> Result<Xml, ApiError> {
        let name = self.need("UserName")?;
        let path = self.params.one("Path").unwrap_or("/");
        let boundary = self.params.one("PermissionsBoundary");
        let tags = self.new_tags()?;
        self.allow_new(
            &format!("user{path}{name}"),
            "iam:CreateUser",
            boundary,
            &tags,
        )?;
        if let Some(arn) = boundary {
            self.check_new_boundary(arn)?;
        }
        self.change(|account, random| {
            refuse_known(account, name)?;
            if account.users.len() >= MOST_USERS {
                return Err(over_quota("UsersPerAccount", MOST_USERS));
            }
            let user = User {
                tags,
                boundary: boundary.map(str::to_owned),
                ..User::new(name, path, format!("AIDA{}", random.id(17)), self.call.now)
            };
            let shown = self.show_whole_user(&user);
            account.users.insert(name.to_owned(), user);
            Ok(Xml::new().inside("User", shown))
        })
    }

    pub(super) fn user(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.read_named(Kind::User, name, "iam:GetUser", |account, _| {
            let user = account.users.get(name);
            let user = user.ok_or_else(|| missing("user", name))?;
            Ok(Xml::new().inside("User", self.show_whole_user(user)))
        })
    }

    pub(super) fn users(&self) -> Result<Xml, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        self.allow("iam:ListUsers", &self.arn(&format!("user{prefix}")))?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let users = account
            .into_iter()
            .flat_map(|account| account.users.values());
        let users = users.filter(|user| user.path.starts_with(prefix));
        let users = users.map(|user| (user.name.clone(), user));
        Ok(page.cut(users).show("Users", |user| self.show_user(user)))
    }

    pub(super) fn update_user(&self) -> Result<Xml, ApiError> {
        let name = self.need("UserName")?;
        let new_name = self.params.one("NewUserName").unwrap_or(name);
        let new_path = self.params.one("NewPath");
        let action = "iam:UpdateUser";
        self.iam.change(|state, _| {
            let known = state.accounts.get(&self.call.account);
            self.allow_on(known, (Kind::User, name), action, |context| context)?;
            let none = || missing("user", name);
            let account = state
                .accounts
                .get_mut(&self.call.account)
                .ok_or_else(none)?;
            let path = account.users.get(name).ok_or_else(none)?.path.clone();
            let path = new_path.unwrap_or(&path).to_owned();
            self.allow(action, &self.arn(&format!("user{path}{new_name}")))?;
            if !new_name.eq_ignore_ascii_case(name) {
                refuse_known(account, new_name)?;
            }
            let mut user = account.users.remove(name).ok_or_else(none)?;
            let old_arn = user.arn(self.caller.partition, &self.call.account);
            user.path = path;
            user.name = new_name.to_owned();
            let new_arn = user.arn(self.caller.partition, &self.call.account);
            account.users.insert(user.name.clone(), user);
            for group in account.groups.values_mut() {
                if group.members.remove(name) {
                    group.members.insert(new_name.to_owned());
                }
            }
            for device in account.mfa_devices.values_mut() {
                device.rename_holder(name, new_name);
            }
            state.rename_user_of_keys(&self.call.account, name, new_name);
            state.principal_renamed(&old_arn, &new_arn);
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_user(&self) -> Result<Xml, ApiError> {
        let name = self.need("UserName")?;
        self.iam.change(|state, _| {
            let known = state.accounts.get(&self.call.account);
            self.allow_on(known, (Kind::User, name), "iam:DeleteUser", |context| {
                context
            })?;
            let none = || missing("user", name);
            let user = known.and_then(|account| account.users.get(name));
            let user = user.ok_or_else(none)?;
            if let Some(what) = self.what_keeps(state, user) {
                return Err(conflict(format!(
                    "Cannot delete entity, must {what} first."
                )));
            }
            let arn = user.arn(self.caller.partition, &self.call.account);
            let id = user.id.clone();
            if let Some(account) = state.accounts.get_mut(&self.call.account) {
                account.users.remove(name);
            }
            state.principal_deleted(&arn, &id);
            Ok(Xml::new())
        })
    }

    /// What has to be removed before a user can be deleted.
    fn what_keeps(&self, state: &State, user: &User) -> Option<&'static str> {
        let account = state.accounts.get(&self.call.account)?;
        if user.login.is_some() {
            Some("delete login profile")
        } else if account.groups_of(&user.name).next().is_some() {
            Some("remove users from group")
        } else if !user.attached.is_empty() {
            Some("detach all policies")
        } else if !user.policies.is_empty() {
            Some("delete policies")
        } else if state
            .keys_of(&self.call.account, &user.name)
            .next()
            .is_some()
        {
            Some("delete access keys")
        } else if account.devices_of(&user.name).next().is_some() {
            Some("delete MFA device")
        } else {
            None
        }
    }

    /// Whether the caller may make a user or role with this boundary and these tags.
    pub(super) fn allow_new(
        &self,
        resource: &str,
        action: &str,
        boundary: Option<&str>,
        tags: &super::account::Tags,
    ) -> Result<(), ApiError> {
        self.allow_with(action, &self.arn(resource), |context| {
            let context = super::answers::with_tags(context, tags);
            match boundary {
                Some(arn) => context.with("iam:PermissionsBoundary", arn),
                None => context,
            }
        })
    }

    pub(super) fn show_user(&self, user: &User) -> Xml {
        Xml::new()
            .text("Path", &user.path)
            .text("UserName", &user.name)
            .text("UserId", &user.id)
            .text("Arn", user.arn(self.caller.partition, &self.call.account))
            .text("CreateDate", seconds(user.created))
    }

    fn show_whole_user(&self, user: &User) -> Xml {
        self.show_user(user)
            .append(show_boundary(user.boundary.as_deref()))
            .append(tags::show(&user.tags))
    }
}

/// Names are told apart without their case.
fn refuse_known(account: &Account, name: &str) -> Result<(), ApiError> {
    let mut known = account.users.keys();
    if known.any(|known| known.eq_ignore_ascii_case(name)) {
        return Err(exists("User", name));
    }
    Ok(())
}
