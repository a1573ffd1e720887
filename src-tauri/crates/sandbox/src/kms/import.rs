//! `GetParametersForImport` and `ImportKeyMaterial`: checking, unwrapping, and then binding.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>. Slow work (making
//! and using RSA keys) happens on blocking threads, without a lock.

use std::sync::Arc;

use serde_json::json;
use time::{Duration, OffsetDateTime};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::binding::{self, ImportType, Imported};
use super::import_token::ImportToken;
use super::key::{Key, MaterialId, Secret};
use super::pairs::{self, LazyPair};
use super::parse::{Input, base64, epoch};
use super::refusals::{constraint, internal, invalid_ciphertext, missing, unsupported, validation};
use super::spec::{KeySpec, Origin};
use super::unwrap::{self, WrappingAlgorithm};
use super::world::{KeyAddress, World};
use super::wrapping_keys::{self, WrappingKeySpec};
use super::{Kms, reference, state};
use crate::api::{ApiError, ApiResult, Call};
use crate::regions::Partition;

/// A set of import parameters is good for a day.
const PARAMETERS_VALID: Duration = Duration::hours(24);

/// Imported material lives at most this long, if it expires.
const VALID_TO_MAX: Duration = Duration::days(365);

/// `GetParametersForImport`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
pub(super) async fn get_parameters_for_import(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let (algorithm, wrapping_spec) = wrapping(call, input)?;
    let (at, spec) = {
        let world = kms.read(call.now);
        let (at, key) = importable(&world, call, "GetParametersForImport", input)?;
        (at, key.spec)
    };
    refuse_unfit_wrapping(kms.strict, spec, algorithm, wrapping_spec)?;
    let wrapping_key = wrapping_keys::take(wrapping_spec).await?;
    let public = pairs::rsa_public(&wrapping_key).ok_or_else(|| internal("No public key"))?;
    let valid_to = call.now + PARAMETERS_VALID;
    let token = ImportToken {
        key_arn: at.arn(),
        algorithm,
        valid_to,
        wrapping_key,
    };
    let sealed = kms
        .tokens
        .seal(&token)
        .ok_or_else(|| internal("No import token"))?;
    Ok(json!({
        "KeyId": token.key_arn,
        "ImportToken": base64(&sealed),
        "PublicKey": base64(&public),
        "ParametersValidTo": epoch(valid_to),
    }))
}

/// `ImportKeyMaterial`.
pub(super) async fn import_key_material(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let wrapped = input.required_blob("EncryptedKeyMaterial", 6144)?;
    let token = input.required_blob("ImportToken", 6144)?;
    let import_type = import_type(input)?;
    let description = description(input)?;
    let material_id = material_id(input)?;
    if import_type == Some(ImportType::New) && material_id.is_some() {
        return Err(validation(
            "KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL",
        ));
    }
    let (at, spec) = {
        let world = kms.read(call.now);
        let (at, key) = importable(&world, call, "ImportKeyMaterial", input)?;
        (at, key.spec)
    };
    let names_material = import_type.is_some() || description.is_some() || material_id.is_some();
    if names_material && !spec.is_symmetric_encryption() {
        return Err(unsupported(
            "ImportType, KeyMaterialDescription and KeyMaterialId are valid only for symmetric \
             encryption keys.",
        ));
    }
    // After the key: one that takes no material at all is refused as that, whatever is left out.
    let valid_to = expiry(input, call.now)?;

    let invalid_token = || ApiError::new("InvalidImportTokenException", "Invalid import token");
    let token = kms.tokens.open(&token).ok_or_else(invalid_token)?;
    if token.key_arn != at.arn() {
        return Err(invalid_token());
    }
    if token.valid_to <= call.now {
        return Err(ApiError::new(
            "ExpiredImportTokenException",
            "The import token has expired",
        ));
    }
    let (region, key_id) = (Arc::clone(&at.region), Arc::clone(&at.id));
    let opened = spawn_blocking(move || {
        let bytes = unwrap::unwrap(token.algorithm, &token.wrapping_key, &wrapped)
            .ok_or_else(invalid_ciphertext)?;
        identify(spec, &region, &key_id, bytes)
    });
    let (id, secret) = opened
        .await
        .map_err(|_| internal("The material was not unwrapped"))??;

    // The world may have changed meanwhile: the key is judged again, and then bound in one go.
    let mut world = kms.write(call.now);
    importable(&world, call, "ImportKeyMaterial", input)?;
    let imported = Imported {
        id,
        secret,
        valid_to,
        import_type,
        description,
        material_id,
    };
    binding::bind(&mut world, &at, imported)?;
    let mut answer = json!({ "KeyId": at.arn() });
    if spec.is_symmetric_encryption() {
        answer["KeyMaterialId"] = id.hex().into();
    }
    Ok(answer)
}

