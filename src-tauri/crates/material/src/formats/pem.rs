//! PEM: keys as text between lines of hyphens, RFC 7468 and what was there before.

use super::{Found, ReadError, asn1, text};
use crate::keys::PrivateKey;
use crate::{KeySpec, Secret};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const RULE: &str = "-----";

pub(super) fn looks_like_pem(file: &[u8]) -> bool {
    file.windows(BEGIN.len())
        .any(|window| window == BEGIN.as_bytes())
}

/// The one private key of a PEM file. Parameters, certificates and remarks around it are passed
/// over, since `openssl` writes them into the same file.
pub(super) fn read_key(file: &[u8], spec: KeySpec) -> Result<PrivateKey, ReadError> {
    asn1::read_der(spec, the_key(file, spec)?.expose())
}

/// Why a PEM file is nothing where plain bytes are wanted.
pub(super) fn refuse(file: &[u8], spec: KeySpec) -> ReadError {
    match the_key(file, spec) {
        Ok(der) => {
            asn1::refuse(der.expose(), spec).unwrap_or(ReadError::Unreadable { expected: spec })
        }
        Err(refused) => refused,
    }
}

fn the_key(file: &[u8], spec: KeySpec) -> Result<Secret, ReadError> {
    let unreadable = || ReadError::Unreadable { expected: spec };
    let text = std::str::from_utf8(file).map_err(|_| unreadable())?;
    let blocks = blocks(text).ok_or_else(unreadable)?;
    let mut keys = blocks.iter().filter(|block| block.is_private());
    let block = match (keys.next(), keys.count()) {
        (Some(block), 0) => block,
        (Some(_), others) => return Err(ReadError::SeveralKeys { found: 1 + others }),
        (None, _) => {
            let other = blocks.iter().find_map(Block::other_kind);
            return Err(other.map_or_else(unreadable, |found| ReadError::WrongKind {
                found,
                expected: spec,
            }));
        }
    };
    if block.label.starts_with("ENCRYPTED") || block.body.contains("ENCRYPTED") {
        return Err(ReadError::Encrypted);
    }
    if let Some(found) = block.other_kind() {
        return Err(ReadError::WrongKind {
            found,
            expected: spec,
        });
    }
    text::read_base64(block.body.as_bytes()).ok_or_else(unreadable)
}

struct Block<'a> {
    label: &'a str,
    /// Everything between the two lines.
    body: &'a str,
}

impl Block<'_> {
    fn is_private(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }

    /// What a block is, if it is no private key that can be read.
    fn other_kind(&self) -> Option<Found> {
        match self.label {
            "OPENSSH PRIVATE KEY" => Some(Found::OpenSshPrivateKey),
            "DSA PRIVATE KEY" => Some(Found::OtherPrivateKey),
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Some(Found::Certificate),
            label if label.ends_with("PUBLIC KEY") => Some(Found::PublicKey),
            _ => None,
        }
    }
}

/// The blocks of a PEM file; nothing if one is begun and not ended as it should.
fn blocks(text: &str) -> Option<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (label, after) = after.split_once(RULE)?;
        let (body, after) = after.split_once(END)?;
        rest = after.strip_prefix(label)?.strip_prefix(RULE)?;
        blocks.push(Block { label, body });
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_remarks_and_with_any_line_ends() {
        let text = "remark\r\n-----BEGIN A-----\r\nxx\r\n-----END A-----\r\nmore -----BEGIN B-----y-----END B-----";
        let found: Vec<_> = blocks(text)
            .expect("well-formed")
            .iter()
            .map(|block| (block.label, block.body.trim()))
            .collect();
        assert_eq!(found, [("A", "xx"), ("B", "y")]);
    }

    #[test]
    fn a_block_that_is_not_ended_as_it_was_begun_spoils_the_file() {
        for text in [
            "-----BEGIN A",
            "-----BEGIN A-----\nxx",
            "-----BEGIN A-----\nxx\n-----END B-----",
            "-----BEGIN A-----\nxx\n-----END A",
            "-----BEGIN A-----\n-----BEGIN B-----\n-----END B-----\n-----END A-----",
        ] {
            assert!(blocks(text).is_none(), "{text:?}");
        }
    }
}
