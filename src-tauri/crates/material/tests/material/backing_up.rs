//! Backups: what is written opens again, and nothing else does.

use std::io::Write;

use ownkey_material::{
    BACKUP_LIMIT, BackupError, BackupLabel, KeySpec, Material, MaterialId, Passphrase, WorkFactor,
    may_be_backup, open_backup, verify_backup, write_backup,
};

use crate::support::{at, canonical, every_material};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::typed(text.to_owned())
}

fn right() -> Passphrase {
    passphrase("correct horse battery staple")
}

fn label() -> BackupLabel {
    BackupLabel {
        id: MaterialId::parse("0f3c").expect("well-formed"),
        created_at: at(1_790_000_000),
        fingerprint: "a75d 0a12 e8b7 f47e".to_owned(),
    }
}

fn material() -> Material {
    canonical(KeySpec::SymmetricDefault, (200..=231).collect())
}

fn written(material: &Material) -> Vec<u8> {
    write_backup(material, &label(), &right(), WorkFactor::REDUCED).expect("written")
}

fn refusal(file: &[u8]) -> Option<BackupError> {
    open_backup(file, &right()).err()
}

/// An `age` file around any text.
fn encrypted(plaintext: &str, work: u8) -> Vec<u8> {
    let mut recipient =
        age::scrypt::Recipient::new("correct horse battery staple".to_owned().into());
    recipient.set_work_factor(work);
    encrypted_to(&recipient, plaintext)
}

fn encrypted_to(recipient: &dyn age::Recipient, plaintext: &str) -> Vec<u8> {
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient));
    let mut file = Vec::new();
    let mut writer = encryptor
        .expect("one")
        .wrap_output(&mut file)
        .expect("a vector");
    writer.write_all(plaintext.as_bytes()).expect("a vector");
    writer.finish().expect("a vector");
    file
}

fn contents(change: (&str, &str)) -> String {
    let whole = r#"{"format": "ownkey-backup", "version": 1, "id": "0f3c", "spec": "HMAC_224",
        "created": "2026-09-21T14:13:20Z", "fingerprint": "a75d",
        "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="}"#;
    assert!(whole.contains(change.0));
    whole.replace(change.0, change.1)
}

#[test]
fn every_kind_of_material_is_backed_up_and_restored() {
    for material in every_material() {
        let file = written(&material);
        let backup = open_backup(&file, &right()).expect("opens");
        assert!(backup.material.same_as(&material));
        assert_eq!(backup.label, label());
        verify_backup(&file, &right(), &label(), &material).expect("the same");
    }
}

#[test]
fn a_backup_is_text_that_shows_nothing_of_the_material() {
    let text = String::from_utf8(written(&material())).expect("text");
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"));
    assert!(text.ends_with("-----END AGE ENCRYPTED FILE-----\n"));
    assert_ne!(text.into_bytes(), written(&material()));
}

#[test]
fn a_backup_that_holds_something_else_is_not_verified() {
    let file = written(&material());
    let other = canonical(KeySpec::SymmetricDefault, (100..=131).collect());
    let same_bytes = canonical(KeySpec::Hmac256, (200..=231).collect());
    for wrong in [other, same_bytes] {
        let verdict = verify_backup(&file, &right(), &label(), &wrong);
        assert_eq!(verdict, Err(BackupError::Different));
    }
    let mut other = label();
    other.id = MaterialId::parse("0f3d").expect("well-formed");
    let verdict = verify_backup(&file, &right(), &other, &material());
    assert_eq!(verdict, Err(BackupError::Different));
}

#[test]
fn another_passphrase_does_not_open_it() {
    let file = written(&material());
    for wrong in [
        "",
        "correct horse battery stapl",
        "Correct horse battery staple",
    ] {
        let error = open_backup(&file, &passphrase(wrong)).err();
        assert_eq!(error, Some(BackupError::WrongPassphrase));
    }
}

