//! What the material of each kind of key looks like.

use ownkey_model::KeySpec;

use crate::keys::Curve;

/// What the material of a kind of key looks like.
pub(crate) enum Shape {
    Aes,
    Hmac,
    Rsa { bits: usize },
    Ec(Curve),
}

impl Shape {
    pub(crate) fn of(spec: KeySpec) -> Self {
        match spec {
            KeySpec::SymmetricDefault => Self::Aes,
            KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => Self::Hmac,
            KeySpec::Rsa2048 => Self::Rsa { bits: 2048 },
            KeySpec::Rsa3072 => Self::Rsa { bits: 3072 },
            KeySpec::Rsa4096 => Self::Rsa { bits: 4096 },
            KeySpec::EccNistP256 => Self::Ec(Curve::P256),
            KeySpec::EccNistP384 => Self::Ec(Curve::P384),
            KeySpec::EccNistP521 => Self::Ec(Curve::P521),
            KeySpec::EccSecgP256K1 => Self::Ec(Curve::P256K1),
        }
    }
}
