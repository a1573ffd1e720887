//! DER and PEM as far as certificates need them. What stands in a certificate is in `certificates`.
//!
//! ITU-T X.690 for DER, RFC 7468 for PEM.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag of a constructed element that only its place explains.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element: tag, length, content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len();
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let digits: Vec<u8> = length
            .to_be_bytes()
            .into_iter()
            .skip_while(|digit| *digit == 0)
            .collect();
        out.push(0x80 | digits.len() as u8);
        out.extend(digits);
    }
    out.extend_from_slice(content);
    out
}

/// An element that consists of others.
pub(super) fn constructed(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// A bit string of whole bytes.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    constructed(BIT_STRING, &[&[0], bytes])
}

/// A positive number, given as its bytes.
pub(super) fn positive(bytes: &[u8]) -> Vec<u8> {
    let significant: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect();
    // The first bit is the sign.
    let sign: &[u8] = if significant.first().is_none_or(|byte| *byte >= 0x80) {
        &[0]
    } else {
        &[]
    };
    constructed(INTEGER, &[sign, &significant])
}

/// One element that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With tag and length.
    pub(super) whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element of `bytes`, and what comes after it.
    pub(super) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let [tag, first, rest @ ..] = bytes else {
            return None;
        };
        let (length, body) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x83 => {
                let (digits, body) = rest.split_at_checked(usize::from(long & 0x7f))?;
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
                (length, body)
            }
            _ => return None,
        };
        let (content, after) = body.split_at_checked(length)?;
        let whole = &bytes[..bytes.len() - after.len()];
        let tag = *tag;
        Some((
            Self {
                tag,
                content,
                whole,
            },
            after,
        ))
    }

    /// The only element of `bytes`.
    pub(super) fn only(bytes: &'a [u8]) -> Option<Self> {
        let (element, after) = Self::first(bytes)?;
        after.is_empty().then_some(element)
    }

    /// The elements of which this one consists; `None` if it is not made of whole elements.
    pub(super) fn parts(self) -> Option<Vec<Self>> {
        let mut parts = Vec::new();
        let mut rest = self.content;
        while !rest.is_empty() {
            let (part, after) = Self::first(rest)?;
            parts.push(part);
            rest = after;
        }
        Some(parts)
    }
}

/// The bytes in PEM's frame.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The bytes of the first frame with this label, whatever stands around it and however its lines
/// are broken.
pub(super) fn from_pem(label: &str, text: &str) -> Option<Vec<u8>> {
    let (_, framed) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = framed.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_every_length_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let der = element(OCTET_STRING, &content);
            let read = Element::only(&der).unwrap();
            assert_eq!((read.tag, read.content), (OCTET_STRING, &content[..]));
            assert_eq!(read.whole, &der[..]);
            assert!(Element::first(&der[..der.len() - 1]).is_none() || length == 0);
        }
        let both = constructed(SEQUENCE, &[&positive(&[0, 0x80]), &bits(&[1])]);
        let parts = Element::only(&both).unwrap().parts().unwrap();
        assert_eq!(parts[0].content, [0, 0x80]);
        assert_eq!(parts[1].content, [0, 1]);
        for garbage in [&b""[..], b"0", &[0x30, 0x84, 0, 0, 0, 0], &[0x30, 0x83, 1]] {
            assert!(Element::first(garbage).is_none());
        }
    }

    #[test]
    fn pem_survives_other_line_ends_and_words_around_it() {
        let bytes: Vec<u8> = (0..200).collect();
        let text = pem("CERTIFICATE", &bytes);
        assert!(text.lines().all(|line| line.len() <= 64));
        let dressed = format!("subject=x\r\n{}\r\n", text.replace('\n', "\r\n"));
        assert_eq!(from_pem("CERTIFICATE", &dressed), Some(bytes));
        assert_eq!(from_pem("CERTIFICATE REQUEST", &text), None);
        assert_eq!(from_pem("CERTIFICATE", "-----BEGIN CERTIFICATE-----"), None);
    }
}
