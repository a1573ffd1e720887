//! Text forms of bytes: hexadecimal and percent encoding as AWS uses them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// All but RFC 3986's unreserved characters, as Signature Version 4 asks.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// The bytes of an even number of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok()
}

/// The bytes of a text in base 32 (`A` to `Z`, `2` to `7`), without padding.
pub(crate) fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(digit)) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    Some(out)
}

/// Everything but RFC 3986's unreserved characters becomes `%XX`.
pub(crate) fn percent_encode(bytes: &[u8]) -> String {
    percent_encoding::percent_encode(bytes, RESERVED).to_string()
}

/// `%XX` becomes its byte; anything that only looks like it stays as it is.
pub(crate) fn percent_decode(text: &[u8]) -> Vec<u8> {
    percent_encoding::percent_decode(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&hex(&every)), Some(every.clone()));
        assert_eq!(percent_decode(percent_encode(&every).as_bytes()), every);
        let itself = |byte: &&u8| percent_encode(&[**byte]).len() == 1;
        let unreserved: Vec<u8> = every.iter().filter(itself).copied().collect();
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";
        assert_eq!(unreserved, format!("-.0123456789{letters}").as_bytes());
        assert_eq!(percent_encode(b"a/ +\xfc"), "a%2F%20%2B%FC");
        assert_eq!(percent_decode(b"%2f+%4"), b"/+%4");
        assert_eq!(percent_decode(b"%zz%"), b"%zz%");
        assert_eq!(unhex("abc"), None);
        assert_eq!(unhex("+1"), None);
        assert_eq!(base32("MZXW6YTBOI"), Some(b"foobar".to_vec()));
        assert_eq!(base32("mz"), None);
    }
}
