//! Symmetric and HMAC material from files of every form.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ownkey_material::{FILE_LIMIT, Found, KeySpec, PossibleReading, ReadError, Reading, read};
use ownkey_model::Partition;

use crate::support::vector;

const SPEC: KeySpec = KeySpec::SymmetricDefault;

fn outcome(
    file: &[u8],
    spec: KeySpec,
    choice: Option<Reading>,
) -> Result<(Reading, Vec<u8>), ReadError> {
    outcome_in(Partition::Aws, file, spec, choice)
}

fn outcome_in(
    partition: Partition,
    file: &[u8],
    spec: KeySpec,
    choice: Option<Reading>,
) -> Result<(Reading, Vec<u8>), ReadError> {
    read(file, spec, partition, choice)
        .map(|imported| (imported.reading, imported.material.expose().to_vec()))
}

fn refusal(file: &[u8], spec: KeySpec) -> Option<ReadError> {
    outcome(file, spec, None).err()
}

/// Bytes that are no text.
fn binary(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| u8::try_from(at * 37 % 251).expect("below 251") ^ 0x80)
        .collect()
}

fn hex(bytes: &[u8], between: &str) -> String {
    let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(between)
}

fn possible(readings: &[(Reading, usize)]) -> Option<ReadError> {
    let readings = readings
        .iter()
        .map(|&(reading, length)| PossibleReading { reading, length })
        .collect();
    Some(ReadError::Ambiguous { readings })
}

#[test]
fn every_form_of_every_length_is_recognised() {
    for spec in KeySpec::ALL {
        let Some(length) = spec.byte_length(Partition::Aws) else {
            continue;
        };
        let bytes = binary(length);
        let forms = [
            (Reading::Raw, bytes.clone()),
            (Reading::Hex, hex(&bytes, "").into_bytes()),
            (Reading::Hex, hex(&bytes, "").to_uppercase().into_bytes()),
            (
                Reading::Hex,
                format!("0x{}\n", hex(&bytes, "")).into_bytes(),
            ),
            (Reading::Hex, hex(&bytes, " ").into_bytes()),
            (Reading::Hex, hex(&bytes, ":").into_bytes()),
            (Reading::Hex, hex(&bytes, "\r\n").into_bytes()),
            (Reading::Base64, STANDARD.encode(&bytes).into_bytes()),
            (Reading::Base64, STANDARD_NO_PAD.encode(&bytes).into_bytes()),
            (Reading::Base64, URL_SAFE.encode(&bytes).into_bytes()),
            (Reading::Base64, URL_SAFE_NO_PAD.encode(&bytes).into_bytes()),
            (
                Reading::Base64,
                (STANDARD.encode(&bytes) + "\n").into_bytes(),
            ),
            (Reading::Jwk, jwk(&bytes)),
        ];
        for (reading, file) in forms {
            let found = outcome(&file, spec, None);
            assert_eq!(found, Ok((reading, bytes.clone())), "{spec} {reading:?}");
            let found = outcome(&file, spec, Some(reading));
            assert_eq!(
                found,
                Ok((reading, bytes.clone())),
                "{spec} {reading:?} chosen"
            );
        }
    }
}

