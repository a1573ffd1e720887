//! Roles: made, listed, changed, deleted. Who may assume them is decided in `crate::sts`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use std::sync::Arc;

use super::account::{Account, Role};
use super::answers::{Asked, conflict, exists, invalid, missing, over_quota};
use super::attached::show_boundary;
use super::holders::Kind;
use super::inline::{is_reserved, refuse_protected};
use super::{documents, tags};
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of roles in an account.
pub(super) const MOST_ROLES: usize = 1_000;
/// How long a session may be if nobody says so, in seconds.
pub(super) const USUAL_SESSION: u32 = 3_600;

impl Asked<'_> {
    pub(super) fn create_role(&self) -> Result<Xml, ApiError> {
        let name = self.need("RoleName")?;
        let path = self.params.one("Path").unwrap_or("/");
        let text = self.need("AssumeRolePolicyDocument")?;
        let boundary = self.params.one("PermissionsBoundary");
        let tags = self.new_tags()?;
        self.allow_new(
            &format!("role{path}{name}"),
            "iam:CreateRole",
            boundary,
            &tags,
        )?;
        if is_reserved(path) {
            let sentence = format!("The path {path} is reserved for roles of AWS services.");
            return Err(invalid(&sentence));
        }
        if let Some(arn) = boundary {
            self.check_new_boundary(arn)?;
        }
        self.iam.change(|state, random| {
            let trust = documents::trust(text, state, self.caller.partition)?;
            let account = state.accounts.entry(self.call.account.clone());
            let account = account.or_insert_with(|| Account::new(self.caller.partition));
            let mut known = account.roles.keys();
            if known.any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(exists("Role", name));
            }
            if account.roles.len() >= MOST_ROLES {
                return Err(over_quota("RolesPerAccount", MOST_ROLES));
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
                trust,
                policies: Vec::new(),
                attached: Vec::new(),
                boundary: boundary.map(str::to_owned),
                longest_session: self.session_length().unwrap_or(USUAL_SESSION),
                tags,
            };
            let shown = self.show_whole_role(&role);
            account.roles.insert(name.to_owned(), role);
            Ok(Xml::new().inside("Role", shown))
        })
    }

    pub(super) fn role(&self) -> Result<Xml, ApiError> {
        self.read_role("iam:GetRole", |role| {
            let arn = role.arn(self.caller.partition, &self.call.account);
            let shown = self.show_whole_role(role).append(self.show_last_used(&arn));
            Ok(Xml::new().inside("Role", shown))
        })
    }

    pub(super) fn roles(&self) -> Result<Xml, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        self.allow("iam:ListRoles", &self.arn(&format!("role{prefix}")))?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let roles = account
            .into_iter()
            .flat_map(|account| account.roles.values());
        let roles = roles.filter(|role| role.path.starts_with(prefix));
        let roles = roles.map(|role| (role.name.clone(), role));
        Ok(page.cut(roles).show("Roles", |role| self.show_role(role)))
    }

    pub(super) fn update_role(&self) -> Result<Xml, ApiError> {
        self.change_role("iam:UpdateRole", |role| {
            // An empty description is one; a missing one leaves what there is.
            if self.params.has("Description") {
                let description = self.params.one("Description");
                role.description = description.unwrap_or_default().to_owned();
            }
            if let Some(length) = self.session_length() {
                role.longest_session = length;
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn update_role_description(&self) -> Result<Xml, ApiError> {
        if !self.params.has("Description") {
            self.need("Description")?;
        }
        self.change_role("iam:UpdateRoleDescription", |role| {
            let description = self.params.one("Description");
            role.description = description.unwrap_or_default().to_owned();
            Ok(Xml::new().inside("Role", self.show_whole_role(role)))
        })
    }

    pub(super) fn update_trust(&self) -> Result<Xml, ApiError> {
        let name = self.need("RoleName")?;
        let text = self.need("PolicyDocument")?;
        let action = "iam:UpdateAssumeRolePolicy";
        let trust = {
            let state = self.iam.read();
            let account = self.account(&state);
            self.allow_on(account, (Kind::Role, name), action, |context| context)?;
            documents::trust(text, &state, self.caller.partition)?
        };
        self.change_role(action, |role| {
            role.trust = Arc::clone(&trust);
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_role(&self) -> Result<Xml, ApiError> {
        let name = self.need("RoleName")?;
        let carried = |account: Option<&Account>| {
            account.is_some_and(|account| account.profiles_of(name).next().is_some())
        };
        let is_carried = carried(self.account(&self.iam.read()));
        let (arn, id) = self.change_role("iam:DeleteRole", |role| {
            let first = if is_carried {
                "remove roles from instance profile"
            } else if !role.attached.is_empty() {
                "detach all policies"
            } else if !role.policies.is_empty() {
                "delete policies"
            } else {
                let arn = role.arn(self.caller.partition, &self.call.account);
                return Ok((arn, role.id.clone()));
            };
            Err(conflict(format!(
                "Cannot delete entity, must {first} first."
            )))
        })?;
        self.iam.change(|state, _| {
            let account = state.accounts.get_mut(&self.call.account);
            if account.is_some_and(|account| {
                let same = account.roles.get(name).is_some_and(|role| role.id == id);
                same && account.roles.remove(name).is_some()
            }) {
                state.principal_deleted(&arn, &id);
            }
            Ok(Xml::new())
        })
    }

    fn session_length(&self) -> Option<u32> {
        self.params.one("MaxSessionDuration")?.parse().ok()
    }

    fn read_role(
        &self,
        action: &str,
        show: impl FnOnce(&Role) -> Result<Xml, ApiError>,
    ) -> Result<Xml, ApiError> {
        self.read_holder(Kind::Role, action, |account, holder| {
            let role = account.roles.get(holder.name);
            show(role.ok_or_else(|| missing("role", holder.name))?)
        })
    }

    fn change_role<T>(
        &self,
        action: &str,
        change: impl FnOnce(&mut Role) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let name = self.need("RoleName")?;
        self.change(|account, _| {
            self.allow_on(Some(account), (Kind::Role, name), action, |context| context)?;
            let role = account.roles.get_mut(name);
            let role = role.ok_or_else(|| missing("role", name))?;
            refuse_protected(Kind::Role, &role.path, name)?;
            change(role)
        })
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

    pub(super) fn show_whole_role(&self, role: &Role) -> Xml {
        self.show_role(role)
            .append(show_boundary(role.boundary.as_deref()))
            .append(tags::show(&role.tags))
    }

    /// The element `RoleLastUsed`, which is empty for a role that never was.
    pub(super) fn show_last_used(&self, arn: &str) -> Xml {
        let used = self.iam.uses().of_principal(arn);
        let shown = used.map_or_else(Xml::new, |used| {
            Xml::new()
                .text("LastUsedDate", seconds(used.at))
                .text("Region", used.region)
        });
        Xml::new().inside("RoleLastUsed", shown)
    }
}
