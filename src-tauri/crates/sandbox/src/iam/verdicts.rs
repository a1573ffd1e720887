//! What a simulation decides about an action, on each resource and on all of them together, and which
//! statements decide it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html>

use std::collections::{BTreeMap, BTreeSet};

use super::caller::Caller;
use super::condition::Context;
use super::context_keys;
use super::effective::Source;
use super::evaluate::{Decision, Naming, Question, UniqueIds, Verdict};
use super::policy::Policy;
use super::positions::{self, Position};
use super::resource_types;
use super::service_control::Levels;
use crate::xml::Xml;

/// Everything that is known of the simulated request.
pub(super) struct Simulation {
    pub(super) sources: Vec<Source>,
    pub(super) boundary: Option<Vec<Source>>,
    /// The service control policies, if there is an organization.
    pub(super) organization: Option<Levels>,
    pub(super) resources: Resources,
    pub(super) context: Context,
}

/// What the simulated request is about.
pub(super) struct Resources {
    pub(super) names: Vec<String>,
    pub(super) policy: Option<Source>,
    pub(super) caller: Option<Caller>,
    /// The account of resources whose ARN has none.
    pub(super) owner: Option<String>,
}

/// A simulation whose policies are taken apart.
pub(super) struct Simulated {
    simulation: Simulation,
    /// The statements of the identity policies and of the resource's.
    statements: Vec<Piece>,
    /// The context keys as the policies write them, by their lower case.
    keys: BTreeMap<String, String>,
}

/// One statement of one policy.
struct Piece {
    id: String,
    kind: &'static str,
    is_of_resource: bool,
    /// A policy of this statement alone.
    policy: Policy,
    span: Option<(Position, Position)>,
}

/// The outcome for one resource, or the one that stands for several.
struct Outcome<'a> {
    decision: Decision,
    /// The turns of the statements that decide.
    matched: BTreeSet<usize>,
    missing: BTreeSet<&'a str>,
    by_boundary: Option<bool>,
    by_organization: Option<bool>,
    /// How each kind of policy decides where two accounts have to agree.
    sides: Option<Sides>,
}

#[derive(Clone, Copy)]
struct Sides {
    identity: Decision,
    resource: Decision,
    boundary: Option<Decision>,
}

impl Simulation {
    /// How much is to be read for one action, and about how much there is to be told, in bytes.
    pub(super) fn effort(&self) -> usize {
        // With all that is told beside statements, keys and names.
        const RESULT: usize = 800;
        let told = self.sources.iter().chain(&self.resources.policy);
        let documents = told.clone().chain(self.boundary.iter().flatten());
        let read: usize = documents.map(|source| source.policy.text.len()).sum();
        let read = read + self.organization.as_ref().map_or(0, Levels::length);
        // Of a resource, and again of all together.
        let told = 2 * told.map(Source::told).sum::<usize>();
        let names = self.resources.names.iter();
        names.fold(RESULT, |effort, name| {
            let name = Xml::plain(name).inner().len();
            effort.saturating_add(read + told + name + RESULT)
        })
    }
}

impl Source {
    /// About how long it is if every statement is told, and every key of a condition as missing.
    fn told(&self) -> usize {
        const STATEMENT: usize = 300;
        const KEY: usize = 30;
        let statements = self.policy.statements.iter();
        let each = statements.map(|statement| {
            let keys = statement.conditions.len() * KEY;
            STATEMENT + self.id.len() + keys
        });
        each.sum()
    }
}

impl Simulated {
    pub(super) fn new(simulation: Simulation) -> Self {
        let identity = simulation.sources.iter().map(|source| (source, false));
        let resource = simulation.resources.policy.iter();
        let all = identity.chain(resource.map(|source| (source, true)));
        let keys = all
            .clone()
            .flat_map(|(source, _)| context_keys::of(&source.policy.text));
        Self {
            keys: keys.map(|key| (key.to_ascii_lowercase(), key)).collect(),
            statements: all
                .flat_map(|(source, is_of_resource)| pieces(source, is_of_resource))
                .collect(),
            simulation,
        }
    }

