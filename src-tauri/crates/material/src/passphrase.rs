//! Passphrases for backups.

use age::secrecy::SecretString;
use zeroize::Zeroizing;

use crate::Secret;

const LEAST_CHARACTERS: usize = 12;
const LEAST_DIFFERENT: usize = 6;

/// A passphrase for backups, wiped when dropped.
///
/// ```compile_fail,E0277
/// fn print(passphrase: ownkey_material::Passphrase) {
///     println!("{passphrase:?}");
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn print(passphrase: ownkey_material::Passphrase) {
///     println!("{passphrase}");
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn copy(passphrase: &ownkey_material::Passphrase) -> ownkey_material::Passphrase {
///     ownkey_material::Passphrase::clone(passphrase)
/// }
/// ```
pub struct Passphrase(Zeroizing<String>);

/// Why a passphrase is not taken for new backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassphrase {
    /// Whoever gets hold of a backup could try them all.
    #[error("{found} characters; at least {least} are needed")]
    TooShort {
        /// How many characters it has.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// Mostly repetition.
    #[error("{found} different characters; at least {least} are needed")]
    TooFewDifferent {
        /// How many different characters it has.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// Mostly a run such as `12345678` or `aaaa`.
    #[error("most of it is a run of neighbouring characters")]
    Run,
    /// White space at an end, which nobody sees and many programs drop.
    #[error("white space at the beginning or the end")]
    EdgeSpace,
    /// A character that cannot be typed where the `age` command asks for the passphrase.
    #[error("a control character")]
    ControlCharacter,
}

impl Passphrase {
    /// A passphrase for new backups: twelve characters or more that are not mostly repetition. What
    /// else makes a passphrase weak, a program does not see.
    pub fn choose(text: String) -> Result<Self, WeakPassphrase> {
        let passphrase = Self(Zeroizing::new(text));
        passphrase.check()?;
        Ok(passphrase)
    }

    /// A passphrase as typed to open an existing backup, whatever it looks like.
    pub fn typed(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// From what a vault kept; nothing if that is no text.
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        let text = std::str::from_utf8(secret.expose()).ok()?;
        Some(Self(Zeroizing::new(text.to_owned())))
    }

    /// For a vault to keep.
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.0.as_bytes().to_vec())
    }

    /// Whether both are the same, in constant time: for the one that is typed twice.
    pub fn same_as(&self, other: &Self) -> bool {
        self.to_secret().same_as(&other.to_secret())
    }

    pub(crate) fn for_age(&self) -> SecretString {
        SecretString::from(self.0.as_str())
    }

    fn check(&self) -> Result<(), WeakPassphrase> {
        let text = self.0.as_str();
        if text.chars().any(char::is_control) {
            return Err(WeakPassphrase::ControlCharacter);
        }
        if text.trim() != text {
            return Err(WeakPassphrase::EdgeSpace);
        }
        let found = text.chars().count();
        if found < LEAST_CHARACTERS {
            return Err(WeakPassphrase::TooShort {
                found,
                least: LEAST_CHARACTERS,
            });
        }
        let different = text
            .char_indices()
            .filter(|(at, one)| !text[..*at].contains(*one))
            .count();
        if different < LEAST_DIFFERENT {
            return Err(WeakPassphrase::TooFewDifferent {
                found: different,
                least: LEAST_DIFFERENT,
            });
        }
        let neighbours = text
            .chars()
            .zip(text.chars().skip(1))
            .filter(|(one, next)| u32::from(*one).abs_diff(u32::from(*next)) <= 1)
            .count();
        if neighbours * 2 > found {
            return Err(WeakPassphrase::Run);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<WeakPassphrase> {
        Passphrase::choose(text.to_owned()).err()
    }

    #[test]
    fn a_passphrase_of_some_words_is_taken() {
        for good in [
            "correct horse battery staple",
            "Zwölf Boxkämpfer",
            "xkq7-Tm2p-9vRb",
            "пароль для ключа",
        ] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }

    #[test]
    fn a_weak_passphrase_is_refused_with_the_reason() {
        use WeakPassphrase as W;
        let short = |found| Some(W::TooShort { found, least: 12 });
        assert_eq!(refusal(""), short(0));
        assert_eq!(refusal("hunter2hunt"), short(11));
        assert_eq!(refusal("öööööööö"), short(8));
        let same = |found| Some(W::TooFewDifferent { found, least: 6 });
        assert_eq!(refusal("aaaaaaaaaaaaaaaa"), same(1));
        assert_eq!(refusal("abcabcabcabcabc"), same(3));
        assert_eq!(refusal("1234567890123"), Some(W::Run));
        assert_eq!(refusal("aabbccddeeffgg"), Some(W::Run));
        assert_eq!(refusal(" a good long phrase"), Some(W::EdgeSpace));
        assert_eq!(refusal("a good long phrase\n"), Some(W::ControlCharacter));
    }

    #[test]
    fn a_passphrase_survives_the_vault() {
        let one = Passphrase::typed("Zwölf Boxkämpfer".to_owned());
        let back = Passphrase::from_secret(&one.to_secret()).expect("text");
        assert!(one.same_as(&back));
        assert!(!one.same_as(&Passphrase::typed("zwölf Boxkämpfer".to_owned())));
        assert!(Passphrase::from_secret(&Secret::new(vec![0xff, 0xfe])).is_none());
    }
}
