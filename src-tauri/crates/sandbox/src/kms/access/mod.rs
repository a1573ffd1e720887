//! Whether a caller may do an operation: for every permission that it needs, the key's policy, its
//! grants and the caller's own policies are weighed as AWS weighs them.
//!
//! `asked` says which permissions an operation needs, `conditions` what policies can ask about it,
//! `decide` is the table. What the caller's own policies say by themselves is in
//! `crate::iam::authorise`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html>

mod asked;
mod conditions;
mod decide;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::asked::{Permission, Target};
use self::conditions::{Facts, KeyFacts};
use self::decide::{NO_RESOURCE_POLICY, Resource};
use super::grants;
use super::key::Owner;
use super::key_policy::KeyPolicy;
use super::parse::Input;
use super::tags;
use super::world::{World, key_arn};
use super::{Kms, reference};
use crate::api::{ApiError, Call};
use crate::iam::authorise::{Own, Reason, refusal};
use crate::iam::evaluate::{Naming, Question};

pub(super) use self::asked::crosses_accounts;

/// Refuses an operation that the caller may not do.
pub(super) fn admit(
    kms: &Kms,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Result<(), ApiError> {
    let world = kms.present(call.now);
    let seen = grants::Seen::of(kms, &world, input)?;
    let needed = asked::permissions(&world, call, operation, input);
    let on_same_key = match &needed[..] {
        [from, to] if operation == "ReEncrypt" => Some(from.target.arn() == to.target.arn()),
        _ => None,
    };
    let asked = Asked {
        world: &world,
        call,
        operation,
        input,
        on_same_key,
        seen,
    };
    for permission in &needed {
        let outcome = asked.decide(permission);
        outcome.map_err(|reason| {
            refused(call, &permission.action, &permission.target.arn(), reason)
        })?;
    }
    Ok(())
}

/// Refuses an operation that is not for the key's policy to decide, but for who names the caller.
pub(super) fn admit_named(
    call: &Call,
    operation: &str,
    input: Input<'_>,
    arn: &str,
    naming: Naming,
) -> Result<(), ApiError> {
    let action = format!("kms:{operation}");
    let account = arn.split(':').nth(4).unwrap_or(&call.account);
    let context = conditions::of(call, operation, input, &action, &Facts::default());
    let context = call.caller.controls.tell_of_resource(context, account);
    let question = Question {
        action: &action,
        resource: arn,
        context: &context,
    };
    let own = Own::of(&call.caller, &question);
    let outcome = own.denied().and_then(|()| decide::admitted(naming, &own));
    outcome.map_err(|reason| refused(call, &action, arn, reason))
}

/// Whether the caller could put a policy again once this one is that of the key that the request
/// changes or makes.
pub(super) fn keeps_the_caller(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
    policy: &KeyPolicy,
) -> bool {
    const OPERATION: &str = "PutKeyPolicy";
    const ACTION: &str = "kms:PutKeyPolicy";
    let world = kms.read(call.now);
    let replica_region = input.text("ReplicaRegion", 1, reference::KEY_ID_MAX);
    let region = replica_region.ok().flatten().unwrap_or(&call.region);
    let (id, mut key) = key_at_stake(&world, call, input);
    if let Ok(Some(tags)) = tags::parse(input) {
        key.tags = tags;
    }
    let facts = Facts {
        region: Some(region),
        key: Some(key),
        ..Facts::default()
    };
    let context = conditions::of(call, OPERATION, input, ACTION, &facts);
    let question = Question {
        action: ACTION,
        resource: &key_arn(&call.account, region, &id),
        context: &context,
    };
    let resource = Resource {
        account: &call.account,
        policy,
        is_of_aws: false,
    };
    decide::decide(&call.caller, &question, &resource, &[]).is_ok()
}

/// The key that the request is about, or the one that it makes, with its id.
fn key_at_stake<'w>(world: &'w World, call: &Call, input: Input<'w>) -> (Arc<str>, KeyFacts<'w>) {
    let reference = input.text("KeyId", 1, reference::KEY_ID_MAX).ok().flatten();
    let known = reference.and_then(|name| reference::look(world, call, name));
    let Some((at, key)) = known else {
        return (asked::NEW_KEY.into(), KeyFacts::of_new_key(call, input));
    };
    let mut key = KeyFacts::of_key(world, &at, key);
    if input.has("ReplicaRegion") {
        key.become_replica();
    }
    (at.id, key)
}

/// One request that is decided on.
struct Asked<'a> {
    world: &'a World,
    call: &'a Call,
    operation: &'a str,
    input: Input<'a>,
    on_same_key: Option<bool>,
    seen: grants::Seen<'a>,
}

impl Asked<'_> {
    fn decide(&self, permission: &Permission<'_>) -> Result<(), Reason> {
        let (call, operation, input) = (self.call, self.operation, self.input);
        let key = match &permission.target {
            Target::Key(at, key) => Some(KeyFacts::of_key(self.world, at, key)),
            Target::Resource(_) if permission.action == "kms:CreateKey" => {
                Some(key_at_stake(self.world, call, input).1)
            }
            Target::Resource(_) => None,
        };
        let facts = Facts {
            region: permission.region,
            on_same_key: self.on_same_key,
            key,
        };
        let action = permission.action.as_str();
        let context = conditions::of(call, operation, input, action, &facts);
        let question = Question {
            action,
            resource: &permission.target.arn(),
            context: &context,
        };
        match &permission.target {
            // What AWS manages is made when somebody first looks at it.
            Target::Resource(arn) if is_aws_alias(arn) => {
                let own = Own::of(&call.caller, &question);
                own.unprotected().outcome()
            }
            Target::Resource(_) => Own::of(&call.caller, &question).outcome(),
            Target::Key(at, _) if *at.account != *call.account && !crosses_accounts(operation) => {
                Err(NO_RESOURCE_POLICY)
            }
            Target::Key(at, key) => {
                let resource = Resource {
                    account: &at.account,
                    policy: &key.policy,
                    is_of_aws: key.owner == Owner::Aws,
                };
                let granted = self.seen.namings(at, key, &call.caller, action);
                decide::decide(&call.caller, &question, &resource, &granted)
            }
        }
    }
}

/// Names of aliases may have colons and slashes themselves.
fn is_aws_alias(arn: &str) -> bool {
    let name = arn.splitn(6, ':').nth(5);
    name.is_some_and(|name| name.starts_with("alias/aws/"))
}

fn refused(call: &Call, action: &str, arn: &str, reason: Reason) -> ApiError {
    let sentence = reason.of(action).to_string();
    refusal(&call.caller, action, arn, &sentence)
}
