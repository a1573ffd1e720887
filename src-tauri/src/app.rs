//! The composition root: what OwnKey is made of.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ownkey_aws::{Aws, InProcess, NoAnswer};
use ownkey_model::{AppError, Change, Clock, Result};
use ownkey_sandbox::{Options, Sandbox, Seed};
use ownkey_store::{Keychain, Store};
use ownkey_usecases::{Context, open_sandbox};

use crate::{clock::ComputerClock, tasks::Tasks};

/// OwnKey, started or not: a failed start is an answer to every command.
pub struct App {
    context: Result<Context>,
    clock: Arc<dyn Clock>,
    pub(crate) tasks: Tasks,
}

/// What the composition is given from outside.
pub struct Surroundings {
    /// Where databases and settings lie.
    pub data_folder: PathBuf,
    /// Under which name secrets lie in the operating system's keychain.
    pub keychain_namespace: String,
    /// Tells the window what to ask again.
    pub announce: Arc<dyn Fn(Change) + Send + Sync>,
}

impl App {
    /// Opens the databases, and the sandbox account if nothing was ever registered.
    pub async fn start(around: Surroundings) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ComputerClock);
        let context = compose(around, Arc::clone(&clock)).await;
        if let Err(error) = &context {
            tracing::error!(%error, "OwnKey cannot start");
        }
        Self {
            context,
            clock,
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
        keychain: Arc::new(Keychain::new(&around.keychain_namespace)),
        clock,
        announce: around.announce,
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
