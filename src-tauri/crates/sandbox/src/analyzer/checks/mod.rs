//! The checks of a policy, of those that AWS documents; each finding has AWS's code and sentence.
//!
//! `document` looks at the whole and at the elements that a statement must and must not have, `size` at
//! its length, `statements` at what it says twice; the others at one element each, but for `security`,
//! which looks at what a statement allows, and `trust`, which knows what trust policies must not say.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>

mod actions;
mod conditions;
mod document;
mod operators;
mod principals;
mod redundant;
mod resource_types;
mod resources;
mod security;
mod size;
mod statements;
mod trust;
mod values;
mod variables;

use super::finding::{Finding, Impact, Place, Step};
use super::json::{self, Json, Node, SyntaxError};

/// What a document is to be attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Identity,
    /// Any resource that has no kind of its own here.
    Resource,
    Bucket,
    /// A role, to say who may assume it.
    Trust,
    ServiceControl,
    ResourceControl,
}

/// All findings about a text.
pub(super) fn of_text(text: &str, kind: Kind) -> Vec<Finding> {
    let mut found = Found {
        kind,
        variables: true,
        findings: Vec::new(),
    };
    match json::read(text) {
        Ok(root) => {
            size::check(&mut found, text, &root);
            document::check(&mut found, &root);
        }
        Err(SyntaxError(at)) => {
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let column = before[start..].chars().count();
            let index = before.chars().count();
            let details =
                format!("Fix the JSON syntax error at index {index} line {line} column {column}.");
            let place = Place {
                path: Vec::new(),
                span: (at, at),
            };
            found.add(Impact::Error, "JSON_SYNTAX_ERROR", details, vec![place]);
        }
    }
    found.findings
}

/// What was found so far.
struct Found {
    kind: Kind,
    /// Whether the version of the document knows variables.
    variables: bool,
    findings: Vec<Finding>,
}

impl Found {
    fn add(
        &mut self,
        impact: Impact,
        code: &'static str,
        details: impl Into<String>,
        places: Vec<Place>,
    ) {
        let details = details.into();
        self.findings.push(Finding {
            impact,
            code,
            details,
            places,
        });
    }

    fn error(&mut self, code: &'static str, details: impl Into<String>, part: &Part<'_>) {
        self.add(Impact::Error, code, details, vec![part.place()]);
    }

    fn warning(&mut self, code: &'static str, details: impl Into<String>, part: &Part<'_>) {
        self.add(Impact::Warning, code, details, vec![part.place()]);
    }

    fn suggestion(&mut self, code: &'static str, details: impl Into<String>, part: &Part<'_>) {
        self.add(Impact::Suggestion, code, details, vec![part.place()]);
    }

    fn mismatch(&mut self, expected: &str, part: &Part<'_>) {
        let details = format!("The text does not match the expected JSON data type {expected}.");
        self.error("DATA_TYPE_MISMATCH", details, part);
    }
}

/// A part of the document, and the way to it.
#[derive(Clone)]
struct Part<'a> {
    path: Vec<Step>,
    node: &'a Node,
}

impl<'a> Part<'a> {
    fn root(node: &'a Node) -> Self {
        let path = Vec::new();
        Self { path, node }
    }

    fn place(&self) -> Place {
        Place {
            path: self.path.clone(),
            span: self.node.span,
        }
    }

    fn step(&self, step: Step, node: &'a Node) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { path, node }
    }

    /// The first member of this name.
    fn member(&self, name: &str) -> Option<Self> {
        let node = self.node.member(name)?;
        Some(self.step(Step::Key(name.to_owned()), node))
    }

    /// The members of an object; none of anything else.
    fn members(&self) -> Vec<(&'a str, Self)> {
        let members = self.node.members().unwrap_or_default();
        let parts = members.iter().map(|(key, node)| {
            let part = self.step(Step::Key(key.clone()), node);
            (key.as_str(), part)
        });
        parts.collect()
    }

    /// The entries of a list, or the value itself, which stands for a list of one.
    fn entries(&self) -> Vec<Self> {
        match &self.node.value {
            Json::List(entries) => entries
                .iter()
                .enumerate()
                .map(|(index, node)| self.step(Step::Index(index), node))
                .collect(),
            _ => vec![self.clone()],
        }
    }

    fn is_empty_list(&self) -> bool {
        matches!(&self.node.value, Json::List(entries) if entries.is_empty())
    }

    /// The texts of a text or a list, each with its part; what is no text is found.
    fn texts(&self, found: &mut Found) -> Vec<(&'a str, Self)> {
        let mut texts = Vec::new();
        for entry in self.entries() {
            match entry.node.text() {
                Some(text) => texts.push((text, entry)),
                None => found.mismatch("string", &entry),
            }
        }
        texts
    }
}
