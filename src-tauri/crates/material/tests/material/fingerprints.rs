//! Fingerprints: known answers, and what makes them differ.

use std::collections::HashSet;

use ownkey_material::{Fingerprint, FingerprintKey, KeySpec, Material, key_check_value};

use crate::support::{
    canonical, every_material, hex, known_master_key, master_key, read_as, vector,
};

fn fingerprint(material: &Material) -> Fingerprint {
    let key = FingerprintKey::derive(&known_master_key()).expect("derives");
    key.fingerprint(material)
}

/// Both answers by Python's HMAC.
#[test]
fn fingerprints_are_the_known_ones() {
    let plain = canonical(KeySpec::SymmetricDefault, (200..=231).collect());
    let expected = "a75d0a12e8b7f47e0e96586215b6e3e1d222ee791233f9b0eadd9566ee27dafa";
    assert_eq!(fingerprint(&plain).as_bytes().to_vec(), hex(expected));
    assert_eq!(fingerprint(&plain).to_string(), "a75d 0a12 e8b7 f47e");

    let key = read_as(KeySpec::EccNistP256, vector!("p256.pkcs8.der"));
    let expected = "8de1ee696e88c03d7493413076bd4b93f4705bd2e94fdc5cf625088326a62fdb";
    assert_eq!(fingerprint(&key).as_bytes().to_vec(), hex(expected));
}

#[test]
fn no_two_materials_have_the_same_fingerprint() {
    let materials = every_material();
    let seen: HashSet<_> = materials
        .iter()
        .map(|material| *fingerprint(material).as_bytes())
        .collect();
    assert_eq!(seen.len(), KeySpec::ALL.len());
    // The same bytes for another kind of key are another material.
    let hmac = canonical(KeySpec::Hmac256, (1..=32).collect());
    let aes = canonical(KeySpec::SymmetricDefault, (1..=32).collect());
    assert_ne!(fingerprint(&hmac), fingerprint(&aes));
}

#[test]
fn another_installation_makes_other_fingerprints() {
    let other = master_key((1..=32).collect());
    let other = FingerprintKey::derive(&other).expect("derives");
    let material = &every_material()[0];
    assert_ne!(other.fingerprint(material), fingerprint(material));
}

#[test]
fn a_stored_fingerprint_is_equal_until_one_bit_changes() {
    let one = fingerprint(&every_material()[0]);
    assert_eq!(Fingerprint::from_bytes(*one.as_bytes()), one);
    for at in 0..32 {
        let mut bytes = *one.as_bytes();
        bytes[at] ^= 1;
        assert_ne!(Fingerprint::from_bytes(bytes), one);
    }
}

/// Answers by OpenSSL's AES.
#[test]
fn the_check_value_of_aes_keys_is_the_known_one() {
    let check = |material: &Material| key_check_value(material).expect("computes");
    let aes256 = canonical(KeySpec::SymmetricDefault, (200..=231).collect());
    assert_eq!(check(&aes256), Some([0x22, 0x07, 0x6b]));
    let aes128 = canonical(KeySpec::SymmetricDefault, (200..=215).collect());
    assert_eq!(check(&aes128), Some([0xb5, 0xbf, 0x14]));
    for material in every_material() {
        let aes = material.spec() == KeySpec::SymmetricDefault;
        assert_eq!(check(&material).is_some(), aes);
    }
}
