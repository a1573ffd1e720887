//! Policies that a simulation leaves out, by their kind, by ARN, or by name and holder.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyIdentifier.html>

use super::answers::{Asked, invalid, wrong_input};
use super::condition::like;
use super::effective::Source;
use crate::api::ApiError;

/// One entry of `PolicyExclusionList`.
pub(super) enum Exclusion<'a> {
    /// All of a kind.
    Kind(&'a str),
    /// Managed ones whose ARN is like this.
    Managed(&'a str),
    Inline {
        name: &'a str,
        /// `user`, `group` or `role`.
        holder: &'a str,
        /// What the holder's name is like.
        holder_name: &'a str,
    },
}

/// How many there may be.
const MOST: usize = 256;
/// `rcp` is taken and leaves nothing out, as AWS has it.
const KINDS: [&str; 6] = [
    "inline",
    "aws-managed",
    "user-managed",
    "permission-boundary",
    "scp",
    "rcp",
];
const HOLDERS: [&str; 3] = ["user", "group", "role"];

impl Asked<'_> {
    pub(super) fn exclusions(&self) -> Result<Vec<Exclusion<'_>>, ApiError> {
        let entries = (1..)
            .map(|turn| format!("PolicyExclusionList.member.{turn}"))
            .take_while(|entry| self.params.any_below(&format!("{entry}.")));
        let read: Vec<_> = entries
            .take(MOST + 1)
            .map(|entry| self.exclusion(&entry))
            .collect::<Result<_, _>>()?;
        if read.len() > MOST {
            return Err(unmet(
                "policyExclusionList",
                "Member must have length less than or equal to 256",
            ));
        }
        Ok(read)
    }

    fn exclusion(&self, entry: &str) -> Result<Exclusion<'_>, ApiError> {
        let kind = self.params.one(&format!("{entry}.PolicyType"));
        let arn = self.params.one(&format!("{entry}.PolicyArn"));
        let inline = format!("{entry}.InlinePolicyIdentifier");
        let is_inline = self.params.any_below(&format!("{inline}."));
        match (kind, arn, is_inline) {
            (Some(kind), None, false) => {
                one_of(&KINDS, kind, "policyExclusionList.member.policyType")?;
                Ok(Exclusion::Kind(kind))
            }
            (None, Some(arn), false) => {
                check_arn(arn)?;
                Ok(Exclusion::Managed(arn))
            }
            (None, None, true) => self.inline_exclusion(&inline),
            _ => Err(wrong_input(
                "Exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier must be specified \
                 for an excluded policy.",
            )),
        }
    }

    fn inline_exclusion(&self, inline: &str) -> Result<Exclusion<'_>, ApiError> {
        let name = self.need(&format!("{inline}.PolicyName"))?;
        let holder = self.need(&format!("{inline}.AttachmentType"))?;
        let holder_name = self.need(&format!("{inline}.AttachmentName"))?;
        one_of(&HOLDERS, holder, "attachmentType")?;
        if !is_named(name, "") || !is_named(holder_name, "*?") || stars(holder_name) > 1 {
            return Err(wrong_input(format!(
                "Invalid inline policy identifier: {name} of {holder} {holder_name}"
            )));
        }
        Ok(Exclusion::Inline {
            name,
            holder,
            holder_name,
        })
    }
}

impl Exclusion<'_> {
    /// Whether all policies of this kind are left out.
    pub(super) fn is_kind(&self, wanted: &str) -> bool {
        matches!(self, Self::Kind(kind) if *kind == wanted)
    }

    /// Whether a policy in effect is left out.
    pub(super) fn is(&self, source: &Source) -> bool {
        match self {
            Self::Kind("inline") => source.arn.is_none(),
            Self::Kind(kind) => *kind == source.kind,
            Self::Managed(pattern) => {
                let arn = source.arn.as_deref();
                arn.is_some_and(|arn| like(pattern, arn))
            }
            Self::Inline {
                name,
                holder,
                holder_name,
            } => {
                let is_holder = source
                    .holder
                    .as_ref()
                    .is_some_and(|(kind, held)| kind.word() == *holder && like(holder_name, held));
                source.arn.is_none() && source.id == *name && is_holder
            }
        }
    }
}

/// Wildcards stand in the name of the resource only: one `*`, and any number of `?`.
fn check_arn(arn: &str) -> Result<(), ApiError> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let fine = match parts[..] {
        ["arn", partition, service, region, account, resource] => {
            let kind = resource.split('/').next().unwrap_or_default();
            let fixed = [partition, service, region, account, kind];
            let has_name = resource.len() > kind.len() + 1;
            let is_fixed = |part: &str| !part.contains(['*', '?']);
            let is_full = !partition.is_empty() && !service.is_empty();
            is_full && has_name && fixed.into_iter().all(is_fixed) && stars(resource) <= 1
        }
        _ => false,
    };
    if fine {
        Ok(())
    } else {
        Err(wrong_input(format!("Invalid policy ARN: {arn}")))
    }
}

fn stars(text: &str) -> usize {
    text.matches('*').count()
}

/// Whether a name consists of what names consist of, and `more`.
fn is_named(name: &str, more: &str) -> bool {
    let fine = |is: char| is.is_ascii_alphanumeric() || "_+=,.@-".contains(is) || more.contains(is);
    name.len() <= 128 && name.chars().all(fine)
}

fn one_of(words: &[&str], word: &str, label: &str) -> Result<(), ApiError> {
    if words.contains(&word) {
        return Ok(());
    }
    let set = words.join(", ");
    Err(unmet(
        label,
        &format!("Member must satisfy enum value set: [{set}]"),
    ))
}

fn unmet(label: &str, constraint: &str) -> ApiError {
    invalid(&format!(
        "1 validation error detected: Value at '{label}' failed to satisfy constraint: {constraint}"
    ))
}
