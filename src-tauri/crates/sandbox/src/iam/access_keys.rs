//! Access keys of users, and when they were used last.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::State;
use super::answers::{Asked, no_entity, over_quota, wrong_input};
use super::authorise::refusal;
use super::holders::Kind;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of access keys of a user.
pub(super) const MOST_KEYS: usize = 2;

/// A long-term access key.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(super) secret: String,
    pub(super) account: String,
    pub(super) user: String,
    /// Keys of a seed, and of older states, have none: they are as old as their user.
    #[serde(default, with = "rfc3339::option")]
    pub(super) created: Option<OffsetDateTime>,
    /// What is not active proves nothing.
    #[serde(default)]
    pub(super) inactive: bool,
}

impl State {
    /// The keys of a user with their ids.
    pub(super) fn keys_of<'s>(
        &'s self,
        account: &'s str,
        user: &'s str,
    ) -> impl Iterator<Item = (&'s String, &'s AccessKey)> {
        let mut keys = self.access_keys.iter();
        std::iter::from_fn(move || keys.find(|(_, key)| key.account == account && key.user == user))
    }

    pub(super) fn rename_user_of_keys(&mut self, account: &str, name: &str, new_name: &str) {
        for key in self.access_keys.values_mut() {
            if key.account == account && key.user == name {
                new_name.clone_into(&mut key.user);
            }
        }
    }

    fn created(&self, key: &AccessKey) -> Option<OffsetDateTime> {
        let user = || self.accounts.get(&key.account)?.users.get(&key.user);
        key.created.or_else(|| user().map(|user| user.created))
    }
}

impl Asked<'_> {
    pub(super) fn create_access_key(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.permit_user(name, "iam:CreateAccessKey")?;
        self.iam.change(|state, random| {
            if state.keys_of(&self.call.account, name).count() >= MOST_KEYS {
                return Err(over_quota("AccessKeysPerUser", MOST_KEYS));
            }
            let id = format!("AKIA{}", random.id(16));
            let key = AccessKey {
                secret: STANDARD.encode(random.bytes::<30>()),
                account: self.call.account.clone(),
                user: name.to_owned(),
                created: Some(self.call.now),
                inactive: false,
            };
            let shown = Xml::new()
                .text("UserName", name)
                .text("AccessKeyId", &id)
                .text("Status", "Active")
                .text("SecretAccessKey", &key.secret)
                .text("CreateDate", seconds(self.call.now));
            state.access_keys.insert(id, key);
            Ok(Xml::new().inside("AccessKey", shown))
        })
    }

    pub(super) fn access_keys(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.permit_user(name, "iam:ListAccessKeys")?;
        let page = self.page()?;
        let state = self.iam.read();
        let keys = state.keys_of(&self.call.account, name);
        let keys = keys.map(|(id, key)| (id.clone(), (id, key)));
        let show = |(id, key): (&String, &AccessKey)| {
            Xml::new()
                .text("UserName", name)
                .text("AccessKeyId", id)
                .text("Status", if key.inactive { "Inactive" } else { "Active" })
                .maybe("CreateDate", state.created(key).map(seconds))
        };
        Ok(page.cut(keys).show("AccessKeyMetadata", show))
    }

    pub(super) fn update_access_key(&self) -> Result<Xml, ApiError> {
        let inactive = match self.need("Status")? {
            "Active" => false,
            "Inactive" => true,
            other => {
                return Err(wrong_input(format!(
                    "The status {other} cannot be given to an access key."
                )));
            }
        };
        self.change_key("iam:UpdateAccessKey", |state, id| {
            if let Some(key) = state.access_keys.get_mut(id) {
                key.inactive = inactive;
            }
        })
    }

    pub(super) fn delete_access_key(&self) -> Result<Xml, ApiError> {
        self.change_key("iam:DeleteAccessKey", |state, id| {
            state.access_keys.remove(id);
            self.iam.uses().forget_key(id);
        })
    }

    pub(super) fn access_key_last_used(&self) -> Result<Xml, ApiError> {
        let id = self.need("AccessKeyId")?;
        let state = self.iam.read();
        let key = state.access_keys.get(id);
        let key = key.filter(|key| key.account == self.call.account);
        let account = self.account(&state);
        let action = "iam:GetAccessKeyLastUsed";
        // Whether a key exists is nobody's business but its account's.
        let unknown = || refusal(self.caller, action, &format!("access key {id}"), "");
        let key = key.ok_or_else(unknown)?;
        self.allow_on(account, (Kind::User, &key.user), action, |context| context)?;
        let used = self.iam.uses().of_key(id);
        let shown = match used {
            Some(used) => Xml::new()
                .text("LastUsedDate", seconds(used.at))
                .text("ServiceName", used.service)
                .text("Region", used.region),
            None => Xml::new().text("ServiceName", "N/A").text("Region", "N/A"),
        };
        Ok(Xml::new()
            .text("UserName", &key.user)
            .inside("AccessKeyLastUsed", shown))
    }

    /// Whether the caller may do this to the user, who is there.
    pub(super) fn permit_user(&self, name: &str, action: &str) -> Result<(), ApiError> {
        self.read_named(Kind::User, name, action, |_, _| Ok(()))
    }

    fn change_key(
        &self,
        action: &str,
        change: impl FnOnce(&mut State, &str),
    ) -> Result<Xml, ApiError> {
        let id = self.need("AccessKeyId")?;
        let name = self.user_or_caller()?;
        self.permit_user(name, action)?;
        self.iam.change(|state, _| {
            let key = state.access_keys.get(id);
            if !key.is_some_and(|key| key.account == self.call.account && key.user == name) {
                return Err(no_entity(format!(
                    "The Access Key with id {id} cannot be found."
                )));
            }
            change(state, id);
            Ok(Xml::new())
        })
    }
}
