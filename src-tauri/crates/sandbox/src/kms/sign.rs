//! `Sign` and `Verify`, with the real key pair.
//!
//! Edwards curves and ML-DSA sign whole messages only here: what AWS takes beyond that (a digest for
//! Ed25519ph, an external mu) is refused.

use std::sync::Arc;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaParameters, RsaSignatureEncoding,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::crypto::{finish_dry_run, require_algorithm, require_usage, usable};
use super::key::Secret;
use super::pairs::{self, LazyPair, Pair};
use super::parse::{Input, base64};
use super::refusals::{internal, missing, unsupported, validation};
use super::spec::{KeySpec, KeyUsage};
use super::world::KeyAddress;
use super::{Kms, reference};
use crate::api::{ApiError, ApiResult, Call};

const MESSAGE_MAX: usize = 4096;
const SIGNATURE_MAX: usize = 6144;

/// `Sign`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
pub(super) async fn sign(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let asked = Asked::read(kms, call, "Sign", input)?;
    finish_dry_run(input)?;
    let scheme = asked.scheme;
    let message = asked.message;
    let signature = kms
        .with_pair(asked.pair, move |pair| scheme.sign(pair, &message))
        .await?
        .ok_or_else(|| internal("The signature was not made"))?;
    kms.note_use(call, "Sign", &asked.at);
    Ok(json!({
        "KeyId": asked.at.arn(),
        "Signature": base64(&signature),
        "SigningAlgorithm": asked.algorithm,
    }))
}

/// `Verify`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html>
pub(super) async fn verify(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let signature = input.required_blob("Signature", SIGNATURE_MAX)?;
    let asked = Asked::read(kms, call, "Verify", input)?;
    let scheme = asked.scheme;
    let message = asked.message;
    let is_valid = kms
        .with_pair(asked.pair, move |pair| {
            scheme.verify(&pair.public, &message, &signature)
        })
        .await?;
    if !is_valid {
        return Err(ApiError::new("KMSInvalidSignatureException", ""));
    }
    finish_dry_run(input)?;
    kms.note_use(call, "Verify", &asked.at);
    Ok(json!({
        "KeyId": asked.at.arn(),
        "SignatureValid": true,
        "SigningAlgorithm": asked.algorithm,
    }))
}

/// What both operations are sent.
struct Asked {
    at: KeyAddress,
    algorithm: &'static str,
    scheme: Scheme,
    message: Message,
    pair: Arc<LazyPair>,
}

/// What is signed.
enum Message {
    Whole(Zeroizing<Vec<u8>>),
    Digest(Digest),
}

/// How it is signed.
#[derive(Clone, Copy)]
enum Scheme {
    Rsa {
        hash: &'static digest::Algorithm,
        encoding: &'static RsaSignatureEncoding,
        parameters: &'static RsaParameters,
    },
    Ecdsa {
        hash: &'static digest::Algorithm,
        spec: KeySpec,
    },
    Ed25519,
    MlDsa(KeySpec),
}

impl Asked {
    fn read(kms: &Kms, call: &Call, operation: &str, input: Input<'_>) -> Result<Self, ApiError> {
        let message = input.required_blob("Message", MESSAGE_MAX)?;
        let types = ["RAW", "DIGEST", "EXTERNAL_MU"];
        let message_type = input.choice("MessageType", &types)?.unwrap_or("RAW");
        let word = input
            .choice("SigningAlgorithm", &ALGORITHMS)?
            .ok_or_else(|| missing("SigningAlgorithm"))?;
        // Ed25519ph takes nothing but the hash of the message, whoever asks with which key.
        if word == "ED25519_PH_SHA_512" && message_type != "DIGEST" {
            return Err(wrong_type(message_type, word));
        }
        let (at, spec, pair) = {
            let world = kms.read(call.now);
            let reference = reference::key_id(input)?;
            let (at, key) = usable(&world, call, operation, reference, |at, key| {
                require_usage(at, key, operation, KeyUsage::SignVerify)?;
                require_algorithm(key, word)
            })?;
            let secret = key.current().and_then(|material| material.secret.clone());
            (at, key.spec, secret)
        };
        let (algorithm, scheme) = ALGORITHMS
            .into_iter()
            .find(|known| *known == word)
            .and_then(|known| Some((known, Scheme::of(known, spec)?)))
            .ok_or_else(|| unsupported(format!("{word} is not simulated")))?;
        let message = match (message_type, scheme.hash()) {
            ("RAW", Some(hash)) => Message::Digest(digest::digest(hash, &message)),
            ("RAW", None) => Message::Whole(message),
            ("DIGEST", Some(hash)) => {
                let digest = Digest::import_less_safe(&message, hash).map_err(|_| {
                    validation(format!("Digest is invalid length for algorithm {word}."))
                })?;
                Message::Digest(digest)
            }
            _ => {
                return Err(wrong_type(message_type, word));
            }
        };
        let Some(Secret::Pair(pair)) = pair else {
            return Err(internal("The key has no material"));
        };
        Ok(Self {
            at,
            algorithm,
            scheme,
            message,
            pair,
        })
    }
}

