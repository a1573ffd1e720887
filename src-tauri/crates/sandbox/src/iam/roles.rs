//! The operations of IAM that change roles: trust, inline policies, tags.

use std::sync::Arc;

use super::account::{InlinePolicy, Role};
use super::answers::{Asked, invalid, missing, required};
use super::authorise::authorize;
use super::policy::{Policy, PolicyKind};
use super::{Account, State};
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::regions::Partition;
use crate::xml::Xml;

/// AWS's limit of tags on a role.
const MOST_TAGS: usize = 50;

impl Asked<'_> {
    pub(super) fn create_role(&self) -> Result<Xml, ApiError> {
        let name = self.role_name()?;
        let path = self.params.one("Path").unwrap_or("/");
        let resource = self.arn(&format!("role{path}{name}"));
        authorize(self.caller, self.call, "iam:CreateRole", &resource)?;
        if !(path.starts_with('/') && path.ends_with('/')) || path.len() > 512 {
            return Err(invalid(
                "The specified value for path is invalid. It must begin and end with / and \
                 contain only alphanumeric characters and/or / characters.",
            ));
        }
        self.refuse_parameter("PermissionsBoundary")?;
        let text = required(
            self.params,
            "AssumeRolePolicyDocument",
            "assumeRolePolicyDocument",
        )?;
        let longest_session = match self.params.one("MaxSessionDuration").map(str::parse) {
            None => 3_600,
            Some(Ok(length @ 3_600..=43_200)) => length,
            Some(_) => {
                return Err(invalid(
                    "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy \
                     constraint: Member must have value between 3600 and 43200",
                ));
            }
        };
        let tags = self.tags()?;
        self.iam.change(|state, random| {
            let trust = trust_policy(text, state, self.caller.partition)?;
            let account = state
                .accounts
                .entry(self.call.account.clone())
                .or_insert_with(|| Account::new(self.caller.partition));
            if account
                .roles
                .keys()
                .any(|known| known.eq_ignore_ascii_case(name))
            {
                let sentence = format!("Role with name {name} already exists.");
                return Err(ApiError::new("EntityAlreadyExists", sentence).with_status(409));
            }
            let role = Role {
                name: name.to_owned(),
                path: path.to_owned(),
                id: format!("AROA{}", random.id(17)),
                created: self.call.now,
                description: self
                    .params
                    .one("Description")
                    .unwrap_or_default()
                    .to_owned(),
                trust: Arc::new(trust),
                policies: Vec::new(),
                longest_session,
                tags,
            };
            let shown = self.show_role(&role);
            account.roles.insert(name.to_owned(), role);
            Ok(Xml::new().inside("Role", shown))
        })
    }

    pub(super) fn delete_role(&self) -> Result<Xml, ApiError> {
        self.change_role("iam:DeleteRole", |role| match role.policies.is_empty() {
            true => Ok(()),
            false => {
                let sentence = "Cannot delete entity, must delete policies first.";
                Err(ApiError::new("DeleteConflict", sentence).with_status(409))
            }
        })?;
        self.iam.change(|state, _| {
            if let Some(account) = state.accounts.get_mut(&self.call.account) {
                account.roles.remove(self.role_name()?);
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn update_trust(&self) -> Result<Xml, ApiError> {
        let text = required(self.params, "PolicyDocument", "policyDocument")?;
        let trust = trust_policy(text, &self.iam.read(), self.caller.partition)?;
        self.change_role("iam:UpdateAssumeRolePolicy", |role| {
            role.trust = Arc::new(trust);
            Ok(())
        })
    }

    pub(super) fn put_role_policy(&self) -> Result<Xml, ApiError> {
        let name = required(self.params, "PolicyName", "policyName")?;
        let text = required(self.params, "PolicyDocument", "policyDocument")?;
        let policy = stored(text, PolicyKind::Identity)?;
        let inline = InlinePolicy {
            name: name.to_owned(),
            policy: Arc::new(policy),
        };
        self.change_role("iam:PutRolePolicy", |role| {
            role.policies.retain(|known| known.name != name);
            role.policies.push(inline);
            role.policies
                .sort_by(|left, right| left.name.cmp(&right.name));
            Ok(())
        })
    }

    pub(super) fn delete_role_policy(&self) -> Result<Xml, ApiError> {
        let name = required(self.params, "PolicyName", "policyName")?;
        self.change_role("iam:DeleteRolePolicy", |role| {
            let before = role.policies.len();
            role.policies.retain(|known| known.name != name);
            if role.policies.len() == before {
                Err(missing("role policy", name))
            } else {
                Ok(())
            }
        })
    }

    pub(super) fn role_policy(&self) -> Result<Xml, ApiError> {
        let name = required(self.params, "PolicyName", "policyName")?;
        self.read_role("iam:GetRolePolicy", |role| {
            let inline = role.policies.iter().find(|known| known.name == name);
            let inline = inline.ok_or_else(|| missing("role policy", name))?;
            Ok(Xml::new()
                .text("RoleName", &role.name)
                .text("PolicyName", name)
                .text(
                    "PolicyDocument",
                    percent_encode(inline.policy.text.as_bytes()),
                ))
        })
    }

    pub(super) fn role_policies(&self) -> Result<Xml, ApiError> {
        self.read_role("iam:ListRolePolicies", |role| {
            let names = role.policies.iter().fold(Xml::new(), |names, inline| {
                names.text("member", &inline.name)
            });
            Ok(Xml::new()
                .inside("PolicyNames", names)
                .text("IsTruncated", false))
        })
    }

    pub(super) fn tag_role(&self) -> Result<Xml, ApiError> {
        let tags = self.tags()?;
        self.change_role("iam:TagRole", |role| {
            let replaced =
                |known: &str| tags.iter().any(|(key, _)| key.eq_ignore_ascii_case(known));
            let mut all: Vec<_> = role
                .tags
                .iter()
                .filter(|(key, _)| !replaced(key))
                .cloned()
                .collect();
            all.extend(tags.iter().cloned());
            if all.len() > MOST_TAGS {
                let sentence = "The number of tags has reached the maximum limit.";
                return Err(ApiError::new("LimitExceeded", sentence).with_status(409));
            }
            role.tags = all;
            Ok(())
        })
    }

    pub(super) fn untag_role(&self) -> Result<Xml, ApiError> {
        let keys = self.params.list("TagKeys.member");
        self.change_role("iam:UntagRole", |role| {
            role.tags
                .retain(|(known, _)| !keys.iter().any(|key| key.eq_ignore_ascii_case(known)));
            Ok(())
        })
    }

    pub(super) fn role_tags(&self) -> Result<Xml, ApiError> {
        self.read_role("iam:ListRoleTags", |role| {
            Ok(Xml::new()
                .inside("Tags", show_tags(role))
                .text("IsTruncated", false))
        })
    }

    fn change_role(
        &self,
        action: &str,
        change: impl FnOnce(&mut Role) -> Result<(), ApiError>,
    ) -> Result<Xml, ApiError> {
        let name = self.role_name()?;
        self.iam.change(|state, _| {
            let account = state.accounts.get_mut(&self.call.account);
            let role = account.and_then(|account| account.roles.get_mut(name));
            self.authorize_role(action, name, role.as_deref())?;
            change(role.ok_or_else(|| missing("role", name))?)?;
            Ok(Xml::new())
        })
    }

    pub(super) fn read_role(
        &self,
        action: &str,
        show: impl FnOnce(&Role) -> Result<Xml, ApiError>,
    ) -> Result<Xml, ApiError> {
        let name = self.role_name()?;
        let state = self.iam.read();
        let account = state.accounts.get(&self.call.account);
        let role = account.and_then(|account| account.roles.get(name));
        self.authorize_role(action, name, role)?;
        show(role.ok_or_else(|| missing("role", name))?)
    }

    fn authorize_role(
        &self,
        action: &str,
        name: &str,
        role: Option<&Role>,
    ) -> Result<(), ApiError> {
        let arn = match role {
            Some(role) => role.arn(self.caller.partition, &self.call.account),
            None => self.arn(&format!("role/{name}")),
        };
        authorize(self.caller, self.call, action, &arn)
    }

    fn role_name(&self) -> Result<&str, ApiError> {
        let name = required(self.params, "RoleName", "roleName")?;
        let fine = name.len() <= 64
            && name
                .chars()
                .all(|is| is.is_ascii_alphanumeric() || "_+=,.@-".contains(is));
        if fine {
            return Ok(name);
        }
        Err(invalid(
            "The specified value for roleName is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-",
        ))
    }

    fn tags(&self) -> Result<Vec<(String, String)>, ApiError> {
        let mut tags: Vec<(String, String)> = Vec::new();
        for turn in 1.. {
            let Some(key) = self.params.one(&format!("Tags.member.{turn}.Key")) else {
                break;
            };
            let value = self
                .params
                .one(&format!("Tags.member.{turn}.Value"))
                .unwrap_or_default();
            if tags
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(key))
            {
                let sentence = "Duplicate tag keys found. Please note that Tag keys are case \
                                insensitive.";
                return Err(ApiError::new("InvalidInput", sentence));
            }
            tags.push((key.to_owned(), value.to_owned()));
        }
        if tags.len() > MOST_TAGS {
            return Err(invalid("A role can have at most 50 tags."));
        }
        Ok(tags)
    }

    /// Accepting what is then not enforced would grant more than was asked for.
    fn refuse_parameter(&self, name: &str) -> Result<(), ApiError> {
        match self.params.one(name) {
            Some(_) => Err(invalid(&format!(
                "The sandbox does not know the parameter {name}."
            ))),
            None => Ok(()),
        }
    }
}

/// The role's tags as members of a list.
pub(super) fn show_tags(role: &Role) -> Xml {
    role.tags.iter().fold(Xml::new(), |tags, (key, value)| {
        tags.inside("member", Xml::new().text("Key", key).text("Value", value))
    })
}

fn stored(text: &str, kind: PolicyKind) -> Result<Policy, ApiError> {
    let policy = Policy::parse(text, kind).map_err(|wrong| malformed(wrong.0))?;
    if policy.has_unknown_operator() {
        return Err(malformed("Syntax errors in policy."));
    }
    Ok(policy)
}

/// AWS knows every principal that a trust policy names, or refuses the policy.
fn trust_policy(text: &str, state: &State, partition: Partition) -> Result<Policy, ApiError> {
    let policy = stored(text, PolicyKind::Trust)?;
    let named = policy
        .statements
        .iter()
        .filter_map(|statement| statement.principals.as_ref());
    for name in named.flat_map(|principals| &principals.aws) {
        if !state.has_principal(name, partition) {
            return Err(malformed(&format!(
                "Invalid principal in policy: \"AWS\":\"{name}\""
            )));
        }
    }
    Ok(policy)
}

fn malformed(sentence: &str) -> ApiError {
    ApiError::new("MalformedPolicyDocument", sentence)
}
