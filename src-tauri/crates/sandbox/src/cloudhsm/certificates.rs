//! The certificates of a cluster: those that the hardware brings, the request that the customer
//! signs, and the look at what the customer sends back.
//!
//! <https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html>. RFC 5280 for
//! certificates, RFC 2986 for the request.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA384_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use der::asn1::{
    Any, AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier, OctetStringRef, SetOfVec,
    UintRef, Utf8StringRef,
};
use der::{
    Decode as _, Encode as _, EncodeValue, Reader as _, SliceReader, Tag, TagMode, TagNumber,
    Tagged,
};
use serde::{Deserialize, Serialize};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::pem::{from_pem, pem};

const CERTIFICATE: &str = "CERTIFICATE";
const REQUEST: &str = "CERTIFICATE REQUEST";

/// How long what is made here is valid.
const VALIDITY: Duration = Duration::days(3650);

/// What a cluster shows from its first HSM on, as PEM.
#[derive(Serialize, Deserialize)]
pub(super) struct Hardware {
    /// The request that the customer's certificate authority is to sign.
    pub(super) csr: String,
    /// Of the key in the request, issued by the hardware.
    pub(super) hsm: String,
    /// Of the hardware, issued by AWS CloudHSM.
    pub(super) aws: String,
    /// Of the hardware, issued by its manufacturer.
    pub(super) manufacturer: String,
}

/// Makes the keys of a new cluster and what tells about them. As with the key pairs of KMS, the
/// cryptographic library takes the operating system's randomness. `None` if it refuses.
pub(super) fn make_hardware(cluster_id: &str, now: OffsetDateTime) -> Option<Hardware> {
    let (cluster, hardware, aws, manufacturer) = (
        Signer::new()?,
        Signer::new()?,
        Signer::new()?,
        Signer::new()?,
    );
    let name = |common_name: &str| name("OwnKey sandbox", common_name);
    let of_cluster = name(&format!("HSM of {cluster_id}"))?;
    let board = name("HSM hardware")?;
    let aws_name = name("AWS CloudHSM hardware root")?;
    let maker_name = name("HSM manufacturer root")?;
    Some(Hardware {
        csr: make_request(&cluster, of_cluster.clone())?,
        hsm: hardware.issue(&board, &cluster.public, &of_cluster, now)?,
        aws: aws.issue(&aws_name, &hardware.public, &board, now)?,
        manufacturer: manufacturer.issue(&maker_name, &hardware.public, &board, now)?,
    })
}

/// Makes a certificate that is its own issuer.
pub(super) fn make_self_signed(common_name: &str, now: OffsetDateTime) -> Option<String> {
    let signer = Signer::new()?;
    let name = name("OwnKey sandbox", common_name)?;
    signer.issue(&name, &signer.public, &name, now)
}

/// Why certificates do not claim a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The trust anchor is no certificate that its own key has signed.
    TrustAnchor,
    /// The other is no certificate.
    NotACertificate,
    /// It is one for another key than the request's.
    OtherKey,
    /// The trust anchor has not issued it.
    OtherIssuer,
}

/// Whether `signed` is the certificate for the request `csr`, issued by `anchor`, which has to be a
/// root: the certificate that signed must be directly available.
pub(super) fn check_claim(csr: &str, signed: &str, anchor: &str) -> Result<(), Unfit> {
    let anchor = certificate_in(anchor).ok_or(Unfit::TrustAnchor)?;
    let anchor = Certificate::read(&anchor).map_err(|_| Unfit::TrustAnchor)?;
    if anchor.issuer != anchor.subject || !anchor.is_signed_by(anchor.public_key) {
        return Err(Unfit::TrustAnchor);
    }
    let signed = certificate_in(signed).ok_or(Unfit::NotACertificate)?;
    let signed = Certificate::read(&signed).map_err(|_| Unfit::NotACertificate)?;
    let request = from_pem(REQUEST, csr).unwrap_or_default();
    if key_in_request(&request) != Ok(signed.public_key) {
        return Err(Unfit::OtherKey);
    }
    if signed.issuer != anchor.subject || !signed.is_signed_by(anchor.public_key) {
        return Err(Unfit::OtherIssuer);
    }
    Ok(())
}

