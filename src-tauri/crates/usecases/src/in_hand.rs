//! What the user has in hand: files that were picked and not used yet, keys for secrets on their
//! way, operations that are being worked on. It lives in memory and ends with the program.

use std::{
    collections::{HashSet, VecDeque},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use ownkey_material::{Envelope, Secret};
use ownkey_model::{AppError, OperationId, PickedFile, Result};

use crate::Context;

/// More dialogs than anyone opens; a window that asks without end gets no endless memory.
const MOST_ENVELOPES: usize = 16;
const MOST_FILES: usize = 16;

/// A file that was picked, with its bytes.
pub struct KeyFile {
    /// Its name, without the folder.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub bytes: Secret,
}

/// What the user has in hand.
#[derive(Default)]
pub struct InHand {
    files: Mutex<VecDeque<(String, KeyFile)>>,
    envelopes: Mutex<VecDeque<(String, Envelope)>>,
    running: Mutex<HashSet<OperationId>>,
}

/// Keeps a picked file under a name until it is dropped. The oldest of many is forgotten.
pub fn take_file(cx: &Context, handle: String, file: KeyFile) -> Result<PickedFile> {
    let picked = PickedFile {
        handle: handle.clone(),
        name: file.name.clone(),
        size: u32::try_from(file.bytes.expose().len()).unwrap_or(u32::MAX),
    };
    let mut files = lock(&cx.in_hand.files);
    if files.len() >= MOST_FILES {
        files.pop_front();
    }
    files.push_back((handle, file));
    Ok(picked)
}

/// Forgets a picked file; its bytes are wiped.
pub fn drop_file(cx: &Context, handle: &str) {
    lock(&cx.in_hand.files).retain(|(one, _)| one != handle);
}

impl InHand {
    /// Looks into a picked file. `FileForgotten` if there is none of this name.
    pub(crate) fn with_file<T>(
        &self,
        handle: &str,
        look: impl FnOnce(&KeyFile) -> Result<T>,
    ) -> Result<T> {
        let files = lock(&self.files);
        let file = files.iter().find(|(one, _)| one == handle);
        file.map_or(Err(AppError::FileForgotten), |(_, file)| look(file))
    }

    /// Keeps an envelope until it is opened. The oldest of many is forgotten.
    pub(crate) fn keep_envelope(&self, name: String, envelope: Envelope) {
        let mut envelopes = lock(&self.envelopes);
        if envelopes.len() >= MOST_ENVELOPES {
            envelopes.pop_front();
        }
        envelopes.push_back((name, envelope));
    }

    /// An envelope, which is opened once.
    pub(crate) fn take_envelope(&self, name: &str) -> Option<Envelope> {
        let mut envelopes = lock(&self.envelopes);
        let at = envelopes.iter().position(|(one, _)| one == name)?;
        envelopes.remove(at).map(|(_, envelope)| envelope)
    }

    /// Marks an operation as being worked on. `OperationRunning` if it is already.
    pub(crate) fn work_on(&self, id: &OperationId) -> Result<AtWork<'_>> {
        if !lock(&self.running).insert(id.clone()) {
            return Err(AppError::OperationRunning);
        }
        Ok(AtWork {
            in_hand: self,
            id: id.clone(),
        })
    }

    /// Whether any operation is being worked on.
    pub(crate) fn works(&self) -> bool {
        !lock(&self.running).is_empty()
    }

    /// Whether an operation is being worked on.
    pub(crate) fn works_on(&self, id: &OperationId) -> bool {
        lock(&self.running).contains(id)
    }
}

/// An operation is being worked on as long as this lives.
pub(crate) struct AtWork<'a> {
    in_hand: &'a InHand,
    id: OperationId,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        lock(&self.in_hand.running).remove(&self.id);
    }
}

fn lock<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one insertion or removal: there is no half-written state to fear.
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
