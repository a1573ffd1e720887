//! Services last accessed: which services the policies of somebody open, and when they were used.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html>

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::Account;
use super::answers::{Asked, no_entity, wrong_input};
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
    /// How many users and roles have used it.
    entities: usize,
    actions: Vec<(String, LastUse)>,
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
            .filter(|(namespace, _)| policies.iter().any(|policy| opens(policy, namespace)))
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
        let job =
            job.ok_or_else(|| no_entity(format!("Report with JobId {id} cannot be found.")))?;
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

    /// The policies that a report is about, and the ARNs of the users and roles that have them.
    fn concerned(&self, arn: &str) -> Result<(Vec<std::sync::Arc<Policy>>, Vec<String>), ApiError> {
        let none = || no_entity(format!("ARN {arn} was not found."));
        let state = self.iam.read();
        let account = self.account(&state).ok_or_else(none)?;
        if let Some(managed) = self.find_policy(Some(account), arn) {
            let holders = account.holders();
            let having = holders.filter(|holder| holder.attached.iter().any(|known| known == arn));
            let entities = having.flat_map(|holder| self.behind(account, &holder));
            let policies = managed.policy().cloned().into_iter().collect();
            return Ok((policies, entities.collect()));
        }
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        if !matches!(parts[..], ["arn", _, "iam", "", _, _]) {
            return Err(wrong_input(format!("ARN {arn} is not valid.")));
        }
        let resource = self.resource_of(arn).ok_or_else(none)?;
        let holder = account.holder_of(resource).ok_or_else(none)?;
        let policies = account.sources(&holder).into_iter();
        let policies = policies.map(|source| source.policy).collect();
        Ok((policies, self.behind(account, &holder)))
    }

    /// Who acts with what a user, group or role has.
    fn behind(&self, account: &Account, holder: &Holder<'_>) -> Vec<String> {
        let arn = |holder: &Holder<'_>| holder.arn(self.caller.partition, &self.call.account);
        if holder.kind != Kind::Group {
            return vec![arn(holder)];
        }
        let group = account.groups.get(holder.name);
        let members = group.into_iter().flat_map(|group| &group.members);
        members
            .filter_map(|name| Some(arn(&account.holder(Kind::User, name)?)))
            .collect()
    }

    fn accessed(&self, namespace: &str, name: &str, entities: &[String]) -> Accessed {
        let mut accessed = Accessed {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            last: None,
            entities: 0,
            actions: Vec::new(),
        };
        for entity in entities {
            let uses = self.iam.uses().of_service(entity, namespace);
            accessed.entities += usize::from(!uses.is_empty());
            for (action, used) in uses {
                let last = LastUse {
                    entity: entity.clone(),
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

fn is_newer(known: Option<&LastUse>, last: &LastUse) -> bool {
    known.is_none_or(|known| last.used.at > known.used.at)
}

fn show_service(service: &Accessed, by_action: bool) -> Xml {
    let last = service.last.as_ref();
    let shown = Xml::new()
        .text("ServiceName", &service.name)
        .maybe("LastAuthenticated", last.map(|last| seconds(last.used.at)))
        .text("ServiceNamespace", &service.namespace)
        .maybe("LastAuthenticatedEntity", last.map(|last| &last.entity))
        .maybe(
            "LastAuthenticatedRegion",
            last.map(|last| &last.used.region),
        )
        .text("TotalAuthenticatedEntities", service.entities);
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
