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
use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::der::{
    self, Element, GENERALIZED_TIME, OBJECT_ID, OCTET_STRING, SEQUENCE, SET, UTC_TIME, UTF8_STRING,
    bits, constructed, context, element, from_pem, pem, positive,
};

const CERTIFICATE: &str = "CERTIFICATE";

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
    let name = name("OwnKey sandbox", &format!("HSM of {cluster_id}"));
    let board = self::name("OwnKey sandbox", "HSM hardware");
    let aws_name = self::name("OwnKey sandbox", "AWS CloudHSM hardware root");
    let maker_name = self::name("OwnKey sandbox", "HSM manufacturer root");
    Some(Hardware {
        csr: make_request(&cluster, &name)?,
        hsm: hardware.issue(&board, &cluster.public, &name, now)?,
        aws: aws.issue(&aws_name, &hardware.public, &board, now)?,
        manufacturer: manufacturer.issue(&maker_name, &hardware.public, &board, now)?,
    })
}

/// Makes a certificate that is its own issuer.
pub(super) fn make_self_signed(common_name: &str, now: OffsetDateTime) -> Option<String> {
    let signer = Signer::new()?;
    let name = name("OwnKey sandbox", common_name);
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
    let anchor = Certificate::read(&anchor).ok_or(Unfit::TrustAnchor)?;
    if anchor.issuer != anchor.subject || !anchor.is_signed_by(anchor.public_key) {
        return Err(Unfit::TrustAnchor);
    }
    let signed = certificate_in(signed).ok_or(Unfit::NotACertificate)?;
    let signed = Certificate::read(&signed).ok_or(Unfit::NotACertificate)?;
    let request = from_pem("CERTIFICATE REQUEST", csr).unwrap_or_default();
    if key_in_request(&request) != Some(signed.public_key) {
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
    public: Vec<u8>,
}

impl Signer {
    fn new() -> Option<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).ok()?;
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
        let public = der.as_ref().to_vec();
        Some(Self { pair, public })
    }

    /// A certificate for `key`, as PEM.
    fn issue(
        &self,
        issuer: &[u8],
        key: &[u8],
        subject: &[u8],
        now: OffsetDateTime,
    ) -> Option<String> {
        let end = now.checked_add(VALIDITY).unwrap_or(now);
        let validity = constructed(SEQUENCE, &[&moment(now)?, &moment(end)?]);
        let serial = digest::digest(&digest::SHA256, &[issuer, key].concat());
        let body = constructed(
            SEQUENCE,
            &[
                &element(context(0), &positive(&[2])),
                &positive(&serial.as_ref()[..16]),
                &algorithm(),
                issuer,
                &validity,
                subject,
                key,
                &element(context(3), &authority()),
            ],
        );
        Some(pem(CERTIFICATE, &self.sign(&body)?))
    }

    /// The signed form that certificates and requests have in common.
    fn sign(&self, body: &[u8]) -> Option<Vec<u8>> {
        let signature = self.pair.sign(&SystemRandom::new(), body).ok()?;
        Some(constructed(
            SEQUENCE,
            &[body, &algorithm(), &bits(signature.as_ref())],
        ))
    }
}

fn make_request(signer: &Signer, subject: &[u8]) -> Option<String> {
    let no_attributes = element(context(0), &[]);
    let body = constructed(
        SEQUENCE,
        &[&positive(&[0]), subject, &signer.public, &no_attributes],
    );
    Some(pem("CERTIFICATE REQUEST", &signer.sign(&body)?))
}

/// `ecdsa-with-SHA256`.
fn algorithm() -> Vec<u8> {
    element(SEQUENCE, &element(OBJECT_ID, ECDSA_WITH_SHA256))
}

/// The extension that says that the key may issue certificates.
fn authority() -> Vec<u8> {
    const TRUE: [u8; 3] = [0x01, 0x01, 0xff];
    const BASIC_CONSTRAINTS: [u8; 3] = [0x55, 0x1d, 0x13];
    let constraints = element(OCTET_STRING, &element(SEQUENCE, &TRUE));
    let extension = constructed(
        SEQUENCE,
        &[&element(OBJECT_ID, &BASIC_CONSTRAINTS), &TRUE, &constraints],
    );
    element(SEQUENCE, &extension)
}

/// A distinguished name of an organisation and a common name.
fn name(organisation: &str, common_name: &str) -> Vec<u8> {
    let part = |kind: u8, text: &str| {
        let attribute = constructed(
            SEQUENCE,
            &[
                &element(OBJECT_ID, &[0x55, 0x04, kind]),
                &element(UTF8_STRING, text.as_bytes()),
            ],
        );
        element(SET, &attribute)
    };
    constructed(SEQUENCE, &[&part(10, organisation), &part(3, common_name)])
}

