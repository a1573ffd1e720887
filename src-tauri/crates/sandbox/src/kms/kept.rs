//! How key material and dates are written in a kept state. The frame around it is in `crate::state`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key::{MaterialId, Secret};
use super::pairs::{LazyPair, Pair};
use super::spec::KeySpec;

/// A [`Secret`] in full, also of a pair that is still to be made.
#[derive(Serialize, Deserialize)]
pub(crate) enum KeptSecret {
    Raw(#[serde(with = "bytes")] Zeroizing<Vec<u8>>),
    Pair { spec: KeySpec, made: Option<Pair> },
}

impl From<Secret> for KeptSecret {
    fn from(secret: Secret) -> Self {
        match secret {
            Secret::Raw(bytes) => Self::Raw(Zeroizing::clone(&bytes)),
            Secret::Pair(pair) => Self::Pair {
                spec: pair.spec(),
                made: pair.made().cloned(),
            },
        }
    }
}

impl From<KeptSecret> for Secret {
    fn from(kept: KeptSecret) -> Self {
        match kept {
            KeptSecret::Raw(bytes) => Self::raw(bytes),
            KeptSecret::Pair { spec, made } => Self::Pair(Arc::new(match made {
                Some(pair) => LazyPair::imported(spec, pair),
                None => LazyPair::native(spec),
            })),
        }
    }
}

impl From<MaterialId> for String {
    fn from(id: MaterialId) -> Self {
        id.hex()
    }
}

impl TryFrom<String> for MaterialId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_hex(&text).ok_or("not a material id")
    }
}

/// Bytes as base 64, without a copy that is not wiped.
pub(super) mod bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(crate) fn serialize<S: Serializer>(
        bytes: &impl AsRef<[u8]>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        out.serialize_str(&Zeroizing::new(STANDARD.encode(bytes)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: From<Vec<u8>>>(
        from: D,
    ) -> Result<T, D::Error> {
        // Base 64 needs no escapes, so it can be read where it lies.
        let text = <&str>::deserialize(from)?;
        STANDARD.decode(text).map(T::from).map_err(D::Error::custom)
    }
}

/// When and how a material became current.
pub(super) mod rotated {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use time::OffsetDateTime;
    use time::serde::rfc3339;

    use crate::kms::RotationType;

    #[derive(Serialize, Deserialize)]
    struct Turn(#[serde(with = "rfc3339")] OffsetDateTime, RotationType);

    pub(crate) fn serialize<S: Serializer>(
        rotated: &Option<(OffsetDateTime, RotationType)>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        rotated.map(|(at, how)| Turn(at, how)).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<(OffsetDateTime, RotationType)>, D::Error> {
        let turn = Option::<Turn>::deserialize(from)?;
        Ok(turn.map(|Turn(at, how)| (at, how)))
    }
}