/// The key, if it is made for imported material and in a state for this operation.
pub(super) fn importable<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    let (at, key) = reference::found(world, call, operation, reference::key_id(input)?)?;
    let arn = at.arn();
    if key.origin != Origin::External {
        let origin = key.origin.word();
        return Err(unsupported(format!(
            "{arn} origin is {origin} which is not valid for this operation."
        )));
    }
    state::permit(operation, key, &arn)?;
    Ok((at, key))
}

/// Reads the member `KeyMaterialId`.
pub(super) fn material_id(input: Input<'_>) -> Result<Option<MaterialId>, ApiError> {
    let Some(text) = input.text("KeyMaterialId", 64, 64)? else {
        return Ok(None);
    };
    MaterialId::from_hex(text).map(Some).ok_or_else(|| {
        let rule = "Member must satisfy regular expression pattern: ^[a-f0-9]+$";
        constraint(text, "keyMaterialId", rule)
    })
}

fn wrapping(
    call: &Call,
    input: Input<'_>,
) -> Result<(WrappingAlgorithm, WrappingKeySpec), ApiError> {
    let algorithms = [
        "RSAES_PKCS1_V1_5",
        "RSAES_OAEP_SHA_1",
        "RSAES_OAEP_SHA_256",
        "RSA_AES_KEY_WRAP_SHA_1",
        "RSA_AES_KEY_WRAP_SHA_256",
        "SM2PKE",
    ];
    let specs = ["RSA_2048", "RSA_3072", "RSA_4096", "SM2"];
    let algorithm = input
        .choice("WrappingAlgorithm", &algorithms)?
        .ok_or_else(|| missing("WrappingAlgorithm"))?;
    let spec = input
        .choice("WrappingKeySpec", &specs)?
        .ok_or_else(|| missing("WrappingKeySpec"))?;
    // AWS ended RSAES_PKCS1_V1_5 in October 2023; SM2 is for China Regions.
    let refusal = |word: &str| unsupported(format!("{word} is not supported in this Region"));
    let in_china = Partition::of(&call.region) == Partition::China;
    let algorithm = WrappingAlgorithm::parse(algorithm)
        .filter(|algorithm| !(algorithm.is_hybrid() && in_china))
        .ok_or_else(|| refusal(algorithm))?;
    let spec = WrappingKeySpec::parse(spec).ok_or_else(|| refusal(spec))?;
    Ok((algorithm, spec))
}

/// Material that does not fit into a direct RSA encryption.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>
fn refuse_unfit_wrapping(
    strict: bool,
    spec: KeySpec,
    algorithm: WrappingAlgorithm,
    wrapping: WrappingKeySpec,
) -> Result<(), ApiError> {
    if algorithm.is_hybrid() {
        return if strict && !spec.is_asymmetric() {
            Err(unsupported(
                "RSA_AES_KEY_WRAP wrapping algorithms are for RSA and ECC key material.",
            ))
        } else {
            Ok(())
        };
    }
    if spec.rsa_bits().is_some() {
        return Err(unsupported(
            "RSA key material needs an RSA_AES_KEY_WRAP wrapping algorithm.",
        ));
    }
    if spec == KeySpec::EccNistP521 && wrapping == WrappingKeySpec::Rsa2048 {
        return Err(unsupported(
            "An RSA_2048 wrapping key cannot directly wrap an ECC_NIST_P521 private key.",
        ));
    }
    Ok(())
}

