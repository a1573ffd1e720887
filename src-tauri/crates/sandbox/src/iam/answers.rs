//! The operations of IAM that the sandbox answers.

use super::Iam;
use super::account::{Group, Role, User, iam_arn};
use super::authorise::authorize;
use super::caller::Caller;
use super::roles::show_tags;
use crate::api::{ApiError, Call};
use crate::encoding::percent_encode;
use crate::protocol::seconds;
use crate::query::Params;
use crate::xml::Xml;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Answers one operation; `None` if IAM has none of this name here.
pub(crate) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    operation: &str,
    params: &Params,
) -> Option<Result<Xml, ApiError>> {
    let asked = Asked {
        iam,
        caller,
        call,
        params,
    };
    Some(match operation {
        "CreateRole" => asked.create_role(),
        "DeleteRole" => asked.delete_role(),
        "DeleteRolePolicy" => asked.delete_role_policy(),
        "GetRole" => asked.role(),
        "GetRolePolicy" => asked.role_policy(),
        "GetUser" => asked.user(),
        "ListAccountAliases" => asked.aliases(),
        "ListGroups" => asked.groups(),
        "ListRolePolicies" => asked.role_policies(),
        "ListRoleTags" => asked.role_tags(),
        "ListRoles" => asked.roles(),
        "ListUsers" => asked.users(),
        "PutRolePolicy" => asked.put_role_policy(),
        "SimulatePrincipalPolicy" => asked.simulate(),
        "TagRole" => asked.tag_role(),
        "UntagRole" => asked.untag_role(),
        "UpdateAssumeRolePolicy" => asked.update_trust(),
        _ => return None,
    })
}

/// One authenticated question to IAM.
pub(super) struct Asked<'a> {
    pub(super) iam: &'a Iam,
    pub(super) caller: &'a Caller,
    pub(super) call: &'a Call,
    pub(super) params: &'a Params,
}

/// Which entries of a sorted list are asked for.
struct Page<'a> {
    prefix: &'a str,
    after: Option<String>,
    length: usize,
}

