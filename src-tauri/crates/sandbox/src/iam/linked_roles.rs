//! Roles that belong to services of AWS.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>

use super::account::Role;
use super::answers::{Asked, missing, no_entity, over_quota, wrong_input};
use super::catalogue;
use super::documents;
use super::holders::Kind;
use super::roles::{MOST_ROLES, USUAL_SESSION};
use crate::api::ApiError;
use crate::xml::Xml;

/// The services whose roles are made on demand: their principal, the name of the role, whether a
/// suffix may be given, and the policy of AWS that the role has.
const SERVICES: &[(&str, &str, bool, &str)] = &[
    (
        "autoscaling.amazonaws.com",
        "AWSServiceRoleForAutoScaling",
        true,
        "AutoScalingServiceRolePolicy",
    ),
    (
        "ecs.amazonaws.com",
        "AWSServiceRoleForECS",
        false,
        "AmazonECSServiceRolePolicy",
    ),
    (
        "eks-nodegroup.amazonaws.com",
        "AWSServiceRoleForAmazonEKSNodegroup",
        false,
        "AWSServiceRoleForAmazonEKSNodegroup",
    ),
    (
        "elasticfilesystem.amazonaws.com",
        "AWSServiceRoleForAmazonElasticFileSystem",
        false,
        "AmazonElasticFileSystemServiceRolePolicy",
    ),
    (
        "cks.kms.amazonaws.com",
        "AWSServiceRoleForKeyManagementServiceCustomKeyStores",
        false,
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    ),
    (
        "mrk.kms.amazonaws.com",
        "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
        false,
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    ),
    (
        "organizations.amazonaws.com",
        "AWSServiceRoleForOrganizations",
        false,
        "AWSOrganizationsServiceTrustPolicy",
    ),
    (
        "rds.amazonaws.com",
        "AWSServiceRoleForRDS",
        false,
        "AmazonRDSServiceRolePolicy",
    ),
    (
        "trustedadvisor.amazonaws.com",
        "AWSServiceRoleForTrustedAdvisor",
        false,
        "AWSTrustedAdvisorServiceRolePolicy",
    ),
];

impl Asked<'_> {
    pub(super) fn create_service_linked_role(&self) -> Result<Xml, ApiError> {
        let service = self.need("AWSServiceName")?;
        let suffix = self.params.one("CustomSuffix");
        let known = SERVICES.iter().find(|(known, ..)| *known == service);
        let role_name = known.map_or("*", |(_, name, ..)| name);
        let name = match suffix {
            Some(suffix) => format!("{role_name}_{suffix}"),
            None => role_name.to_owned(),
        };
        let path = format!("/aws-service-role/{service}/");
        let arn = self.arn(&format!("role{path}{name}"));
        self.allow_with("iam:CreateServiceLinkedRole", &arn, |context| {
            context.with("iam:AWSServiceName", service)
        })?;
        let Some((_, _, takes_suffix, policy)) = known else {
            return Err(no_entity(format!(
                "Cannot find Service Linked Role template for {service}"
            )));
        };
        if suffix.is_some() && !takes_suffix {
            return Err(wrong_input(format!(
                "Custom suffix is not allowed for {service}"
            )));
        }
        if name.len() > 64 {
            return Err(wrong_input("The name of the role would be too long."));
        }
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        let policy = catalogue::all().find(|known| known.name == *policy);
        let attached = policy.map(|policy| policy.arn(self.caller.partition));
        let trust = documents::trust(&trust, &self.iam.read(), self.caller.partition)?;
        self.change(|account, random| {
            let mut roles = account.roles.keys();
            if roles.any(|known| known.eq_ignore_ascii_case(&name)) {
                return Err(wrong_input(format!(
                    "Service role name {name} has been taken in this account, please try a \
                     different suffix."
                )));
            }
            if account.roles.len() >= MOST_ROLES {
                return Err(over_quota("RolesPerAccount", MOST_ROLES));
            }
            let role = Role {
                name: name.clone(),
                path,
                id: format!("AROA{}", random.id(17)),
                created: self.call.now,
                description: self
                    .params
                    .one("Description")
                    .unwrap_or_default()
                    .to_owned(),
                trust,
                policies: Vec::new(),
                attached: attached.into_iter().collect(),
                boundary: None,
                longest_session: USUAL_SESSION,
                tags: Vec::new(),
            };
            let shown = self.show_whole_role(&role);
            account.roles.insert(name.clone(), role);
            Ok(Xml::new().inside("Role", shown))
        })
    }

    /// No service of the sandbox uses its role, so that nothing stands in the way of a deletion.
    pub(super) fn delete_service_linked_role(&self) -> Result<Xml, ApiError> {
        let name = self.need("RoleName")?;
        let action = "iam:DeleteServiceLinkedRole";
        self.iam.change(|state, random| {
            let known = state.accounts.get(&self.call.account);
            self.allow_on(known, (Kind::Role, name), action, |context| context)?;
            let none = || missing("role", name);
            let account = state
                .accounts
                .get_mut(&self.call.account)
                .ok_or_else(none)?;
            let role = account.roles.get(name);
            let role = role
                .filter(|role| role.is_service_linked())
                .ok_or_else(none)?;
            let arn = role.arn(self.caller.partition, &self.call.account);
            let task = format!("task{}{name}/{}", role.path, random.uuid());
            let id = role.id.clone();
            account.roles.remove(name);
            account.deletions.insert(task.clone());
            state.principal_deleted(&arn, &id);
            Ok(Xml::new().text("DeletionTaskId", task))
        })
    }

    pub(super) fn service_linked_role_deletion(&self) -> Result<Xml, ApiError> {
        let task = self.need("DeletionTaskId")?;
        let role = task.strip_prefix("task").and_then(|rest| {
            let (role, _) = rest.rsplit_once('/')?;
            Some(format!("role{role}"))
        });
        let arn = self.arn(role.as_deref().unwrap_or("role/*"));
        self.allow("iam:GetServiceLinkedRoleDeletionStatus", &arn)?;
        let state = self.iam.read();
        let account = self.account(&state);
        if account.is_some_and(|account| account.deletions.contains(task)) {
            return Ok(Xml::new().text("Status", "SUCCEEDED"));
        }
        Err(no_entity(format!(
            "The deletion task {task} cannot be found."
        )))
    }
}
