//! Secrets on their way from the window: encrypted before they cross, so that no message holds one.

use serde::{Deserialize, Serialize};

/// A public key that the window encrypts one secret to. It opens one message and is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct EnvelopeKey {
    /// What the answer names it by.
    pub envelope: String,
    /// `SubjectPublicKeyInfo` of an RSA key, base64: for RSA-OAEP with SHA-256.
    pub public_key: String,
}

/// What was typed, encrypted in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct SealedText {
    /// The key it was encrypted to.
    pub envelope: String,
    /// The ciphertext of its UTF-8 bytes, base64; at most 190 bytes of text fit.
    pub ciphertext: String,
}
