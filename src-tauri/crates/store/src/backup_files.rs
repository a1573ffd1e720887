//! Backup files: written whole or not at all, and never over another one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use ownkey_model::{AppError, BackupProblem, Result, Timestamp};

/// Two operations may back up the same material at once, and the passing names are the same.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Writes a new file into a folder, which is made if it is missing, and returns its path once it
/// would survive the loss of power. A name that is taken gets a number; what lies there stays.
/// `BackupFolderNotWritable` if it cannot be done.
pub fn write_backup_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    alone(|| write(folder, name, bytes)).map_err(|error| not_writable(folder, &error))
}

/// Writes a file whole or not at all, in place of what may lie there.
/// `FileFailed` if it cannot be done.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let outcome = alone(|| {
        let aside = write_aside(folder, &name, bytes)?;
        fs::rename(&aside, path)?;
        settle(folder)
    });
    outcome.map_err(|error| AppError::FileFailed {
        path: path.display().to_string(),
        cause: error.to_string(),
    })
}

/// Whether files can be made in a folder; it is made if it is missing. Nothing stays behind.
pub fn probe_backup_folder(folder: &Path) -> Result<()> {
    let probe = || {
        make_folder(folder)?;
        leave_nothing_in(folder)
    };
    alone(probe).map_err(|error| not_writable(folder, &error))
}

/// Whether files could be made in a folder, or, if it is missing, in the nearest one above it that is
/// there. No folder is made, and nothing stays behind.
pub fn look_at_backup_folder(folder: &Path) -> Result<()> {
    let above = folder.ancestors().find(|one| {
        // A link that leads nowhere is in the way, too.
        !one.as_os_str().is_empty() && one.symlink_metadata().is_ok()
    });
    let look = || {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        leave_nothing_in(above.ok_or_else(missing)?)
    };
    alone(look).map_err(|error| not_writable(folder, &error))
}

/// Whether a backup's file is there now. What is in it is not looked at.
pub fn is_backup_file_there(path: &Path) -> bool {
    path.is_file()
}

/// When a backup's file was written, if the file system says so.
pub fn backup_file_written_at(path: &Path) -> Option<Timestamp> {
    let modified = path.metadata().and_then(|about| about.modified()).ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(since.as_secs()).ok()?;
    Some(Timestamp::from_unix_seconds(seconds))
}

/// The bytes of a backup, at most one more than `limit`. `BackupUnusable` if it is not there,
/// `FileFailed` if it cannot be read.
pub fn read_backup_file(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
        Ok(())
    });
    match read {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(AppError::BackupUnusable {
            path: path.display().to_string(),
            problem: BackupProblem::Missing,
        }),
        Err(error) => Err(AppError::FileFailed {
            path: path.display().to_string(),
            cause: error.to_string(),
        }),
    }
}

fn alone<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Writes a file and removes it.
fn leave_nothing_in(folder: &Path) -> io::Result<()> {
    let aside = write_aside(folder, "probe", b"OwnKey looks whether it can write here.")?;
    fs::remove_file(aside)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    make_folder(folder)?;
    let aside = write_aside(folder, name, bytes)?;
    let path = free_name(folder, name)?;
    tracing::trace!(target: "ownkey::moment", "backup file begins");
    fs::rename(&aside, &path)?;
    settle(folder)?;
    tracing::trace!(target: "ownkey::moment", "backup file ended");
    Ok(path)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file under a passing name; what an earlier, killed run left under it is overwritten.
fn write_aside(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let path = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(path)
}

fn free_name(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "age"));
    for number in 1..1000 {
        let candidate = match number {
            1 => folder.join(name),
            number => folder.join(format!("{stem}-{number}.{extension}")),
        };
        if !candidate.try_exists()? {
            return Ok(candidate);
        }
    }
    Err(io::Error::other("a thousand backups of one name"))
}

/// The new name survives the loss of power only when the folder was written too.
fn settle(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn not_writable(folder: &Path, error: &io::Error) -> AppError {
    AppError::BackupFolderNotWritable {
        path: folder.display().to_string(),
        cause: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_written_beside_what_lies_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("made");
        let first = write_backup_file(&inside, "a.age", b"one").expect("written");
        let second = write_backup_file(&inside, "a.age", b"two").expect("written");
        assert_eq!(fs::read(&first).expect("there"), b"one");
        assert_eq!(fs::read(&second).expect("there"), b"two");
        assert!(second.ends_with("a-2.age"));
        let names: Vec<_> = fs::read_dir(&inside).expect("a folder").collect();
        assert_eq!(names.len(), 2, "nothing passing stays");
        assert_eq!(read_backup_file(&second, 2).expect("read").len(), 3);
    }

    #[test]
    fn several_at_once_do_not_meet() {
        let folder = tempfile::tempdir().expect("a folder");
        let written: Vec<PathBuf> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        probe_backup_folder(folder.path()).expect("writable");
                        write_backup_file(folder.path(), "a.age", b"one").expect("written")
                    })
                })
                .collect();
            let ended = writers.into_iter().map(|one| one.join());
            ended.map(|path| path.expect("no panic")).collect()
        });
        for path in &written {
            assert_eq!(fs::read(path).expect("there"), b"one");
        }
        let names: std::collections::HashSet<_> = written.iter().collect();
        assert_eq!(names.len(), 8, "each has its own");
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        for refused in [
            write_backup_file(&file, "a.age", b"").map(drop),
            probe_backup_folder(&file),
        ] {
            assert!(
                matches!(refused, Err(AppError::BackupFolderNotWritable { path, .. })
                if path == file.display().to_string())
            );
        }
        assert!(probe_backup_folder(folder.path()).is_ok());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn looking_at_a_folder_makes_none_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("not").join("there");
        assert_eq!(look_at_backup_folder(&inside), Ok(()));
        assert_eq!(look_at_backup_folder(folder.path()), Ok(()));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        for refused in [file.clone(), file.join("below")] {
            let shown = refused.display().to_string();
            assert!(matches!(
                look_at_backup_folder(&refused),
                Err(AppError::BackupFolderNotWritable { path, .. }) if path == shown
            ));
        }
    }

    #[test]
    fn a_backups_file_says_whether_it_is_there_and_when_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = write_backup_file(folder.path(), "a.age", b"one").expect("written");
        assert!(is_backup_file_there(&path));
        assert!(!is_backup_file_there(folder.path()));
        let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let file = OpenOptions::new().write(true).open(&path).expect("there");
        file.set_modified(then).expect("set");
        let written_at = Timestamp::from_unix_seconds(1_000_000_000);
        assert_eq!(backup_file_written_at(&path), Some(written_at));
        assert_eq!(backup_file_written_at(&folder.path().join("x")), None);
    }

    #[test]
    fn a_backup_that_is_gone_is_told_apart_from_one_that_cannot_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = read_backup_file(&folder.path().join("x"), 10);
        assert!(matches!(
            gone,
            Err(AppError::BackupUnusable {
                problem: BackupProblem::Missing,
                ..
            })
        ));
        assert!(matches!(
            read_backup_file(folder.path(), 10),
            Err(AppError::FileFailed { .. })
        ));
    }

    #[test]
    fn an_export_takes_the_place_of_what_was_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.age");
        replace_file(&path, b"one").expect("written");
        replace_file(&path, b"two").expect("written");
        assert_eq!(fs::read(&path).expect("there"), b"two");
    }
}
