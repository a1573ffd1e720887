//! One-time codes of virtual MFA devices (TOTP: HMAC-SHA-1, six digits, thirty seconds).
//!
//! Codes are judged by real time, since the authenticator that shows them knows nothing of the
//! sandbox's clock. Unlike AWS, a code may be used again while it is valid.

use aws_lc_rs::hmac;
use time::OffsetDateTime;

use crate::encoding;

/// The secret of every seeded MFA device, in the base 32 form that authenticator apps take.
pub const MFA_SECRET: &str = "OWNKEYSANDBOXMFAOWNKEYSANDBOXMFA";

const STEP: i64 = 30;

/// The code that a seeded MFA device shows at `at`.
pub fn mfa_code(at: OffsetDateTime) -> String {
    code(at.unix_timestamp().div_euclid(STEP))
}

/// Whether `given` is a seeded device's code now, or was or will be within half a minute.
pub(crate) fn is_valid(given: &str, real_now: OffsetDateTime) -> bool {
    let turn = real_now.unix_timestamp().div_euclid(STEP);
    (turn - 1..=turn + 1).any(|turn| code(turn) == given)
}

fn code(turn: i64) -> String {
    let secret = encoding::base32(MFA_SECRET).expect("the constant is base 32");
    format!("{:06}", hotp(&secret, turn) % 1_000_000)
}

fn hotp(secret: &[u8], turn: i64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &turn.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 0xf);
    u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_the_codes_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in [(59, 94_287_082), (1_111_111_109, 7_081_804)] {
            assert_eq!(hotp(secret, seconds / 30) % 100_000_000, expected);
        }
    }

    #[test]
    fn a_code_is_good_for_its_time_only() {
        let at = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let code = mfa_code(at);
        assert!(is_valid(&code, at + time::Duration::seconds(30)));
        assert!(!is_valid(&code, at + time::Duration::minutes(5)));
        assert!(!is_valid("", at));
    }
}
