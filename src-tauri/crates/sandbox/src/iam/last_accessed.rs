//! Services last accessed: which services the policies of somebody open, and when they were used.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html>

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::Account;
use super::answers::{Asked, no_entity, wrong_input};
use super::effective::Source;
use super::holders::{Holder, Kind};
use super::policy::{Policy, Statement};
use super::services::SERVICES;
use super::uses::Use;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// A finished report.
#[derive(Serialize, Deserialize)]
pub(crate) struct Job {
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    by_action: bool,
    services: Vec<Accessed>,
}

/// One service that may be used.
#[derive(Serialize, Deserialize)]
struct Accessed {
    name: String,
    namespace: String,
    last: Option<LastUse>,
    /// The users and roles that may use it.
    entities: Vec<Entity>,
    actions: Vec<(String, LastUse)>,
}

/// A user or role as it was when the report was made.
#[derive(Clone, Serialize, Deserialize)]
struct Entity {
    arn: String,
    name: String,
    path: String,
    id: String,
    is_role: bool,
    #[serde(with = "rfc3339::option")]
    last: Option<OffsetDateTime>,
}

#[derive(Clone, Serialize, Deserialize)]
struct LastUse {
    entity: String,
    used: Use,
}

impl Asked<'_> {
    pub(super) fn generate_last_accessed(&self) -> Result<Xml, ApiError> {
        let arn = self.need("Arn")?;
        self.allow("iam:GenerateServiceLastAccessedDetails", arn)?;
        let by_action = self.params.one("Granularity") == Some("ACTION_LEVEL");
        let (policies, entities) = self.concerned(arn)?;
        let services = SERVICES
            .iter()
            .filter(|(namespace, _)| {
                policies
                    .iter()
                    .any(|source| opens(&source.policy, namespace))
            })
            .map(|(namespace, name)| self.accessed(namespace, name, &entities))
            .collect();
        self.change(|account, random| {
            let id = random.uuid();
            let job = Job {
                created: self.call.now,
                by_action,
                services,
            };
            account.access_jobs.insert(id.clone(), job);
            Ok(Xml::new().text("JobId", id))
        })
    }

    pub(super) fn last_accessed(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetServiceLastAccessedDetails", "*")?;
        let id = self.need("JobId")?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let job = account.and_then(|account| account.access_jobs.get(id));
        let job = job.ok_or_else(|| no_report(id))?;
        let services = job.services.iter();
        let services = services.map(|service| (service.namespace.clone(), service));
        let shown = page.cut(services).show("ServicesLastAccessed", |service| {
            show_service(service, job.by_action)
        });
        let kind = match job.by_action {
            true => "ACTION_LEVEL",
            false => "SERVICE_LEVEL",
        };
        Ok(Xml::new()
            .text("JobStatus", "COMPLETED")
            .text("JobType", kind)
            .text("JobCreationDate", seconds(job.created))
            .append(shown)
            .text("JobCompletionDate", seconds(job.created)))
    }

    /// The same report, one service of it by the users and roles that may use it.
    pub(super) fn last_accessed_entities(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetServiceLastAccessedDetailsWithEntities", "*")?;
        let (id, namespace) = (self.need("JobId")?, self.need("ServiceNamespace")?);
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let job = account.and_then(|account| account.access_jobs.get(id));
        let job = job.ok_or_else(|| no_report(id))?;
        let mut services = job.services.iter();
        let service = services.find(|service| service.namespace == namespace);
        let entities = service.into_iter().flat_map(|service| &service.entities);
        let entities = entities.map(|entity| (entity.arn.clone(), entity));
        let shown = page.cut(entities).show("EntityDetailsList", show_entity);
        Ok(Xml::new()
            .text("JobStatus", "COMPLETED")
            .text("JobCreationDate", seconds(job.created))
            .text("JobCompletionDate", seconds(job.created))
            .append(shown))
    }

    /// Which policies of a user, group or role open a service.
    pub(super) fn policies_granting_access(&self) -> Result<Xml, ApiError> {
        let arn = self.need("Arn")?;
        self.allow("iam:ListPoliciesGrantingServiceAccess", arn)?;
        let (policies, _) = self.concerned(arn)?;
        let namespaces = self.params.list("ServiceNamespaces.member");
        let page = self.page()?;
        let entries = namespaces.iter().enumerate().map(|(turn, namespace)| {
            let granting = policies.iter();
            let granting = granting.filter(|source| opens(&source.policy, namespace));
            let list = granting.fold(Xml::new(), |list, source| {
                list.inside("member", show_granting(source))
            });
            let entry = Xml::new()
                .text("ServiceNamespace", namespace)
                .inside("Policies", list);
            (format!("{turn:03}"), entry)
        });
        Ok(page
            .cut(entries)
            .show("PoliciesGrantingServiceAccess", |entry| entry))
    }

    /// The policies that a report is about, and the ARNs of the users and roles that have them.
    fn concerned(&self, arn: &str) -> Result<(Vec<Source>, Vec<Entity>), ApiError> {
        let none = || no_entity(format!("ARN {arn} was not found."));
        let state = self.iam.read();
        let account = self.account(&state).ok_or_else(none)?;
        if let Some(managed) = self.find_policy(Some(account), arn) {
            let holders = account.holders();
            let having = holders.filter(|holder| holder.attached.iter().any(|known| known == arn));
            let entities = having.flat_map(|holder| self.behind(account, &holder));
            let entities = entities.collect();
            let policy = managed.policy().map(Arc::clone);
            let source = policy.map(|policy| Source {
                id: managed.name().to_owned(),
                kind: "user-managed",
                arn: Some(arn.to_owned()),
                holder: None,
                policy,
            });
            return Ok((source.into_iter().collect(), entities));
        }
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        if !matches!(parts[..], ["arn", _, "iam", "", _, _]) {
            return Err(wrong_input(format!("ARN {arn} is not valid.")));
        }
        let resource = self.resource_of(arn).ok_or_else(none)?;
        let holder = account.holder_of(resource).ok_or_else(none)?;
        Ok((account.sources(&holder), self.behind(account, &holder)))
    }

    /// Who acts with what a user, group or role has.
    fn behind(&self, account: &Account, holder: &Holder<'_>) -> Vec<Entity> {
        let entity = |holder: &Holder<'_>| Entity {
            arn: holder.arn(self.caller.partition, &self.call.account),
            name: holder.name.to_owned(),
            path: holder.path.to_owned(),
            id: holder.id.to_owned(),
            is_role: holder.kind == Kind::Role,
            last: None,
        };
        if holder.kind != Kind::Group {
            return vec![entity(holder)];
        }
        let group = account.groups.get(holder.name);
        let members = group.into_iter().flat_map(|group| &group.members);
        members
            .filter_map(|name| Some(entity(&account.holder(Kind::User, name)?)))
            .collect()
    }

    fn accessed(&self, namespace: &str, name: &str, entities: &[Entity]) -> Accessed {
        let mut accessed = Accessed {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            last: None,
            entities: Vec::new(),
            actions: Vec::new(),
        };
        for entity in entities {
            let uses = self.iam.uses().of_service(&entity.arn, namespace);
            let last = uses.values().map(|used| used.at).max();
            accessed.entities.push(Entity {
                last,
                ..entity.clone()
            });
            for (action, used) in uses {
                let last = LastUse {
                    entity: entity.arn.clone(),
                    used,
                };
                if is_newer(accessed.last.as_ref(), &last) {
                    accessed.last = Some(last.clone());
                }
                match accessed.actions.iter_mut().find(|known| known.0 == action) {
                    None => accessed.actions.push((action, last)),
                    Some(known) if is_newer(Some(&known.1), &last) => known.1 = last,
                    Some(_) => {}
                }
            }
        }
        accessed.actions.sort_by(|left, right| left.0.cmp(&right.0));
        accessed
    }
}

