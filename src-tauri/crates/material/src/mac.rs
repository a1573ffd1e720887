//! MACs by which AWS can be asked whether it holds the same HMAC material.

use aws_lc_rs::hmac::{self, HMAC_SHA224, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};

use crate::crypto::fill_randomly;
use crate::{CryptoFailure, KeySpec, Material};

/// The MAC of a message under HMAC material, and AWS's word for its algorithm; nothing for any other
/// kind. Two materials that give the same MAC of a random message are the same.
pub fn mac(material: &Material, message: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let (algorithm, word) = match material.spec() {
        KeySpec::Hmac224 => (HMAC_SHA224, "HMAC_SHA_224"),
        KeySpec::Hmac256 => (HMAC_SHA256, "HMAC_SHA_256"),
        KeySpec::Hmac384 => (HMAC_SHA384, "HMAC_SHA_384"),
        KeySpec::Hmac512 => (HMAC_SHA512, "HMAC_SHA_512"),
        _ => return None,
    };
    let key = hmac::Key::new(algorithm, material.expose());
    Some((hmac::sign(&key, message).as_ref().to_vec(), word))
}

/// A message that was never asked about before.
pub fn make_challenge() -> Result<[u8; 32], CryptoFailure> {
    let mut challenge = [0; 32];
    fill_randomly(&mut challenge)?;
    Ok(challenge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    /// RFC 4231 has no keys of these lengths; the value was computed by OpenSSL:
    /// `openssl mac -digest SHA256 -macopt hexkey:0102…20 HMAC`.
    #[test]
    fn the_mac_is_the_one_that_others_compute() {
        let material = Material::from_canonical(KeySpec::Hmac256, Secret::new((1..=32).collect()))
            .unwrap_or_else(|error| panic!("{error}"));
        let (mac, word) = mac(&material, b"challenge").expect("HMAC material");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(word, "HMAC_SHA_256");
        assert_eq!(
            hex,
            "6aae8ec3ac1d7da6bb7dbf1537516d348aee959adcfabe72d353288a39602f6c"
        );
    }

    #[test]
    fn only_hmac_material_has_a_mac() {
        let material =
            Material::from_canonical(KeySpec::SymmetricDefault, Secret::new((1..=32).collect()))
                .unwrap_or_else(|error| panic!("{error}"));
        assert!(mac(&material, b"challenge").is_none());
    }
}