    /// The one result of an action. What is said of all resources is the strictest of what is said of
    /// each.
    pub(super) fn show(&self, action: &str) -> Xml {
        let names = &self.simulation.resources.names;
        let outcomes: Vec<_> = names.iter().map(|name| self.decide(action, name)).collect();
        let shown = Xml::new()
            .text("EvalActionName", action)
            .text("EvalResourceName", resource_types::of_action(action));
        let is_about_all = names.iter().all(|name| name == "*");
        let together = Outcome::together(&outcomes);
        let organization = together.by_organization.map_or_else(Xml::new, |allowed| {
            let detail = Xml::new().text("AllowedByOrganizations", allowed);
            Xml::new().inside("OrganizationsDecisionDetail", detail)
        });
        let details = match together.sides {
            Some(sides) => sides.show(),
            // Within one account there is nothing to tell, and with resources that much is said.
            None if !is_about_all && together.by_organization != Some(false) => {
                Xml::new().inside("EvalDecisionDetails", Xml::new())
            }
            None => Xml::new(),
        };
        let shown = shown
            .text("EvalDecision", word(together.decision))
            .append(self.show_reasons(&together))
            .append(organization)
            .append(together.show_boundary())
            .append(details);
        if is_about_all {
            return shown;
        }
        let results = names.iter().zip(&outcomes);
        let results = results.fold(Xml::new(), |list, (name, outcome)| {
            let specific = Xml::new()
                .text("EvalResourceName", name)
                .text("EvalResourceDecision", word(outcome.decision))
                .append(self.show_reasons(outcome))
                .append(outcome.sides.map_or_else(Xml::new, Sides::show))
                .append(outcome.show_boundary());
            list.inside("member", specific)
        });
        shown.inside("ResourceSpecificResults", results)
    }

    /// Which statements decide, and which context keys they lack.
    fn show_reasons(&self, outcome: &Outcome<'_>) -> Xml {
        let matched = outcome
            .matched
            .iter()
            .filter_map(|turn| self.statements.get(*turn));
        let matched = matched.fold(Xml::new(), |list, piece| {
            list.inside("member", piece.show())
        });
        let missing = outcome.missing.iter().fold(Xml::new(), |list, key| {
            let written = self.keys.get(*key).map_or(*key, String::as_str);
            list.text("member", written)
        });
        Xml::new()
            .inside("MatchedStatements", matched)
            .inside("MissingContextValues", missing)
    }

