//! Reads all that AWS says about one key.

use ownkey_aws::{Described, Kms};
use ownkey_model::{Key, KeyState, Material, MaterialState, Origin, Reading, Result};

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
    key.materials = match materials {
        Ok(none) if none.is_empty() && imported => Reading::Known(one_for_life(&key)),
        materials => reading(materials),
    };
    Ok(Some(*key))
}

/// AWS lists the materials of symmetric keys only. Any other imported key has one for life, and
/// AWS holds it unless the key waits for it.
fn one_for_life(key: &Key) -> Vec<Material> {
    let waits = matches!(key.state, KeyState::PendingImport | KeyState::Creating);
    if waits {
        return Vec::new();
    }
    vec![Material {
        id: key.current_material_id.clone(),
        description: None,
        imported: true,
        state: MaterialState::Current,
        valid_to: key.valid_to,
        rotated_at: None,
    }]
}

fn reading<T>(answer: Result<T>) -> Reading<T> {
    match answer {
        Ok(value) => Reading::Known(value),
        Err(error) => Reading::Unknown(error),
    }
}
