//! RSA and ECC keys from files of every form.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ownkey_material::{Found, KeySpec, Material, ReadError, Reading, Secret, read};
use ownkey_model::Partition;

use crate::support::{KEYS, read_as, vector};

fn refusal(file: &[u8], spec: KeySpec) -> Option<ReadError> {
    read(file, spec, Partition::Aws, None).err()
}

/// Every form of a key: each as it was made by OpenSSL, but for the JWK, which Python made.
macro_rules! forms {
    ($name:literal, $traditional:literal) => {
        [
            (Reading::Pem, vector!($name, ".pkcs8.pem")),
            (Reading::Der, vector!($name, ".pkcs8.der")),
            (Reading::Pem, vector!($name, ".", $traditional, ".pem")),
            (Reading::Der, vector!($name, ".", $traditional, ".der")),
            (Reading::Jwk, vector!($name, ".jwk")),
        ]
    };
}

#[test]
fn every_form_of_a_key_gives_the_canonical_bytes_and_the_public_key() {
    for (spec, forms, public) in [
        (
            KeySpec::Rsa2048,
            forms!("rsa_2048", "pkcs1"),
            vector!("rsa_2048.spki.der"),
        ),
        (
            KeySpec::EccNistP256,
            forms!("p256", "sec1"),
            vector!("p256.spki.der"),
        ),
        (
            KeySpec::EccNistP384,
            forms!("p384", "sec1"),
            vector!("p384.spki.der"),
        ),
        (
            KeySpec::EccNistP521,
            forms!("p521", "sec1"),
            vector!("p521.spki.der"),
        ),
        (
            KeySpec::EccSecgP256K1,
            forms!("secp256k1", "sec1"),
            vector!("secp256k1.spki.der"),
        ),
    ] {
        // OpenSSL's own PKCS#8 is the canonical form.
        let canonical = forms[1].1;
        let digits: String = canonical
            .iter()
            .map(|byte| format!("{byte:02X} "))
            .collect();
        let base64 = STANDARD.encode(canonical);
        let text = [
            (Reading::Hex, digits.as_bytes()),
            (Reading::Base64, base64.as_bytes()),
        ];
        for (reading, file) in forms.into_iter().chain(text) {
            let imported = read(file, spec, Partition::Aws, None);
            let imported =
                imported.unwrap_or_else(|refused| panic!("{spec} {reading:?}: {refused}"));
            assert_eq!(imported.reading, reading);
            assert!(
                imported.material.expose() == canonical,
                "{spec} {reading:?}"
            );
            assert_eq!(imported.material.public_key_der(), Some(public));
        }
    }
}

#[test]
fn less_usual_forms_of_a_p256_key_give_the_same_bytes() {
    for file in [
        vector!("p256.compressed.sec1.der"),
        vector!("p256.no_public.sec1.der"),
    ] {
        assert!(read_as(KeySpec::EccNistP256, file).expose() == vector!("p256.pkcs8.der"));
    }
    // `openssl` writes key and certificate into one file, and remarks around both.
    let text = [
        b"Bag Attributes\n    friendlyName: test\n".as_slice(),
        vector!("p256.certificate.pem"),
        vector!("p256.pkcs8.pem"),
        b"\n",
    ]
    .concat();
    assert!(read_as(KeySpec::EccNistP256, &text).expose() == vector!("p256.pkcs8.der"));
}

#[test]
fn bytes_after_the_key_are_refused_in_every_form() {
    for count in [1, 6, 200] {
        let expected = Some(ReadError::TrailingBytes { count });
        for (spec, der) in [
            (KeySpec::Rsa2048, vector!("rsa_2048.pkcs8.der")),
            (KeySpec::Rsa2048, vector!("rsa_2048.pkcs1.der")),
            (KeySpec::EccNistP256, vector!("p256.pkcs8.der")),
            (KeySpec::EccNistP256, vector!("p256.sec1.der")),
        ] {
            let longer = [der, &vec![0; count]].concat();
            assert_eq!(refusal(&longer, spec), expected);
            let body = STANDARD.encode(&longer);
            assert_eq!(refusal(body.as_bytes(), spec), expected);
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
            assert_eq!(refusal(pem.as_bytes(), spec), expected);
        }
    }
}

#[test]
fn bytes_after_the_key_within_its_pkcs8_are_refused() {
    // The outer lengths of 138 bytes each fit in one byte with the two added.
    let good = vector!("p256.pkcs8.der");
    assert_eq!((good[1], good[2], good.len()), (0x81, 0x87, 138));
    let at = good
        .iter()
        .position(|byte| *byte == 0x04)
        .expect("an octet string");
    let mut longer = [good, &[0, 0]].concat();
    longer[2] += 2;
    longer[at + 1] += 2;
    let expected = ReadError::TrailingBytes { count: 2 };
    assert_eq!(refusal(&longer, KeySpec::EccNistP256), Some(expected));
}

