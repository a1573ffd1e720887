//! Key material in the one form in which it is sealed, compared and sent.

use ownkey_model::Partition;

use crate::formats::{self, ReadError};
use crate::keys::PrivateKey;
use crate::spec::Shape;
use crate::{KeySpec, Secret};

/// Key material: plain bytes for symmetric and HMAC keys, canonical PKCS#8 DER with nothing after
/// it for RSA and ECC keys. That it fits its spec was checked when it was made.
///
/// ```compile_fail,E0277
/// fn print(material: ownkey_material::Material) {
///     println!("{material:?}");
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn print(material: ownkey_material::Material) {
///     println!("{material}");
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn copy(material: &ownkey_material::Material) -> ownkey_material::Material {
///     ownkey_material::Material::clone(material)
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn text(material: ownkey_material::Material) -> String {
///     serde_json::to_string(&material).expect("serialises")
/// }
/// ```
pub struct Material {
    spec: KeySpec,
    bytes: Secret,
    public_key_der: Option<Vec<u8>>,
}

impl Material {
    /// From bytes that are canonical already, as [`Material::expose`] once gave them; anything
    /// else is refused. What a user brings goes through [`read`](crate::read).
    pub fn from_canonical(spec: KeySpec, bytes: Secret) -> Result<Self, ReadError> {
        let material = match Shape::of(spec) {
            Shape::Aes | Shape::Hmac => Self::from_bytes(spec, bytes)?,
            Shape::Rsa { .. } | Shape::Ec(_) => {
                let material = Self::from_key(spec, formats::read_der(spec, bytes.expose())?);
                if !material.bytes.same_as(&bytes) {
                    return Err(ReadError::Unreadable { expected: spec });
                }
                material
            }
        };
        Ok(material)
    }

    fn from_bytes(spec: KeySpec, bytes: Secret) -> Result<Self, ReadError> {
        // Which partition the material is for is not known here: either length is right.
        let partition = match (Shape::of(spec), bytes.expose().len()) {
            (Shape::Aes, 16) => Partition::AwsCn,
            _ => Partition::Aws,
        };
        formats::check_bytes(spec, partition, formats::Reading::Raw, &bytes)?;
        Ok(Self::checked_bytes(spec, bytes))
    }

    pub(crate) fn checked_bytes(spec: KeySpec, bytes: Secret) -> Self {
        Self {
            spec,
            bytes,
            public_key_der: None,
        }
    }

    pub(crate) fn from_key(spec: KeySpec, key: PrivateKey) -> Self {
        Self {
            spec,
            bytes: key.pkcs8,
            public_key_der: Some(key.public_key_der),
        }
    }

    /// What kind of key it is for.
    pub fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The bytes. Do not copy them anywhere that is not wiped.
    pub fn expose(&self) -> &[u8] {
        self.bytes.expose()
    }

    /// The public key as `SubjectPublicKeyInfo` in DER, the form in which `GetPublicKey` answers;
    /// nothing for symmetric and HMAC material.
    pub fn public_key_der(&self) -> Option<&[u8]> {
        self.public_key_der.as_deref()
    }

    /// Whether both are the same bytes for the same kind of key, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        self.spec == other.spec && self.bytes.same_as(&other.bytes)
    }
}
