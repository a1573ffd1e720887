//! One writer for all regions: batches into the cache, in the order in which things came.

use std::time::Duration;

use ownkey_model::{AccountId, Alias, Change, Key, KeyArn, Region, RegistrationId, Result};
use ownkey_store::SyncRun;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use super::Findings;
use crate::Context;

/// Keys in one transaction, and at most this many in memory besides those being read.
const BATCH: usize = 500;

/// The way to the writer.
pub(super) struct Writes {
    outbox: mpsc::Sender<Write>,
}

/// What a region ends with.
pub(super) struct End {
    pub(super) region: Region,
    pub(super) keys_complete: bool,
    pub(super) aliases_complete: bool,
}

enum Write {
    Key(Box<Key>),
    Seen(KeyArn),
    Aliases(AccountId, Region, Vec<Alias>),
    EndRegion(End, oneshot::Sender<u32>),
    Close,
}

impl Writes {
    pub(super) fn channel() -> (Self, Inbox) {
        let (outbox, inbox) = mpsc::channel(BATCH);
        (Self { outbox }, Inbox(inbox))
    }

    pub(super) async fn key(&self, key: Key) {
        self.send(Write::Key(Box::new(key))).await;
    }

    /// A key that is there and may not be read.
    pub(super) async fn seen(&self, arn: KeyArn) {
        self.send(Write::Seen(arn)).await;
    }

    pub(super) async fn aliases(&self, account: AccountId, region: Region, aliases: Vec<Alias>) {
        self.send(Write::Aliases(account, region, aliases)).await;
    }

    /// Answers how many keys were newly marked as gone.
    pub(super) async fn end_region(&self, end: End) -> u32 {
        let (answer, answered) = oneshot::channel();
        self.send(Write::EndRegion(end, answer)).await;
        answered.await.unwrap_or(0)
    }

    pub(super) async fn close(&self) {
        self.send(Write::Close).await;
    }

    async fn send(&self, write: Write) {
        // The writer hangs up only after a fatal finding, which ends everything.
        let _hung_up = self.outbox.send(write).await.is_err();
    }
}

/// What the writer has yet to write.
pub(super) struct Inbox(mpsc::Receiver<Write>);

/// Writes until closed. A failure to write is fatal: it is told, and nothing more is taken.
pub(super) async fn write(
    cx: &Context,
    run: SyncRun,
    id: &RegistrationId,
    mut inbox: Inbox,
    findings: &Findings,
) {
    if let Err(error) = write_all(cx, run, id, &mut inbox).await {
        findings.fatal(error);
        inbox.0.close();
        while inbox.0.recv().await.is_some() {}
    }
}

async fn write_all(
    cx: &Context,
    run: SyncRun,
    id: &RegistrationId,
    inbox: &mut Inbox,
) -> Result<()> {
    let (mut came, mut keys) = (Vec::new(), Vec::new());
    let mut announced = Instant::now();
    while inbox.0.recv_many(&mut came, BATCH).await > 0 {
        for write in came.drain(..) {
            match write {
                Write::Key(key) => keys.push(*key),
                Write::Seen(arn) => {
                    cx.blocking(move |cx| cx.store.record_seen(run, &[arn]))
                        .await?;
                }
                Write::Aliases(account, region, aliases) => {
                    let id = id.clone();
                    cx.blocking(move |cx| {
                        cx.store
                            .record_aliases(run, &id, &account, &region, &aliases)
                    })
                    .await?;
                }
                Write::EndRegion(end, answer) => {
                    record(cx, run, id, std::mem::take(&mut keys)).await?;
                    // A region that was stopped meanwhile no longer listens.
                    let _stopped = answer.send(finish(cx, run, id, end).await?).is_err();
                }
                Write::Close => return record(cx, run, id, keys).await,
            }
        }
        record(cx, run, id, std::mem::take(&mut keys)).await?;
        if announced.elapsed() > Duration::from_secs(1) {
            (cx.announce)(Change::Keys {
                registration: id.clone(),
            });
            announced = Instant::now();
        }
    }
    Ok(())
}

async fn record(cx: &Context, run: SyncRun, id: &RegistrationId, keys: Vec<Key>) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let (id, at) = (id.clone(), cx.clock.now());
    cx.blocking(move |cx| cx.store.record_keys(run, &id, &keys, at))
        .await
}

async fn finish(cx: &Context, run: SyncRun, id: &RegistrationId, end: End) -> Result<u32> {
    let (id, at) = (id.clone(), cx.clock.now());
    cx.blocking(move |cx| {
        cx.store.finish_region(
            run,
            &id,
            &end.region,
            end.keys_complete,
            end.aliases_complete,
            at,
        )
    })
    .await
}