#[test]
fn a_key_that_is_cut_short_or_altered_anywhere_is_refused() {
    for (spec, good) in [
        (KeySpec::EccNistP256, vector!("p256.pkcs8.der")),
        (KeySpec::EccNistP256, vector!("p256.sec1.der")),
        (KeySpec::Rsa2048, vector!("rsa_2048.pkcs8.der")),
    ] {
        for length in 1..good.len() {
            let error = refusal(&good[..length], spec);
            assert_eq!(
                error,
                Some(ReadError::Unreadable { expected: spec }),
                "{length} bytes"
            );
        }
        for at in 0..good.len() {
            let mut altered = good.to_vec();
            altered[at] ^= 0x01;
            assert!(refusal(&altered, spec).is_some(), "{spec} byte {at}");
        }
    }
}

#[test]
fn the_private_half_of_another_key_is_inconsistent() {
    let point = |pem| {
        read_as(KeySpec::EccNistP256, pem)
            .public_key_der()
            .expect("ECC")[26..]
            .to_vec()
    };
    let good = vector!("p256.pkcs8.der");
    let at = good.len() - 65;
    assert_eq!(good[at..], point(vector!("p256.pkcs8.pem")));
    let mut mixed = good.to_vec();
    // The point opposite on the curve: it is there, and belongs to another key.
    let field = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    negate(&mut mixed[at + 33..], &crate::support::hex(field));
    let expected = ReadError::Inconsistent {
        expected: KeySpec::EccNistP256,
    };
    assert_eq!(refusal(&mixed, KeySpec::EccNistP256), Some(expected));

    let expected = ReadError::Inconsistent {
        expected: KeySpec::Rsa2048,
    };
    for member in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let altered = altered_jwk(member);
        let error = refusal(altered.as_bytes(), KeySpec::Rsa2048);
        assert_eq!(error, Some(expected.clone()), "{member}");
    }
}

/// `number = modulus - number`, big-endian.
fn negate(number: &mut [u8], modulus: &[u8]) {
    let mut borrow = 0;
    for (digit, of) in number.iter_mut().zip(modulus).rev() {
        let difference = i16::from(*of) - i16::from(*digit) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256)).expect("a byte");
    }
}

/// The RSA key with one number raised by two.
fn altered_jwk(member: &str) -> String {
    let mut jwk: serde_json::Value = serde_json::from_slice(vector!("rsa_2048.jwk")).expect("JSON");
    let text = jwk[member].as_str().expect("text");
    let mut number = URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let last = number.last_mut().expect("not empty");
    *last = last.wrapping_add(2);
    jwk[member] = URL_SAFE_NO_PAD.encode(number).into();
    jwk.to_string()
}

#[test]
fn a_jwk_without_primes_or_with_more_than_two_is_unreadable() {
    let unreadable = Some(ReadError::Unreadable {
        expected: KeySpec::Rsa2048,
    });
    let whole: serde_json::Value = serde_json::from_slice(vector!("rsa_2048.jwk")).expect("JSON");
    for member in ["p", "q", "dp", "dq", "qi"] {
        let mut jwk = whole.clone();
        jwk.as_object_mut().expect("an object").remove(member);
        assert_eq!(
            refusal(jwk.to_string().as_bytes(), KeySpec::Rsa2048),
            unreadable
        );
    }
    let mut jwk = whole.clone();
    jwk["oth"] = serde_json::json!([]);
    assert_eq!(
        refusal(jwk.to_string().as_bytes(), KeySpec::Rsa2048),
        unreadable
    );
    let mut jwk = whole;
    jwk.as_object_mut().expect("an object").remove("d");
    let expected = ReadError::WrongKind {
        found: Found::PublicKey,
        expected: KeySpec::Rsa2048,
    };
    assert_eq!(
        refusal(jwk.to_string().as_bytes(), KeySpec::Rsa2048),
        Some(expected)
    );
}

#[test]
fn a_key_of_another_size_curve_or_kind_is_told_with_what_is_expected() {
    let is_rsa = |spec: KeySpec| spec.as_str().starts_with("RSA");
    let is_ecc = |spec: KeySpec| spec.as_str().starts_with("ECC");
    for (actual, pem) in KEYS {
        for wanted in KeySpec::ALL {
            let expected = if wanted == actual {
                None
            } else if is_rsa(actual) && is_rsa(wanted) {
                Some(ReadError::WrongSize {
                    found: actual.as_str()[4..].parse().expect("a number"),
                    expected: wanted,
                })
            } else if is_ecc(actual) && is_ecc(wanted) {
                Some(ReadError::WrongCurve { expected: wanted })
            } else {
                let kinds = [Found::EcPrivateKey, Found::RsaPrivateKey];
                Some(ReadError::WrongKind {
                    found: kinds[usize::from(is_rsa(actual))],
                    expected: wanted,
                })
            };
            assert_eq!(refusal(pem, wanted), expected, "{actual} for {wanted}");
        }
    }
    let spec = KeySpec::EccNistP256;
    let wrong = Some(ReadError::WrongCurve { expected: spec });
    assert_eq!(refusal(vector!("secp256k1.jwk"), spec), wrong);
    assert_eq!(refusal(vector!("secp256k1.sec1.der"), spec), wrong);
}

