//! The constraints of a grant: which requests of its grantee it is meant for.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::api::ApiError;
use crate::kms::parse::Input;
use crate::kms::refusals::validation;

/// The most pairs that a constraint has.
const PAIRS_MAX: usize = 8;
/// The longest value of a pair.
const VALUE_MAX: usize = 384;

type Pairs = BTreeMap<String, String>;

/// All constraints of a grant; each that is there has to be met.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Constraints {
    subset: Option<Pairs>,
    equals: Option<Pairs>,
    source_arn: Option<String>,
}

impl Constraints {
    /// Reads the member `Constraints`.
    pub(in crate::kms) fn parse(input: Input<'_>) -> Result<Self, ApiError> {
        let Some(members) = input.structure("Constraints")? else {
            return Ok(Self::default());
        };
        Ok(Self {
            subset: pairs(members, "EncryptionContextSubset")?,
            equals: pairs(members, "EncryptionContextEquals")?,
            source_arn: members.text("SourceArn", 20, 512)?.map(str::to_owned),
        })
    }

    /// The names of those that are there.
    pub(in crate::kms) fn kinds(&self) -> Vec<&'static str> {
        let kinds = [
            (self.equals.is_some(), "EncryptionContextEquals"),
            (self.subset.is_some(), "EncryptionContextSubset"),
            (self.source_arn.is_some(), "SourceArn"),
        ];
        let there = kinds.into_iter().filter(|(is_there, _)| *is_there);
        there.map(|(_, kind)| kind).collect()
    }

    /// The pairs of the encryption context that they ask for.
    pub(in crate::kms) fn pairs(&self) -> BTreeMap<&str, &str> {
        let all = self.subset.iter().chain(&self.equals).flatten();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    pub(super) fn ask_for_a_context(&self) -> bool {
        self.subset.is_some() || self.equals.is_some()
    }

    pub(super) fn has_source_arn(&self) -> bool {
        self.source_arn.is_some()
    }

    /// Whether a request for `operation` meets them. Those on the encryption context count only where
    /// there is one, and no request is made on behalf of a resource.
    pub(super) fn are_met(&self, operation: &str, input: Input<'_>) -> bool {
        if self.source_arn.is_some() && operation != "RetireGrant" {
            return false;
        }
        let member = match operation {
            "Encrypt"
            | "Decrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext" => "EncryptionContext",
            "ReEncryptFrom" => "SourceEncryptionContext",
            "ReEncryptTo" => "DestinationEncryptionContext",
            _ => return true,
        };
        let Ok(sent) = input.pairs(member) else {
            return false;
        };
        let sent = folded(sent);
        let subset = self.subset.as_ref().is_none_or(|wanted| {
            let mut wanted = folded(wanted).into_iter();
            wanted.all(|(name, value)| sent.get(&name) == Some(&value))
        });
        subset
            && self
                .equals
                .as_ref()
                .is_none_or(|wanted| folded(wanted) == sent)
    }

    /// Whether whatever meets these meets the others too.
    pub(super) fn is_as_strict_as(&self, others: &Self) -> bool {
        let holds = |pairs: &Option<Pairs>, wanted: &BTreeMap<String, &str>| {
            pairs.as_ref().is_some_and(|pairs| {
                let pairs = folded(pairs);
                wanted
                    .iter()
                    .all(|(name, value)| pairs.get(name) == Some(value))
            })
        };
        let equals = others.equals.as_ref().is_none_or(|wanted| {
            let own = self.equals.as_ref();
            own.is_some_and(|own| folded(own) == folded(wanted))
        });
        let subset = others.subset.as_ref().is_none_or(|wanted| {
            let wanted = folded(wanted);
            holds(&self.equals, &wanted) || holds(&self.subset, &wanted)
        });
        equals && subset && (others.source_arn.is_none() || others.source_arn == self.source_arn)
    }

    /// As an answer shows them; `None` if there are none.
    pub(super) fn shown(&self) -> Option<Value> {
        let mut members = Map::new();
        if let Some(pairs) = &self.equals {
            members.insert("EncryptionContextEquals".to_owned(), json!(pairs));
        }
        if let Some(pairs) = &self.subset {
            members.insert("EncryptionContextSubset".to_owned(), json!(pairs));
        }
        if let Some(arn) = &self.source_arn {
            members.insert("SourceArn".to_owned(), json!(arn));
        }
        (!members.is_empty()).then_some(Value::Object(members))
    }
}

/// In a constraint the names of the pairs are compared without case, the values with it.
fn folded<'a, N: AsRef<str>, V: AsRef<str> + ?Sized + 'a>(
    pairs: impl IntoIterator<Item = (N, &'a V)>,
) -> BTreeMap<String, &'a str> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.as_ref().to_lowercase(), value.as_ref()))
        .collect()
}

fn pairs(members: Input<'_>, name: &str) -> Result<Option<Pairs>, ApiError> {
    if !members.has(name) {
        return Ok(None);
    }
    let pairs = members.pairs(name)?;
    if pairs.len() > PAIRS_MAX {
        return Err(validation(format!(
            "{name} can have at most {PAIRS_MAX} encryption context pairs"
        )));
    }
    if pairs
        .values()
        .any(|value| value.chars().count() > VALUE_MAX)
    {
        return Err(validation(format!(
            "The encryption context value in {name} cannot exceed {VALUE_MAX} characters"
        )));
    }
    let pairs = pairs.into_iter();
    Ok(Some(
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    ))
}
