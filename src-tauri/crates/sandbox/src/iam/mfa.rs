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

/// How many turns before and after the present one a device may be off when it is enabled.
const DRIFT: i64 = 10;

/// The code that a seeded MFA device shows at `at`.
pub fn mfa_code(at: OffsetDateTime) -> String {
    code(&seeded(), at.unix_timestamp().div_euclid(STEP))
}

/// The turn in which a device of this seed shows `given`: now or within half a minute, and after the
/// last turn whose code was taken.
pub(crate) fn turn_of(
    seed: &str,
    given: &str,
    last: Option<i64>,
    real_now: OffsetDateTime,
) -> Option<i64> {
    let secret = encoding::base32(seed)?;
    let turn = real_now.unix_timestamp().div_euclid(STEP);
    (turn - 1..=turn + 1)
        .find(|turn| last.is_none_or(|last| *turn > last) && code(&secret, *turn) == given)
}

/// The turn of the second of two codes that a device shows one after the other.
pub(crate) fn turn_of_two(
    seed: &str,
    first: &str,
    second: &str,
    real_now: OffsetDateTime,
) -> Option<i64> {
    let secret = encoding::base32(seed)?;
    let turn = real_now.unix_timestamp().div_euclid(STEP);
    (turn - DRIFT..=turn + DRIFT)
        .find(|turn| code(&secret, *turn) == second && code(&secret, turn - 1) == first)
}

/// The code that a device of this seed shows at `at`.
#[cfg(test)]
pub(crate) fn code_of(seed: &str, at: OffsetDateTime) -> String {
    let secret = encoding::base32(seed).unwrap();
    code(&secret, at.unix_timestamp().div_euclid(STEP))
}

fn seeded() -> Vec<u8> {
    encoding::base32(MFA_SECRET).expect("the constant is base 32")
}

fn code(secret: &[u8], turn: i64) -> String {
    format!("{:06}", hotp(secret, turn) % 1_000_000)
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
        let turn = turn_of(MFA_SECRET, &code, None, at + time::Duration::seconds(30));
        assert_eq!(turn, Some(60_000_000));
        assert_eq!(turn_of(MFA_SECRET, &code, turn, at), None);
        let next = mfa_code(at + time::Duration::seconds(30));
        assert_eq!(turn_of(MFA_SECRET, &next, turn, at), Some(60_000_001));
        assert_eq!(
            turn_of(MFA_SECRET, &code, None, at + time::Duration::minutes(5)),
            None
        );
        assert_eq!(turn_of(MFA_SECRET, "", None, at), None);
        assert_eq!(turn_of_two(MFA_SECRET, &code, &next, at), Some(60_000_001));
        assert_eq!(turn_of_two(MFA_SECRET, &next, &code, at), None);
        assert_eq!(turn_of_two(MFA_SECRET, &code, &code, at), None);
    }
}