/// A date: with two digits of the year as long as they are unambiguous.
fn moment(moment: OffsetDateTime) -> Option<Vec<u8>> {
    let short = format_description!("[year repr:last_two][month][day][hour][minute][second]Z");
    let long = format_description!("[year][month][day][hour][minute][second]Z");
    Some(if (1950..2050).contains(&moment.year()) {
        element(UTC_TIME, moment.format(&short).ok()?.as_bytes())
    } else {
        element(GENERALIZED_TIME, moment.format(&long).ok()?.as_bytes())
    })
}

/// What is looked at of a certificate.
struct Certificate<'a> {
    signed_part: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    /// `SubjectPublicKeyInfo`.
    public_key: &'a [u8],
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    fn read(der: &'a [u8]) -> Option<Self> {
        let whole = Element::only(der).filter(|whole| whole.tag == SEQUENCE)?;
        let [body, algorithm, signature] = whole.parts()?[..] else {
            return None;
        };
        let fields = body.parts()?;
        // The version is left out of certificates of version 1.
        let skipped = usize::from(fields.first()?.tag == context(0));
        let [
            _serial,
            signed_algorithm,
            issuer,
            _validity,
            subject,
            key,
            ..,
        ] = fields.get(skipped..)?
        else {
            return None;
        };
        if algorithm.whole != signed_algorithm.whole {
            return None;
        }
        Some(Self {
            signed_part: body.whole,
            issuer: issuer.whole,
            subject: subject.whole,
            public_key: key.whole,
            signature_algorithm: object_id(algorithm)?,
            signature: whole_bytes(signature)?,
        })
    }

    /// Whether the owner of this public key has signed it.
    fn is_signed_by(&self, public_key: &[u8]) -> bool {
        let Some(algorithm) = verification(self.signature_algorithm, public_key) else {
            return false;
        };
        UnparsedPublicKey::new(algorithm, public_key)
            .verify(self.signed_part, self.signature)
            .is_ok()
    }
}

/// The `SubjectPublicKeyInfo` of a request.
fn key_in_request(der: &[u8]) -> Option<&[u8]> {
    let body = *Element::only(der)?.parts()?.first()?;
    body.parts()?.get(2).map(|key| key.whole)
}

/// The id that an `AlgorithmIdentifier` begins with.
fn object_id(algorithm: Element<'_>) -> Option<&[u8]> {
    let id = *algorithm.parts()?.first()?;
    (id.tag == OBJECT_ID).then_some(id.content)
}

fn whole_bytes(bits: Element<'_>) -> Option<&[u8]> {
    match bits.content {
        [0, bytes @ ..] if bits.tag == der::BIT_STRING => Some(bytes),
        _ => None,
    }
}

const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
const RSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const RSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
const RSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
const ED25519_ID: &[u8] = &[0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// How a signature of this kind is checked with this key; `None` for kinds that customers' certificate
/// authorities have no reason to use any more.
fn verification(
    signature_algorithm: &[u8],
    public_key: &[u8],
) -> Option<&'static dyn VerificationAlgorithm> {
    match signature_algorithm {
        RSA_WITH_SHA256 => return Some(&RSA_PKCS1_2048_8192_SHA256),
        RSA_WITH_SHA384 => return Some(&RSA_PKCS1_2048_8192_SHA384),
        RSA_WITH_SHA512 => return Some(&RSA_PKCS1_2048_8192_SHA512),
        ED25519_ID => return Some(&ED25519),
        _ => {}
    }
    let kind = *Element::only(public_key)?.parts()?.first()?;
    let curve = kind.parts()?.get(1)?.content;
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
        let root = name("Example Corp", "customerCA");
        let request = from_pem("CERTIFICATE REQUEST", csr).unwrap();
        let key = key_in_request(&request).unwrap();
        let subject = name("Example Corp", "cluster");
        (
            authority.issue(&root, key, &subject, now).unwrap(),
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
        let request = from_pem("CERTIFICATE REQUEST", &hardware.csr).unwrap();
        let [hsm, aws, maker] = [&hardware.hsm, &hardware.aws, &hardware.manufacturer]
            .map(|text| certificate_in(text).unwrap());
        let [hsm, aws, maker] = [&hsm, &aws, &maker].map(|der| Certificate::read(der).unwrap());
        assert_eq!(key_in_request(&request), Some(hsm.public_key));
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
