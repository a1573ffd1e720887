//! The composition root: what OwnKey is made of.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ownkey_aws::{Aws, AwsParts};
use ownkey_material::{Vault, WorkFactor};
use ownkey_model::{AppError, Change, Clock, Result};
use ownkey_store::Store;
use ownkey_usecases::{self as usecases, Context, KeychainProbe, open_sandbox};

use crate::{
    clock::ComputerClock, dialogs::Dialogs, sandbox_account::SandboxAccount, tasks::Tasks,
};

/// OwnKey, started or not: a failed start is an answer to every command.
pub struct App {
    context: Result<Context>,
    sandbox: Option<Arc<SandboxAccount>>,
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
        let (context, sandbox) = match compose(around, Arc::clone(&clock)).await {
            Ok((context, sandbox)) => (Ok(context), Some(sandbox)),
            Err(error) => {
                tracing::error!(%error, "OwnKey cannot start");
                (Err(error), None)
            }
        };
        Self {
            context,
            sandbox,
            clock,
            dialogs,
            tasks: Tasks::default(),
        }
    }

    /// What the use cases work with, or why OwnKey could not start.
    pub(crate) fn context(&self) -> Result<&Context> {
        self.context.as_ref().map_err(Clone::clone)
    }

    /// Whether an operation is being worked on now.
    pub(crate) fn works(&self) -> bool {
        self.context.as_ref().is_ok_and(usecases::works)
    }

    /// Whether a person is asked for something so that a sign-in can go on.
    pub(crate) fn asks(&self) -> bool {
        let asked = |cx: &Context| !usecases::list_sign_in_requests(cx).is_empty();
        self.context.as_ref().is_ok_and(asked)
    }

    /// The AWS that is built in.
    pub(crate) fn sandbox(&self) -> Result<&SandboxAccount> {
        self.context()?;
        let missing = || self.unexpected("sandbox");
        self.sandbox.as_deref().ok_or_else(missing)
    }

    /// A failure that only the log can explain.
    pub(crate) fn unexpected(&self, what: &str) -> AppError {
        AppError::Unexpected {
            reference: AppError::reference(self.clock.now(), what),
        }
    }
}

async fn compose(
    around: Surroundings,
    clock: Arc<dyn Clock>,
) -> Result<(Context, Arc<SandboxAccount>)> {
    let (store, sandbox) = open(around.data_folder, Arc::clone(&around.keychain)).await?;
    let aws = Aws::new(AwsParts {
        sandbox: Some(sandbox.in_process()),
        vault: Arc::clone(&around.keychain) as Arc<dyn Vault>,
        clock: Arc::clone(&clock),
        announce: Arc::clone(&around.announce),
    });
    let context = Context {
        store,
        aws,
        keychain: around.keychain,
        clock,
        announce: around.announce,
        proposed_backup_folder: around.proposed_backup_folder,
        backup_work: around.backup_work,
        in_hand: Arc::default(),
        version: env!("CARGO_PKG_VERSION"),
    };
    open_sandbox(&context).await?;
    Ok((context, sandbox))
}

async fn open(
    folder: PathBuf,
    keychain: Arc<dyn KeychainProbe>,
) -> Result<(Store, Arc<SandboxAccount>)> {
    let path: &Path = &folder;
    let shown = path.display().to_string();
    let opened = move || {
        let store = Store::open(&folder)?;
        let sandbox = SandboxAccount::open(store.clone(), keychain);
        Ok((store, Arc::new(sandbox)))
    };
    tokio::task::spawn_blocking(opened)
        .await
        .unwrap_or_else(|panic| {
            tracing::error!(%panic, "opening the store failed");
            Err(AppError::StorageDamaged {
                path: shown,
                cause: "internal failure".into(),
            })
        })
}
