//! The state of a sandbox in a file, for `ownkey-sandbox --state FILE`. In clear: for test machines.
//! The app keeps its sandbox's state in its own way, sealed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::{Options, Sandbox, StateRefused};

/// Keeps one sandbox in one file, which only its owner may read and which is never half written.
pub struct StateFile {
    path: PathBuf,
    /// The revision that was written last.
    kept: Mutex<u64>,
}

/// Why a state file cannot be used.
#[derive(Debug)]
pub enum StateFileError {
    /// It could not be read or written.
    Io(io::Error),
    /// What it contains cannot be gone on with. It was left as it is.
    Refused(StateRefused),
}

impl std::fmt::Display for StateFileError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(out),
            Self::Refused(refused) => refused.fmt(out),
        }
    }
}

impl std::error::Error for StateFileError {}

impl StateFile {
    /// The sandbox that the file contains; if there is none yet, a new one, which is written.
    pub fn open(path: PathBuf, options: Options) -> Result<(Self, Sandbox), StateFileError> {
        let sandbox = match fs::read(&path).map(Zeroizing::new) {
            Ok(state) => Sandbox::resume(options, &state).map_err(StateFileError::Refused)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Sandbox::new(options),
            Err(error) => return Err(StateFileError::Io(error)),
        };
        let file = Self {
            path,
            kept: Mutex::new(sandbox.revision()),
        };
        // Also what was read: the file may have been readable for others.
        replace(&file.path, &sandbox.state()).map_err(StateFileError::Io)?;
        Ok((file, sandbox))
    }

    /// Writes the state if it changed since it was last written.
    pub(crate) fn keep(&self, sandbox: &Sandbox) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let revision = sandbox.revision();
        if revision != *kept {
            replace(&self.path, &sandbox.state())?;
            *kept = revision;
        }
        Ok(())
    }
}

/// Writes beside the file and then takes its place in one step.
fn replace(path: &Path, state: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create_private(&beside)?;
    file.write_all(state)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// A new file that only its owner may read, from its first moment.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::Seed;
    use crate::sigv4::testing::signed;

    fn options() -> Options {
        Options {
            seed: Seed::Empty,
            ..Options::default()
        }
    }

    #[tokio::test]
    async fn the_file_follows_the_sandbox_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aws");
        let (file, sandbox) = StateFile::open(path.clone(), options()).unwrap();
        file.keep(&sandbox).unwrap();
        let first = fs::read(&path).unwrap();
        let week = http::Request::post("http://x/_sandbox/clock")
            .body(Bytes::from_static(br#"{"advance_s": 604800}"#))
            .unwrap();
        sandbox.handle(week).await.unwrap();
        file.keep(&sandbox).unwrap();
        assert_ne!(fs::read(&path).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(), 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            StateFile::open(path.clone(), options()).unwrap();
            assert_eq!(mode(), 0o600);
        }
        let (_, again) = StateFile::open(path.clone(), options()).unwrap();
        assert!(again.now() >= sandbox.now() - time::Duration::MINUTE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn whatever_was_answered_is_in_the_file_also_when_many_ask_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("aws");
        let (file, sandbox) = StateFile::open(path.clone(), options()).unwrap();
        let file = Arc::new(file);
        let asked = (0..24).map(|_| {
            let (file, sandbox, path) = (Arc::clone(&file), sandbox.clone(), path.clone());
            tokio::spawn(async move {
                let request = http::Request::post("http://localhost/")
                    .header("x-amz-target", "TrentService.CreateKey")
                    .body(Bytes::from_static(b"{}"))
                    .unwrap();
                let now = time::OffsetDateTime::now_utc();
                let request = signed(request, "test", "test", "us-east-1", "kms", now);
                let answer = sandbox.handle(request).await.unwrap();
                let answer: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
                file.keep(&sandbox).unwrap();
                let kept = fs::read_to_string(&path).unwrap();
                let id = answer["KeyMetadata"]["KeyId"].as_str().unwrap();
                assert!(kept.contains(id), "{id}");
            })
        });
        for asked in asked.collect::<Vec<_>>() {
            asked.await.unwrap();
        }
    }

    #[test]
    fn a_file_that_is_no_state_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("diary");
        fs::write(&path, "dear diary\n").unwrap();
        let refused = StateFile::open(path.clone(), options()).err();
        assert!(matches!(
            refused,
            Some(StateFileError::Refused(StateRefused::NotAState))
        ));
        assert_eq!(fs::read(&path).unwrap(), b"dear diary\n");
        assert!(matches!(
            StateFile::open(folder.path().join("none/aws"), options()).err(),
            Some(StateFileError::Io(_))
        ));
    }
}
