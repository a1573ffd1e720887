//! Bytes that nobody may see: owned once, wiped when they go.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

/// Secret bytes, overwritten with zeros when dropped.
///
/// They cannot be printed, copied or serialised, and compared only in constant time: whoever needs
/// the bytes borrows them for as long as they are needed.
///
/// ```
/// let secret = ownkey_material::Secret::new(vec![1, 2, 3]);
/// assert_eq!(secret.expose(), [1, 2, 3]);
/// ```
///
/// ```compile_fail,E0277
/// let secret = ownkey_material::Secret::new(vec![1, 2, 3]);
/// format!("{secret:?}");
/// ```
///
/// ```compile_fail,E0277
/// let secret = ownkey_material::Secret::new(vec![1, 2, 3]);
/// format!("{secret}");
/// ```
///
/// ```compile_fail,E0599
/// let secret = ownkey_material::Secret::new(vec![1, 2, 3]);
/// let copy = secret.clone();
/// ```
///
/// ```compile_fail,E0369
/// let secret = ownkey_material::Secret::new(vec![1, 2, 3]);
/// let same = secret == ownkey_material::Secret::new(vec![1, 2, 3]);
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over. The buffer is not copied, so no second copy stays behind; one that
    /// the caller made before, by letting a vector grow, is the caller's to avoid.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes. Do not copy them anywhere that is not wiped.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether both hold the same bytes. How long it takes depends on the lengths only.
    pub fn same_as(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_are_the_same_if_length_and_every_byte_are() {
        let secret = |bytes: &[u8]| Secret::new(bytes.to_vec());
        assert!(secret(b"abc").same_as(&secret(b"abc")));
        assert!(secret(b"").same_as(&secret(b"")));
        for other in [b"abd".as_slice(), b"bbc", b"ab", b"abcd", b""] {
            assert!(!secret(b"abc").same_as(&secret(other)));
        }
    }
}
