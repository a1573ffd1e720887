//! The simulation of policies: those of a user, group or role, or those of the request. It is the
//! sandbox's own evaluation, over a request of which only the given context is known.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use std::sync::Arc;

use super::account::Account;
use super::answers::{Asked, invalid, no_entity, wrong_input};
use super::caller::{Caller, Identity};
use super::condition::Context;
use super::effective::Source;
use super::holders::{Holder, Kind};
use super::policy::{Policy, PolicyKind};
use super::service_control::Levels;
use super::verdicts::{Resources, Simulated, Simulation};
use crate::api::ApiError;
use crate::xml::Xml;

/// Whose policies are asked.
pub(super) struct Principal {
    pub(super) sources: Vec<Source>,
    boundary: Option<Arc<Policy>>,
    context: Context,
    /// What the organization of its account leaves to it.
    controls: Levels,
}

/// How much one request may ask to be read and told, in bytes: of more actions there are more pages.
/// AWS's limits are not documented, only that a page may be short.
const MOST_EFFORT: usize = 64 << 20;
/// How many levels an organization has, from its root down to an account.
const MOST_LEVELS: usize = 7;

const CONTEXT_TYPES: [&str; 12] = [
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
];

impl Asked<'_> {
    pub(super) fn simulate_custom_policy(&self) -> Result<Xml, ApiError> {
        let actions = self.actions()?;
        self.allow("iam:SimulateCustomPolicy", "*")?;
        let context = Context::given();
        self.simulate(
            &actions,
            Simulation {
                sources: self.input_policies("PolicyInputList")?,
                boundary: self.given_boundary()?,
                organization: self.given_organization()?,
                resources: self.simulated_resources(None)?,
                context: self.with_entries(context)?,
            },
        )
    }

    pub(super) fn simulate_principal_policy(&self) -> Result<Xml, ApiError> {
        let arn = self.need("PolicySourceArn")?;
        let actions = self.actions()?;
        self.allow("iam:SimulatePrincipalPolicy", arn)?;
        let Principal {
            mut sources,
            boundary,
            context,
            controls,
        } = self.principal(arn)?;
        let excluded = self.exclusions()?;
        let counts = |kind: &str| !excluded.iter().any(|exclusion| exclusion.is_kind(kind));
        sources.retain(|source| !excluded.iter().any(|exclusion| exclusion.is(source)));
        sources.extend(self.input_policies("PolicyInputList")?);
        // What is given takes the place of what the user or role has.
        let own_boundary = boundary
            .filter(|_| counts("permission-boundary"))
            .map(|policy| {
                vec![Source {
                    id: "PermissionsBoundary".into(),
                    kind: "none",
                    arn: None,
                    holder: None,
                    policy,
                }]
            });
        let is_member = controls.are_somewhere();
        self.simulate(
            &actions,
            Simulation {
                sources,
                boundary: self.given_boundary()?.or(own_boundary),
                organization: (is_member && counts("scp")).then_some(controls),
                resources: self.simulated_resources(Some(arn))?,
                context: self.with_entries(context)?,
            },
        )
    }

    fn simulate(&self, actions: &[&str], simulation: Simulation) -> Result<Xml, ApiError> {
        let (start, mut end) = self.window(actions.len())?;
        let effort = simulation.effort();
        if effort > MOST_EFFORT {
            return Err(wrong_input(
                "The policies and resources are too many to be simulated at once.",
            ));
        }
        end = end.min(start + MOST_EFFORT / effort.max(1));
        let simulated = Simulated::new(simulation);
        let results = actions[start..end]
            .iter()
            .fold(Xml::new(), |results, action| {
                results.inside("member", simulated.show(action))
            });
        let more = end < actions.len();
        Ok(Xml::new()
            .inside("EvaluationResults", results)
            .text("IsTruncated", more)
            .maybe("Marker", more.then_some(end)))
    }

    fn actions(&self) -> Result<Vec<&str>, ApiError> {
        let actions = self.params.list("ActionNames.member");
        let is_action = |action: &str| {
            let (service, name) = action.split_once(':').unwrap_or_default();
            !service.is_empty() && !name.is_empty() && !action.contains(['*', '?'])
        };
        match actions.iter().find(|action| !is_action(action)) {
            Some(wrong) => Err(wrong_input(format!("Invalid Action: {wrong}"))),
            None => Ok(actions),
        }
    }

    /// Which of so many results are shown. A marker says how many came before it.
    fn window(&self, all: usize) -> Result<(usize, usize), ApiError> {
        let start = match self.params.one("Marker").map(str::parse) {
            None => 0,
            Some(Ok(start)) if start <= all => start,
            Some(_) => return Err(invalid("Invalid Marker.")),
        };
        let length = self
            .params
            .one("MaxItems")
            .and_then(|text| text.parse().ok());
        Ok((start, all.min(start.saturating_add(length.unwrap_or(100)))))
    }

    /// The documents of a list, which are called by their place in it.
    pub(super) fn input_policies(&self, list: &str) -> Result<Vec<Source>, ApiError> {
        let texts = self.params.list(&format!("{list}.member"));
        let read = |(turn, text): (usize, &&str)| {
            let name = list.rsplit('.').next().unwrap_or(list);
            given(
                format!("{name}.{}", turn + 1),
                "none",
                text,
                PolicyKind::Identity,
            )
        };
        texts.iter().enumerate().map(read).collect()
    }

    fn given_boundary(&self) -> Result<Option<Vec<Source>>, ApiError> {
        let boundary = self.input_policies("PermissionsBoundaryPolicyInputList")?;
        match boundary.len() {
            0 => Ok(None),
            1 => Ok(Some(boundary)),
            _ => Err(wrong_input(
                "Only one permissions boundary policy can be simulated.",
            )),
        }
    }

    /// The service control policies of the request, from the root of the organization down.
    fn given_organization(&self) -> Result<Option<Levels>, ApiError> {
        let list = "OrderedOrganizationPolicyInputList";
        let mut levels = Vec::new();
        for turn in 1.. {
            let level = format!("{list}.member.{turn}");
            if !self.params.any_below(&level) {
                break;
            }
            if turn > MOST_LEVELS {
                return Err(invalid(
                    "1 validation error detected: Value at 'orderedOrganizationPolicyInputList' \
                     failed to satisfy constraint: Member must have length less than or equal to 7",
                ));
            }
            let policies =
                self.input_policies(&format!("{level}.ServiceControlPolicyInputList"))?;
            let policies = policies.into_iter();
            levels.push(policies.map(|source| source.policy).collect());
        }
        Ok((!levels.is_empty()).then(|| Levels::of(levels)))
    }

    fn simulated_resources(&self, source: Option<&str>) -> Result<Resources, ApiError> {
        let mut names: Vec<_> = self.params.list("ResourceArns.member");
        if names.is_empty() {
            names.push("*");
        }
        let is_resource = |name: &str| name == "*" || name.starts_with("arn:");
        if let Some(wrong) = names.iter().find(|name| !is_resource(name)) {
            return Err(wrong_input(format!("Invalid Resource Arn: {wrong}")));
        }
        let policy = self.params.one("ResourcePolicy");
        let policy =
            policy.map(|text| given("ResourcePolicy".into(), "resource", text, PolicyKind::Key));
        let caller = match self.params.one("CallerArn").or(source) {
            None if policy.is_some() => {
                return Err(wrong_input(
                    "A CallerArn is needed where a ResourcePolicy is given.",
                ));
            }
            None => None,
            Some(arn) => Some(self.simulated_caller(arn)?),
        };
        if policy.is_some() && caller.as_ref().is_some_and(|one| one.role_arn.is_some()) {
            return Err(wrong_input(
                "Simulation of resource-based policies is not supported for IAM roles.",
            ));
        }
        let owner = self.params.one("ResourceOwner").map(|owner| {
            let account = owner.split(':').nth(4).unwrap_or(owner);
            account.to_owned()
        });
        Ok(Resources {
            names: names.into_iter().map(str::to_owned).collect(),
            policy: policy.transpose()?,
            caller,
            owner,
        })
    }

    /// A user, group or role. No policy of a resource can name a group, but its account.
    fn simulated_caller(&self, arn: &str) -> Result<Caller, ApiError> {
        let wrong = || {
            wrong_input(format!(
                "Invalid CallerArn: {arn} is not the ARN of an IAM user, group or role."
            ))
        };
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let ["arn", _, "iam", "", account, resource] = parts[..] else {
            return Err(wrong());
        };
        let (kind, path) = resource.split_once('/').ok_or_else(wrong)?;
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let is_role = kind == "role";
        let identity = match kind {
            _ if name.is_empty() => return Err(wrong()),
            "user" | "group" => Identity::User { name },
            "role" => Identity::Role {
                name,
                session_name: String::new(),
            },
            _ => return Err(wrong()),
        };
        let state = self.iam.read();
        Ok(Caller {
            account: account.to_owned(),
            partition: self.caller.partition,
            arn: arn.to_owned(),
            user_id: state.unique_id(arn).unwrap_or_default(),
            role_arn: is_role.then(|| arn.to_owned()),
            identity,
            tags: Vec::new(),
            policies: Vec::new(),
            boundary: None,
            controls: Levels::default(),
            session: None,
        })
    }

    pub(super) fn principal(&self, arn: &str) -> Result<Principal, ApiError> {
        let no_such = || no_entity(format!("The entity with ARN {arn} cannot be found."));
        let is_entity = |text: &&str| {
            ["user/", "group/", "role/"]
                .iter()
                .any(|kind| text.starts_with(kind))
        };
        let Some(resource) = self.resource_of(arn).filter(is_entity) else {
            return Err(wrong_input(format!(
                "Invalid Entity Arn: {arn} does not clearly define entity type and name."
            )));
        };
        let state = self.iam.read();
        let account = self.account(&state).ok_or_else(no_such)?;
        let holder = account.holder_of(resource).ok_or_else(no_such)?;
        Ok(Principal {
            sources: account.sources(&holder),
            boundary: account.boundary(&holder),
            context: self.context_of(&holder, account, arn),
            controls: state.controls_of(&self.call.account, &holder),
        })
    }

    fn context_of(&self, holder: &Holder<'_>, account: &Account, arn: &str) -> Context {
        let context = Context::given()
            .with("aws:PrincipalAccount", &self.call.account)
            .with("aws:PrincipalArn", arn);
        let context = holder.tags.iter().fold(context, |context, (key, value)| {
            context.with(&format!("aws:PrincipalTag/{key}"), value)
        });
        match holder.kind {
            Kind::User => context
                .with("aws:username", holder.name)
                .with(
                    "aws:userid",
                    account.users.get(holder.name).map_or("", |user| &user.id),
                )
                .with("aws:PrincipalType", "User"),
            Kind::Role => context.with("aws:PrincipalType", "AssumedRole"),
            Kind::Group => context,
        }
    }

    /// Adds the context entries of the request.
    fn with_entries(&self, mut context: Context) -> Result<Context, ApiError> {
        for turn in 1.. {
            let entry = format!("ContextEntries.member.{turn}");
            if !self.params.any_below(&format!("{entry}.")) {
                break;
            }
            let key = self.need(&format!("{entry}.ContextKeyName"))?;
            let kind = self.params.one(&format!("{entry}.ContextKeyType"));
            if kind.is_some_and(|kind| !CONTEXT_TYPES.contains(&kind)) {
                let set = CONTEXT_TYPES.join(", ");
                return Err(invalid(&format!(
                    "1 validation error detected: Value at 'contextEntries.{turn}.member.\
                     contextKeyType' failed to satisfy constraint: Member must satisfy enum value \
                     set: [{set}]"
                )));
            }
            let values = self
                .params
                .list(&format!("{entry}.ContextKeyValues.member"));
            context = context.with_all(key, &values);
        }
        Ok(context)
    }
}

fn given(
    id: String,
    kind: &'static str,
    text: &str,
    document: PolicyKind,
) -> Result<Source, ApiError> {
    let policy = Policy::parse(text, document)
        .map_err(|wrong| wrong_input(format!("Invalid policy in {id}: {}", wrong.0)))?;
    Ok(Source {
        id,
        kind,
        arn: None,
        holder: None,
        policy: Arc::new(policy),
    })
}
