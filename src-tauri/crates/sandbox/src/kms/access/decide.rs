//! The table: who is let in by a key's policy, its grants and the caller's own policies together.
//!
//! - An explicit deny in any of them wins.
//! - In the key's account it is enough that the policy or a grant names the caller. If one names the
//!   role behind the caller's session, what narrows the session has to allow it too; if one names the
//!   account, the caller's own policies have to.
//! - From another account the caller's own policies always have to allow it too, unless a grant names
//!   the caller.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use crate::iam::authorise::{Kind, Own, Reason};
use crate::iam::caller::Caller;
use crate::iam::evaluate::{Naming, Question, Verdict};
use crate::kms::key_policy::KeyPolicy;

/// Neither the policy of the key nor a grant lets the caller in.
pub(super) const NO_RESOURCE_POLICY: Reason = Reason::NotAllowed(Kind::Resource);

/// What is asked for, as far as it decides.
pub(super) struct Resource<'a> {
    /// The account of the key.
    pub(super) account: &'a str,
    pub(super) policy: &'a KeyPolicy,
    /// Whether AWS manages it: no organization protects that.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html>
    pub(super) is_of_aws: bool,
}

/// Whether `caller` may; `granted` says whom each grant that fits the request names.
pub(super) fn decide(
    caller: &Caller,
    question: &Question<'_>,
    resource: &Resource<'_>,
    granted: &[Naming],
) -> Result<(), Reason> {
    let own = match Own::of(caller, question) {
        own if resource.is_of_aws => own.unprotected(),
        own => own,
    };
    own.denied()?;
    let by_policy = match resource.policy.said() {
        None => Naming::Nobody,
        Some(policy) => match question.ask_resource(policy, resource.policy.ids(), caller) {
            Verdict::Denied => return Err(Reason::Denied(Kind::Resource)),
            Verdict::Allowed(naming) => naming,
        },
    };
    let is_foreign = caller.account != resource.account;
    let by_policy = match by_policy {
        Naming::Role | Naming::Caller if is_foreign => Naming::Account,
        naming => naming,
    };
    let mut closest_first: Vec<_> = granted.iter().copied().chain([by_policy]).collect();
    closest_first.sort_unstable_by(|one, other| other.cmp(one));
    let mut refused = NO_RESOURCE_POLICY;
    for naming in closest_first {
        refused = match admitted(naming, &own) {
            Ok(()) => return Ok(()),
            // The closest naming that helps says what is missing.
            Err(reason) if refused == NO_RESOURCE_POLICY => reason,
            Err(_) => refused,
        };
    }
    // Who lacks the permission in the own account is told that first.
    match own.outcome() {
        Err(reason) if is_foreign => Err(reason),
        _ => Err(refused),
    }
}

/// What being named so closely is worth, where nothing is denied.
pub(super) fn admitted(naming: Naming, own: &Own) -> Result<(), Reason> {
    match naming {
        Naming::Nobody => Err(NO_RESOURCE_POLICY),
        Naming::Account => own.outcome(),
        Naming::Role => own.limited(),
        Naming::Caller => Ok(()),
    }
}
