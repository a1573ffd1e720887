//! The master key is made once, proved to be kept, and never replaced.

use std::{thread, time::Duration};

use ownkey_material::{MASTER_KEY_ENTRY, MasterKey, MasterKeyError, Secret, Vault};
use ownkey_model::{AppError, Result};

use crate::support::{Fault, Memory};

fn kept(vault: &Memory) -> Option<Vec<u8>> {
    let kept = vault.kept.lock().expect("no panic");
    kept.get(MASTER_KEY_ENTRY).cloned()
}

fn failure(fault: Fault) -> (Option<MasterKeyError>, Memory) {
    let vault = Memory {
        fault: Some(fault),
        ..Memory::default()
    };
    (MasterKey::open_or_make(&vault).err(), vault)
}

#[test]
fn a_master_key_is_made_once_and_found_again() {
    let vault = Memory::default();
    assert!(matches!(MasterKey::open(&vault), Ok(None)));
    assert_eq!(kept(&vault), None);
    assert!(MasterKey::open_or_make(&vault).is_ok());
    let first = kept(&vault).expect("kept");
    assert_eq!(first.len(), 32);
    assert!(MasterKey::open_or_make(&vault).is_ok());
    assert!(matches!(MasterKey::open(&vault), Ok(Some(_))));
    assert_eq!(kept(&vault), Some(first));
}

#[test]
fn two_installations_have_different_master_keys() {
    let (one, two) = (Memory::default(), Memory::default());
    assert!(MasterKey::open_or_make(&one).is_ok());
    assert!(MasterKey::open_or_make(&two).is_ok());
    assert_ne!(kept(&one), kept(&two));
}

#[test]
fn what_is_no_master_key_is_left_as_it_is() {
    for found in [0, 1, 31, 33, 64] {
        let vault = Memory::default();
        let bytes = vec![7; found];
        let mut entries = vault.kept.lock().expect("no panic");
        entries.insert(MASTER_KEY_ENTRY.to_owned(), bytes.clone());
        drop(entries);
        let error = MasterKey::open_or_make(&vault).err();
        assert_eq!(error, Some(MasterKeyError::Damaged { found }));
        assert_eq!(kept(&vault), Some(bytes));
    }
}

#[test]
fn a_locked_vault_is_not_written_to() {
    let (error, vault) = failure(Fault::Locked);
    let locked = MasterKeyError::Vault(AppError::KeychainLocked);
    assert_eq!(error, Some(locked));
    assert_eq!(kept(&vault), None);
}

#[test]
fn a_master_key_that_the_vault_did_not_keep_is_not_used() {
    for fault in [Fault::ForgetsAtOnce, Fault::AltersOneBit] {
        assert_eq!(failure(fault).0, Some(MasterKeyError::NotKept));
    }
}

#[test]
fn starting_anew_keeps_what_was_damaged_beside_the_new_key() {
    let vault = Memory::default();
    for (number, bytes) in [(1, vec![7; 31]), (2, vec![8; 33])] {
        let mut entries = vault.kept.lock().expect("no panic");
        entries.insert(MASTER_KEY_ENTRY.to_owned(), bytes.clone());
        drop(entries);
        assert!(MasterKey::start_anew(&vault).is_ok());
        let made = kept(&vault).expect("made");
        assert_eq!(made.len(), 32);
        let aside = format!("{MASTER_KEY_ENTRY}/damaged-{number}");
        let entries = vault.kept.lock().expect("no panic");
        assert_eq!(entries.get(&aside), Some(&bytes));
        drop(entries);
        assert!(MasterKey::start_anew(&vault).is_ok());
        assert_eq!(kept(&vault), Some(made), "a good one stays");
    }
}

#[test]
fn what_cannot_be_kept_aside_is_not_replaced() {
    let vault = Memory {
        fault: Some(Fault::ForgetsAtOnce),
        ..Memory::default()
    };
    let mut entries = vault.kept.lock().expect("no panic");
    entries.insert(MASTER_KEY_ENTRY.to_owned(), vec![7; 31]);
    drop(entries);
    let error = MasterKey::start_anew(&vault).err();
    assert_eq!(error, Some(MasterKeyError::NotKept));
    assert_eq!(kept(&vault), Some(vec![7; 31]));
}

/// A vault that takes its time, so that two who look at once both find nothing.
#[derive(Default)]
struct Slow(Memory);

impl Vault for Slow {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        thread::sleep(Duration::from_millis(50));
        self.0.keep(entry, secret)
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        let found = self.0.fetch(entry);
        thread::sleep(Duration::from_millis(50));
        found
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.0.remove(entry)
    }
}

#[test]
fn two_who_make_the_first_master_key_at_once_have_the_same_one() {
    let vault = Slow::default();
    let sealed = thread::scope(|scope| {
        let seal = || {
            let key = MasterKey::open_or_make(&vault).map_err(|error| error.to_string());
            ownkey_material::seal_bytes(&key.expect("made"), "test", b"bytes").expect("sealed")
        };
        let both = [scope.spawn(seal), scope.spawn(seal)];
        both.map(|one| one.join().expect("no panic"))
    });
    let Ok(Some(key)) = MasterKey::open(&vault) else {
        panic!("it was made")
    };
    for one in sealed {
        assert!(ownkey_material::open_bytes(&key, "test", &one).is_ok());
    }
}
