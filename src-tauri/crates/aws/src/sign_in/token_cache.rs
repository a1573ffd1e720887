//! The tokens of Identity Center, where and how the `aws` command keeps them, so that one sign-in
//! serves both.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html>

use std::{
    collections::HashMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::digest;
use ownkey_model::{AppError, Result, Timestamp};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

/// Token files that could not be written, so that their tokens are not lost.
pub(crate) type Unwritten = Mutex<HashMap<PathBuf, TokenFile>>;

/// One token file.
#[derive(Clone)]
pub(crate) struct TokenCache {
    path: PathBuf,
}

impl TokenCache {
    /// The file of a session's name, or of a start URL where there is no such name. Where another
    /// server is asked than the one that the `aws` command asks, the file is another one, too: neither
    /// is shown what the other one gave.
    pub(crate) fn new(home: &Path, identifier: &str, elsewhere: Option<&str>) -> Self {
        let named = elsewhere.map_or_else(
            || identifier.to_owned(),
            |endpoint_url| format!("{identifier}\n{endpoint_url}"),
        );
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, named.as_bytes());
        let name: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        Self {
            path: home.join(".aws/sso/cache").join(format!("{name}.json")),
        }
    }

    /// What it holds; nothing if there is no file, or none that can be understood.
    pub(crate) async fn read(&self) -> Result<TokenFile> {
        let path = self.path.clone();
        self.blocking(move || match fs::read(path) {
            Ok(text) => Ok(TokenFile::parse(&Zeroizing::new(text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(TokenFile::default()),
            Err(error) => Err(error),
        })
        .await
    }

    /// The same, or what could not be written, whichever lasts longer.
    pub(crate) async fn latest(&self, unwritten: &Unwritten) -> Result<TokenFile> {
        let file = self.read().await?;
        let mut unwritten = unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        match unwritten.remove(&self.path) {
            Some(held) if held.time("expiresAt") > file.time("expiresAt") => {
                let taken = held.clone();
                unwritten.insert(self.path.clone(), held);
                Ok(taken)
            }
            _ => Ok(file),
        }
    }

    /// Replaces what it holds; what cannot be written is held in memory.
    pub(crate) async fn keep(&self, file: TokenFile, unwritten: &Unwritten) {
        let outcome = self.write(&file).await;
        let mut unwritten = unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) => drop(unwritten.remove(&self.path)),
            Err(error) => {
                tracing::warn!(%error, "a token was not written and is held in memory");
                unwritten.insert(self.path.clone(), file);
            }
        }
    }

    /// Replaces what it holds, in one step.
    pub(crate) async fn write(&self, file: &TokenFile) -> Result<()> {
        let path = self.path.clone();
        // Room for all of it: a buffer that grows leaves copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(64 * 1024));
        let outcome = serde_json::to_writer(&mut *text, &file.fields);
        self.blocking(move || {
            outcome?;
            replace(&path, &text)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|panic| Err(io::Error::other(panic)))
            .map_err(|error| AppError::FileFailed {
                path: self.path.display().to_string(),
                cause: error.to_string(),
            })
    }
}

/// The fields of a token file, those included that OwnKey does not know. Wiped in the end.
#[derive(Clone, Default)]
pub(crate) struct TokenFile {
    fields: Map<String, Value>,
}

impl TokenFile {
    fn parse(text: &[u8]) -> Self {
        Self {
            fields: serde_json::from_slice(text).unwrap_or_default(),
        }
    }

    /// A field's text, unless it is missing or empty.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        let text = self.fields.get(field)?.as_str()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// A field's time. Some versions of the `aws` command wrote `UTC` for `Z`.
    pub(crate) fn time(&self, field: &str) -> Option<Timestamp> {
        let text = self.text(field)?;
        match text.strip_suffix("UTC") {
            Some(time) => Timestamp::parse(&format!("{time}Z")),
            None => Timestamp::parse(text),
        }
    }

    /// Sets a field, or removes it.
    pub(crate) fn set(&mut self, field: &str, text: Option<&str>) {
        let before = match text {
            Some(text) => self.fields.insert(field.to_owned(), text.into()),
            None => self.fields.remove(field),
        };
        if let Some(Value::String(mut text)) = before {
            text.zeroize();
        }
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        for value in self.fields.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    // Of its own, for two that write at once.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
    let outcome = write_private(&beside, text).and_then(|()| fs::rename(&beside, path));
    if outcome.is_err() {
        // The failure itself is told; there may be nothing to remove.
        drop(fs::remove_file(&beside));
    }
    outcome
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    // One that a crash left behind may be readable by others.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
