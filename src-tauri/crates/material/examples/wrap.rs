//! Makes each kind of material and wraps it in every way for the public keys in a folder, for
//! others' programs to open. `wrap FOLDER`, where `RSA_2048.der`, `RSA_3072.der` and
//! `RSA_4096.der` lie; the results are `SPEC.material` and `SPEC.KEY.ALGORITHM`.

use std::error::Error;
use std::path::Path;

use ownkey_material::{
    KeySpec, WrapError, WrappingAlgorithm, WrappingKey, WrappingKeySpec, generate, wrap,
};
use ownkey_model::Partition;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("wrap FOLDER")?;
    let folder = Path::new(&folder);
    let mut keys = Vec::new();
    for spec in [
        WrappingKeySpec::Rsa2048,
        WrappingKeySpec::Rsa3072,
        WrappingKeySpec::Rsa4096,
    ] {
        let der = std::fs::read(folder.join(format!("{}.der", spec.as_str())))?;
        keys.push(WrappingKey::parse(der, spec)?);
    }
    for spec in KeySpec::ALL {
        let material = generate(spec, Partition::Aws)?;
        std::fs::write(folder.join(format!("{spec}.material")), material.expose())?;
        if let Some(public) = material.public_key_der() {
            std::fs::write(folder.join(format!("{spec}.public")), public)?;
        }
        for key in &keys {
            for algorithm in [
                WrappingAlgorithm::RsaesOaepSha256,
                WrappingAlgorithm::RsaesOaepSha1,
                WrappingAlgorithm::RsaAesKeyWrapSha256,
                WrappingAlgorithm::RsaAesKeyWrapSha1,
            ] {
                let name = format!("{spec}.{}.{}", key.spec().as_str(), algorithm.as_str());
                match wrap(&material, key, algorithm) {
                    Ok(blob) => std::fs::write(folder.join(name), blob)?,
                    Err(WrapError::NotForSpec { .. } | WrapError::TooLong { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}
