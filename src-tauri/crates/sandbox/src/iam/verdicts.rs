//! What a simulation decides about one action on one resource, and which statements decide it.
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
use crate::xml::Xml;

/// Everything that is known of the simulated request.
pub(super) struct Simulation {
    pub(super) sources: Vec<Source>,
    pub(super) boundary: Option<Vec<Source>>,
    /// Service control policies by level.
    pub(super) organization: Vec<Vec<Source>>,
    pub(super) resources: Resources,
    pub(super) context: Context,
}

/// What the simulated request is about.
pub(super) struct Resources {
    pub(super) names: Vec<String>,
    /// Whether the request says them.
    pub(super) are_named: bool,
    pub(super) policy: Option<Source>,
    pub(super) caller: Option<Caller>,
    /// The account of resources whose ARN has none.
    pub(super) owner: Option<String>,
}

/// A simulation whose policies are taken apart.
pub(super) struct Simulated {
    simulation: Simulation,
    statements: Vec<Piece>,
    of_resource: Vec<Piece>,
    /// The context keys as the policies write them, by their lower case.
    keys: BTreeMap<String, String>,
}

/// One statement of one policy.
struct Piece {
    id: String,
    kind: &'static str,
    /// A policy of this statement alone.
    policy: Policy,
    span: Option<(Position, Position)>,
}

/// The outcome for one resource.
struct Outcome<'a> {
    decision: Decision,
    matched: Vec<&'a Piece>,
    by_boundary: Option<bool>,
    by_organization: Option<bool>,
    /// How each side decides where two accounts have to agree.
    sides: Option<(Decision, Decision)>,
}

impl Simulated {
    pub(super) fn new(simulation: Simulation) -> Self {
        let resource = simulation.resources.policy.iter();
        let all = simulation.sources.iter().chain(resource.clone());
        let bounding = simulation.boundary.iter().flatten();
        let scps = simulation.organization.iter().flatten();
        let keys = all.chain(bounding).chain(scps);
        let keys = keys.flat_map(|source| context_keys::of(&source.policy.text));
        Self {
            statements: simulation.sources.iter().flat_map(pieces).collect(),
            of_resource: resource.flat_map(pieces).collect(),
            keys: keys.map(|key| (key.to_ascii_lowercase(), key)).collect(),
            simulation,
        }
    }

    pub(super) fn show(&self, action: &str, resource: &str) -> Xml {
        let question = Question {
            action,
            resource,
            context: &self.simulation.context,
        };
        let outcome = self.decide(&question);
        let decision = word(outcome.decision);
        let matched = outcome.matched.iter().fold(Xml::new(), |list, piece| {
            list.inside("member", piece.show())
        });
        let mut missing: BTreeSet<_> = question.missing_keys(self.policies()).collect();
        if let Some(source) = &self.simulation.resources.policy {
            missing.extend(question.missing_keys([source.policy.as_ref()]));
        }
        let missing = missing.into_iter().fold(Xml::new(), |list, key| {
            let written = self.keys.get(key).map_or(key, String::as_str);
            list.text("member", written)
        });
        let boundary = outcome.by_boundary.map_or_else(Xml::new, |allowed| {
            let detail = Xml::new().text("AllowedByPermissionsBoundary", allowed);
            Xml::new().inside("PermissionsBoundaryDecisionDetail", detail)
        });
        let organization = outcome.by_organization.map_or_else(Xml::new, |allowed| {
            let detail = Xml::new().text("AllowedByOrganizations", allowed);
            Xml::new().inside("OrganizationsDecisionDetail", detail)
        });
        let sides = outcome.sides.map_or_else(Xml::new, |(identity, resource)| {
            let entry =
                |key: &str, decision| Xml::new().text("key", key).text("value", word(decision));
            let map = Xml::new()
                .inside("entry", entry("IAM Policy", identity))
                .inside("entry", entry("Resource Policy", resource));
            Xml::new().inside("EvalDecisionDetails", map)
        });
        let shown = Xml::new()
            .text("EvalActionName", action)
            .text("EvalResourceName", resource)
            .text("EvalDecision", decision)
            .inside("MatchedStatements", matched.clone())
            .inside("MissingContextValues", missing.clone())
            .append(organization)
            .append(boundary.clone())
            .append(sides.clone());
        if !self.simulation.resources.are_named {
            return shown;
        }
        let specific = Xml::new()
            .text("EvalResourceName", resource)
            .text("EvalResourceDecision", decision)
            .inside("MatchedStatements", matched)
            .inside("MissingContextValues", missing)
            .append(sides)
            .append(boundary);
        let results = Xml::new().inside("member", specific);
        shown.inside("ResourceSpecificResults", results)
    }

    fn decide(&self, question: &Question<'_>) -> Outcome<'_> {
        let Simulation {
            boundary,
            organization,
            ..
        } = &self.simulation;
        let identity = question.ask(self.policies());
        let by_boundary = boundary.as_ref().map(|policies| ask(question, policies));
        let by_organization = organization
            .iter()
            .map(|level| ask(question, level))
            .reduce(strictest);
        let verdict = self.resource_verdict(question);
        let granted = match verdict {
            None | Some(Verdict::Denied) => Naming::Nobody,
            Some(Verdict::Allowed(naming)) => naming,
        };
        let crosses = verdict.is_some() && self.crosses_accounts(question.resource);
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
        Outcome {
            decision,
            matched: self.matched(question, decision),
            by_boundary: by_boundary.map(|decision| decision == Decision::Allowed),
            by_organization: by_organization.map(|decision| decision == Decision::Allowed),
            sides: crosses.then(|| {
                let resource = match (verdict, granted) {
                    (Some(Verdict::Denied), _) => Decision::ExplicitDeny,
                    (_, Naming::Nobody) => Decision::ImplicitDeny,
                    _ => Decision::Allowed,
                };
                (identity, resource)
            }),
        }
    }

    /// The statements that decide: a denial leaves no others, and what nothing allows has none.
    fn matched(&self, question: &Question<'_>, decision: Decision) -> Vec<&Piece> {
        if decision == Decision::ImplicitDeny {
            return Vec::new();
        }
        let own = self
            .statements
            .iter()
            .filter(|piece| question.ask([&piece.policy]) == decision);
        let of_resource = self.of_resource.iter().filter(|piece| {
            let verdict = self.ask_resource(question, &piece.policy);
            match decision {
                Decision::ExplicitDeny => verdict == Some(Verdict::Denied),
                _ => verdict.is_some_and(|verdict| {
                    !matches!(verdict, Verdict::Denied | Verdict::Allowed(Naming::Nobody))
                }),
            }
        });
        own.chain(of_resource).collect()
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

fn pieces(source: &Source) -> Vec<Piece> {
    let spans = positions::of_statements(&source.policy.text);
    let statements = source.policy.statements.iter().enumerate();
    statements
        .map(|(turn, statement)| Piece {
            id: source.id.clone(),
            kind: source.kind,
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
