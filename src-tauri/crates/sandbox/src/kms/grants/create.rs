//! `CreateGrant`.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html>

use serde_json::json;

use super::{Constraints, Grant, Grantee, OPERATIONS, is_offered, token};
use crate::api::{ApiError, ApiResult, Call};
use crate::encoding::hex;
use crate::kms::crypto::finish_dry_run;
use crate::kms::key::Key;
use crate::kms::parse::Input;
use crate::kms::refusals::{constraint, limit_exceeded, missing, validation};
use crate::kms::{Kms, reference};
use crate::regions::Partition;

/// The most grants of a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const GRANTS_OF_A_KEY_MAX: usize = 50_000;

/// `CreateGrant`. With a name, the same request again answers the grant that is there.
pub(in crate::kms) fn create_grant(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    const OPERATION: &str = "CreateGrant";
    let wanted = wanted(kms, call, input)?;
    let mut world = kms.write(call.now);
    let (at, key) = reference::permitted(&world, call, OPERATION, input)?;
    check_fits(key, &wanted)?;
    let known = key.grants.iter().find(|(_, known)| is_same(known, &wanted));
    if known.is_none() && key.grants.len() >= GRANTS_OF_A_KEY_MAX {
        return Err(limit_exceeded(format!(
            "A KMS key can have at most {GRANTS_OF_A_KEY_MAX} grants"
        )));
    }
    finish_dry_run(input)?;
    let (id, token) = match known {
        Some((id, known)) => {
            let id = id.to_string();
            let token = token::make_token(&kms.rng, &at, &id, known);
            (id, token)
        }
        None => {
            let id = hex(&kms.rng.bytes::<32>());
            let token = token::make_token(&kms.rng, &at, &id, &wanted);
            if let Some(key) = world.key_mut(&at) {
                key.grants.insert(id.as_str().into(), wanted);
            }
            (id, token)
        }
    };
    Ok(json!({ "GrantId": id, "GrantToken": token }))
}

/// The grant that is asked for. No lock is held: IAM says who its principals are.
fn wanted(kms: &Kms, call: &Call, input: Input<'_>) -> Result<Grant, ApiError> {
    reference::key_id(input)?;
    let name = input.text("Name", 1, 256)?;
    if let Some(name) = name {
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || ":/_-".contains(letter);
        if !name.chars().all(is_allowed) {
            let rule = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";
            return Err(constraint(name, "name", rule));
        }
    }
    let operations = operations(input)?;
    let constraints = Constraints::parse(input)?;
    let grantee = grantee(
        kms,
        call,
        input,
        "GranteePrincipal",
        "GranteeServicePrincipal",
    )?;
    let retiring = grantee_of_retiring(kms, call, input)?;
    let grantee = grantee.ok_or_else(|| {
        validation("Either GranteePrincipal or GranteeServicePrincipal must be specified")
    })?;
    if matches!(grantee, Grantee::Service(_)) {
        if !constraints.has_source_arn() {
            return Err(validation(
                "GranteeServicePrincipal needs a SourceArn grant constraint",
            ));
        }
        if retiring.is_none() {
            return Err(validation(
                "GranteeServicePrincipal needs a RetiringPrincipal or RetiringServicePrincipal",
            ));
        }
    }
    Ok(Grant {
        created: call.now,
        name: name.map(str::to_owned),
        grantee,
        retiring,
        issuer: call.account.clone(),
        operations,
        constraints,
        token_key: token::make_key(&kms.rng),
    })
}

fn operations(input: Input<'_>) -> Result<Vec<String>, ApiError> {
    let asked = input
        .texts("Operations")?
        .ok_or_else(|| missing("Operations"))?;
    if asked.is_empty() {
        return Err(validation("Operations must have at least 1 member"));
    }
    if asked
        .iter()
        .any(|operation| !OPERATIONS.contains(operation))
    {
        let set = OPERATIONS.join(", ");
        let rule = format!(
            "Member must satisfy constraint: [Member must satisfy enum value set: [{set}]]"
        );
        return Err(constraint(
            &format!("[{}]", asked.join(", ")),
            "operations",
            &rule,
        ));
    }
    let mut operations: Vec<String> = Vec::new();
    for operation in asked {
        if !operations.iter().any(|known| known == operation) {
            operations.push(operation.to_owned());
        }
    }
    Ok(operations)
}

fn grantee_of_retiring(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> Result<Option<Grantee>, ApiError> {
    grantee(
        kms,
        call,
        input,
        "RetiringPrincipal",
        "RetiringServicePrincipal",
    )
}

fn grantee(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
    principal: &str,
    service: &str,
) -> Result<Option<Grantee>, ApiError> {
    let arn = input.text(principal, 1, 256)?;
    let name = input.text(service, 1, 128)?;
    match (arn, name) {
        (Some(_), Some(_)) => Err(validation(format!(
            "You can specify either {principal} or {service}, but not both"
        ))),
        (None, Some(name)) => Ok(Some(Grantee::Service(name.to_owned()))),
        (None, None) => Ok(None),
        (Some(arn), None) => {
            let partition = Partition::of(&call.region);
            if !arn.starts_with("arn:") || !kms.principals.exist(arn, partition) {
                return Err(ApiError::new(
                    "InvalidArnException",
                    format!("ARN does not refer to a valid principal: {arn}"),
                ));
            }
            Ok(Some(Grantee::Principal {
                arn: arn.to_owned(),
                id: kms.principals.unique_id(arn),
            }))
        }
    }
}

/// The operations, and an encryption context if it is asked for, have to be those of the key.
fn check_fits(key: &Key, grant: &Grant) -> Result<(), ApiError> {
    let mut operations = grant.operations.iter();
    if let Some(operation) = operations.find(|operation| !is_offered(key, operation)) {
        return Err(validation(format!(
            "The grant operation {operation} is not valid for a KMS key with KeySpec {} and \
             KeyUsage {}.",
            key.spec.word(),
            key.usage.word()
        )));
    }
    if grant.constraints.ask_for_a_context() && !key.spec.is_symmetric_encryption() {
        return Err(validation(
            "Encryption context constraints are valid only for symmetric encryption KMS keys.",
        ));
    }
    Ok(())
}

/// Whether a request with a name is a repetition.
fn is_same(known: &Grant, wanted: &Grant) -> bool {
    wanted.name.is_some()
        && known.name == wanted.name
        && known.grantee == wanted.grantee
        && known.retiring == wanted.retiring
        && known.issuer == wanted.issuer
        && known.operations == wanted.operations
        && known.constraints == wanted.constraints
}
