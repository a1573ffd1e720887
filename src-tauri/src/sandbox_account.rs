//! The AWS that is built in, below the SDK's HTTP client. It opens no port. What is changed in it is
//! kept, sealed, before the answer is given out, so that it remembers what AWS would.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use ownkey_aws::{InProcess, NoAnswer};
use ownkey_material::{MasterKey, open_bytes, seal_bytes};
use ownkey_model::Result;
use ownkey_sandbox::{Options, Sandbox, Seed};
use ownkey_store::{Store, prepare_folder, replace_file};
use ownkey_usecases::KeychainProbe;
use tokio::sync::Mutex;

/// The name that the state is sealed under.
const STATE: &str = "sandbox";

/// The built-in AWS with its memory.
pub(crate) struct SandboxAccount {
    sandbox: Sandbox,
    store: Store,
    keychain: Arc<dyn KeychainProbe>,
    kept: Mutex<Kept>,
}

/// How far the state is kept.
#[derive(Clone, Copy, PartialEq)]
enum Kept {
    /// Up to this revision.
    UpTo(u64),
    /// Not at all in this run: what lies there cannot be read now and is not overwritten, or the
    /// keychain has no key to seal it with.
    NotAtAll,
}

impl SandboxAccount {
    /// As it was left, or as it is seeded. May ask the keychain, if something was kept.
    pub(crate) fn open(store: Store, keychain: Arc<dyn KeychainProbe>) -> Self {
        let file = file_in(store.folder());
        let fresh = || Sandbox::new(options());
        let (sandbox, kept) = if !file.exists() {
            let sandbox = fresh();
            let revision = sandbox.revision();
            (sandbox, Kept::UpTo(revision))
        } else {
            match resume(&file, keychain.as_ref()) {
                Some(sandbox) => {
                    let revision = sandbox.revision();
                    (sandbox, Kept::UpTo(revision))
                }
                None => (fresh(), Kept::NotAtAll),
            }
        };
        Self {
            sandbox,
            store,
            keychain,
            kept: Mutex::new(kept),
        }
    }

    /// For the SDK, in place of the network.
    pub(crate) fn in_process(self: &Arc<Self>) -> InProcess {
        let this = Arc::clone(self);
        Arc::new(move |request| {
            let this = Arc::clone(&this);
            Box::pin(async move { this.answer(request).await })
        })
    }

    /// Whether what is changed in it will be there at the next start.
    pub(crate) async fn is_kept(&self) -> bool {
        *self.kept.lock().await != Kept::NotAtAll
    }

    /// Back to how it is seeded; what was kept is gone.
    pub(crate) async fn start_over(&self) -> Result<()> {
        let mut kept = self.kept.lock().await;
        self.sandbox.reset();
        *kept = Kept::UpTo(self.sandbox.revision());
        let file = file_in(self.store.folder());
        if file.exists() && std::fs::remove_file(&file).is_err() {
            // Kept once more, as it is now, it does not come back either.
            *kept = self.keep().await;
        }
        Ok(())
    }

    async fn answer(
        &self,
        request: http::Request<Bytes>,
    ) -> std::result::Result<http::Response<Bytes>, NoAnswer> {
        let answer = self.sandbox.handle(request).await;
        let mut kept = self.kept.lock().await;
        if let Kept::UpTo(revision) = *kept
            && revision != self.sandbox.revision()
        {
            *kept = self.keep().await;
        }
        answer.map_err(|_dropped| NoAnswer)
    }

    async fn keep(&self) -> Kept {
        let revision = self.sandbox.revision();
        let (state, store) = (self.sandbox.state(), self.store.clone());
        let keychain = Arc::clone(&self.keychain);
        let written = tokio::task::spawn_blocking(move || seal(&store, keychain.as_ref(), &state));
        match written.await {
            Ok(true) => Kept::UpTo(revision),
            Ok(false) => Kept::NotAtAll,
            Err(panic) => {
                tracing::error!(%panic, "keeping the sandbox failed");
                Kept::NotAtAll
            }
        }
    }
}

/// The sandbox as it was left; nothing if that cannot be read now, for which the log has the cause.
fn resume(file: &Path, keychain: &dyn KeychainProbe) -> Option<Sandbox> {
    let sealed = told("read", std::fs::read(file))?;
    let master = told("open the keychain", MasterKey::open(keychain))??;
    let state = told("open", open_bytes(&master, STATE, &sealed))?;
    told("resume", Sandbox::resume(options(), state.expose()))
}

/// Whether the state is kept now; if not, the log has the cause.
fn seal(store: &Store, keychain: &dyn KeychainProbe, state: &[u8]) -> bool {
    keep_sealed(store, keychain, state).is_some()
}

fn keep_sealed(store: &Store, keychain: &dyn KeychainProbe, state: &[u8]) -> Option<()> {
    // A second master key would hide that the first one was lost.
    let may_make = !told("look into the store", store.has_materials())?;
    let master = match told("open the keychain", MasterKey::open(keychain))? {
        None if may_make => told("make a key", MasterKey::open_or_make(keychain))?,
        master => master?,
    };
    let sealed = told("seal", seal_bytes(&master, STATE, state))?;
    let file = file_in(store.folder());
    told("make a folder", prepare_folder(file.parent()?))?;
    told("write", replace_file(&file, &sealed))
}

fn told<T, E: std::fmt::Display>(what: &str, outcome: std::result::Result<T, E>) -> Option<T> {
    outcome
        .inspect_err(|error| tracing::warn!(what, %error, "the sandbox's state is not at hand"))
        .ok()
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("sandbox").join("state.sealed")
}

fn options() -> Options {
    Options {
        seed: Seed::Company,
        ..Options::default()
    }
}