    fn decide(&self, action: &str, resource: &str) -> Outcome<'_> {
        let Simulation {
            boundary,
            organization,
            context,
            ..
        } = &self.simulation;
        let question = &Question {
            action,
            resource,
            context,
        };
        let identity = question.ask(self.policies());
        let by_boundary = boundary.as_ref().map(|policies| ask(question, policies));
        let by_organization = organization.as_ref().map(|levels| levels.ask(question));
        let verdict = self.resource_verdict(question);
        let granted = match verdict {
            None | Some(Verdict::Denied) => Naming::Nobody,
            Some(Verdict::Allowed(naming)) => naming,
        };
        let crosses = verdict.is_some() && self.crosses_accounts(resource);
        let all = [Some(identity), by_boundary, by_organization];
        let denied =
            verdict == Some(Verdict::Denied) || all.contains(&Some(Decision::ExplicitDeny));
        let unbounded = by_boundary.is_none_or(|decision| decision == Decision::Allowed);
        let within = by_organization.is_none_or(|decision| decision == Decision::Allowed);
        let own = identity == Decision::Allowed && unbounded;
        // Within an account either side is enough; a user who is named needs no boundary's leave.
        let allowed = match (crosses, granted) {
            (true, Naming::Nobody) => false,
            (true, _) | (false, Naming::Nobody | Naming::Account) => own,
            (false, Naming::Role | Naming::Caller) => true,
        };
        let decision = if denied {
            Decision::ExplicitDeny
        } else if allowed && within {
            Decision::Allowed
        } else {
            Decision::ImplicitDeny
        };
        let policy = self.simulation.resources.policy.as_ref();
        let policies = self.policies().chain(policy.map(|policy| &*policy.policy));
        Outcome {
            decision,
            matched: self.matched(question, decision),
            missing: question.missing_keys(policies).collect(),
            by_boundary: by_boundary.map(|decision| decision == Decision::Allowed),
            by_organization: by_organization.map(|decision| decision == Decision::Allowed),
            // Where the organization refuses, nothing else is asked.
            sides: (crosses && within).then_some(Sides {
                identity,
                resource: match (verdict, granted) {
                    (Some(Verdict::Denied), _) => Decision::ExplicitDeny,
                    (_, Naming::Nobody) => Decision::ImplicitDeny,
                    _ => Decision::Allowed,
                },
                boundary: by_boundary,
            }),
        }
    }

    /// The statements that decide: a denial leaves no others, and what nothing allows has none.
    fn matched(&self, question: &Question<'_>, decision: Decision) -> BTreeSet<usize> {
        if decision == Decision::ImplicitDeny {
            return BTreeSet::new();
        }
        let decides = |piece: &Piece| {
            if !piece.is_of_resource {
                return question.ask([&piece.policy]) == decision;
            }
            let verdict = self.ask_resource(question, &piece.policy);
            match decision {
                Decision::ExplicitDeny => verdict == Some(Verdict::Denied),
                _ => verdict.is_some_and(|verdict| {
                    !matches!(verdict, Verdict::Denied | Verdict::Allowed(Naming::Nobody))
                }),
            }
        };
        let statements = self.statements.iter().enumerate();
        let deciding = statements.filter(|(_, piece)| decides(piece));
        deciding.map(|(turn, _)| turn).collect()
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        let sources = self.simulation.sources.iter();
        sources.map(|source| source.policy.as_ref())
    }

    fn resource_verdict(&self, question: &Question<'_>) -> Option<Verdict> {
        let source = self.simulation.resources.policy.as_ref()?;
        self.ask_resource(question, &source.policy)
    }

    fn ask_resource(&self, question: &Question<'_>, policy: &Policy) -> Option<Verdict> {
        let caller = self.simulation.resources.caller.as_ref()?;
        Some(question.ask_resource(policy, &UniqueIds::new(), caller))
    }

    /// Whether the resource belongs to another account than the caller.
    fn crosses_accounts(&self, resource: &str) -> bool {
        let resources = &self.simulation.resources;
        let in_arn = resource
            .split(':')
            .nth(4)
            .filter(|account| !account.is_empty());
        let owner = in_arn.or(resources.owner.as_deref());
        let caller = resources
            .caller
            .as_ref()
            .map(|caller| caller.account.as_str());
        owner.is_some_and(|owner| Some(owner) != caller)
    }
}

impl<'a> Outcome<'a> {
    /// What holds for all resources: the strictest decision, and what led to it anywhere.
    fn together(outcomes: &[Self]) -> Self {
        let decisions = outcomes.iter().map(|outcome| outcome.decision);
        let decision = decisions
            .reduce(strictest)
            .unwrap_or(Decision::ImplicitDeny);
        let deciding = outcomes.iter().filter(|one| one.decision == decision);
        let all = |said: fn(&Self) -> Option<bool>| {
            outcomes
                .iter()
                .filter_map(said)
                .reduce(|one, other| one && other)
        };
        Self {
            decision,
            matched: deciding.flat_map(|one| &one.matched).copied().collect(),
            missing: outcomes
                .iter()
                .flat_map(|one| one.missing.iter().copied())
                .collect(),
            by_boundary: all(|one| one.by_boundary),
            by_organization: all(|one| one.by_organization),
            sides: outcomes
                .iter()
                .filter_map(|one| one.sides)
                .reduce(Sides::strictest),
        }
    }

