//! Envelopes: a one-time key to which the window encrypts what was typed, so that no message between
//! window and backend holds a secret in clear.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use zeroize::Zeroizing;

use crate::{CryptoFailure, Secret};

/// A key pair for one secret. RSA-OAEP with SHA-256, since every web view can encrypt to it.
pub struct Envelope(PrivateDecryptingKey);

impl Envelope {
    /// Makes one; takes a tenth of a second or two.
    pub fn make() -> Result<Self, CryptoFailure> {
        PrivateDecryptingKey::generate(KeySize::Rsa2048)
            .map(Self)
            .map_err(|_| CryptoFailure)
    }

    /// The public key as `SubjectPublicKeyInfo` in DER.
    pub fn public_key_der(&self) -> Result<Vec<u8>, CryptoFailure> {
        let der = self.0.public_key().as_der().map_err(|_| CryptoFailure)?;
        Ok(der.as_ref().to_vec())
    }

    /// What was encrypted to it. The key is gone afterwards.
    pub fn open(self, ciphertext: &[u8]) -> Result<Secret, CryptoFailure> {
        let key = OaepPrivateDecryptingKey::new(self.0).map_err(|_| CryptoFailure)?;
        let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
        let length = key
            .decrypt(&OAEP_SHA256_MGF1SHA256, ciphertext, &mut room, None)
            .map_err(|_| CryptoFailure)?
            .len();
        room.truncate(length);
        Ok(Secret::new(std::mem::take(&mut room)))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rsa::{OaepPublicEncryptingKey, PublicEncryptingKey};

    use super::*;

    fn sealed_to(public_key: &[u8], text: &[u8]) -> Vec<u8> {
        let key = PublicEncryptingKey::from_der(public_key).expect("a public key");
        let key = OaepPublicEncryptingKey::new(key).expect("a public key");
        let mut room = vec![0; key.ciphertext_size()];
        let sealed = key
            .encrypt(&OAEP_SHA256_MGF1SHA256, text, &mut room, None)
            .expect("it fits");
        sealed.to_vec()
    }

    #[test]
    fn an_envelope_opens_what_was_sealed_to_it_and_nothing_else() {
        let one = Envelope::make().expect("a key");
        let two = Envelope::make().expect("a key");
        let sealed = sealed_to(&one.public_key_der().expect("DER"), "Zwölf".as_bytes());
        assert!(two.open(&sealed).is_err());
        let opened = one.open(&sealed).expect("its own");
        assert_eq!(opened.expose(), "Zwölf".as_bytes());
    }

    #[test]
    fn rubbish_is_refused() {
        for rubbish in [&[] as &[u8], &[0; 12], &[7; 256]] {
            let envelope = Envelope::make().expect("a key");
            assert!(envelope.open(rubbish).is_err());
        }
    }
}