fn jwk(bytes: &[u8]) -> Vec<u8> {
    let k = URL_SAFE_NO_PAD.encode(bytes);
    format!(r#"{{ "kty": "oct", "kid": "a \" name", "k": "{k}", "use": "enc" }}"#).into_bytes()
}

#[test]
fn digits_of_just_the_right_number_are_ambiguous_until_someone_says() {
    let file = b"00112233445566778899aabbccddeeff";
    let expected = possible(&[
        (Reading::Hex, 16),
        (Reading::Base64, 24),
        (Reading::Raw, 32),
    ]);
    assert_eq!(refusal(file, SPEC), expected);
    let raw = outcome(file, SPEC, Some(Reading::Raw));
    assert_eq!(raw, Ok((Reading::Raw, file.to_vec())));
    let short = ReadError::WrongLength {
        reading: Reading::Hex,
        found: 16,
        expected: 32,
    };
    assert_eq!(outcome(file, SPEC, Some(Reading::Hex)), Err(short));
    // Where 16 bytes are wanted, these digits are nothing else.
    let china = outcome_in(Partition::AwsCn, file, SPEC, None);
    assert_eq!(
        china.map(|(reading, bytes)| (reading, bytes.len())),
        Ok((Reading::Hex, 16))
    );
}

#[test]
fn letters_of_just_the_right_number_are_ambiguous() {
    let file = b"ThirtyTwoLettersThatAreAPassword";
    assert_eq!(file.len(), 32);
    let expected = possible(&[(Reading::Base64, 24), (Reading::Raw, 32)]);
    assert_eq!(refusal(file, SPEC), expected);
    // Not so with a blank that base64 knows nothing of.
    let file = b"Thirty two! letters. A password?";
    assert_eq!(outcome(file, SPEC, None), Ok((Reading::Raw, file.to_vec())));
}

#[test]
fn digits_that_fit_as_base64_only_are_ambiguous() {
    let file = hex(&binary(32), "").into_bytes();
    let expected = possible(&[(Reading::Hex, 32), (Reading::Base64, 48)]);
    assert_eq!(refusal(&file, KeySpec::Hmac384), expected);
}

#[test]
fn bytes_that_begin_like_json_or_pem_are_asked_about() {
    let expected = possible(&[(Reading::Raw, 32)]);
    for file in [
        b"{only the first looks like JSON}",
        b"-----BEGIN and no end to it-----",
    ] {
        assert_eq!(file.len(), 32);
        assert_eq!(refusal(file, SPEC), expected);
        let raw = outcome(file, SPEC, Some(Reading::Raw));
        assert_eq!(raw, Ok((Reading::Raw, file.to_vec())));
    }
}

#[test]
fn a_wrong_length_is_told_with_both_numbers() {
    for length in [1, 16, 28, 31, 33, 64, 1000] {
        let bytes = binary(length);
        let expected = |reading| {
            Some(ReadError::WrongLength {
                reading,
                found: length,
                expected: 32,
            })
        };
        assert_eq!(refusal(&bytes, SPEC), expected(Reading::Raw));
        assert_eq!(refusal(&jwk(&bytes), SPEC), expected(Reading::Jwk));
        // As many digits as bytes are wanted, and one byte's two digits, could be something else.
        if length != 16 {
            let digits = hex(&bytes, ":").into_bytes();
            assert_eq!(refusal(&digits, SPEC), expected(Reading::Hex));
        }
    }
    let china = outcome_in(Partition::AwsCn, &binary(32), SPEC, None).err();
    let expected = ReadError::WrongLength {
        reading: Reading::Raw,
        found: 32,
        expected: 16,
    };
    assert_eq!(china, Some(expected));
}

#[test]
fn one_byte_repeated_is_refused_in_every_form() {
    for byte in [0, 1, 0x41, 0xff] {
        let bytes = [byte; 32];
        let expected = Some(ReadError::OneByteRepeated { zero: byte == 0 });
        for file in [
            hex(&bytes, "").into_bytes(),
            STANDARD.encode(bytes).into_bytes(),
            jwk(&bytes),
        ] {
            assert_eq!(refusal(&file, SPEC), expected);
        }
        let raw = outcome(&bytes, SPEC, Some(Reading::Raw)).err();
        assert_eq!(raw, expected);
    }
    let mut almost = [0; 32];
    almost[31] = 1;
    assert!(outcome(&almost, SPEC, None).is_ok());
}

#[test]
fn an_empty_and_an_oversized_file_are_refused_before_they_are_read() {
    assert_eq!(refusal(b"", SPEC), Some(ReadError::Empty));
    let (found, limit) = (FILE_LIMIT + 1, FILE_LIMIT);
    let expected = Some(ReadError::TooLarge { found, limit });
    assert_eq!(refusal(&vec![0x30; found], SPEC), expected);
    assert_eq!(refusal(&vec![0x30; found], KeySpec::Rsa2048), expected);
    assert!(matches!(
        refusal(&vec![0x80; FILE_LIMIT], SPEC),
        Some(ReadError::WrongLength { .. })
    ));
}

#[test]
fn a_key_pairs_file_is_told_as_what_it_is() {
    use Found as F;
    for (file, found) in [
        (vector!("rsa_2048.pkcs8.pem"), F::RsaPrivateKey),
        (vector!("rsa_2048.pkcs8.der"), F::RsaPrivateKey),
        (vector!("rsa_2048.pkcs1.der"), F::RsaPrivateKey),
        (vector!("rsa_2048.jwk"), F::RsaPrivateKey),
        (vector!("p256.sec1.pem"), F::EcPrivateKey),
        (vector!("p256.sec1.der"), F::EcPrivateKey),
        (vector!("p256.pkcs8.der"), F::EcPrivateKey),
        (vector!("p256.jwk"), F::EcPrivateKey),
        (vector!("ed25519.pkcs8.pem"), F::OtherPrivateKey),
        (vector!("p256.openssh.pem"), F::OpenSshPrivateKey),
        (vector!("rsa_2048.spki.pem"), F::PublicKey),
        (vector!("rsa_2048.spki.der"), F::PublicKey),
        (vector!("p256.certificate.pem"), F::Certificate),
        (vector!("p256.certificate.der"), F::Certificate),
        (vector!("p256.p12"), F::Pkcs12),
    ] {
        let expected = ReadError::WrongKind {
            found,
            expected: SPEC,
        };
        assert_eq!(refusal(file, SPEC), Some(expected));
    }
    let encrypted = vector!("p256.encrypted.pkcs8.der");
    assert_eq!(refusal(encrypted, SPEC), Some(ReadError::Encrypted));
}

#[test]
fn a_malformed_jwk_is_unreadable() {
    let unreadable = Some(ReadError::Unreadable { expected: SPEC });
    let k = URL_SAFE_NO_PAD.encode(binary(32));
    for file in [
        "{}".to_owned(),
        "{".to_owned(),
        r#"{"kty": "oct"}"#.to_owned(),
        format!(r#"{{"kty": "oct", "k": "{k}", "k": "{k}"}}"#),
        format!(r#"{{"kty": "oct", "k": "{k}"}} and more"#),
        format!(r#"{{"kty": "oct", "k": "{k}!"}}"#),
        format!(r#"{{"kty": "oct", "k": ["{k}"]}}"#),
        format!(r#"{{"kty": "secret", "k": "{k}"}}"#),
        format!(r#"{{"keys": [{{"kty": "oct", "k": "{k}"}}]}}"#),
    ] {
        assert_eq!(refusal(file.as_bytes(), SPEC), unreadable, "{file}");
    }
}

#[test]
fn a_choice_that_the_file_cannot_be_read_by_is_refused() {
    let unreadable = Err(ReadError::Unreadable { expected: SPEC });
    let bytes = binary(32);
    for choice in [
        Reading::Hex,
        Reading::Base64,
        Reading::Jwk,
        Reading::Pem,
        Reading::Der,
    ] {
        assert_eq!(
            outcome(&bytes, SPEC, Some(choice)),
            unreadable,
            "{choice:?}"
        );
    }
}