fn wrong_type(message_type: &str, algorithm: &str) -> ApiError {
    validation(format!(
        "MessageType {message_type} is not valid for {algorithm}."
    ))
}

const ALGORITHMS: [&str; 13] = [
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
];

impl Scheme {
    fn of(algorithm: &str, spec: KeySpec) -> Option<Self> {
        let rsa = |hash, encoding, parameters| {
            Some(Self::Rsa {
                hash,
                encoding,
                parameters,
            })
        };
        let ecdsa = |hash| Some(Self::Ecdsa { hash, spec });
        match algorithm {
            "RSASSA_PSS_SHA_256" => rsa(
                &digest::SHA256,
                &signature::RSA_PSS_SHA256,
                &signature::RSA_PSS_2048_8192_SHA256,
            ),
            "RSASSA_PSS_SHA_384" => rsa(
                &digest::SHA384,
                &signature::RSA_PSS_SHA384,
                &signature::RSA_PSS_2048_8192_SHA384,
            ),
            "RSASSA_PSS_SHA_512" => rsa(
                &digest::SHA512,
                &signature::RSA_PSS_SHA512,
                &signature::RSA_PSS_2048_8192_SHA512,
            ),
            "RSASSA_PKCS1_V1_5_SHA_256" => rsa(
                &digest::SHA256,
                &signature::RSA_PKCS1_SHA256,
                &signature::RSA_PKCS1_2048_8192_SHA256,
            ),
            "RSASSA_PKCS1_V1_5_SHA_384" => rsa(
                &digest::SHA384,
                &signature::RSA_PKCS1_SHA384,
                &signature::RSA_PKCS1_2048_8192_SHA384,
            ),
            "RSASSA_PKCS1_V1_5_SHA_512" => rsa(
                &digest::SHA512,
                &signature::RSA_PKCS1_SHA512,
                &signature::RSA_PKCS1_2048_8192_SHA512,
            ),
            "ECDSA_SHA_256" => ecdsa(&digest::SHA256),
            "ECDSA_SHA_384" => ecdsa(&digest::SHA384),
            "ECDSA_SHA_512" => ecdsa(&digest::SHA512),
            "ED25519_SHA_512" => Some(Self::Ed25519),
            "ML_DSA_SHAKE_256" => Some(Self::MlDsa(spec)),
            _ => None,
        }
    }

