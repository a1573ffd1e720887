//! Reads all that AWS says about one key.

use ownkey_aws::{Described, Kms};
use ownkey_model::{Key, Origin, Reading, Result};

/// All about one key; `None` if an AWS service manages it. What is refused is `Unknown` in the
/// key, with the reason; only a refusal to describe it at all is an error.
pub(crate) async fn read_key(kms: &Kms, id: &str) -> Result<Option<Key>> {
    let Described::CustomerManaged(mut key) = kms.describe_key(id).await? else {
        return Ok(None);
    };
    let imported = key.origin == Origin::External;
    let rotation = async {
        if imported {
            Ok(None)
        } else {
            kms.rotation(id).await
        }
    };
    let materials = async {
        if imported {
            kms.materials(id).await
        } else {
            Ok(Vec::new())
        }
    };
    let (policy, tags, rotation, materials) =
        tokio::join!(kms.key_policy(id), kms.tags(id), rotation, materials);
    key.policy = reading(policy);
    key.tags = reading(tags);
    key.rotation = reading(rotation);
    key.materials = reading(materials);
    Ok(Some(*key))
}

fn reading<T>(answer: Result<T>) -> Reading<T> {
    match answer {
        Ok(value) => Reading::Known(value),
        Err(error) => Reading::Unknown(error),
    }
}
