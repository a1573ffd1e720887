//! One-time codes of virtual MFA devices (TOTP: HMAC-SHA-1, six digits, thirty seconds).
//!
//! Codes are judged by real time, since the authenticator that shows them knows nothing of the
//! sandbox's clock.

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

/// The turn in which a seeded device shows `given`: now or within half a minute, and after the last
/// turn whose code was taken.
pub(crate) fn turn_of(given: &str, last: Option<i64>, real_now: OffsetDateTime) -> Option<i64> {
    let turn = real_now.unix_timestamp().div_euclid(STEP);
    (turn - 1..=turn + 1).find(|turn| last.is_none_or(|last| *turn > last) && code(*turn) == given)
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
        let turn = turn_of(&code, None, at + time::Duration::seconds(30));
        assert_eq!(turn, Some(60_000_000));
        assert_eq!(turn_of(&code, turn, at), None);
        let next = mfa_code(at + time::Duration::seconds(30));
        assert_eq!(turn_of(&next, turn, at), Some(60_000_001));
        assert_eq!(turn_of(&code, None, at + time::Duration::minutes(5)), None);
        assert_eq!(turn_of("", None, at), None);
    }
}