#[test]
fn a_binary_file_opens_too_and_with_any_byte_changed_it_does_not() {
    let file = encrypted(&contents(("HMAC_224", "HMAC_224")), 2);
    assert_eq!(refusal(&file), None);
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1;
        assert!(refusal(&damaged).is_some(), "byte {at}");
    }
    for length in 0..file.len() {
        assert!(refusal(&file[..length]).is_some(), "{length} bytes");
    }
}

#[test]
fn damage_is_told_apart_where_it_can_be() {
    let file = encrypted(&contents(("HMAC_224", "HMAC_224")), 2);
    let mut payload = file.clone();
    *payload.last_mut().expect("not empty") ^= 1;
    assert_eq!(refusal(&payload), Some(BackupError::Damaged));
    for other in [b"".as_slice(), b"some text\n", &[0; 500]] {
        assert_eq!(refusal(other), Some(BackupError::NotAge));
    }
    let found = BACKUP_LIMIT + 1;
    let limit = BACKUP_LIMIT;
    let error = refusal(&vec![0; found]);
    assert_eq!(error, Some(BackupError::TooLarge { found, limit }));
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_before_any_is_done() {
    let file = encrypted("", 2);
    let header = file.split(|byte| *byte == b'\n').nth(1).expect("a stanza");
    let stanza = String::from_utf8(header.to_vec()).expect("text");
    let greedy = stanza.trim_end_matches('2').to_owned() + "30";
    let at = file
        .windows(stanza.len())
        .position(|one| one == stanza.as_bytes());
    let at = at.expect("it was found there");
    let file = [&file[..at], greedy.as_bytes(), &file[at + stanza.len()..]].concat();
    let (found, limit) = (30, 20);
    assert_eq!(
        refusal(&file),
        Some(BackupError::TooMuchWork { found, limit })
    );
}

#[test]
fn a_file_encrypted_to_a_key_is_told_as_such() {
    let key = age::x25519::Identity::generate().to_public();
    let file = encrypted_to(&key, "text");
    assert_eq!(refusal(&file), Some(BackupError::NotForPassphrase));
}

#[test]
fn an_age_file_with_other_contents_is_refused_with_the_reason() {
    let refused = |change| refusal(&encrypted(&contents(change), 2));
    assert_eq!(
        refusal(&encrypted("some text", 2)),
        Some(BackupError::NotBackup)
    );
    let cases = [
        (("ownkey-backup", "other"), BackupError::NotBackup),
        (
            ("\"id\": \"0f3c\"", "\"id\": \"../x\""),
            BackupError::NotBackup,
        ),
        (("AAEC", "AA!C"), BackupError::NotBackup),
        (
            ("2026-09-21T14:13:20Z", "yesterday"),
            BackupError::NotBackup,
        ),
        (
            ("\"version\": 1", "\"version\": 2"),
            BackupError::UnknownVersion { found: 2 },
        ),
        (("HMAC_224", "ML_DSA_65"), BackupError::UnknownSpec),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), Some(expected), "{change:?}");
    }
    for change in [
        ("HMAC_224", "HMAC_256"),
        ("HMAC_224", "RSA_2048"),
        ("AAEC", ""),
    ] {
        let error = refused(change);
        assert!(
            matches!(error, Some(BackupError::NotMaterial(_))),
            "{change:?}"
        );
    }
}

#[test]
fn a_file_can_be_a_backup_only_if_it_is_an_age_file_to_a_passphrase() {
    let file = write_backup(&material(), &label(), &right(), WorkFactor::REDUCED).expect("written");
    assert!(may_be_backup(&file));
    for other in [&b""[..], b"something else", &file[..20]] {
        assert!(!may_be_backup(other));
    }
    assert!(!may_be_backup(&[file, vec![b'\n'; BACKUP_LIMIT]].concat()));
}

#[test]
fn a_real_backup_takes_the_full_work() {
    assert_eq!(WorkFactor::default(), WorkFactor::FULL);
    let file = write_backup(&material(), &label(), &right(), WorkFactor::FULL).expect("written");
    verify_backup(&file, &right(), &label(), &material()).expect("opens");
}