#[test]
fn what_is_no_private_key_is_told_as_what_it_is() {
    use Found as F;
    for (file, found) in [
        (vector!("ed25519.pkcs8.pem"), F::OtherPrivateKey),
        (vector!("rsa_2048.pss.pkcs8.pem"), F::OtherPrivateKey),
        (vector!("p256.openssh.pem"), F::OpenSshPrivateKey),
        (vector!("rsa_2048.spki.pem"), F::PublicKey),
        (vector!("rsa_2048.spki.der"), F::PublicKey),
        (vector!("p256.certificate.pem"), F::Certificate),
        (vector!("p256.certificate.der"), F::Certificate),
        (vector!("p256.p12"), F::Pkcs12),
        (br#"{"kty": "oct", "k": "AAEC"}"#, F::SymmetricKey),
        (
            br#"{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}"#,
            F::OtherPrivateKey,
        ),
        (
            br#"{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}"#,
            F::PublicKey,
        ),
    ] {
        for spec in [KeySpec::Rsa2048, KeySpec::EccNistP256] {
            let expected = ReadError::WrongKind {
                found,
                expected: spec,
            };
            assert_eq!(refusal(file, spec), Some(expected));
        }
    }
}

#[test]
fn an_encrypted_key_is_told_as_such() {
    for file in [
        vector!("p256.encrypted.pkcs8.pem"),
        vector!("p256.encrypted.pkcs8.der"),
        vector!("p256.encrypted.sec1.pem"),
    ] {
        for spec in [KeySpec::EccNistP256, KeySpec::Rsa2048] {
            assert_eq!(refusal(file, spec), Some(ReadError::Encrypted));
        }
    }
}

#[test]
fn two_keys_in_one_file_are_not_chosen_between() {
    let file = [vector!("p256.pkcs8.pem"), vector!("p384.pkcs8.pem")].concat();
    let expected = ReadError::SeveralKeys { found: 2 };
    assert_eq!(refusal(&file, KeySpec::EccNistP256), Some(expected));
}

#[test]
fn what_nobody_knows_is_unreadable() {
    let spec = KeySpec::EccNistP256;
    let unreadable = Some(ReadError::Unreadable { expected: spec });
    for file in [
        b"hello".as_slice(),
        b"{}",
        b"{",
        b"\x30",
        b"\x30\x00",
        b"\x30\x80\x00\x00",
        b"\x31\x03\x02\x01\x00",
        b"\xff\xfe-\0-\0",
        b"-----BEGIN PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN SOMETHING-----\nAAAA\n-----END SOMETHING-----\n",
        vector!("p256.explicit.sec1.pem"),
    ] {
        assert_eq!(
            refusal(file, spec),
            unreadable,
            "{:?}",
            String::from_utf8_lossy(file)
        );
    }
    let raw = read(
        vector!("p256.pkcs8.der"),
        spec,
        Partition::Aws,
        Some(Reading::Raw),
    );
    assert_eq!(raw.err(), unreadable);
}

#[test]
fn a_scalar_that_is_no_private_key_is_inconsistent() {
    let spec = KeySpec::EccNistP256;
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let inconsistent = Some(ReadError::Inconsistent { expected: spec });
    for scalar in [vec![0; 32], crate::support::hex(order), vec![0xff; 32]] {
        let mut der = vector!("p256.no_public.sec1.der").to_vec();
        assert_eq!(der[..7], [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]);
        der[7..39].copy_from_slice(&scalar);
        assert_eq!(refusal(&der, spec), inconsistent);
    }
}

#[test]
fn a_scalar_without_its_leading_zeros_is_filled_up() {
    // The scalar 1, whose point is the curve's base point, written as one byte.
    let der = [
        &[0x30, 0x12, 0x02, 0x01, 0x01, 0x04, 0x01, 0x01, 0xa0, 0x0a],
        [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07].as_slice(),
    ]
    .concat();
    let material = read_as(KeySpec::EccNistP256, &der);
    let base_x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    let public = material.public_key_der().expect("ECC");
    assert_eq!(public[27..59].to_vec(), crate::support::hex(base_x));
    assert_eq!(material.expose().len(), 138);
}

#[test]
fn canonical_bytes_are_taken_back_and_others_are_not() {
    for (spec, der) in [
        (KeySpec::Rsa2048, vector!("rsa_2048.pkcs8.der")),
        (KeySpec::EccNistP256, vector!("p256.pkcs8.der")),
    ] {
        let taken = Material::from_canonical(spec, Secret::new(der.to_vec()));
        assert!(taken.is_ok());
    }
    for (spec, other) in [
        (KeySpec::Rsa2048, vector!("rsa_2048.pkcs1.der")),
        (KeySpec::EccNistP256, vector!("p256.sec1.der")),
        (KeySpec::EccNistP256, vector!("p256.pkcs8.pem")),
    ] {
        let refused = Material::from_canonical(spec, Secret::new(other.to_vec())).err();
        assert_eq!(refused, Some(ReadError::Unreadable { expected: spec }));
    }
}