/// Whether two texts hold the same certificate, however their lines are broken.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    certificate_in(one).is_some_and(|der| certificate_in(other) == Some(der))
}

fn certificate_in(text: &str) -> Option<Vec<u8>> {
    from_pem(CERTIFICATE, text)
}

/// A P-256 key that issues.
struct Signer {
    pair: EcdsaKeyPair,
    /// `SubjectPublicKeyInfo`.
    public: Any,
}

impl Signer {
    fn new() -> Option<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).ok()?;
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
        let public = Any::from_der(der.as_ref()).ok()?;
        Some(Self { pair, public })
    }

    /// A certificate for `key`, as PEM.
    fn issue(&self, issuer: &Any, key: &Any, subject: &Any, now: OffsetDateTime) -> Option<String> {
        let end = now.checked_add(VALIDITY).unwrap_or(now);
        let serial = digest::digest(&digest::SHA256, &[issuer.value(), key.value()].concat());
        let body = [
            any(&explicit(0, 2_u8))?,
            any(&UintRef::new(&serial.as_ref()[..16]).ok()?)?,
            any(&ALGORITHM)?,
            issuer.clone(),
            any(&[moment(now)?, moment(end)?])?,
            subject.clone(),
            key.clone(),
            any(&explicit(3, [authority()?]))?,
        ];
        Some(pem(CERTIFICATE, &self.sign(any(&body)?)?))
    }

    /// The signed form that certificates and requests have in common.
    fn sign(&self, body: Any) -> Option<Vec<u8>> {
        let signed_part = body.to_der().ok()?;
        let signature = self.pair.sign(&SystemRandom::new(), &signed_part).ok()?;
        let signature = any(&BitStringRef::from_bytes(signature.as_ref()).ok()?)?;
        [body, any(&ALGORITHM)?, signature].to_der().ok()
    }
}

fn make_request(signer: &Signer, subject: Any) -> Option<String> {
    let attributes = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(0),
    };
    let none = Any::new(attributes, []).ok()?;
    let body = [any(&0_u8)?, subject, signer.public.clone(), none];
    Some(pem(REQUEST, &signer.sign(any(&body)?)?))
}

/// A value that stands beside values of other types.
fn any<T: EncodeValue + Tagged>(value: &T) -> Option<Any> {
    Any::encode_from(value).ok()
}

/// A value in an element that only its place explains.
fn explicit<T>(number: u32, value: T) -> ContextSpecific<T> {
    ContextSpecific {
        tag_number: TagNumber(number),
        tag_mode: TagMode::Explicit,
        value,
    }
}

/// The extension that says that the key may issue certificates.
fn authority() -> Option<Any> {
    let constraints = [true].to_der().ok()?;
    let constraints = any(&OctetStringRef::new(&constraints).ok()?)?;
    any(&[any(&BASIC_CONSTRAINTS)?, any(&true)?, constraints])
}

/// A distinguished name of an organisation and a common name.
fn name(organisation: &str, common_name: &str) -> Option<Any> {
    let part = |kind: ObjectIdentifier, text: &str| {
        let text = any(&Utf8StringRef::new(text).ok()?)?;
        any(&SetOfVec::try_from([[any(&kind)?, text]]).ok()?)
    };
    any(&[
        part(ORGANISATION, organisation)?,
        part(COMMON_NAME, common_name)?,
    ])
}

/// A date: with two digits of the year as long as they are unambiguous.
fn moment(moment: OffsetDateTime) -> Option<Any> {
    let short = format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    let long = format_description!("[year][month][day][hour][minute][second]Z");
    let (tag, text) = if (1950..2050).contains(&moment.year()) {
        (Tag::UtcTime, moment.format(&short))
    } else {
        (Tag::GeneralizedTime, moment.format(&long))
    };
    Any::new(tag, text.ok()?.into_bytes()).ok()
}