    fn show_boundary(&self) -> Xml {
        self.by_boundary.map_or_else(Xml::new, |allowed| {
            let detail = Xml::new().text("AllowedByPermissionsBoundary", allowed);
            Xml::new().inside("PermissionsBoundaryDecisionDetail", detail)
        })
    }
}

impl Sides {
    fn strictest(self, other: Self) -> Self {
        let boundaries = self.boundary.into_iter().chain(other.boundary);
        Self {
            identity: strictest(self.identity, other.identity),
            resource: strictest(self.resource, other.resource),
            boundary: boundaries.reduce(strictest),
        }
    }

    fn show(self) -> Xml {
        let kinds = [
            ("IAM Policy", Some(self.identity)),
            ("Resource Policy", Some(self.resource)),
            ("Permissions Boundary Policy", self.boundary),
        ];
        let map = kinds.into_iter().fold(Xml::new(), |map, (kind, said)| {
            let Some(decision) = said else {
                return map;
            };
            let entry = Xml::new().text("key", kind).text("value", word(decision));
            map.inside("entry", entry)
        });
        Xml::new().inside("EvalDecisionDetails", map)
    }
}

impl Piece {
    fn show(&self) -> Xml {
        let shown = Xml::new()
            .text("SourcePolicyId", &self.id)
            .text("SourcePolicyType", self.kind);
        match self.span {
            Some((start, end)) => shown
                .inside("StartPosition", start.show())
                .inside("EndPosition", end.show()),
            None => shown,
        }
    }
}

fn pieces(source: &Source, is_of_resource: bool) -> Vec<Piece> {
    let spans = positions::of_statements(&source.policy.text);
    let statements = source.policy.statements.iter().enumerate();
    statements
        .map(|(turn, statement)| Piece {
            id: source.id.clone(),
            kind: source.kind,
            is_of_resource,
            policy: Policy {
                text: String::new(),
                statements: vec![statement.clone()],
            },
            span: spans.get(turn).copied(),
        })
        .collect()
}

fn ask(question: &Question<'_>, sources: &[Source]) -> Decision {
    question.ask(sources.iter().map(|source| source.policy.as_ref()))
}

fn strictest(one: Decision, other: Decision) -> Decision {
    match (one, other) {
        (Decision::ExplicitDeny, _) | (_, Decision::ExplicitDeny) => Decision::ExplicitDeny,
        (Decision::Allowed, Decision::Allowed) => Decision::Allowed,
        _ => Decision::ImplicitDeny,
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::iam::policy::PolicyKind;

    #[test]
    fn no_more_is_told_than_was_reckoned_with() {
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let unmet = r#""Condition":{"Null":{"a":"","b":""}}"#;
        let text = format!(
            r#"{{"Statement":[{}{{"Effect":"Deny","Action":"*","Resource":"*",{unmet}}}]}}"#,
            format!("{statement},").repeat(200)
        );
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        for names in [vec!["*".to_owned()], vec!["arn:\"".repeat(400); 9]] {
            let simulation = Simulation {
                sources: vec![Source {
                    id: "PolicyInputList.1".into(),
                    kind: "none",
                    arn: None,
                    holder: None,
                    policy: Arc::new(policy.clone()),
                }],
                boundary: None,
                organization: None,
                resources: Resources {
                    names,
                    policy: None,
                    caller: None,
                    owner: None,
                },
                context: Context::given(),
            };
            let effort = simulation.effort();
            let told = Simulated::new(simulation).show("kms:Decrypt").inner().len();
            assert!(told > 200 * 200 && told < effort, "{told} {effort}");
        }
    }
}