/// When the material expires; `None` for never. The default is that it expires.
fn expiry(input: Input<'_>, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, ApiError> {
    let models = ["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];
    let model = input
        .choice("ExpirationModel", &models)?
        .unwrap_or("KEY_MATERIAL_EXPIRES");
    let valid_to = input.moment("ValidTo")?;
    match (model, valid_to) {
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", None) => Ok(None),
        ("KEY_MATERIAL_DOES_NOT_EXPIRE", Some(_)) => Err(validation(
            "ValidTo must be omitted when the key material does not expire",
        )),
        (_, None) => Err(validation(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )),
        (_, Some(end)) if end <= now => Err(validation("ValidTo must be in the future")),
        (_, Some(end)) if end > now + VALID_TO_MAX => {
            Err(validation("ValidTo must be at most 365 days from now"))
        }
        (_, valid_to) => Ok(valid_to),
    }
}

fn import_type(input: Input<'_>) -> Result<Option<ImportType>, ApiError> {
    let word = input.choice("ImportType", &["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"])?;
    Ok(word.map(|word| {
        if word == "NEW_KEY_MATERIAL" {
            ImportType::New
        } else {
            ImportType::Existing
        }
    }))
}

fn description(input: Input<'_>) -> Result<Option<Box<str>>, ApiError> {
    let Some(text) = input.text("KeyMaterialDescription", 0, 256)? else {
        return Ok(None);
    };
    let is_allowed = |letter: char| {
        letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || ":/_.-".contains(letter)
    };
    if text.is_empty() || !text.chars().all(is_allowed) {
        let rule = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_\\s.-]+$";
        return Err(constraint(text, "keyMaterialDescription", rule));
    }
    Ok(Some(text.into()))
}

