//! Policy documents: reading them from JSON, strictly. What they permit is decided in `evaluate`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::condition::Condition;

/// What a document is attached to decides which elements it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    /// Attached to a user or role, or passed for a session.
    Identity,
    /// Says who may assume a role.
    Trust,
    /// Attached to a KMS key.
    Key,
    /// Attached to an S3 bucket.
    Bucket,
}

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    /// The document as it was given.
    pub(crate) text: String,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) allows: bool,
    pub(crate) actions: Choice,
    /// Absent in trust policies.
    pub(crate) resources: Option<Choice>,
    /// Absent in identity policies only.
    pub(crate) principals: Option<Principals>,
    pub(crate) conditions: Vec<Condition>,
    /// Whether `${…}` is a policy variable: not in the version of 2008.
    pub(crate) variables: bool,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`: patterns, and whether they exclude.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) excludes: bool,
    pub(crate) patterns: Vec<String>,
}

/// `Principal` or `NotPrincipal`. Only AWS principals ever call the sandbox; services and
/// federated users are read and match nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principals {
    pub(crate) excludes: bool,
    /// `*`, account ids and ARNs.
    pub(crate) aws: Vec<String>,
}

/// AWS's sentence about what is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl Policy {
    /// Reads a document.
    pub(crate) fn parse(text: &str, kind: PolicyKind) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(text)
            .map_err(|_| Malformed("This policy contains invalid Json"))?;
        let Value::Object(document) = value else {
            return Err(Malformed("This policy contains invalid Json"));
        };
        for (name, value) in &document {
            let fine = match name.as_str() {
                "Version" => matches!(value.as_str(), Some("2012-10-17" | "2008-10-17")),
                "Id" => value.is_string(),
                "Statement" => true,
                _ => false,
            };
            if !fine {
                return Err(SYNTAX);
            }
        }
        let variables = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(single @ Value::Object(_)) => vec![single],
            _ => return Err(SYNTAX),
        };
        let statements = statements
            .into_iter()
            .map(|statement| match statement {
                Value::Object(statement) => Statement::parse(statement, kind, variables),
                _ => Err(SYNTAX),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if statements.is_empty() {
            return Err(SYNTAX);
        }
        Ok(Self {
            text: text.to_owned(),
            statements,
        })
    }
}

impl Policy {
    /// Reads a document that is to be stored now, as strictly as AWS: beside what [`Policy::parse`]
    /// asks, every operator is known, and the ids of statements are well formed and unique.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html>
    pub(crate) fn parse_new(text: &str, kind: PolicyKind) -> Result<Self, Malformed> {
        let policy = Self::parse(text, kind)?;
        if policy.has_unknown_operator() {
            return Err(SYNTAX);
        }
        let document: Value = serde_json::from_str(text).map_err(|_| SYNTAX)?;
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut seen = BTreeSet::new();
        let sids = statements.iter().filter_map(|one| one["Sid"].as_str());
        for sid in sids.filter(|sid| !sid.is_empty()) {
            let is_allowed = |letter: char| letter.is_ascii_alphanumeric();
            if !matches!(kind, PolicyKind::Key | PolicyKind::Bucket) && !sid.chars().all(is_allowed)
            {
                return Err(Malformed(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies \
                     the regular expression [0-9A-Za-z]*",
                ));
            }
            if !seen.insert(sid) {
                return Err(Malformed(
                    "Statement IDs (SID) in a single policy must be unique.",
                ));
            }
        }
        Ok(policy)
    }

    /// Whether a condition uses an operator that the sandbox does not know. Such a document is
    /// not stored; what never was stored through IAM is still evaluated on the safe side.
    pub(crate) fn has_unknown_operator(&self) -> bool {
        let mut conditions = self
            .statements
            .iter()
            .flat_map(|statement| &statement.conditions);
        conditions.any(Condition::has_unknown_operator)
    }
}

const SYNTAX: Malformed = Malformed("Syntax errors in policy.");

impl Statement {
    fn parse(
        statement: &Map<String, Value>,
        kind: PolicyKind,
        variables: bool,
    ) -> Result<Self, Malformed> {
        const ELEMENTS: &[&str] = &[
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Principal",
            "NotPrincipal",
            "Condition",
        ];
        if statement
            .keys()
            .any(|name| !ELEMENTS.contains(&name.as_str()))
            || statement.get("Sid").is_some_and(|sid| !sid.is_string())
        {
            return Err(SYNTAX);
        }
        let allows = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err(SYNTAX),
        };
        let actions = Choice::parse(statement, "Action", "NotAction")?;
        let actions = actions
            .or_else(|| (kind == PolicyKind::Key).then(Choice::nothing))
            .ok_or(Malformed("Policy statement must contain actions."))?;
        if actions
            .patterns
            .iter()
            .any(|action| action != "*" && !action.contains(':'))
        {
            return Err(Malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ));
        }
        let mut resources = Choice::parse(statement, "Resource", "NotResource")?;
        let principals = Principals::parse(statement)?;
        match kind {
            PolicyKind::Identity => {
                if principals.is_some() {
                    return Err(Malformed("Policy document should not specify a principal."));
                }
                let Some(resources) = &resources else {
                    return Err(Malformed("Policy statement must contain resources."));
                };
                resources.check_arns()?;
            }
            // A statement without an action or a resource is accepted and says nothing.
            // <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
            PolicyKind::Key => {
                if principals.is_none() {
                    return Err(Malformed("Missing required field Principal"));
                }
                resources.get_or_insert_with(Choice::nothing).check_arns()?;
            }
            PolicyKind::Bucket => {
                if principals.is_none() {
                    return Err(Malformed("Missing required field Principal"));
                }
                if resources.is_none() {
                    return Err(Malformed("Missing required field Resource"));
                }
            }
            PolicyKind::Trust => {
                if resources.is_some() {
                    return Err(Malformed("Has prohibited field Resource"));
                }
                if principals.is_none() {
                    return Err(Malformed("Missing required field Principal"));
                }
                let sts = |action: &String| {
                    action
                        .split(':')
                        .next()
                        .is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts"))
                };
                if !actions
                    .patterns
                    .iter()
                    .all(|action| action == "*" || sts(action))
                {
                    return Err(Malformed(
                        "AssumeRole policy may only specify STS AssumeRole actions.",
                    ));
                }
            }
        }
        let conditions = match statement.get("Condition") {
            None => Vec::new(),
            Some(Value::Object(operators)) => {
                Condition::parse_all(operators, variables).ok_or(SYNTAX)?
            }
            Some(_) => return Err(SYNTAX),
        };
        Ok(Self {
            allows,
            actions,
            resources,
            principals,
            conditions,
            variables,
        })
    }
}

impl Choice {
    /// What is never chosen.
    fn nothing() -> Self {
        Self {
            excludes: false,
            patterns: Vec::new(),
        }
    }

    fn check_arns(&self) -> Result<(), Malformed> {
        let plain = |resource: &String| resource != "*" && !resource.starts_with("arn:");
        if self.patterns.iter().any(plain) {
            return Err(Malformed("Resource must be in ARN format or \"*\"."));
        }
        Ok(())
    }

    fn parse(
        statement: &Map<String, Value>,
        includes: &str,
        excludes: &str,
    ) -> Result<Option<Self>, Malformed> {
        let (value, excludes) = match (statement.get(includes), statement.get(excludes)) {
            (Some(_), Some(_)) => return Err(SYNTAX),
            (None, None) => return Ok(None),
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
        };
        let patterns = strings(value)
            .filter(|list| !list.is_empty())
            .ok_or(SYNTAX)?;
        Ok(Some(Self { excludes, patterns }))
    }
}

impl Principals {
    fn parse(statement: &Map<String, Value>) -> Result<Option<Self>, Malformed> {
        let (value, excludes) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(_), Some(_)) => return Err(SYNTAX),
            (None, None) => return Ok(None),
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
        };
        let mut aws = Vec::new();
        match value {
            Value::String(everybody) if everybody == "*" => aws.push("*".to_owned()),
            Value::Object(kinds) if !kinds.is_empty() => {
                for (kind, names) in kinds {
                    let names = strings(names).ok_or(SYNTAX)?;
                    match kind.as_str() {
                        "AWS" => {
                            if !names.iter().all(|name| is_aws_principal(name)) {
                                return Err(Malformed("Invalid principal in policy"));
                            }
                            aws.extend(names);
                        }
                        "Service" | "Federated" | "CanonicalUser" => {}
                        _ => return Err(SYNTAX),
                    }
                }
            }
            _ => return Err(SYNTAX),
        }
        Ok(Some(Self { excludes, aws }))
    }
}

/// `*`, an account id, an ARN of IAM or STS, or the unique id of a deleted principal.
fn is_aws_principal(name: &str) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let unique_id =
        (name.starts_with("AIDA") || name.starts_with("AROA")) && !name.contains([':', '*']);
    let arn = name.starts_with("arn:")
        && !name.contains('*')
        && name
            .split(':')
            .nth(2)
            .is_some_and(|service| service == "iam" || service == "sts")
        && name.splitn(6, ':').count() == 6;
    name == "*" || account(name) || unique_id || arn
}

/// A string or a list of strings.
pub(super) fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(single) => Some(vec![single.clone()]),
        Value::Array(list) => list
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// How a state keeps the policies of users and roles: as their text.
pub(super) mod identity {
    use super::{Arc, Deserializer, Policy, PolicyKind, Serializer, kept};

    pub(crate) fn serialize<S: Serializer>(
        policy: &Arc<Policy>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&policy.text)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Policy>, D::Error> {
        kept(from, PolicyKind::Identity)
    }
}

/// The same for trust policies.
pub(super) mod trust {
    use super::{Arc, Deserializer, Policy, PolicyKind, kept};

    pub(crate) use super::identity::serialize;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Policy>, D::Error> {
        kept(from, PolicyKind::Trust)
    }
}

/// The same for the policy of a session, which need not have one.
pub(super) mod of_session {
    use super::{Arc, Deserialize, Deserializer, Policy, Serialize, Serializer, identity};

    #[derive(Serialize, Deserialize)]
    struct Narrowing(#[serde(with = "identity")] Arc<Policy>);

    pub(crate) fn serialize<S: Serializer>(
        policy: &Option<Arc<Policy>>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        policy.clone().map(Narrowing).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<Policy>>, D::Error> {
        let policy = Option::<Narrowing>::deserialize(from)?;
        Ok(policy.map(|Narrowing(policy)| policy))
    }
}

fn kept<'de, D: Deserializer<'de>>(from: D, kind: PolicyKind) -> Result<Arc<Policy>, D::Error> {
    let text = String::deserialize(from)?;
    match Policy::parse(&text, kind) {
        Ok(policy) => Ok(Arc::new(policy)),
        Err(Malformed(sentence)) => Err(D::Error::custom(sentence)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_and_single_values() {
        let policy = Policy::parse(
            r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"a","Effect":"Allow",
                "NotAction":["kms:*","iam:List*"],"Resource":"*",
                "Condition":{"StringEquals":{"aws:RequestedRegion":["a","b"]}}}}"#,
            PolicyKind::Identity,
        )
        .unwrap();
        let statement = &policy.statements[0];
        assert!(statement.allows && statement.actions.excludes);
        assert_eq!(statement.conditions.len(), 1);
    }

    #[test]
    fn malformed_documents_are_refused() {
        let statement = |inner: &str| format!(r#"{{"Statement":[{{{inner}}}]}}"#);
        for (text, kind) in [
            ("", PolicyKind::Identity),
            ("[]", PolicyKind::Identity),
            (r#"{"Statement":[]}"#, PolicyKind::Identity),
            (
                r#"{"Version":"2020-01-01","Statement":[]}"#,
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Perhaps","Action":"*","Resource":"*""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"ListKeys","Resource":"*""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"kms:*""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"kms:*","Resource":"key""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"kms:*","Resource":"*","Principal":"*""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"kms:*","Resource":"*","Colour":"red""#),
                PolicyKind::Identity,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"sts:AssumeRole""#),
                PolicyKind::Trust,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"kms:*","Principal":"*""#),
                PolicyKind::Trust,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"sts:*","Principal":"*","Resource":"*""#),
                PolicyKind::Trust,
            ),
            (
                &statement(r#""Effect":"Allow","Action":"sts:*","Principal":{"AWS":"bob"}"#),
                PolicyKind::Trust,
            ),
        ] {
            assert!(Policy::parse(text, kind).is_err(), "{text}");
        }
    }
}
