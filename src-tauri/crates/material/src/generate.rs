//! New material, from the operating system's randomness.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::EcdsaKeyPair;
use ownkey_model::Partition;

use crate::crypto::fill_randomly;
use crate::formats::{self, Reading};
use crate::keys::{Curve, PrivateKey};
use crate::spec::Shape;
use crate::{CryptoFailure, KeySpec, Material, Secret};

/// Makes new material for a kind of key. An RSA-4096 key takes seconds.
pub fn generate(spec: KeySpec, partition: Partition) -> Result<Material, CryptoFailure> {
    match Shape::of(spec) {
        Shape::Aes | Shape::Hmac => make_bytes(spec, partition),
        Shape::Rsa { bits } => Ok(Material::from_key(spec, make_rsa(spec, bits)?)),
        Shape::Ec(curve) => Ok(Material::from_key(spec, make_ec(spec, curve)?)),
    }
}

fn make_bytes(spec: KeySpec, partition: Partition) -> Result<Material, CryptoFailure> {
    let mut bytes = vec![0; spec.byte_length(partition).ok_or(CryptoFailure)?];
    fill_randomly(&mut bytes)?;
    let bytes = Secret::new(bytes);
    // The same check as for what is brought: a source that fills nothing must not pass for one.
    formats::check_bytes(spec, partition, Reading::Raw, &bytes).map_err(|_| CryptoFailure)?;
    Ok(Material::checked_bytes(spec, bytes))
}

fn make_rsa(spec: KeySpec, bits: usize) -> Result<PrivateKey, CryptoFailure> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        _ => KeySize::Rsa4096,
    };
    let pair = KeyPair::generate(size).map_err(|_| CryptoFailure)?;
    let pkcs8 = pair.as_der().map_err(|_| CryptoFailure)?;
    formats::read_der(spec, pkcs8.as_ref()).map_err(|_| CryptoFailure)
}

fn make_ec(spec: KeySpec, curve: Curve) -> Result<PrivateKey, CryptoFailure> {
    let pair = EcdsaKeyPair::generate(curve.algorithm()).map_err(|_| CryptoFailure)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| CryptoFailure)?;
    formats::read_der(spec, pkcs8.as_ref()).map_err(|_| CryptoFailure)
}