    /// What the message is hashed with before it is signed.
    fn hash(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::Rsa { hash, .. } | Self::Ecdsa { hash, .. } => Some(hash),
            Self::Ed25519 | Self::MlDsa(_) => None,
        }
    }

    /// `None` if the cryptographic library fails.
    fn sign(self, pair: &Pair, message: &Message) -> Option<Vec<u8>> {
        let private = &pair.private;
        match (self, message) {
            (Self::Rsa { encoding, .. }, Message::Digest(digest)) => {
                let key = rsa::KeyPair::from_pkcs8(private).ok()?;
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign_digest(encoding, digest, &mut signature).ok()?;
                Some(signature)
            }
            (Self::Ecdsa { spec, .. }, Message::Digest(digest)) => {
                let key = EcdsaKeyPair::from_pkcs8(pairs::ecdsa(spec)?, private).ok()?;
                Some(key.sign_digest(digest).ok()?.as_ref().to_vec())
            }
            (Self::Ed25519, Message::Whole(message)) => {
                let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(private).ok()?;
                Some(key.sign(message).as_ref().to_vec())
            }
            (Self::MlDsa(spec), Message::Whole(message)) => {
                let algorithm = pairs::ml_dsa(spec)?;
                let key = PqdsaKeyPair::from_pkcs8(algorithm, private).ok()?;
                let mut signature = vec![0; algorithm.signature_len()];
                let length = key.sign(message, &mut signature).ok()?;
                signature.truncate(length);
                Some(signature)
            }
            _ => None,
        }
    }

    fn verify(self, public: &[u8], message: &Message, signature: &[u8]) -> bool {
        let algorithm: &'static dyn VerificationAlgorithm = match self {
            Self::Rsa { parameters, .. } => parameters,
            Self::Ecdsa { spec, .. } => match spec {
                KeySpec::EccNistP384 => &signature::ECDSA_P384_SHA384_ASN1,
                KeySpec::EccNistP521 => &signature::ECDSA_P521_SHA512_ASN1,
                KeySpec::EccSecgP256k1 => &signature::ECDSA_P256K1_SHA256_ASN1,
                _ => &signature::ECDSA_P256_SHA256_ASN1,
            },
            Self::Ed25519 => &signature::ED25519,
            Self::MlDsa(spec) => match spec {
                KeySpec::MlDsa44 => &signature::ML_DSA_44,
                KeySpec::MlDsa65 => &signature::ML_DSA_65,
                _ => &signature::ML_DSA_87,
            },
        };
        let key = UnparsedPublicKey::new(algorithm, public);
        match message {
            Message::Whole(message) => key.verify(message, signature).is_ok(),
            Message::Digest(digest) => key.verify_digest(digest, signature).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use serde_json::{Value, json};

    use super::super::testing::{Bench, base64};

    const RSA: [&str; 6] = [
        "RSASSA_PSS_SHA_256",
        "RSASSA_PSS_SHA_384",
        "RSASSA_PSS_SHA_512",
        "RSASSA_PKCS1_V1_5_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_384",
        "RSASSA_PKCS1_V1_5_SHA_512",
    ];

    async fn key(bench: &Bench, spec: &str) -> String {
        bench
            .create(json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY"}))
            .await
    }

    fn hashed(algorithm: &str, message: &[u8]) -> String {
        let hash = match &algorithm[algorithm.len() - 3..] {
            "256" => &digest::SHA256,
            "384" => &digest::SHA384,
            _ => &digest::SHA512,
        };
        base64(digest::digest(hash, message).as_ref())
    }

    #[tokio::test]
    async fn a_message_and_its_digest_are_the_same_to_every_algorithm() {
        let bench = Bench::new();
        let mut cases = vec![
            ("ECC_NIST_P256", "ECDSA_SHA_256"),
            ("ECC_NIST_P384", "ECDSA_SHA_384"),
            ("ECC_NIST_P521", "ECDSA_SHA_512"),
            ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
        ];
        cases.extend(RSA.map(|algorithm| ("RSA_2048", algorithm)));
        let rsa = key(&bench, "RSA_2048").await;
        for (spec, algorithm) in cases {
            let key = match spec {
                "RSA_2048" => rsa.clone(),
                spec => key(&bench, spec).await,
            };
            let raw =
                json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": base64(b"pay 10")});
            let digest = json!({
                "KeyId": key, "SigningAlgorithm": algorithm, "MessageType": "DIGEST",
                "Message": hashed(algorithm, b"pay 10"),
            });
            for (signed, verified) in [(&raw, &digest), (&digest, &raw)] {
                let answer = bench.ask("Sign", signed.clone()).await;
                assert_eq!(answer["SigningAlgorithm"], algorithm);
                let mut verify = verified.clone();
                verify["Signature"] = answer["Signature"].clone();
                assert_eq!(
                    bench.ask("Verify", verify.clone()).await["SignatureValid"],
                    true
                );
                verify["MessageType"] = json!("RAW");
                verify["Message"] = json!(base64(b"pay 100"));
                let refused = bench.code("Verify", verify).await;
                assert_eq!(
                    refused, "KMSInvalidSignatureException",
                    "{spec} {algorithm}"
                );
            }
        }
    }

    #[tokio::test]
    async fn edwards_and_ml_dsa_keys_sign_whole_messages() {
        let bench = Bench::new();
        for (spec, algorithm) in [
            ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
            ("ML_DSA_44", "ML_DSA_SHAKE_256"),
            ("ML_DSA_87", "ML_DSA_SHAKE_256"),
        ] {
            let key = key(&bench, spec).await;
            let mut input =
                json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": base64(b"x")});
            input["Signature"] = bench.ask("Sign", input.clone()).await["Signature"].clone();
            assert_eq!(bench.code("Verify", input.clone()).await, "ok", "{spec}");
            input["Message"] = json!(base64(b"y"));
            assert_eq!(
                bench.code("Verify", input).await,
                "KMSInvalidSignatureException"
            );
        }
    }

    #[tokio::test]
    async fn what_aws_refuses_is_refused() {
        let bench = Bench::new();
        let rsa = key(&bench, "RSA_2048").await;
        let ecc = key(&bench, "ECC_NIST_P384").await;
        let edwards = key(&bench, "ECC_NIST_EDWARDS25519").await;
        let listed = bench.describe(&edwards).await["SigningAlgorithms"].clone();
        assert_eq!(listed, json!(["ED25519_SHA_512"]));
        let symmetric = bench.create(json!({})).await;
        let encrypting = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
            .await;
        let disabled = key(&bench, "ECC_NIST_P256").await;
        bench.ask("DisableKey", json!({"KeyId": disabled})).await;
        let waiting = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"}))
            .await;
        let sign = |key: &str, algorithm: &str, more: Value| {
            let mut input =
                json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": base64(b"x")});
            for (name, value) in more.as_object().unwrap() {
                input[name] = value.clone();
            }
            input
        };
        let (usage, validation) = ("InvalidKeyUsageException", "ValidationException");
        for (input, code) in [
            (sign(&symmetric, RSA[0], json!({})), usage),
            (sign(&encrypting, RSA[0], json!({})), usage),
            (sign(&rsa, "ECDSA_SHA_256", json!({})), usage),
            (sign(&ecc, "ECDSA_SHA_256", json!({})), usage),
            (sign(&ecc, "ROT13", json!({})), validation),
            (sign(&edwards, "ED25519_PH_SHA_512", json!({})), validation),
            // The key does not list it: the sandbox cannot make such signatures.
            (
                sign(
                    &edwards,
                    "ED25519_PH_SHA_512",
                    json!({"MessageType": "DIGEST", "Message": base64(&[7; 64])}),
                ),
                usage,
            ),
            (
                sign(&ecc, "ECDSA_SHA_384", json!({"MessageType": "DIGEST"})),
                validation,
            ),
            (
                sign(&ecc, "ECDSA_SHA_384", json!({"MessageType": "EXTERNAL_MU"})),
                validation,
            ),
            (
                sign(
                    &ecc,
                    "ECDSA_SHA_384",
                    json!({"Message": base64(&[0; 4097])}),
                ),
                validation,
            ),
            (
                sign(&rsa, RSA[0], json!({"DryRun": true})),
                "DryRunOperationException",
            ),
            (
                sign(&disabled, "ECDSA_SHA_256", json!({})),
                "DisabledException",
            ),
            (
                sign(&waiting, RSA[0], json!({})),
                "KMSInvalidStateException",
            ),
            (json!({"KeyId": rsa, "Message": base64(b"x")}), validation),
        ] {
            assert_eq!(bench.code("Sign", input.clone()).await, code, "{input}");
        }
    }

    #[tokio::test]
    async fn an_imported_key_signs_as_its_pair_does_elsewhere() {
        use aws_lc_rs::rsa::KeySize;
        use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;

        let bench = Bench::new();
        let pair = aws_lc_rs::rsa::PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let private = super::pairs::rsa_private(&pair).unwrap();
        let asked = json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"});
        let key = bench.create(asked).await;
        let how = ("RSA_AES_KEY_WRAP_SHA_256", "RSA_2048");
        let import = bench.wrapped(&key, how, &private).await;
        bench.ask("ImportKeyMaterial", import).await;
        let input = json!({"KeyId": key, "SigningAlgorithm": RSA[3], "Message": base64(b"x")});
        let signature = bench.ask("Sign", input).await["Signature"].clone();
        let signature = STANDARD.decode(signature.as_str().unwrap()).unwrap();
        let public = super::pairs::rsa_public(&pair).unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(b"x", &signature)
            .unwrap();
    }
}
