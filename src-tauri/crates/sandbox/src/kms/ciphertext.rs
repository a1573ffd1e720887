//! The ciphertext blob of a symmetric encryption key: which key and material, then AES-GCM.
//!
//! Real blobs are opaque; this layout is the sandbox's own. The encryption context is bound as
//! additional authenticated data, together with the header. The header has a checksum of its own, so
//! that a damaged blob is told from one of a key that is not here.

use std::collections::BTreeMap;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::key::MaterialId;

const VERSION: u8 = 2;
/// Blobs of older states have no checksum.
const UNCHECKED_VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;
const ACCOUNT_BYTES: usize = 12;
const MATERIAL_ID_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// What a blob says about itself. A multi-Region key has the same in all regions.
pub(super) struct Header<'a> {
    pub(super) account: &'a str,
    pub(super) key_id: &'a str,
    pub(super) material: MaterialId,
}

/// `None` if the cryptographic library fails.
pub(super) fn seal(
    header: &Header<'_>,
    key: &[u8],
    context: &BTreeMap<&str, &str>,
    plaintext: &[u8],
) -> Option<Vec<u8>> {
    let mut blob = vec![VERSION];
    blob.extend_from_slice(header.account.as_bytes());
    blob.push(u8::try_from(header.key_id.len()).ok()?);
    blob.extend_from_slice(header.key_id.as_bytes());
    blob.extend_from_slice(header.material.as_bytes());
    let checksum = checksum(&blob);
    blob.extend_from_slice(&checksum);
    let mut body = Zeroizing::new(Vec::with_capacity(plaintext.len() + 16));
    body.extend_from_slice(plaintext);
    let key = cipher(key)?;
    let nonce = key
        .seal_in_place_append_tag(Aad::from(bound(&blob, context)), &mut *body)
        .ok()?;
    blob.extend_from_slice(nonce.as_ref());
    blob.extend_from_slice(&body);
    Some(blob)
}

/// Reads the header; `None` if this is no blob, or one whose header was changed.
pub(super) fn header(blob: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let (version, rest) = blob.split_first()?;
    let (account, rest) = rest.split_at_checked(ACCOUNT_BYTES)?;
    let (length, rest) = rest.split_first()?;
    let (key_id, rest) = rest.split_at_checked(usize::from(*length))?;
    let (material, rest) = rest.split_at_checked(MATERIAL_ID_BYTES)?;
    let head = &blob[..blob.len() - rest.len()];
    let sealed = match *version {
        VERSION => rest.strip_prefix(&checksum(head))?,
        UNCHECKED_VERSION => rest,
        _ => return None,
    };
    let header = Header {
        account: std::str::from_utf8(account).ok()?,
        key_id: std::str::from_utf8(key_id).ok()?,
        material: MaterialId::from_bytes(material)?,
    };
    Some((header, sealed))
}

fn checksum(head: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = digest(&SHA256, head);
    std::array::from_fn(|place| digest.as_ref()[place])
}

/// The plaintext, or `None` if blob, key or context are not those of the encryption.
pub(super) fn open(
    blob: &[u8],
    key: &[u8],
    context: &BTreeMap<&str, &str>,
) -> Option<Zeroizing<Vec<u8>>> {
    let (_, sealed) = header(blob)?;
    let head = &blob[..blob.len() - sealed.len()];
    let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let key = cipher(key)?;
    let length = key
        .open_in_place(nonce, Aad::from(bound(head, context)), &mut body)
        .ok()?
        .len();
    body.truncate(length);
    Some(body)
}

/// Keys of China Regions are half as long.
fn cipher(key: &[u8]) -> Option<RandomizedNonceKey> {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        _ => &AES_256_GCM,
    };
    RandomizedNonceKey::new(algorithm, key).ok()
}

/// Header and context without ambiguity: every part is preceded by its length.
fn bound(head: &[u8], context: &BTreeMap<&str, &str>) -> Vec<u8> {
    let mut out = head.to_vec();
    for part in context.iter().flat_map(|(name, value)| [name, value]) {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_context_and_every_byte_are_bound() {
        let header = Header {
            account: "111111111111",
            key_id: "mrk-1",
            material: MaterialId::derive("mrk-1", b"x"),
        };
        let context = BTreeMap::from([("tenant", "a"), ("purpose", "test")]);
        let blob = seal(&header, &[7; 32], &context, b"hello").unwrap();
        assert_eq!(**open(&blob, &[7; 32], &context).unwrap(), *b"hello");
        assert!(open(&blob, &[8; 32], &context).is_none());
        assert!(open(&blob, &[7; 32], &BTreeMap::new()).is_none());
        let shifted = BTreeMap::from([("tenan", "ta"), ("purpose", "test")]);
        assert!(open(&blob, &[7; 32], &shifted).is_none());
        for place in 0..blob.len() {
            let mut changed = blob.clone();
            changed[place] ^= 1;
            assert!(open(&changed, &[7; 32], &context).is_none(), "byte {place}");
        }
    }

    #[test]
    fn a_header_with_any_changed_byte_is_none() {
        let written = Header {
            account: "111111111111",
            key_id: "mrk-1",
            material: MaterialId::derive("mrk-1", b"x"),
        };
        let blob = seal(&written, &[7; 32], &BTreeMap::new(), b"hello").unwrap();
        let (_, sealed) = header(&blob).unwrap();
        for place in 0..blob.len() - sealed.len() {
            let mut changed = blob.clone();
            changed[place] ^= 1;
            assert!(header(&changed).is_none(), "byte {place}");
        }
    }
}