/// Checks that the bytes are material of this spec and gives them their id in this key.
fn identify(
    spec: KeySpec,
    region: &str,
    key_id: &str,
    bytes: Zeroizing<Vec<u8>>,
) -> Result<(MaterialId, Secret), ApiError> {
    if let Some(length) = spec.material_length(region) {
        if bytes.len() != length {
            return Err(binding::incorrect(format!(
                "Key material of {} must be {length} bytes long.",
                spec.word()
            )));
        }
        return Ok((MaterialId::derive(key_id, &bytes), Secret::raw(bytes)));
    }
    let pair = pairs::parse_pkcs8(spec, &bytes).ok_or_else(|| {
        binding::incorrect(format!(
            "Key material of {} must be one private key in PKCS#8 DER form.",
            spec.word()
        ))
    })?;
    let id = MaterialId::derive(key_id, &pair.public);
    Ok((id, Secret::Pair(Arc::new(LazyPair::imported(spec, pair)))))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;
    use serde_json::{Value, json};

    use super::super::testing::{Bench, NOW, QUICK, base64, request};
    use super::*;
    use crate::kms::LazyPair;

    #[tokio::test]
    async fn all_algorithms_and_sizes_open_what_they_wrapped() {
        let bench = Bench::new();
        let key = bench.external().await;
        for spec in ["RSA_2048", "RSA_3072", "RSA_4096"] {
            for algorithm in [
                "RSAES_OAEP_SHA_1",
                "RSAES_OAEP_SHA_256",
                "RSA_AES_KEY_WRAP_SHA_1",
                "RSA_AES_KEY_WRAP_SHA_256",
            ] {
                let request = bench.wrapped(&key, (algorithm, spec), &[7; 32]).await;
                let answer = bench.ask("ImportKeyMaterial", request).await;
                let id = bench.describe(&key).await["CurrentKeyMaterialId"].clone();
                assert_eq!(answer["KeyMaterialId"], id, "{algorithm} {spec}");
            }
        }
        assert_eq!(bench.state(&key).await, "Enabled");
    }

    #[tokio::test]
    async fn every_importable_spec_takes_its_material_and_nothing_else() {
        let bench = Bench::new();
        let pair = |spec| LazyPair::native(spec).pair().unwrap().private.to_vec();
        for (word, usage, material) in [
            ("HMAC_224", "GENERATE_VERIFY_MAC", vec![1; 28]),
            ("HMAC_256", "GENERATE_VERIFY_MAC", vec![1; 32]),
            ("HMAC_384", "GENERATE_VERIFY_MAC", vec![1; 48]),
            ("HMAC_512", "GENERATE_VERIFY_MAC", vec![1; 64]),
            ("RSA_2048", "SIGN_VERIFY", pair(KeySpec::Rsa2048)),
            ("ECC_NIST_P256", "SIGN_VERIFY", pair(KeySpec::EccNistP256)),
            ("ECC_NIST_P384", "KEY_AGREEMENT", pair(KeySpec::EccNistP384)),
            ("ECC_NIST_P521", "SIGN_VERIFY", pair(KeySpec::EccNistP521)),
            (
                "ECC_SECG_P256K1",
                "SIGN_VERIFY",
                pair(KeySpec::EccSecgP256k1),
            ),
        ] {
            let created = json!({"KeySpec": word, "KeyUsage": usage, "Origin": "EXTERNAL"});
            let key = bench.create(created).await;
            let how = ("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048");
            let set = bench.parameters(&key, how).await;
            let mut longer = material.clone();
            longer.push(0);
            for wrong in [&longer[..], &material[1..], b"x"] {
                let request = request(&set, how.0, wrong);
                let code = bench.code("ImportKeyMaterial", request).await;
                assert_eq!(code, "IncorrectKeyMaterialException", "{word}");
            }
            bench
                .ask("ImportKeyMaterial", request(&set, how.0, &material))
                .await;
            assert_eq!(bench.state(&key).await, "Enabled");
        }
    }

    #[tokio::test]
    async fn an_imported_pair_shows_its_public_key() {
        let bench = Bench::new();
        let made = LazyPair::native(KeySpec::EccNistP256);
        let pair = made.pair().unwrap();
        let created =
            json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"});
        let key = bench.create(created).await;
        assert_eq!(bench.import(&key, &pair.private, json!({})).await, "ok");
        let answer = bench.ask("GetPublicKey", json!({ "KeyId": key })).await;
        assert_eq!(answer["PublicKey"], base64(&pair.public));
        assert_eq!(answer["SigningAlgorithms"], json!(["ECDSA_SHA_256"]));
    }

    #[tokio::test]
    async fn macs_are_made_with_the_imported_bytes() {
        let bench = Bench::new();
        let created =
            json!({"KeySpec": "HMAC_384", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"});
        let key = bench.create(created).await;
        bench.import(&key, &[9; 48], json!({})).await;
        let request =
            json!({"KeyId": key, "MacAlgorithm": "HMAC_SHA_384", "Message": base64(b"hello")});
        let mac = bench.ask("GenerateMac", request.clone()).await["Mac"].clone();
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, &[9; 48]), b"hello");
        assert_eq!(mac, base64(expected.as_ref()));
        let mut verify = request.clone();
        verify["Mac"] = mac;
        assert_eq!(
            bench.ask("VerifyMac", verify.clone()).await["MacValid"],
            true
        );
        verify["Message"] = json!(base64(b"hullo"));
        assert_eq!(
            bench.code("VerifyMac", verify).await,
            "KMSInvalidMacException"
        );
        let mut wrong = request;
        wrong["MacAlgorithm"] = json!("HMAC_SHA_256");
        assert_eq!(
            bench.code("GenerateMac", wrong).await,
            "InvalidKeyUsageException"
        );
    }

    #[tokio::test]
    async fn what_does_not_unwrap_is_an_invalid_ciphertext() {
        let bench = Bench::new();
        let key = bench.external().await;
        let mut garbage = bench.wrapped(&key, QUICK, &[7; 32]).await;
        garbage["EncryptedKeyMaterial"] = json!(base64(&[1; 256]));
        assert_eq!(
            bench.code("ImportKeyMaterial", garbage).await,
            "InvalidCiphertextException"
        );
        // Wrapped with another hash, or in another way, than was asked for.
        for (asked, used) in [
            ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"),
            ("RSA_AES_KEY_WRAP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1"),
            ("RSA_AES_KEY_WRAP_SHA_256", "RSAES_OAEP_SHA_256"),
        ] {
            let set = bench.parameters(&key, (asked, "RSA_2048")).await;
            let request = request(&set, used, &[7; 32]);
            assert_eq!(
                bench.code("ImportKeyMaterial", request).await,
                "InvalidCiphertextException"
            );
        }
    }

    #[tokio::test]
    async fn a_token_is_for_one_key_and_one_day_and_several_are_valid_at_once() {
        let mut bench = Bench::new();
        let key = bench.external().await;
        let other = bench.external().await;
        let older = bench.wrapped(&key, QUICK, &[7; 32]).await;
        let newer = bench
            .wrapped(&key, ("RSAES_OAEP_SHA_1", "RSA_3072"), &[7; 32])
            .await;
        assert_eq!(bench.code("ImportKeyMaterial", older.clone()).await, "ok");
        assert_eq!(bench.code("ImportKeyMaterial", newer.clone()).await, "ok");
        let invalid = "InvalidImportTokenException";
        let mut moved = older.clone();
        moved["KeyId"] = json!(other);
        assert_eq!(bench.code("ImportKeyMaterial", moved).await, invalid);
        let mut bogus = older.clone();
        bogus["ImportToken"] = json!(base64(b"not a token"));
        assert_eq!(bench.code("ImportKeyMaterial", bogus).await, invalid);
        // The blob of one set does not open with the token of another.
        let mut crossed = older.clone();
        crossed["ImportToken"] = newer["ImportToken"].clone();
        assert_eq!(
            bench.code("ImportKeyMaterial", crossed).await,
            "InvalidCiphertextException"
        );
        bench.now += Duration::hours(23);
        assert_eq!(bench.code("ImportKeyMaterial", older.clone()).await, "ok");
        bench.now += Duration::hours(1);
        assert_eq!(
            bench.code("ImportKeyMaterial", older).await,
            "ExpiredImportTokenException"
        );
    }

    #[tokio::test]
    async fn hybrid_wrapping_of_short_material_is_refused_by_the_strict_only() {
        let mut bench = Bench::new();
        let key = bench.external().await;
        let asked = json!({"KeyId": key, "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        let operation = "GetParametersForImport";
        assert_eq!(bench.code(operation, asked.clone()).await, "ok");
        bench.kms = bench.kms.behaving(crate::kms::Manner {
            strict: true,
            ..Default::default()
        });
        assert_eq!(
            bench.code(operation, asked).await,
            "UnsupportedOperationException"
        );
    }

    #[tokio::test]
    async fn an_expiry_is_in_the_future_and_within_a_year() {
        let bench = Bench::new();
        let key = bench.external().await;
        let at = |days: i64| json!((NOW + Duration::days(days)).unix_timestamp());
        let expires = "KEY_MATERIAL_EXPIRES";
        let never = "KEY_MATERIAL_DOES_NOT_EXPIRE";
        for (model, valid_to, expected) in [
            (json!(expires), Value::Null, "ValidationException"),
            (Value::Null, Value::Null, "ValidationException"),
            (json!(expires), at(-1), "ValidationException"),
            (json!(expires), at(366), "ValidationException"),
            (json!(never), at(3), "ValidationException"),
            (Value::Null, at(365), "ok"),
            (json!(expires), at(3), "ok"),
        ] {
            let more = json!({ "ExpirationModel": model, "ValidTo": valid_to });
            assert_eq!(
                bench.import(&key, &[7; 32], more.clone()).await,
                expected,
                "{more}"
            );
        }
        let described = bench.describe(&key).await;
        assert_eq!(described["ExpirationModel"], expires);
        assert_eq!(described["ValidTo"].as_f64(), at(3).as_f64());
    }

    #[tokio::test]
    async fn a_key_that_takes_no_material_is_refused_as_that_before_the_expiry_is_looked_at() {
        let bench = Bench::new();
        let native = bench.create(json!({})).await;
        let unknown = "12345678-1234-1234-1234-123456789012".to_owned();
        for (key, code) in [
            (native, "UnsupportedOperationException"),
            (unknown, "NotFoundException"),
        ] {
            let (token, material) = (base64(b"token"), base64(b"material"));
            let request =
                json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": material});
            assert_eq!(bench.code("ImportKeyMaterial", request).await, code);
        }
    }

    #[tokio::test]
    async fn material_that_does_not_fit_is_refused_when_parameters_are_asked_for() {
        let bench = Bench::new();
        let rsa = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"}))
            .await;
        let p521 = bench.create(json!({"KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"})).await;
        let unsupported = "UnsupportedOperationException";
        for (key, algorithm, spec, expected) in [
            (&rsa, "RSAES_OAEP_SHA_256", "RSA_4096", unsupported),
            (&p521, "RSAES_OAEP_SHA_256", "RSA_2048", unsupported),
            (&p521, "RSAES_OAEP_SHA_256", "RSA_3072", "ok"),
            (&p521, "RSAES_PKCS1_V1_5", "RSA_3072", unsupported),
            (&p521, "SM2PKE", "SM2", unsupported),
            (&p521, "ROT13", "RSA_3072", "ValidationException"),
        ] {
            let input =
                json!({"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec});
            assert_eq!(bench.code("GetParametersForImport", input).await, expected);
        }
    }
}