/// What is looked at of a certificate.
struct Certificate<'a> {
    signed_part: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    /// `SubjectPublicKeyInfo`.
    public_key: &'a [u8],
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    fn read(der: &'a [u8]) -> der::Result<Self> {
        let (signed_part, algorithm, signature) = AnyRef::from_der(der)?.sequence(|whole| {
            let signed_part = whole.tlv_bytes()?;
            let algorithm = AlgorithmIdentifierRef::decode(whole)?;
            der::Result::Ok((signed_part, algorithm, BitStringRef::decode(whole)?))
        })?;
        AnyRef::from_der(signed_part)?.sequence(|body| {
            // The version is left out of certificates of version 1.
            body.context_specific::<u8>(TagNumber(0), TagMode::Explicit)?;
            let _serial = body.tlv_bytes()?;
            let signed_algorithm = AlgorithmIdentifierRef::decode(body)?;
            let issuer = body.tlv_bytes()?;
            let _validity = body.tlv_bytes()?;
            let subject = body.tlv_bytes()?;
            let public_key = body.tlv_bytes()?;
            while !body.is_finished() {
                body.tlv_bytes()?;
            }
            let is_same = algorithm == signed_algorithm;
            let signature = signature.as_bytes().filter(|_| is_same);
            Ok(Self {
                signed_part,
                issuer,
                subject,
                public_key,
                algorithm,
                signature: signature.ok_or(Tag::BitString.value_error())?,
            })
        })
    }

    /// Whether the owner of this public key has signed it.
    fn is_signed_by(&self, public_key: &[u8]) -> bool {
        let Some(algorithm) = verification(self.algorithm.oid, public_key) else {
            return false;
        };
        UnparsedPublicKey::new(algorithm, public_key)
            .verify(self.signed_part, self.signature)
            .is_ok()
    }
}

/// The `SubjectPublicKeyInfo` of a request.
fn key_in_request(der: &[u8]) -> der::Result<&[u8]> {
    let whole = AnyRef::from_der(der)?;
    let (body, _) = AnyRef::from_der_partial(whole.value())?;
    let mut fields = SliceReader::new(body.value())?;
    let _version = fields.tlv_bytes()?;
    let _subject = fields.tlv_bytes()?;
    fields.tlv_bytes()
}

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ED25519_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");

/// How everything here is signed.
const ALGORITHM: AlgorithmIdentifierRef<'_> = AlgorithmIdentifierRef {
    oid: ECDSA_WITH_SHA256,
    parameters: None,
};

/// How a signature of this kind is checked with this key; `None` for kinds that customers' certificate
/// authorities have no reason to use any more.
fn verification(
    signature_algorithm: ObjectIdentifier,
    public_key: &[u8],
) -> Option<&'static dyn VerificationAlgorithm> {
    match signature_algorithm {
        RSA_WITH_SHA256 => return Some(&RSA_PKCS1_2048_8192_SHA256),
        RSA_WITH_SHA384 => return Some(&RSA_PKCS1_2048_8192_SHA384),
        RSA_WITH_SHA512 => return Some(&RSA_PKCS1_2048_8192_SHA512),
        ED25519_ID => return Some(&ED25519),
        _ => {}
    }
    let key = SubjectPublicKeyInfoRef::from_der(public_key).ok()?;
    let curve = key.algorithm.parameters_oid().ok()?;
    match (curve, signature_algorithm) {
        (P256, ECDSA_WITH_SHA256) => Some(&ECDSA_P256_SHA256_ASN1),
        (P256, ECDSA_WITH_SHA384) => Some(&ECDSA_P256_SHA384_ASN1),
        (P384, ECDSA_WITH_SHA256) => Some(&ECDSA_P384_SHA256_ASN1),
        (P384, ECDSA_WITH_SHA384) => Some(&ECDSA_P384_SHA384_ASN1),
        (P521, ECDSA_WITH_SHA256) => Some(&ECDSA_P521_SHA256_ASN1),
        (P521, ECDSA_WITH_SHA384) => Some(&ECDSA_P521_SHA384_ASN1),
        (P521, ECDSA_WITH_SHA512) => Some(&ECDSA_P521_SHA512_ASN1),
        _ => None,
    }
}