impl Asked<'_> {
    fn users(&self) -> Result<Xml, ApiError> {
        let page = self.page("user", "iam:ListUsers")?;
        let state = self.iam.read();
        let account = state.accounts.get(&self.call.account);
        let users = account.into_iter().flat_map(|account| &account.users);
        let users = users.filter(|(_, user)| user.path.starts_with(page.prefix));
        Ok(page.list("Users", users, |user| self.show_user(user)))
    }

    fn roles(&self) -> Result<Xml, ApiError> {
        let page = self.page("role", "iam:ListRoles")?;
        let state = self.iam.read();
        let account = state.accounts.get(&self.call.account);
        let roles = account.into_iter().flat_map(|account| &account.roles);
        let roles = roles.filter(|(_, role)| role.path.starts_with(page.prefix));
        Ok(page.list("Roles", roles, |role| self.show_role(role)))
    }

    fn user(&self) -> Result<Xml, ApiError> {
        let name = match (self.params.one("UserName"), self.caller.user_name()) {
            (Some(name), _) => name,
            (None, Some(own)) => own,
            (None, None) => {
                return Err(invalid(
                    "Must specify userName when calling with non-User credentials",
                ));
            }
        };
        let state = self.iam.read();
        let user = state
            .accounts
            .get(&self.call.account)
            .and_then(|account| account.users.get(name));
        let arn = match user {
            Some(user) => user.arn(self.caller.partition, &self.call.account),
            None => self.arn(&format!("user/{name}")),
        };
        authorize(self.caller, self.call, "iam:GetUser", &arn)?;
        let user = user.ok_or_else(|| missing("user", name))?;
        Ok(Xml::new().inside("User", self.show_user(user)))
    }

    fn role(&self) -> Result<Xml, ApiError> {
        self.read_role("iam:GetRole", |role| {
            let mut shown = self.show_role(role).inside("RoleLastUsed", Xml::new());
            if !role.tags.is_empty() {
                shown = shown.inside("Tags", show_tags(role));
            }
            Ok(Xml::new().inside("Role", shown))
        })
    }

    fn groups(&self) -> Result<Xml, ApiError> {
        let page = self.page("group", "iam:ListGroups")?;
        let state = self.iam.read();
        let account = state.accounts.get(&self.call.account);
        let groups = account.into_iter().flat_map(|account| &account.groups);
        let groups = groups.filter(|(_, group)| group.path.starts_with(page.prefix));
        Ok(page.list("Groups", groups, |group| self.show_group(group)))
    }

    fn aliases(&self) -> Result<Xml, ApiError> {
        authorize(self.caller, self.call, "iam:ListAccountAliases", "*")?;
        let state = self.iam.read();
        let alias = state
            .accounts
            .get(&self.call.account)
            .and_then(|account| account.alias.as_ref());
        let aliases = Xml::new().maybe("member", alias);
        Ok(Xml::new()
            .inside("AccountAliases", aliases)
            .text("IsTruncated", false))
    }

    /// The ARN of something in the caller's account.
    pub(super) fn arn(&self, resource: &str) -> String {
        iam_arn(self.caller.partition, &self.call.account, resource)
    }

    /// Reads the paging parameters and checks the permission to list.
    fn page(&self, kind: &str, action: &str) -> Result<Page<'_>, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let resource = self.arn(&format!("{kind}{prefix}"));
        authorize(self.caller, self.call, action, &resource)?;
        if !prefix.starts_with('/') || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "The specified value for pathPrefix is invalid. It must begin with / and contain \
                 only alphanumeric characters and/or /.",
            ));
        }
        let length = self.max_items()?;
        let after = match self.params.one("Marker") {
            None => None,
            Some(marker) => Some(read_marker(marker).ok_or_else(|| invalid("Invalid Marker."))?),
        };
        Ok(Page {
            prefix,
            after,
            length,
        })
    }

    /// How long a page may be.
    pub(super) fn max_items(&self) -> Result<usize, ApiError> {
        match self.params.one("MaxItems").map(str::parse) {
            None => Ok(100),
            Some(Ok(length @ 1..=1000)) => Ok(length),
            Some(_) => Err(invalid(
                "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: \
                 Member must have value between 1 and 1000",
            )),
        }
    }

    fn show_user(&self, user: &User) -> Xml {
        Xml::new()
            .text("Path", &user.path)
            .text("UserName", &user.name)
            .text("UserId", &user.id)
            .text("Arn", user.arn(self.caller.partition, &self.call.account))
            .text("CreateDate", seconds(user.created))
    }

    fn show_group(&self, group: &Group) -> Xml {
        let arn = self.arn(&format!("group{}{}", group.path, group.name));
        Xml::new()
            .text("Path", &group.path)
            .text("GroupName", &group.name)
            .text("GroupId", &group.id)
            .text("Arn", arn)
            .text("CreateDate", seconds(group.created))
    }

    pub(super) fn show_role(&self, role: &Role) -> Xml {
        let description = (!role.description.is_empty()).then_some(&role.description);
        Xml::new()
            .text("Path", &role.path)
            .text("RoleName", &role.name)
            .text("RoleId", &role.id)
            .text("Arn", role.arn(self.caller.partition, &self.call.account))
            .text("CreateDate", seconds(role.created))
            .text(
                "AssumeRolePolicyDocument",
                percent_encode(role.trust.text.as_bytes()),
            )
            .maybe("Description", description)
            .text("MaxSessionDuration", role.longest_session)
    }
}

impl Page<'_> {
    /// One page of `all`, which is sorted by name. A marker names the last entry shown.
    fn list<'s, T: 's>(
        &self,
        name: &str,
        all: impl Iterator<Item = (&'s String, &'s T)>,
        show: impl Fn(&T) -> Xml,
    ) -> Xml {
        let mut rest = all
            .filter(|(name, _)| self.after.as_ref().is_none_or(|after| *name > after))
            .peekable();
        let mut members = Xml::new();
        let mut last = None;
        for (name, entry) in rest.by_ref().take(self.length) {
            members = members.inside("member", show(entry));
            last = Some(name);
        }
        let more = rest.peek().is_some();
        let marker = last.filter(|_| more).map(|last| STANDARD.encode(last));
        Xml::new()
            .inside(name, members)
            .text("IsTruncated", more)
            .maybe("Marker", marker)
    }
}

fn read_marker(marker: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(marker).ok()?).ok()
}

/// A parameter that must be there.
pub(super) fn required<'p>(
    params: &'p Params,
    name: &str,
    member: &str,
) -> Result<&'p str, ApiError> {
    params.one(name).ok_or_else(|| {
        invalid(&format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

pub(super) fn invalid(sentence: &str) -> ApiError {
    ApiError::new("ValidationError", sentence)
}

pub(super) fn missing(kind: &str, name: &str) -> ApiError {
    ApiError::new(
        "NoSuchEntity",
        format!("The {kind} with name {name} cannot be found."),
    )
    .with_status(404)
}
