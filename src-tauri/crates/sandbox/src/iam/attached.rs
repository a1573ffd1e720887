//! Managed policies on users, groups and roles, and the permissions boundaries of users and roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html>

use super::account::Account;
use super::answers::{Asked, missing, no_entity, over_quota, wrong_input};
use super::condition::Context;
use super::holders::{Holder, HolderMut, Kind};
use super::inline::refuse_protected;
use super::managed::{Managed, check_policy_arn};
use crate::api::ApiError;
use crate::xml::Xml;

/// AWS's limit of managed policies on one user, group or role.
pub(super) const MOST_ATTACHED: usize = 10;

impl Asked<'_> {
    pub(super) fn attach_policy(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need(kind.member())?;
        let arn = self.need("PolicyArn")?;
        let action = format!("iam:Attach{}Policy", kind.title());
        self.permit(kind, &action, "iam:PolicyARN", arn)?;
        self.check_attachable(arn)?;
        self.change_permitted(kind, |holder| {
            refuse_protected(kind, holder.path, name)?;
            if holder.attached.iter().any(|known| known == arn) {
                return Ok(Xml::new());
            }
            if holder.attached.len() >= MOST_ATTACHED {
                let quota = format!("PoliciesPer{}", kind.title());
                return Err(over_quota(&quota, MOST_ATTACHED));
            }
            holder.attached.push(arn.to_owned());
            holder.attached.sort();
            Ok(Xml::new())
        })
    }

    pub(super) fn detach_policy(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need(kind.member())?;
        let arn = self.need("PolicyArn")?;
        let action = format!("iam:Detach{}Policy", kind.title());
        self.permit(kind, &action, "iam:PolicyARN", arn)?;
        check_policy_arn(arn)?;
        self.change_permitted(kind, |holder| {
            refuse_protected(kind, holder.path, name)?;
            let before = holder.attached.len();
            holder.attached.retain(|known| known != arn);
            if holder.attached.len() == before {
                return Err(no_entity(format!("Policy {arn} was not found.")));
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn attached_policies(&self, kind: Kind) -> Result<Xml, ApiError> {
        let page = self.page()?;
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let action = format!("iam:ListAttached{}Policies", kind.title());
        self.read_holder(kind, &action, |account, holder| {
            let all = holder.attached.iter().filter_map(|arn| {
                let policy = account.managed(arn)?;
                let key = format!("{} {arn}", policy.name());
                policy
                    .path()
                    .starts_with(prefix)
                    .then_some((key, (policy, arn)))
            });
            let show = |(policy, arn): (Managed<'_>, &String)| show_attached(policy.name(), arn);
            Ok(page.cut(all).show("AttachedPolicies", show))
        })
    }

    pub(super) fn put_boundary(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need(kind.member())?;
        let arn = self.need("PermissionsBoundary")?;
        let action = format!("iam:Put{}PermissionsBoundary", kind.title());
        self.permit(kind, &action, "iam:PermissionsBoundary", arn)?;
        self.check_boundary(arn)?;
        self.change_permitted(kind, |holder| {
            refuse_protected(kind, holder.path, name)?;
            if let Some(boundary) = holder.boundary {
                *boundary = Some(arn.to_owned());
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_boundary(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need(kind.member())?;
        let action = format!("iam:Delete{}PermissionsBoundary", kind.title());
        let before = {
            let state = self.iam.read();
            let account = self.account(&state);
            let holder = account.and_then(|account| account.holder(kind, name));
            holder.and_then(|holder| holder.boundary.map(str::to_owned))
        };
        let bounded_by = before.as_deref().unwrap_or_default();
        self.permit(kind, &action, "iam:PermissionsBoundary", bounded_by)?;
        self.change_permitted(kind, |holder| {
            refuse_protected(kind, holder.path, name)?;
            let taken = holder.boundary.and_then(Option::take);
            taken.map(|_| Xml::new()).ok_or_else(|| {
                let who = match kind {
                    Kind::User => format!("user with name {name}"),
                    _ => format!("role with name {name}"),
                };
                no_entity(format!("The {who} does not have a permissions boundary."))
            })
        })
    }

    /// Refuses what is not there, or may be attached to roles of AWS's services only.
    fn check_attachable(&self, arn: &str) -> Result<(), ApiError> {
        check_policy_arn(arn)?;
        let state = self.iam.read();
        match self.find_policy(self.account(&state), arn) {
            Some(Managed::Aws(policy)) if policy.is_for_services() => Err(ApiError::new(
                "PolicyNotAttachable",
                "Cannot attach a Service Role Policy to a Customer Role.",
            )),
            Some(_) => Ok(()),
            None => Err(no_entity(format!(
                "Policy {arn} does not exist or is not attachable."
            ))),
        }
    }

    /// Refuses what cannot be a permissions boundary.
    pub(super) fn check_boundary(&self, arn: &str) -> Result<(), ApiError> {
        check_policy_arn(arn)?;
        let state = self.iam.read();
        let sentence = format!("Scope ARN: {arn} does not exist or is not attachable.");
        match self.find_policy(self.account(&state), arn) {
            Some(Managed::Aws(policy)) if policy.is_for_services() => {
                Err(ApiError::new("PolicyNotAttachable", sentence))
            }
            Some(_) => Ok(()),
            None => Err(no_entity(sentence)),
        }
    }

    /// The same where nothing of this kind is declared but a wrong input.
    pub(super) fn check_new_boundary(&self, arn: &str) -> Result<(), ApiError> {
        let checked = self.check_boundary(arn);
        checked.map_err(|error| wrong_input(error.message))
    }

    /// Whether the caller may do this to the user, group or role with that policy.
    fn permit(&self, kind: Kind, action: &str, key: &str, policy: &str) -> Result<(), ApiError> {
        let name = self.need(kind.member())?;
        let state = self.iam.read();
        let more = |context: Context| match policy {
            "" => context,
            policy => context.with(key, policy),
        };
        self.allow_on(self.account(&state), (kind, name), action, more)
    }

    fn change_permitted(
        &self,
        kind: Kind,
        change: impl FnOnce(HolderMut<'_>) -> Result<Xml, ApiError>,
    ) -> Result<Xml, ApiError> {
        let name = self.need(kind.member())?;
        self.change(|account, _| {
            let holder = account.holder_mut(kind, name);
            change(holder.ok_or_else(|| missing(kind.word(), name))?)
        })
    }
}

/// A policy that a user, group or role has.
pub(super) fn show_attached(name: &str, arn: &str) -> Xml {
    Xml::new().text("PolicyName", name).text("PolicyArn", arn)
}

/// The element `PermissionsBoundary`, if there is one.
pub(super) fn show_boundary(boundary: Option<&str>) -> Xml {
    boundary.map_or_else(Xml::new, |arn| {
        let shown = Xml::new()
            .text("PermissionsBoundaryType", "PermissionsBoundaryPolicy")
            .text("PermissionsBoundaryArn", arn);
        Xml::new().inside("PermissionsBoundary", shown)
    })
}

/// The element `AttachedManagedPolicies` of a user, group or role.
pub(super) fn show_all_attached(account: &Account, holder: &Holder<'_>) -> Xml {
    let policies = holder.attached.iter().filter_map(|arn| {
        let policy = account.managed(arn)?;
        Some(show_attached(policy.name(), arn))
    });
    let members = policies.fold(Xml::new(), |list, policy| list.inside("member", policy));
    Xml::new().inside("AttachedManagedPolicies", members)
}
