//! The desktop's own dialogs for files and folders. What is picked stays in the backend.

use std::{
    future::Future,
    io::Read,
    path::{Path, PathBuf},
    pin::Pin,
};

use ownkey_material::{BACKUP_LIMIT, Secret};
use ownkey_model::{AppError, Result};
use ownkey_usecases::KeyFile;

/// A dialog that is open; `None` if it was left without a choice.
pub type Open<'a, T> = Pin<Box<dyn Future<Output = Result<Option<T>>> + Send + 'a>>;

/// Asks the user for files and folders.
pub trait Dialogs: Send + Sync {
    /// A file with key material.
    fn pick_key_file(&self) -> Open<'_, KeyFile>;
    /// A backup.
    fn pick_backup_file(&self) -> Open<'_, KeyFile>;
    /// A folder.
    fn pick_folder(&self) -> Open<'_, String>;
    /// A place for a new file with a proposed name.
    fn pick_new_file(&self, proposed: &str) -> Open<'_, String>;
    /// Opens a page in the system's browser. Whoever calls has looked at the address.
    fn open_page(&self, url: &str) -> std::io::Result<()>;
}

/// The operating system's dialogs.
pub(crate) struct SystemDialogs;

impl Dialogs for SystemDialogs {
    fn pick_key_file(&self) -> Open<'_, KeyFile> {
        Box::pin(async { pick("Choose a file with key material").await })
    }

    fn pick_backup_file(&self) -> Open<'_, KeyFile> {
        Box::pin(async { pick("Choose a backup").await })
    }

    fn pick_folder(&self) -> Open<'_, String> {
        Box::pin(async {
            let dialog = rfd::AsyncFileDialog::new().set_title("Choose a folder for backups");
            Ok(dialog.pick_folder().await.map(|one| shown(one.path())))
        })
    }

    fn pick_new_file(&self, proposed: &str) -> Open<'_, String> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Export key material, encrypted")
            .set_file_name(proposed);
        Box::pin(async { Ok(dialog.save_file().await.map(|one| shown(one.path()))) })
    }

    fn open_page(&self, url: &str) -> std::io::Result<()> {
        open::that_detached(url)
    }
}

/// What to do with an operation when the window is closed.
pub(crate) enum Closing {
    /// The window stays open.
    NotAtAll,
    /// The window goes, the program follows when the operation has come to its end.
    InBackground,
    /// The operation stops after the step it is in, and is finished or undone at the next start.
    AfterThisStep,
}

/// Asks what to do with the operation that runs.
pub(crate) async fn ask_before_closing() -> Closing {
    const BACKGROUND: &str = "Continue in the background";
    const STOP: &str = "Stop after this step";
    let dialog = rfd::AsyncMessageDialog::new()
        .set_title("OwnKey")
        .set_level(rfd::MessageLevel::Warning)
        .set_description(
            "An operation is running. It can go on without the window, or stop after the step it is \
             in; the next start then offers to finish or to undo it.",
        )
        .set_buttons(rfd::MessageButtons::YesNoCancelCustom(
            BACKGROUND.into(),
            STOP.into(),
            "Cancel".into(),
        ));
    match dialog.show().await {
        rfd::MessageDialogResult::Custom(chosen) if chosen == BACKGROUND => Closing::InBackground,
        rfd::MessageDialogResult::Custom(chosen) if chosen == STOP => Closing::AfterThisStep,
        rfd::MessageDialogResult::Yes => Closing::InBackground,
        rfd::MessageDialogResult::No => Closing::AfterThisStep,
        _ => Closing::NotAtAll,
    }
}

async fn pick(title: &str) -> Result<Option<KeyFile>> {
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    let Some(picked) = dialog.pick_file().await else {
        return Ok(None);
    };
    let path = picked.path().to_owned();
    let read = tokio::task::spawn_blocking(move || read_key_file(&path)).await;
    match read {
        Ok(file) => file.map(Some),
        Err(panic) => {
            tracing::error!(%panic, "reading the picked file failed");
            Err(AppError::FileForgotten)
        }
    }
}

/// Reads a file that may hold a secret, into memory that is wiped. One that is far too large is not
/// read to its end: what is read of it tells its user enough.
pub fn read_key_file(path: &Path) -> Result<KeyFile> {
    let failed = |error: std::io::Error| AppError::FileFailed {
        path: shown(path),
        cause: error.to_string(),
    };
    let mut file = std::fs::File::open(path).map_err(failed)?;
    // Room for all of it from the start: a vector that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(BACKUP_LIMIT + 1);
    let read = Read::by_ref(&mut file)
        .take(BACKUP_LIMIT as u64 + 1)
        .read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map_err(failed)?;
    Ok(KeyFile {
        name: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        path: PathBuf::from(path),
        bytes,
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
