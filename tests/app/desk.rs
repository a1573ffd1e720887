//! A keychain and dialogs for tests: the real ones need a person.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use ownkey_lib::{Dialogs, Open, read_key_file};
use ownkey_material::{Secret, Vault};
use ownkey_model::{AppError, Result, VaultState};
use ownkey_usecases::{KeyFile, KeychainProbe};

/// A keychain in a folder, so that it outlives a process that is killed. Without the folder there is
/// no keychain; with a file `locked` in it, it is locked.
pub(crate) struct FolderVault(pub(crate) PathBuf);

impl FolderVault {
    fn file(&self, entry: &str) -> Result<PathBuf> {
        if !self.0.is_dir() {
            return Err(AppError::KeychainMissing {
                cause: "no folder".into(),
            });
        }
        if self.0.join("locked").exists() {
            return Err(AppError::KeychainLocked);
        }
        Ok(self.0.join(entry.replace('/', ".")))
    }
}

impl Vault for FolderVault {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        tracing::trace!(target: "ownkey::moment", "keychain write begins");
        // Whole or not at all, as a keychain keeps it.
        let temporary = self.file(&format!("{entry}.new"))?;
        std::fs::write(&temporary, secret.expose()).expect("written");
        std::fs::rename(temporary, self.file(entry)?).expect("renamed");
        tracing::trace!(target: "ownkey::moment", "keychain write ended");
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        Ok(std::fs::read(self.file(entry)?).ok().map(Secret::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        let _was_not_there = std::fs::remove_file(self.file(entry)?).is_err();
        Ok(())
    }
}

impl KeychainProbe for FolderVault {
    fn probe(&self) -> VaultState {
        VaultState::Works
    }
}

/// Dialogs that are answered in the order in which the answers were laid out; then they are left.
#[derive(Clone, Default)]
pub(crate) struct LaidOut {
    paths: Arc<Mutex<VecDeque<PathBuf>>>,
    /// The pages that the browser was asked to open.
    pub(crate) pages: Arc<Mutex<Vec<String>>>,
}

impl LaidOut {
    pub(crate) fn lay_out(&self, path: impl Into<PathBuf>) {
        self.paths.lock().expect("no panic").push_back(path.into());
    }

    fn next(&self) -> Option<PathBuf> {
        self.paths.lock().expect("no panic").pop_front()
    }

    fn next_text(&self) -> Option<String> {
        self.next().map(|path| path.display().to_string())
    }
}

impl Dialogs for LaidOut {
    fn pick_key_file(&self) -> Open<'_, KeyFile> {
        let file = self.next().map(|path| read_key_file(&path)).transpose();
        Box::pin(std::future::ready(file))
    }

    fn pick_backup_file(&self) -> Open<'_, KeyFile> {
        self.pick_key_file()
    }

    fn pick_folder(&self) -> Open<'_, String> {
        Box::pin(std::future::ready(Ok(self.next_text())))
    }

    fn pick_new_file(&self, _: &str) -> Open<'_, String> {
        Box::pin(std::future::ready(Ok(self.next_text())))
    }

    fn open_page(&self, url: &str) -> std::io::Result<()> {
        self.pages.lock().expect("no panic").push(url.to_owned());
        Ok(())
    }
}
