//! The composition root: what OwnKey is made of.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ownkey_aws::{Aws, InProcess, NoAnswer};
use ownkey_material::WorkFactor;
use ownkey_model::{AppError, Change, Clock, Result};
use ownkey_sandbox::{Options, Sandbox, Seed};
use ownkey_store::Store;
use ownkey_usecases::{Context, KeychainProbe, open_sandbox};

use crate::{clock::ComputerClock, dialogs::Dialogs, tasks::Tasks};

/// OwnKey, started or not: a failed start is an answer to every command.
pub struct App {
    context: Result<Context>,
    clock: Arc<dyn Clock>,
    pub(crate) dialogs: Arc<dyn Dialogs>,
    pub(crate) tasks: Tasks,
}

/// What the composition is given from outside.
pub struct Surroundings {
    /// Where databases and settings lie.
    pub data_folder: PathBuf,
    /// Where secrets lie: the operating system's keychain.
    pub keychain: Arc<dyn KeychainProbe>,
    /// Asks the user for files and folders.
    pub dialogs: Arc<dyn Dialogs>,
    /// The folder that is proposed for backups.
    pub proposed_backup_folder: String,
    /// How hard a backup's passphrase is to try out.
    pub backup_work: WorkFactor,
    /// Tells the window what to ask again.
    pub announce: Arc<dyn Fn(Change) + Send + Sync>,
}

impl App {
    /// Opens the databases, and the sandbox account if nothing was ever registered.
    pub async fn start(around: Surroundings) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ComputerClock);
        let dialogs = Arc::clone(&around.dialogs);
        let context = compose(around, Arc::clone(&clock)).await;
        if let Err(error) = &context {
            tracing::error!(%error, "OwnKey cannot start");
        }
        Self {
            context,
            clock,
            dialogs,
            tasks: Tasks::default(),
        }
    }

    /// What the use cases work with, or why OwnKey could not start.
    pub(crate) fn context(&self) -> Result<&Context> {
        self.context.as_ref().map_err(Clone::clone)
    }

    /// A failure that only the log can explain.
    pub(crate) fn unexpected(&self, what: &str) -> AppError {
        AppError::Unexpected {
            reference: AppError::reference(self.clock.now(), what),
        }
    }
}

async fn compose(around: Surroundings, clock: Arc<dyn Clock>) -> Result<Context> {
    let context = Context {
        store: open(around.data_folder).await?,
        aws: Aws::new(Some(sandbox())),
        keychain: around.keychain,
        clock,
        announce: around.announce,
        proposed_backup_folder: around.proposed_backup_folder,
        backup_work: around.backup_work,
        in_hand: Arc::default(),
        version: env!("CARGO_PKG_VERSION"),
    };
    open_sandbox(&context).await?;
    Ok(context)
}

async fn open(folder: PathBuf) -> Result<Store> {
    let path: &Path = &folder;
    let shown = path.display().to_string();
    tokio::task::spawn_blocking(move || Store::open(&folder))
        .await
        .unwrap_or_else(|panic| {
            tracing::error!(%panic, "opening the store failed");
            Err(AppError::StorageDamaged {
                path: shown,
                cause: "internal failure".into(),
            })
        })
}

/// The AWS that is built in, below the SDK's HTTP client; it opens no port.
fn sandbox() -> InProcess {
    let sandbox = Sandbox::new(Options {
        seed: Seed::Company,
        ..Options::default()
    });
    Arc::new(move |request| {
        let sandbox = sandbox.clone();
        Box::pin(async move { sandbox.handle(request).await.map_err(|_dropped| NoAnswer) })
    })
}
