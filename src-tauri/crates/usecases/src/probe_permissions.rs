//! What credentials may do, found out without changing anything.
//!
//! What only reads is tried. What changes something is never sent, not even for a key that does not
//! exist: it would stand in the account's trail and wake the people who watch it. IAM is asked to
//! simulate it instead.

mod needed;
mod simulated;
mod tried;

use ownkey_model::{
    Ability, AppError, ConnectionId, Feature, KnownBy, Permission, PermissionReport, Region,
    Result, RoleDraft, Verdict,
};

use self::needed::NEEDED;
use self::simulated::{Simulated, simulate};
use self::tried::{Tried, try_reading};
use crate::Context;

/// Tries what only reads, and has IAM simulate the rest: what changes something, and what there is
/// no key to try it on. A sign-in that fails, and a region that does not answer, are errors.
pub async fn probe_permissions(
    cx: &Context,
    connection: ConnectionId,
    role: &RoleDraft,
    region: Region,
) -> Result<PermissionReport> {
    let role = role.parse()?;
    let connection = cx
        .blocking(move |cx| cx.store.connection(&connection))
        .await?;
    let session = cx.aws.session(&connection, role.as_ref()).await?;
    let caller = session.caller_identity().await?;
    let kms = session.kms(&caller.account, &region);
    let tried = try_reading(&session, &kms).await?;
    let mut open: Vec<&str> = NEEDED
        .iter()
        .flat_map(|(_, actions)| actions.iter().copied())
        .filter(|action| tried.verdict(action).is_none())
        .collect();
    open.sort_unstable();
    open.dedup();
    let assumed = role.as_ref().or(connection.role.as_ref());
    let simulated = simulate(&session, &caller, assumed, &open).await?;
    let ability = |(feature, actions): &(Feature, &[&str])| {
        let permission = |action: &&str| permission(action, &tried, &simulated);
        let permissions: Vec<Permission> = actions.iter().map(permission).collect();
        Ability {
            feature: *feature,
            verdict: least_favourable(&permissions),
            permissions,
        }
    };
    Ok(PermissionReport {
        abilities: NEEDED.iter().map(ability).collect(),
        caller_arn: caller.arn,
        region,
        not_simulated: simulated.refused,
    })
}

fn permission(action: &str, tried: &Tried, simulated: &Simulated) -> Permission {
    let (verdict, known_by, error) = if let Some((verdict, error)) = tried.verdict(action) {
        (verdict, KnownBy::Tried, error)
    } else if let Some(verdict) = simulated.verdict(action) {
        (verdict, KnownBy::Simulated, None)
    } else {
        (Verdict::Unknown, KnownBy::Nothing, tried.trouble(action))
    };
    Permission {
        action: action.to_owned(),
        verdict,
        known_by,
        error: error.cloned(),
    }
}

fn least_favourable(permissions: &[Permission]) -> Verdict {
    let any = |verdict| permissions.iter().any(|one| one.verdict == verdict);
    if any(Verdict::Refused) {
        Verdict::Refused
    } else if any(Verdict::Unknown) {
        Verdict::Unknown
    } else {
        Verdict::Allowed
    }
}

/// Whether a failure says that something may not be done, rather than that it went wrong.
fn is_refusal(error: &AppError) -> bool {
    matches!(error, AppError::AccessDenied { .. })
}
