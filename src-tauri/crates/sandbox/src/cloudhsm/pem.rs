//! PEM, in which certificates and requests travel.
//!
//! <https://www.rfc-editor.org/rfc/rfc7468>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
