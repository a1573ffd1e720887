//! Wrapped material is what AWS expects, opened here by the private half of the wrapping key.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    PrivateDecryptingKey,
};
use ownkey_material::{
    KeySpec, Material, WrapError, WrappingAlgorithm, WrappingKey, WrappingKeySpec,
    choose_algorithm, wrap,
};
use ownkey_model::Partition;

use crate::support::{KEYS, every_material, read_as, vector};

const SPECS: [WrappingKeySpec; 3] = [
    WrappingKeySpec::Rsa2048,
    WrappingKeySpec::Rsa3072,
    WrappingKeySpec::Rsa4096,
];
const ALGORITHMS: [WrappingAlgorithm; 4] = [
    WrappingAlgorithm::RsaesOaepSha256,
    WrappingAlgorithm::RsaesOaepSha1,
    WrappingAlgorithm::RsaAesKeyWrapSha256,
    WrappingAlgorithm::RsaAesKeyWrapSha1,
];

/// Both halves of a wrapping key.
fn wrapping_pair(spec: WrappingKeySpec) -> (WrappingKey, OaepPrivateDecryptingKey) {
    let (key_spec, pem) = KEYS[SPECS.iter().position(|one| *one == spec).expect("listed")];
    let pair = read_as(key_spec, pem);
    let public = pair.public_key_der().expect("RSA").to_vec();
    let private = PrivateDecryptingKey::from_pkcs8(pair.expose()).expect("PKCS#8");
    (
        WrappingKey::parse(public, spec).expect("an RSA key"),
        OaepPrivateDecryptingKey::new(private).expect("a key for OAEP"),
    )
}

fn decrypt(key: &OaepPrivateDecryptingKey, hash: &'static OaepAlgorithm, blob: &[u8]) -> Vec<u8> {
    let mut room = vec![0; key.min_output_size()];
    let plaintext = key.decrypt(hash, blob, &mut room, None).expect("opens");
    plaintext.to_vec()
}

fn unwrap(key: &OaepPrivateDecryptingKey, algorithm: WrappingAlgorithm, blob: &[u8]) -> Vec<u8> {
    use WrappingAlgorithm as A;
    let hash = match algorithm {
        A::RsaesOaepSha256 | A::RsaAesKeyWrapSha256 => &OAEP_SHA256_MGF1SHA256,
        A::RsaesOaepSha1 | A::RsaAesKeyWrapSha1 => &OAEP_SHA1_MGF1SHA1,
    };
    let (first, rest) = blob.split_at(key.key_size_bytes());
    let plaintext = decrypt(key, hash, first);
    if rest.is_empty() {
        return plaintext;
    }
    let mut room = vec![0; rest.len()];
    let one_time = AesKek::new(&AES_256, &plaintext).expect("a key of 32 bytes");
    let inner = one_time.unwrap_with_padding(rest, &mut room);
    inner.expect("opens").to_vec()
}

#[test]
fn every_allowed_combination_gives_the_bytes_back() {
    let materials = every_material();
    let (mut opened, mut refused) = (0, 0);
    for spec in SPECS {
        let (public, private) = wrapping_pair(spec);
        for algorithm in ALGORITHMS {
            for material in &materials {
                match wrap(material, &public, algorithm) {
                    Ok(blob) => {
                        assert!(unwrap(&private, algorithm, &blob) == material.expose());
                        opened += 1;
                    }
                    Err(WrapError::NotForSpec { .. } | WrapError::TooLong { .. }) => refused += 1,
                    Err(error) => panic!("{}: {error}", material.spec()),
                }
            }
        }
    }
    // A wrapping key: 5 plain and 4 ECC materials under OAEP, 3 RSA and 4 ECC ones under key wrap,
    // with two hashes each; but P-521 and RSA_2048 under SHA-256 and SHA-1.
    assert_eq!(
        (opened, refused),
        (3 * 2 * (9 + 7) - 2, 3 * 2 * (3 + 5) + 2)
    );
}

