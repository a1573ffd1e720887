//! Bytes written as text: hexadecimal and base64.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::Secret;

/// Padding may be there or not, as it comes; bits that belong to no byte must be zero.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Whether a file could have been typed: printable ASCII and white space.
pub(super) fn is_text(file: &[u8]) -> bool {
    file.iter()
        .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// Hexadecimal digits with blanks, colons, hyphens or line ends between the bytes, and `0x` before
/// them if one likes.
pub(super) fn read_hex(text: &[u8]) -> Option<Secret> {
    let text = text.trim_ascii();
    let digits = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"0X"))
        .unwrap_or(text);
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    let mut half = None;
    for character in digits {
        let digit = char::from(*character).to_digit(16);
        match (digit.and_then(|digit| u8::try_from(digit).ok()), half) {
            (Some(digit), None) => half = Some(digit),
            (Some(digit), Some(high)) => {
                bytes.push(high << 4 | digit);
                half = None;
            }
            (None, None) if is_separator(*character) => {}
            (None, _) => return None,
        }
    }
    (half.is_none() && !bytes.is_empty()).then(|| Secret::new(std::mem::take(&mut bytes)))
}

fn is_separator(character: u8) -> bool {
    character.is_ascii_whitespace() || matches!(character, b':' | b'-')
}

/// Base64 of either alphabet, lines broken anywhere.
pub(super) fn read_base64(text: &[u8]) -> Option<Secret> {
    let mut dense = Zeroizing::new(Vec::with_capacity(text.len()));
    dense.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let url_safe = dense.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if url_safe { BASE64URL } else { BASE64 };
    let mut bytes = Zeroizing::new(vec![0; dense.len()]);
    let length = engine.decode_slice(&*dense, &mut bytes).ok()?;
    bytes.truncate(length);
    (length > 0).then(|| Secret::new(std::mem::take(&mut bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Option<Vec<u8>> {
        read_hex(text.as_bytes()).map(|bytes| bytes.expose().to_vec())
    }

    fn base64(text: &str) -> Option<Vec<u8>> {
        read_base64(text.as_bytes()).map(|bytes| bytes.expose().to_vec())
    }

    #[test]
    fn hex_is_read_however_it_is_spaced() {
        for text in [
            "00ff10",
            "00FF10",
            "0x00ff10",
            "00 ff 10",
            "00:FF:10",
            "00-ff-10",
            "00\r\nff\n10\n",
            "  00ff10  ",
        ] {
            assert_eq!(hex(text), Some(vec![0, 255, 16]), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_quite_hex_is_not_read_as_hex() {
        for text in [
            "", "0", "00f", "0 0f", "0:0ff", "00fg", "0x", "00,ff", "00ff10=", "x00ff",
        ] {
            assert_eq!(hex(text), None, "{text:?}");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets_padded_or_not() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", "+/\n8=\n", " - _ 8 "] {
            assert_eq!(base64(text), Some(vec![0xfb, 0xff]), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_quite_base64_is_not_read_as_base64() {
        // Mixed alphabets; bits that belong to no byte; a length that no bytes have; other letters.
        for text in [
            "", "+_8=", "+/9=", "+/8==", "A", "AAAAA", "=AAA", "AA=A", "AA.A", "==",
        ] {
            assert_eq!(base64(text), None, "{text:?}");
        }
    }
}
