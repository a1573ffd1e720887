//! Private keys in DER: PKCS#8, PKCS#1, SEC1, and what is none of them.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, ErrorKind, Reader, SliceReader, Tag, Tagged};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;

use super::{Found, ReadError};
use crate::KeySpec;
use crate::keys::{EcParts, ID_EC_PUBLIC_KEY, PrivateKey, RSA_ENCRYPTION, read_ec, read_rsa};

/// Reads a private key, checks it, and makes it canonical.
pub(crate) fn read_der(spec: KeySpec, der: &[u8]) -> Result<PrivateKey, ReadError> {
    let structure = recognise(der).ok_or(ReadError::Unreadable { expected: spec })?;
    // The cryptographic library reads over what follows a key, so it is looked for here.
    if structure.trailing > 0 {
        return Err(ReadError::TrailingBytes {
            count: structure.trailing,
        });
    }
    match structure.kind {
        Kind::Pkcs8 => read_pkcs8(spec, der),
        Kind::Pkcs1 => read_pkcs1(spec, der),
        Kind::Sec1 => read_sec1(spec, der, None),
        Kind::EncryptedPkcs8 => Err(ReadError::Encrypted),
        Kind::Other(found) => Err(ReadError::WrongKind {
            found,
            expected: spec,
        }),
    }
}

/// Why a file in DER is nothing where plain bytes are wanted; nothing if it is not DER at all.
pub(super) fn refuse(der: &[u8], spec: KeySpec) -> Option<ReadError> {
    let found = match recognise(der)?.kind {
        Kind::EncryptedPkcs8 => return Some(ReadError::Encrypted),
        Kind::Other(found) => found,
        Kind::Pkcs1 => Found::RsaPrivateKey,
        Kind::Sec1 => Found::EcPrivateKey,
        Kind::Pkcs8 => match PrivateKeyInfoRef::from_der(der).map(|key| key.algorithm.oid) {
            Ok(RSA_ENCRYPTION) => Found::RsaPrivateKey,
            Ok(ID_EC_PUBLIC_KEY) => Found::EcPrivateKey,
            _ => Found::OtherPrivateKey,
        },
    };
    Some(ReadError::WrongKind {
        found,
        expected: spec,
    })
}

struct Structure {
    kind: Kind,
    /// How many bytes follow it.
    trailing: usize,
}

enum Kind {
    Pkcs8,
    EncryptedPkcs8,
    Pkcs1,
    Sec1,
    Other(Found),
}

/// What a DER value is, by the tags of its first members: enough to tell these apart.
fn recognise(der: &[u8]) -> Option<Structure> {
    let mut reader = SliceReader::new(der).ok()?;
    let whole = AnyRef::decode(&mut reader).ok()?;
    let trailing = usize::try_from(u32::from(reader.remaining_len())).ok()?;
    if whole.tag() != Tag::Sequence {
        return None;
    }
    let members = first_members(whole.value())?;
    let tags: Vec<Tag> = members.iter().map(Tagged::tag).collect();
    let kind = match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, Tag::OctetString] => Kind::Pkcs8,
        [Tag::Sequence, Tag::OctetString] => Kind::EncryptedPkcs8,
        [Tag::Integer, Tag::Integer, Tag::Integer] => Kind::Pkcs1,
        [Tag::Integer, Tag::OctetString, ..] => Kind::Sec1,
        [Tag::Sequence, Tag::BitString] | [Tag::Integer, Tag::Integer] => {
            Kind::Other(Found::PublicKey)
        }
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => Kind::Other(Found::Certificate),
        [Tag::Integer, Tag::Sequence, ..] if members[0].value() == [3] => {
            Kind::Other(Found::Pkcs12)
        }
        _ => return None,
    };
    Some(Structure { kind, trailing })
}

fn first_members(value: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(value).ok()?;
    let mut members = Vec::new();
    while members.len() < 3 && !reader.is_finished() {
        members.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(members)
}

fn read_pkcs8(spec: KeySpec, der: &[u8]) -> Result<PrivateKey, ReadError> {
    let outer = PrivateKeyInfoRef::from_der(der).map_err(|error| explain(spec, error))?;
    let inner = outer.private_key.as_bytes();
    match outer.algorithm.oid {
        RSA_ENCRYPTION => match outer.algorithm.parameters {
            Some(parameters) if parameters != AnyRef::NULL => {
                Err(ReadError::Unreadable { expected: spec })
            }
            _ => read_pkcs1(spec, inner),
        },
        ID_EC_PUBLIC_KEY => {
            let curve = outer.algorithm.parameters_oid();
            let curve = curve.map_err(|_| ReadError::WrongCurve { expected: spec })?;
            let point = outer.public_key.as_ref().and_then(|bits| bits.as_bytes());
            read_sec1(spec, inner, Some((curve, point)))
        }
        _ => Err(ReadError::WrongKind {
            found: Found::OtherPrivateKey,
            expected: spec,
        }),
    }
}

fn read_pkcs1(spec: KeySpec, der: &[u8]) -> Result<PrivateKey, ReadError> {
    let key = RsaPrivateKeyRef::from_der(der).map_err(|error| explain(spec, error))?;
    read_rsa(spec, &key)
}

/// `outside` is what PKCS#8 says of curve and public point.
fn read_sec1(
    spec: KeySpec,
    der: &[u8],
    outside: Option<(ObjectIdentifier, Option<&[u8]>)>,
) -> Result<PrivateKey, ReadError> {
    let key = EcPrivateKey::from_der(der).map_err(|error| explain(spec, error))?;
    let inside = key.parameters.and_then(|one| one.named_curve());
    let parts = EcParts {
        scalar: key.private_key,
        curves: inside
            .into_iter()
            .chain(outside.map(|(curve, _)| curve))
            .collect(),
        points: key
            .public_key
            .into_iter()
            .chain(outside.and_then(|(_, point)| point))
            .collect(),
    };
    read_ec(spec, &parts)
}

/// The parser's texts name positions, never bytes; still only their kind is looked at.
fn explain(spec: KeySpec, error: der::Error) -> ReadError {
    match error.kind() {
        ErrorKind::TrailingData { remaining, .. } => ReadError::TrailingBytes {
            count: usize::try_from(u32::from(remaining)).unwrap_or(usize::MAX),
        },
        _ => ReadError::Unreadable { expected: spec },
    }
}
