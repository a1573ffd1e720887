//! Session tags: those that a request gives, and those that a chain of roles hands on.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use super::invalid;
use crate::api::ApiError;
use crate::iam::account::Tags;
use crate::iam::caller::{Brought, Caller};
use crate::query::Params;

/// AWS's limit of session tags.
const MOST: usize = 50;

/// The tags that a request gives.
#[derive(Default)]
pub(super) struct SessionTags {
    pub(super) given: Tags,
    /// The keys of those that go on to the next roles of a chain.
    pub(super) transitive: Vec<String>,
}

impl SessionTags {
    pub(super) fn read(params: &Params) -> Result<Self, ApiError> {
        let given = params.tags();
        if given.len() > MOST {
            return Err(invalid(format!(
                "1 validation error detected: Value at 'tags' failed to satisfy constraint: \
                 Member must have length less than or equal to {MOST}"
            )));
        }
        for (turn, (key, value)) in (1..).zip(&given) {
            check(&format!("tags.{turn}.member.key"), key, 1, 128)?;
            check(&format!("tags.{turn}.member.value"), value, 0, 256)?;
            let earlier = given.iter().take(turn - 1);
            if earlier.into_iter().any(|(known, _)| same(known, key)) {
                return Err(wrong(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(wrong("Tag keys must not start with aws:."));
            }
        }
        let transitive = params.list("TransitiveTagKeys.member");
        if !transitive
            .iter()
            .all(|key| given.iter().any(|(known, _)| same(known, key)))
        {
            return Err(wrong(
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let transitive = transitive.into_iter().map(str::to_owned).collect();
        Ok(Self { given, transitive })
    }

    /// With those that the caller's session hands on.
    pub(super) fn chained(self, caller: &Caller) -> Result<Brought, ApiError> {
        let mut brought = Brought {
            tags: self.given,
            transitive: self.transitive,
            ..Brought::default()
        };
        let before = caller.session.as_ref().map(|session| &session.brought);
        let Some(before) = before else {
            return Ok(brought);
        };
        for (key, value) in &before.tags {
            if !before.transitive.iter().any(|known| same(known, key)) {
                continue;
            }
            if brought.tags.iter().any(|(known, _)| same(known, key)) {
                return Err(wrong(
                    "One of the specified transitive tag keys can't be set because it conflicts \
                     with a transitive tag key from the calling session.",
                ));
            }
            brought.tags.push((key.clone(), value.clone()));
            brought.transitive.push(key.clone());
        }
        Ok(brought)
    }

    /// How many characters they have.
    pub(super) fn size(&self) -> usize {
        let sizes = self
            .given
            .iter()
            .map(|(key, value)| key.chars().count() + value.chars().count());
        sizes.sum()
    }
}

fn check(member: &str, text: &str, least: usize, most: usize) -> Result<(), ApiError> {
    let length = text.chars().count();
    let fits = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
    };
    let constraint = if length < least {
        format!("Member must have length greater than or equal to {least}")
    } else if length > most {
        format!("Member must have length less than or equal to {most}")
    } else if !text.chars().all(fits) {
        r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+".to_owned()
    } else {
        return Ok(());
    };
    Err(invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: \
         {constraint}"
    )))
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn wrong(sentence: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", sentence)
}
