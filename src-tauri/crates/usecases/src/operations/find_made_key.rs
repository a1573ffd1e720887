//! Finds the key that a `CreateKey` made whose answer was lost: by the operation's tag.

use std::time::Duration;

use futures::{StreamExt, stream};
use ownkey_aws::{Described, Next};
use ownkey_model::{AppError, KeyArn, OPERATION_TAG, Operation, Result, Timestamp};
use tokio::time::{Instant, sleep};

use super::engine::Drive;
use crate::Context;

/// Within this time after it was made, a key may exist and not be listed yet.
const SETTLING: Duration = Duration::from_secs(15);

/// Longer than a request can wait for its turn and for its answer: after this nothing is on its way.
const LONG_AGO: Duration = Duration::from_secs(3600);

/// No two clocks agree to the second; a key older than the operation by more than this is another one.
const CLOCKS_DIFFER: Duration = Duration::from_secs(600);

const AT_ONCE: usize = 50;

/// The key, or nothing once it is certain that none was made. When the request was sent is not known,
/// only when it was written down: so the time to settle runs from now.
pub(super) async fn find_made_key(
    drive: &Drive<'_>,
    operation: &Operation,
) -> Result<Option<KeyArn>> {
    let began = operation
        .steps
        .iter()
        .filter_map(|one| one.asked_at)
        .max()
        .unwrap_or(operation.opened_at);
    let long_ago = began.plus(LONG_AGO) < drive.cx.clock.now();
    let settling = if long_ago { Duration::ZERO } else { SETTLING };
    let certain = Instant::now() + settling;
    loop {
        let before = Instant::now();
        if let Some(found) = search(drive, operation).await? {
            return Ok(Some(found));
        }
        if before >= certain {
            return Ok(None);
        }
        sleep(Duration::from_secs(2).min(certain - before)).await;
    }
}

/// A key that may not be looked at hides nothing if ours is found beside it; if not, it is the answer.
async fn search(drive: &Drive<'_>, operation: &Operation) -> Result<Option<KeyArn>> {
    let mut hidden = None;
    let mut next = Next::Start;
    while let Some(marker) = next.marker() {
        let page = drive.kms.list_keys(marker.clone()).await?;
        let mut arns = Vec::with_capacity(page.ids.len());
        for id in &page.ids {
            arns.push(drive.kms.key_arn(id)?);
        }
        let opened_at = operation.opened_at;
        let young = drive
            .cx
            .blocking(move |cx| Ok(only_young(cx, arns, opened_at)))
            .await?;
        let mut bearing = stream::iter(young)
            .map(|arn| async move { (bears_tag(drive, operation, &arn).await, arn) })
            .buffer_unordered(AT_ONCE);
        while let Some((bears, arn)) = bearing.next().await {
            match bears {
                Ok(true) => return Ok(Some(arn)),
                Ok(false) => {}
                Err(refusal @ AppError::AccessDenied { .. }) => hidden = Some(refusal),
                Err(error) => return Err(error),
            }
        }
        next = page.next.after(marker.as_deref());
    }
    if next == Next::CutShort {
        return Err(AppError::ListCutShort);
    }
    hidden.map_or(Ok(None), Err)
}

/// Without the keys that the cache knows to be older than the operation.
fn only_young(cx: &Context, arns: Vec<KeyArn>, opened_at: Timestamp) -> Vec<KeyArn> {
    arns.into_iter()
        .filter(|arn| match cx.store.key(arn) {
            Ok((row, _, _)) => row.created_at.plus(CLOCKS_DIFFER) >= opened_at,
            Err(_) => true,
        })
        .collect()
}

/// A key whose tags may not be read is asked for its age instead: an old one is another one.
async fn bears_tag(drive: &Drive<'_>, operation: &Operation, arn: &KeyArn) -> Result<bool> {
    match drive.kms.tags(arn.as_str()).await {
        Ok(tags) => Ok(tags
            .iter()
            .any(|tag| tag.key == OPERATION_TAG && tag.value == operation.id.0)),
        Err(AppError::NotFound { .. }) => Ok(false),
        Err(refusal @ AppError::AccessDenied { .. }) => {
            match drive.kms.describe_key(arn.as_str()).await {
                Ok(Described::ManagedByAws) => Ok(false),
                Ok(Described::CustomerManaged(key))
                    if key.created_at.plus(CLOCKS_DIFFER) < operation.opened_at =>
                {
                    Ok(false)
                }
                _ => Err(refusal),
            }
        }
        Err(error) => Err(error),
    }
}