/// The customer's side of a claim, for tests.
#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A certificate for the key in a request, and the root that issued it.
    pub(in crate::cloudhsm) fn sign(csr: &str, now: OffsetDateTime) -> (String, String) {
        let authority = Signer::new().unwrap();
        let root = name("Example Corp", "customerCA").unwrap();
        let request = from_pem(REQUEST, csr).unwrap();
        let key = Any::from_der(key_in_request(&request).unwrap()).unwrap();
        let subject = name("Example Corp", "cluster").unwrap();
        (
            authority.issue(&root, &key, &subject, now).unwrap(),
            authority
                .issue(&root, &authority.public, &root, now)
                .unwrap(),
        )
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::testing::sign;
    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-14 09:26:53.589 UTC);

    #[test]
    fn a_claim_needs_this_request_and_its_own_issuer() {
        let hardware = make_hardware("cluster-abcdefghijk", NOW).unwrap();
        let (signed, anchor) = sign(&hardware.csr, NOW);
        let (_, other_anchor) = sign(&hardware.csr, NOW);
        let check = |signed: &str, anchor: &str| check_claim(&hardware.csr, signed, anchor);
        assert_eq!(check(&signed, &anchor), Ok(()));
        assert_eq!(check(&signed, &other_anchor), Err(Unfit::OtherIssuer));
        assert_eq!(check(&anchor, &anchor), Err(Unfit::OtherKey));
        assert_eq!(check("x", &anchor), Err(Unfit::NotACertificate));
        assert_eq!(check(&signed, &signed), Err(Unfit::TrustAnchor));
        assert_eq!(check(&signed, ""), Err(Unfit::TrustAnchor));
        let broken = from_pem(CERTIFICATE, &signed).unwrap();
        for length in 0..broken.len() {
            let cut = pem(CERTIFICATE, &broken[..length]);
            assert_eq!(check(&cut, &anchor), Err(Unfit::NotACertificate));
            // Whatever one byte makes of it, it is read without a panic, and nothing signed by another.
            let mut changed = broken.clone();
            changed[length] ^= 0x85;
            assert!(check(&pem(CERTIFICATE, &changed), &anchor).is_err());
        }
    }

    #[test]
    fn the_hardware_vouches_for_the_key_in_the_request() {
        let hardware = make_hardware("cluster-abcdefghijk", NOW).unwrap();
        let request = from_pem(REQUEST, &hardware.csr).unwrap();
        let [hsm, aws, maker] = [&hardware.hsm, &hardware.aws, &hardware.manufacturer]
            .map(|text| certificate_in(text).unwrap());
        let [hsm, aws, maker] = [&hsm, &aws, &maker].map(|der| Certificate::read(der).unwrap());
        assert_eq!(key_in_request(&request), Ok(hsm.public_key));
        assert!(hsm.is_signed_by(aws.public_key) && hsm.issuer == aws.subject);
        assert_eq!(aws.public_key, maker.public_key);
        assert_ne!(aws.issuer, maker.issuer);
    }

    #[test]
    fn line_ends_do_not_make_another_certificate() {
        let one = make_self_signed("root", NOW).unwrap();
        assert!(is_same(&one, &one.replace('\n', "\r\n")));
        assert!(is_same(&one, one.trim()));
        assert!(!is_same(&one, &make_self_signed("root", NOW).unwrap()));
        assert!(!is_same("", ""));
        for year in [1900, 2049, 2050, 9999] {
            let date = NOW.replace_year(year).unwrap();
            assert!(make_self_signed("root", date).is_some(), "{year}");
        }
    }
}