#[test]
fn the_chosen_algorithm_wraps_everything_under_the_default_key() {
    let (public, private) = wrapping_pair(WrappingKeySpec::default());
    assert_eq!(public.spec().as_str(), "RSA_4096");
    for material in every_material() {
        let algorithm = choose_algorithm(material.spec(), Partition::Aws).expect("there is one");
        let rsa = material.spec().as_str().starts_with("RSA");
        let expected = ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"][usize::from(rsa)];
        assert_eq!(algorithm.as_str(), expected);
        let blob = wrap(&material, &public, algorithm).expect("wraps");
        assert!(unwrap(&private, algorithm, &blob) == material.expose());
    }
}

#[test]
fn in_china_rsa_keys_cannot_be_imported() {
    for spec in KeySpec::ALL {
        let chosen = choose_algorithm(spec, Partition::AwsCn);
        let expected = if spec.as_str().starts_with("RSA") {
            Err(WrapError::NotInPartition { spec })
        } else {
            Ok(WrappingAlgorithm::RsaesOaepSha256)
        };
        assert_eq!(chosen, expected);
    }
}

#[test]
fn lengths_are_those_that_were_measured() {
    let rsa = read_as(KeySpec::Rsa2048, vector!("rsa_2048.pkcs8.der"));
    assert!((1_216..=1_219).contains(&rsa.expose().len()));
    let p256 = read_as(KeySpec::EccNistP256, vector!("p256.pkcs8.der"));
    for (spec, bytes) in SPECS.into_iter().zip([256, 384, 512]) {
        let (public, _) = wrapping_pair(spec);
        let length = |material: &Material, algorithm| {
            wrap(material, &public, algorithm).expect("wraps").len()
        };
        let key_wrap = WrappingAlgorithm::RsaAesKeyWrapSha256;
        assert_eq!(length(&rsa, key_wrap), bytes + 1_232);
        assert_eq!(length(&p256, key_wrap), bytes + 152);
        assert_eq!(length(&p256, WrappingAlgorithm::RsaesOaepSha256), bytes);
    }
}

#[test]
fn what_is_too_long_or_not_for_the_spec_is_refused_with_the_reason() {
    let (public, _) = wrapping_pair(WrappingKeySpec::Rsa2048);
    let p521 = read_as(KeySpec::EccNistP521, vector!("p521.pkcs8.der"));
    let error = wrap(&p521, &public, WrappingAlgorithm::RsaesOaepSha256).err();
    let expected = WrapError::TooLong {
        found: 241,
        limit: 190,
    };
    assert_eq!(error, Some(expected));
    for material in every_material() {
        let algorithm = match material.spec() {
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => {
                WrappingAlgorithm::RsaesOaepSha256
            }
            spec if spec.byte_length(Partition::Aws).is_some() => {
                WrappingAlgorithm::RsaAesKeyWrapSha256
            }
            _ => continue,
        };
        let spec = material.spec();
        let expected = WrapError::NotForSpec { spec, algorithm };
        assert_eq!(wrap(&material, &public, algorithm).err(), Some(expected));
    }
}

#[test]
fn a_wrapping_key_that_is_not_what_was_asked_for_is_refused() {
    let parse = |der: &[u8], spec| WrappingKey::parse(der.to_vec(), spec).err();
    let good = vector!("rsa_2048.spki.der");
    assert_eq!(parse(good, WrappingKeySpec::Rsa2048), None);
    for (spec, expected) in [
        (WrappingKeySpec::Rsa3072, 3072),
        (WrappingKeySpec::Rsa4096, 4096),
    ] {
        let found = 2048;
        let wrong = WrapError::WrongSize { found, expected };
        assert_eq!(parse(good, spec), Some(wrong));
    }
    let trailing = [good, &[0]].concat();
    for bad in [
        b"".as_slice(),
        &good[..good.len() - 1],
        &trailing,
        vector!("p256.spki.der"),
        vector!("rsa_2048.pkcs8.der"),
        vector!("rsa_2048.spki.pem"),
    ] {
        let error = parse(bad, WrappingKeySpec::Rsa2048);
        assert_eq!(error, Some(WrapError::NotRsa));
    }
}
