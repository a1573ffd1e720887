//! What has policies: users, groups and roles, as the operations see them that are the same for all
//! three.

use super::account::{Account, InlinePolicy, Tags, iam_arn};
use super::answers::{Asked, about_tagged, missing};
use super::condition::Context;
use crate::api::ApiError;
use crate::regions::Partition;

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Role,
}

/// A user, group or role.
#[derive(Clone, Copy)]
pub(super) struct Holder<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) id: &'a str,
    pub(super) policies: &'a [InlinePolicy],
    pub(super) attached: &'a [String],
    pub(super) boundary: Option<&'a str>,
    pub(super) tags: &'a [(String, String)],
}

/// The same, to be changed.
pub(super) struct HolderMut<'a> {
    pub(super) path: &'a str,
    pub(super) policies: &'a mut Vec<InlinePolicy>,
    pub(super) attached: &'a mut Vec<String>,
    /// Groups have none.
    pub(super) boundary: Option<&'a mut Option<String>>,
    /// Groups have none.
    pub(super) tags: Option<&'a mut Tags>,
}

impl Kind {
    /// As in an ARN.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }

    /// As in the name of an operation.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
        }
    }

    /// The member that names one.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::User => "UserName",
            Self::Group => "GroupName",
            Self::Role => "RoleName",
        }
    }
}

impl Holder<'_> {
    pub(super) fn arn(&self, partition: Partition, account: &str) -> String {
        let resource = format!("{}{}{}", self.kind.word(), self.path, self.name);
        iam_arn(partition, account, &resource)
    }
}

impl Account {
    pub(super) fn holder(&self, kind: Kind, name: &str) -> Option<Holder<'_>> {
        Some(match kind {
            Kind::User => {
                let user = self.users.get(name)?;
                Holder {
                    kind,
                    name: &user.name,
                    path: &user.path,
                    id: &user.id,
                    policies: &user.policies,
                    attached: &user.attached,
                    boundary: user.boundary.as_deref(),
                    tags: &user.tags,
                }
            }
            Kind::Group => {
                let group = self.groups.get(name)?;
                Holder {
                    kind,
                    name: &group.name,
                    path: &group.path,
                    id: &group.id,
                    policies: &group.policies,
                    attached: &group.attached,
                    boundary: None,
                    tags: &[],
                }
            }
            Kind::Role => {
                let role = self.roles.get(name)?;
                Holder {
                    kind,
                    name: &role.name,
                    path: &role.path,
                    id: &role.id,
                    policies: &role.policies,
                    attached: &role.attached,
                    boundary: role.boundary.as_deref(),
                    tags: &role.tags,
                }
            }
        })
    }

    pub(super) fn holder_mut(&mut self, kind: Kind, name: &str) -> Option<HolderMut<'_>> {
        Some(match kind {
            Kind::User => {
                let user = self.users.get_mut(name)?;
                HolderMut {
                    path: &user.path,
                    policies: &mut user.policies,
                    attached: &mut user.attached,
                    boundary: Some(&mut user.boundary),
                    tags: Some(&mut user.tags),
                }
            }
            Kind::Group => {
                let group = self.groups.get_mut(name)?;
                HolderMut {
                    path: &group.path,
                    policies: &mut group.policies,
                    attached: &mut group.attached,
                    boundary: None,
                    tags: None,
                }
            }
            Kind::Role => {
                let role = self.roles.get_mut(name)?;
                HolderMut {
                    path: &role.path,
                    policies: &mut role.policies,
                    attached: &mut role.attached,
                    boundary: Some(&mut role.boundary),
                    tags: Some(&mut role.tags),
                }
            }
        })
    }

    /// All of them.
    pub(super) fn holders(&self) -> impl Iterator<Item = Holder<'_>> {
        let users = self.users.keys().map(|name| (Kind::User, name));
        let groups = self.groups.keys().map(|name| (Kind::Group, name));
        let roles = self.roles.keys().map(|name| (Kind::Role, name));
        let all = users.chain(groups).chain(roles);
        all.filter_map(|(kind, name)| self.holder(kind, name))
    }

    /// The one that the resource part of an ARN names, such as `role/path/name`.
    pub(super) fn holder_of(&self, resource: &str) -> Option<Holder<'_>> {
        let (word, path) = resource.split_once('/')?;
        let kinds = [Kind::User, Kind::Group, Kind::Role];
        let kind = kinds.into_iter().find(|kind| kind.word() == word)?;
        let name = path.rsplit('/').next()?;
        let holder = self.holder(kind, name)?;
        (resource == format!("{word}{}{name}", holder.path)).then_some(holder)
    }
}

impl Asked<'_> {
    /// The ARN of a user, group or role that may be missing.
    pub(super) fn holder_arn(&self, account: Option<&Account>, kind: Kind, name: &str) -> String {
        match account.and_then(|account| account.holder(kind, name)) {
            Some(holder) => holder.arn(self.caller.partition, &self.call.account),
            None => self.arn(&format!("{}/{name}", kind.word())),
        }
    }

    /// Whether the caller may do this to a user, group or role, which may be missing.
    pub(super) fn allow_on(
        &self,
        account: Option<&Account>,
        (kind, name): (Kind, &str),
        action: &str,
        more: impl FnOnce(Context) -> Context,
    ) -> Result<(), ApiError> {
        let holder = account.and_then(|account| account.holder(kind, name));
        let tags = holder.map_or(&[][..], |holder| holder.tags);
        let arn = self.holder_arn(account, kind, name);
        self.allow_with(action, &arn, |context| more(about_tagged(context, tags)))
    }

    /// Looks at the user, group or role that the request names, if the caller may.
    pub(super) fn read_holder<T>(
        &self,
        kind: Kind,
        action: &str,
        show: impl FnOnce(&Account, &Holder<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.read_named(kind, self.need(kind.member())?, action, show)
    }

    /// The same where the name is known otherwise.
    pub(super) fn read_named<T>(
        &self,
        kind: Kind,
        name: &str,
        action: &str,
        show: impl FnOnce(&Account, &Holder<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let state = self.iam.read();
        let account = self.account(&state);
        self.allow_on(account, (kind, name), action, |context| context)?;
        let found = account.and_then(|account| Some((account, account.holder(kind, name)?)));
        let (account, holder) = found.ok_or_else(|| missing(kind.word(), name))?;
        show(account, &holder)
    }

    /// Changes the user, group or role that the request names, if the caller may.
    pub(super) fn change_holder<T>(
        &self,
        kind: Kind,
        action: &str,
        change: impl FnOnce(HolderMut<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.change_holder_with(kind, action, |context| context, change)
    }

    /// The same for a request that has more condition keys than every request has.
    pub(super) fn change_holder_with<T>(
        &self,
        kind: Kind,
        action: &str,
        more: impl FnOnce(Context) -> Context,
        change: impl FnOnce(HolderMut<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let name = self.need(kind.member())?;
        self.change(|account, _| {
            self.allow_on(Some(account), (kind, name), action, more)?;
            let holder = account.holder_mut(kind, name);
            change(holder.ok_or_else(|| missing(kind.word(), name))?)
        })
    }
}