fn no_report(id: &str) -> ApiError {
    no_entity(format!("Report with JobId {id} cannot be found."))
}

fn show_entity(entity: &Entity) -> Xml {
    let kind = if entity.is_role { "ROLE" } else { "USER" };
    let shown = Xml::new()
        .text("Arn", &entity.arn)
        .text("Name", &entity.name)
        .text("Type", kind)
        .text("Id", &entity.id)
        .text("Path", &entity.path);
    Xml::new()
        .inside("EntityInfo", shown)
        .maybe("LastAuthenticated", entity.last.map(seconds))
}

/// Of an inline policy, who has it; of a managed one, its ARN.
fn show_granting(source: &Source) -> Xml {
    let shown = Xml::new().text("PolicyName", &source.id);
    match (&source.arn, &source.holder) {
        (Some(arn), _) => shown.text("PolicyType", "MANAGED").text("PolicyArn", arn),
        (None, holder) => {
            let kind = holder.as_ref().map(|(kind, _)| kind.word().to_uppercase());
            let name = holder.as_ref().map(|(_, name)| name);
            shown
                .text("PolicyType", "INLINE")
                .maybe("EntityType", kind)
                .maybe("EntityName", name)
        }
    }
}

fn is_newer(known: Option<&LastUse>, last: &LastUse) -> bool {
    known.is_none_or(|known| last.used.at > known.used.at)
}

fn show_service(service: &Accessed, by_action: bool) -> Xml {
    let last = service.last.as_ref();
    let entities = service.entities.iter();
    let authenticated = entities.filter(|entity| entity.last.is_some()).count();
    let shown = Xml::new()
        .text("ServiceName", &service.name)
        .maybe("LastAuthenticated", last.map(|last| seconds(last.used.at)))
        .text("ServiceNamespace", &service.namespace)
        .maybe("LastAuthenticatedEntity", last.map(|last| &last.entity))
        .maybe(
            "LastAuthenticatedRegion",
            last.map(|last| &last.used.region),
        )
        .text("TotalAuthenticatedEntities", authenticated);
    if !by_action {
        return shown;
    }
    let actions = service
        .actions
        .iter()
        .fold(Xml::new(), |list, (name, last)| {
            let action = Xml::new()
                .text("ActionName", name)
                .text("LastAccessedEntity", &last.entity)
                .text("LastAccessedTime", seconds(last.used.at))
                .text("LastAccessedRegion", &last.used.region);
            list.inside("member", action)
        });
    shown.inside("TrackedActionsLastAccessed", actions)
}

/// Whether a policy allows anything of a service.
fn opens(policy: &Policy, namespace: &str) -> bool {
    let allowing = policy
        .statements
        .iter()
        .filter(|statement| statement.allows);
    let concerns = |statement: &Statement| {
        let mut patterns = statement.actions.patterns.iter();
        if statement.actions.excludes {
            let whole = format!("{namespace}:*");
            return !patterns.any(|pattern| pattern == "*" || pattern.eq_ignore_ascii_case(&whole));
        }
        patterns.any(|pattern| {
            let service = pattern.split(':').next().unwrap_or_default();
            service == "*" || service.eq_ignore_ascii_case(namespace)
        })
    };
    allowing.into_iter().any(concerns)
}
