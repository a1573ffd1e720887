//! One region: its aliases and keys, read side by side.

use std::sync::atomic::Ordering::Relaxed;

use futures::{StreamExt, stream::FuturesUnordered};
use ownkey_aws::Next;
use ownkey_model::{AccountId, AppError, Key, Reading, RegionOutcome, RegionStage, Result};
use tokio::sync::Semaphore;

use super::{
    Findings, KEYS_AT_ONCE,
    progress::Gauge,
    writer::{End, Writes},
};
use crate::read_key::read_key;

/// Reads one region; what is refused goes to the findings.
pub(super) async fn synchronise_region(
    gauge: &Gauge,
    keys_at_once: &Semaphore,
    writes: &Writes,
    findings: &Findings,
    account: &AccountId,
) -> RegionOutcome {
    gauge.reach(RegionStage::Listing);
    let reading = async {
        tokio::join!(
            read_keys(gauge, keys_at_once, writes, findings),
            read_aliases(gauge, writes, findings, account)
        )
    };
    let read = tokio::select! {
        biased;
        () = findings.stop.cancelled() => None,
        read = reading => Some(read),
    };
    let (keys, aliases_complete) = read.unwrap_or((
        Keys {
            stage: RegionStage::Cancelled,
            complete: false,
            read: 0,
        },
        false,
    ));
    gauge.reach(keys.stage);
    let gone = writes
        .end_region(End {
            region: gauge.region.clone(),
            keys_complete: keys.complete,
            aliases_complete,
        })
        .await;
    RegionOutcome {
        region: gauge.region.clone(),
        stage: keys.stage,
        list_complete: keys.complete,
        keys: keys.read,
        gone,
    }
}

struct Keys {
    stage: RegionStage,
    /// Every key there is was seen: what was not seen is gone.
    complete: bool,
    read: u32,
}

async fn read_keys(
    gauge: &Gauge,
    keys_at_once: &Semaphore,
    writes: &Writes,
    findings: &Findings,
) -> Keys {
    let mut keys = Keys {
        stage: RegionStage::Done,
        complete: true,
        read: 0,
    };
    let mut under_way = FuturesUnordered::new();
    let mut page = list_page(gauge, Next::Start).await;
    while let Some(Listed { ids, next, refused }) = page {
        if let Some(error) = refused {
            keys.complete = false;
            if gauge.listed.load(Relaxed) == 0 {
                keys.stage = RegionStage::Refused;
            }
            findings.refused(&gauge.region, "kms:ListKeys", error);
        }
        // The next page is asked for while the keys of this one are read.
        let reading = async {
            for id in ids {
                while under_way.len() >= KEYS_AT_ONCE {
                    if let Some(answer) = under_way.next().await {
                        keys.take(answer, gauge, writes, findings).await;
                    }
                }
                under_way.push(read_one(gauge, keys_at_once, id));
            }
        };
        (page, ()) = tokio::join!(list_page(gauge, next), reading);
    }
    gauge.reach(RegionStage::Reading);
    while let Some(answer) = under_way.next().await {
        keys.take(answer, gauge, writes, findings).await;
    }
    keys
}

impl Keys {
    async fn take(
        &mut self,
        (id, answer): (String, Result<Option<Key>>),
        gauge: &Gauge,
        writes: &Writes,
        findings: &Findings,
    ) {
        gauge.read.fetch_add(1, Relaxed);
        match answer {
            // Deleted since it was listed, or one that AWS manages for itself.
            Ok(None) | Err(AppError::NotFound { .. }) => {}
            Ok(Some(key)) => {
                self.read += 1;
                note_unknown(&key, gauge, findings);
                writes.key(key).await;
            }
            Err(error) => {
                findings.refused(&gauge.region, "kms:DescribeKey", error);
                // It was listed, so it is there: what the cache has of it is not gone.
                match gauge.kms.key_arn(&id) {
                    Ok(arn) => writes.seen(arn).await,
                    Err(_) => self.complete = false,
                }
            }
        }
    }
}

/// One page of ids, where the list goes on, and why it does not if it should.
struct Listed {
    ids: Vec<String>,
    next: Next,
    refused: Option<AppError>,
}

/// The next page; `None` if there is none to ask for.
async fn list_page(gauge: &Gauge, at: Next) -> Option<Listed> {
    let marker = at.marker()?;
    Some(match gauge.kms.list_keys(marker.clone()).await {
        Ok(page) => {
            gauge.listed.fetch_add(page.ids.len() as u32, Relaxed);
            let next = page.next.after(marker.as_deref());
            Listed {
                ids: page.ids,
                refused: (next == Next::CutShort).then(cut_short),
                next,
            }
        }
        Err(error) => Listed {
            ids: Vec::new(),
            next: Next::End,
            refused: Some(error),
        },
    })
}

async fn read_one(
    gauge: &Gauge,
    keys_at_once: &Semaphore,
    id: String,
) -> (String, Result<Option<Key>>) {
    let _place = keys_at_once
        .acquire()
        .await
        .expect("the semaphore is never closed");
    let answer = read_key(&gauge.kms, &id).await;
    (id, answer)
}

async fn read_aliases(
    gauge: &Gauge,
    writes: &Writes,
    findings: &Findings,
    account: &AccountId,
) -> bool {
    let mut next = Next::Start;
    while let Some(marker) = next.marker() {
        let page: Result<_> = gauge.kms.list_aliases(None, marker.clone()).await;
        match page {
            Ok((aliases, following)) => {
                writes
                    .aliases(account.clone(), gauge.region.clone(), aliases)
                    .await;
                next = following.after(marker.as_deref());
            }
            Err(error) => {
                findings.refused(&gauge.region, "kms:ListAliases", error);
                return false;
            }
        }
    }
    if next == Next::CutShort {
        findings.refused(&gauge.region, "kms:ListAliases", cut_short());
    }
    next == Next::End
}

fn note_unknown(key: &Key, gauge: &Gauge, findings: &Findings) {
    let note = |action: &str, error: Option<&AppError>| {
        if let Some(error) = error {
            findings.refused(&gauge.region, action, error.clone());
        }
    };
    note("kms:GetKeyPolicy", unknown(&key.policy));
    note("kms:ListResourceTags", unknown(&key.tags));
    note("kms:GetKeyRotationStatus", unknown(&key.rotation));
    note("kms:ListKeyRotations", unknown(&key.materials));
}

fn unknown<T>(reading: &Reading<T>) -> Option<&AppError> {
    match reading {
        Reading::Known(_) => None,
        Reading::Unknown(error) => Some(error),
    }
}

/// AWS never does this; servers that stand in for it do.
fn cut_short() -> AppError {
    AppError::ListCutShort
}
