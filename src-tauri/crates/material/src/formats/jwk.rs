//! JSON Web Keys: RFC 7517, RFC 7518 section 6, RFC 8812.

use der::asn1::UintRef;
use pkcs1::RsaPrivateKeyRef;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Found, ReadError, text};
use crate::keys::{Curve, EcParts, PrivateKey, read_ec, read_rsa};
use crate::spec::Shape;
use crate::{KeySpec, Secret};

pub(super) fn looks_like_jwk(file: &[u8]) -> bool {
    file.trim_ascii_start().first() == Some(&b'{')
}

/// The bytes of an `oct` key.
pub(super) fn read_oct(file: &[u8], spec: KeySpec) -> Result<Secret, ReadError> {
    let jwk = parse(file, spec)?;
    match jwk.kind() {
        Some(Found::SymmetricKey) => number(jwk.k, spec),
        Some(found) => Err(ReadError::WrongKind {
            found,
            expected: spec,
        }),
        None => Err(ReadError::Unreadable { expected: spec }),
    }
}

/// An `RSA` or `EC` private key.
pub(super) fn read_key(file: &[u8], spec: KeySpec) -> Result<PrivateKey, ReadError> {
    let jwk = parse(file, spec)?;
    match (jwk.kind(), Shape::of(spec)) {
        (Some(Found::RsaPrivateKey), Shape::Rsa { .. }) => jwk.read_rsa(spec),
        (Some(Found::EcPrivateKey), Shape::Ec(curve)) => jwk.read_ec(spec, curve),
        (Some(found), _) => Err(ReadError::WrongKind {
            found,
            expected: spec,
        }),
        (None, _) => Err(ReadError::Unreadable { expected: spec }),
    }
}

fn parse(file: &[u8], spec: KeySpec) -> Result<Jwk<'_>, ReadError> {
    serde_json::from_slice(file).map_err(|_| ReadError::Unreadable { expected: spec })
}

/// The members that matter. All are borrowed, so that the parser makes no copy of a secret: a
/// member with a JSON escape in it, which base64url never needs, is refused.
#[derive(Deserialize)]
struct Jwk<'a> {
    kty: &'a str,
    #[serde(borrow, default)]
    crv: Option<&'a str>,
    #[serde(borrow, default)]
    k: Option<&'a str>,
    #[serde(borrow, default)]
    n: Option<&'a str>,
    #[serde(borrow, default)]
    e: Option<&'a str>,
    #[serde(borrow, default)]
    d: Option<&'a str>,
    #[serde(borrow, default)]
    p: Option<&'a str>,
    #[serde(borrow, default)]
    q: Option<&'a str>,
    #[serde(borrow, default)]
    dp: Option<&'a str>,
    #[serde(borrow, default)]
    dq: Option<&'a str>,
    #[serde(borrow, default)]
    qi: Option<&'a str>,
    #[serde(default)]
    oth: Option<IgnoredAny>,
    #[serde(borrow, default)]
    x: Option<&'a str>,
    #[serde(borrow, default)]
    y: Option<&'a str>,
}

impl Jwk<'_> {
    fn kind(&self) -> Option<Found> {
        match (self.kty, self.d) {
            ("oct", _) => Some(Found::SymmetricKey),
            ("RSA" | "EC" | "OKP", None) => Some(Found::PublicKey),
            ("RSA", Some(_)) => Some(Found::RsaPrivateKey),
            ("EC", Some(_)) => Some(Found::EcPrivateKey),
            ("OKP", Some(_)) => Some(Found::OtherPrivateKey),
            _ => None,
        }
    }

    /// RFC 7518 lets the primes be left out, and more than two be there; PKCS#8 wants them, and
    /// KMS takes two.
    fn read_rsa(&self, spec: KeySpec) -> Result<PrivateKey, ReadError> {
        if self.oth.is_some() {
            return Err(ReadError::Unreadable { expected: spec });
        }
        let numbers = [
            self.n, self.e, self.d, self.p, self.q, self.dp, self.dq, self.qi,
        ];
        let mut bytes = Vec::with_capacity(numbers.len());
        for text in numbers {
            bytes.push(number(text, spec)?);
        }
        let integer = |index: usize| {
            UintRef::new(bytes[index].expose())
                .map_err(|_| ReadError::Unreadable { expected: spec })
        };
        let key = RsaPrivateKeyRef {
            modulus: integer(0)?,
            public_exponent: integer(1)?,
            private_exponent: integer(2)?,
            prime1: integer(3)?,
            prime2: integer(4)?,
            exponent1: integer(5)?,
            exponent2: integer(6)?,
            coefficient: integer(7)?,
            other_prime_infos: None,
        };
        read_rsa(spec, &key)
    }

    fn read_ec(&self, spec: KeySpec, curve: Curve) -> Result<PrivateKey, ReadError> {
        if self.crv != Some(curve.jwk_name()) {
            return Err(ReadError::WrongCurve { expected: spec });
        }
        let scalar = number(self.d, spec)?;
        let (x, y) = (number(self.x, spec)?, number(self.y, spec)?);
        let point = [&[0x04], x.expose(), y.expose()].concat();
        let parts = EcParts {
            scalar: scalar.expose(),
            curves: Vec::new(),
            points: vec![&point],
        };
        read_ec(spec, &parts)
    }
}

fn number(text: Option<&str>, spec: KeySpec) -> Result<Secret, ReadError> {
    text.and_then(|text| text::read_base64(text.as_bytes()))
        .ok_or(ReadError::Unreadable { expected: spec })
}
