//! `RetireGrant` and `RevokeGrant`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html>

use super::{Grant, token};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::evaluate::Naming;
use crate::kms::access;
use crate::kms::crypto::finish_dry_run;
use crate::kms::parse::Input;
use crate::kms::refusals::{not_found, validation};
use crate::kms::world::KeyAddress;
use crate::kms::{Kms, nothing, reference};

/// `RetireGrant`: whom the grant names for that ends it, or whom an account that it names lets.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html>
pub(in crate::kms) fn retire_grant(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    const OPERATION: &str = "RetireGrant";
    let token = input.text("GrantToken", 1, token::TOKEN_MAX)?;
    let key_id = input.text("KeyId", 1, reference::KEY_ID_MAX)?;
    let id = input.text("GrantId", 1, 128)?;
    let mut world = kms.write(call.now);
    let (at, id, grant) = match (token, key_id, id) {
        (Some(token), None, None) => {
            let (at, id, grant) = token::find(&world, token)?;
            if *at.region != *call.region {
                return Err(not_found(format!("Invalid arn {}", at.region)));
            }
            (at, id, grant)
        }
        (None, Some(key_id), Some(id)) => {
            check_id(id)?;
            let (at, key) = reference::permitted_as(&world, call, OPERATION, key_id)?;
            let known = key.grants.get_key_value(id);
            let (id, grant) = known.ok_or_else(|| no_such_grant(id))?;
            (at, &**id, grant)
        }
        _ => {
            return Err(validation(
                "Either a GrantToken, or both a KeyId and a GrantId must be specified",
            ));
        }
    };
    let naming = may_retire(call, &at, grant);
    access::admit_named(call, OPERATION, input, &at.arn(), naming)?;
    finish_dry_run(input)?;
    let id = id.to_owned();
    if let Some(key) = world.key_mut(&at) {
        key.grants.remove(&*id);
    }
    nothing()
}

/// `RevokeGrant`: whoever has the permission ends it.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html>
pub(in crate::kms) fn revoke_grant(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let id = input.required_text("GrantId", 1, 128)?;
    let mut world = kms.write(call.now);
    let (at, key) = reference::permitted(&world, call, "RevokeGrant", input)?;
    check_id(id)?;
    if !key.grants.contains_key(id) {
        return Err(no_such_grant(id));
    }
    finish_dry_run(input)?;
    if let Some(key) = world.key_mut(&at) {
        key.grants.remove(id);
    }
    nothing()
}

/// Grant ids are 64 hexadecimal digits.
pub(super) fn check_id(id: &str) -> Result<(), ApiError> {
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidGrantIdException",
        format!("The grant ID {id} is not valid."),
    ))
}

/// The retiring principal may, and the grantee if the operation was granted; the account of the key, and
/// an account that is named, leave it to its own policies.
fn may_retire(call: &Call, at: &KeyAddress, grant: &Grant) -> Naming {
    let caller = &call.caller;
    let retiring = grant.retiring.as_ref();
    let retiring = retiring.map_or(Naming::Nobody, |retiring| retiring.naming(caller));
    let grantee = if grant.permits("RetireGrant") {
        grant.grantee.naming(caller)
    } else {
        Naming::Nobody
    };
    let owner = if *at.account == *call.account || grant.issuer == call.account {
        Naming::Account
    } else {
        Naming::Nobody
    };
    retiring.max(grantee).max(owner)
}

fn no_such_grant(id: &str) -> ApiError {
    not_found(format!("Grant ID {id} not found"))
}
