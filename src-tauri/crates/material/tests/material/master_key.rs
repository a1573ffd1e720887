//! The master key is made once, proved to be kept, and never replaced.

use ownkey_material::{MASTER_KEY_ENTRY, MasterKey, MasterKeyError};
use ownkey_model::AppError;

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
