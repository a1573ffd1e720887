//! Which material a key with imported material takes, keeps and gives up.
//!
//! A key is bound to the materials it once had: deleting or losing them to expiry does not loosen
//! that. <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-import-key-material.html>

use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;

use super::Kms;
use super::import;
use super::key::{Key, Material, MaterialId, Role, RotationType, Secret};
use super::parse::Input;
use super::refusals::{invalid_state, not_found, unsupported};
use super::world::{KeyAddress, World};
use crate::api::{ApiError, ApiResult, Call};

/// What the importer says about the material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImportType {
    New,
    Existing,
}

/// Material that was unwrapped and is of the right form.
pub(super) struct Imported {
    pub(super) id: MaterialId,
    pub(super) secret: Secret,
    pub(super) valid_to: Option<OffsetDateTime>,
    pub(super) import_type: Option<ImportType>,
    pub(super) description: Option<Box<str>>,
    pub(super) material_id: Option<MaterialId>,
}

/// Takes the material into the key, if it is material of this key or may become that.
pub(super) fn bind(world: &mut World, at: &KeyAddress, new: Imported) -> Result<(), ApiError> {
    let Some(key) = world.key(at) else {
        return Err(not_found(at.arn()));
    };
    let is_known = key.material(&new.id).is_some();
    let is_first = key.materials.is_empty();
    let is_symmetric = key.spec.is_symmetric_encryption();
    // Only a primary key that was never imported into starts with new material by default.
    let default = if is_first {
        ImportType::New
    } else {
        ImportType::Existing
    };
    match new.import_type.unwrap_or(default) {
        ImportType::Existing if !is_known => Err(incorrect(
            "The key material is not the same key material that was previously imported.",
        )),
        ImportType::Existing if new.material_id.is_some_and(|id| id != new.id) => Err(incorrect(
            "The key material does not match the specified KeyMaterialId.",
        )),
        ImportType::Existing => {
            restore(world, at, new);
            Ok(())
        }
        ImportType::New if is_known => Err(incorrect(
            "The key material is already associated with the KMS key.",
        )),
        ImportType::New if new.material_id.is_some() => Err(incorrect(
            "The KeyMaterialId is not associated with the KMS key.",
        )),
        ImportType::New if is_first => {
            let material = Role::Current.of(new);
            change(world, at, |key| {
                key.materials.push(material);
                // A cancelled deletion left it to be `Disabled` had it had material.
                key.disabled = false;
            });
            Ok(())
        }
        // A replica key learns of new material from its primary key only.
        ImportType::New if !is_symmetric || !is_primary(world, at) => Err(incorrect(
            "The key material is not the same key material that was previously imported.",
        )),
        ImportType::New => {
            add_pending(world, at, new);
            Ok(())
        }
    }
}

/// `DeleteImportedKeyMaterial`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>
pub(super) fn delete_imported_key_material(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let asked = import::material_id(input)?;
    let mut world = kms.write(call.now);
    let (at, key) = import::importable(&world, call, "DeleteImportedKeyMaterial", input)?;
    let is_symmetric = key.spec.is_symmetric_encryption();
    if asked.is_some() && !is_symmetric {
        return Err(unsupported(
            "KeyMaterialId is valid only for symmetric encryption keys.",
        ));
    }
    let mut answer = json!({ "KeyId": at.arn() });
    let material = match asked {
        Some(id) => Some(
            key.material(&id)
                .ok_or_else(|| not_found(format!("Key material {} does not exist", id.hex())))?,
        ),
        None => key.current(),
    };
    // A key that never had material has nothing to delete, and that is no error.
    let Some(material) = material else {
        return Ok(answer);
    };
    let (id, role) = (material.id, material.role);
    if is_symmetric {
        answer["KeyMaterialId"] = id.hex().into();
    }
    forget(&mut world, &at, id, role);
    Ok(answer)
}

/// The bytes of a material are gone from a key: they were deleted, or expired.
pub(super) fn forget(world: &mut World, at: &KeyAddress, id: MaterialId, role: Role) {
    if role.is_permanent() || !is_primary(world, at) {
        change(world, at, |key| key.drop_secret(&id));
    } else {
        // Pending material of a primary key goes everywhere and leaves no trace.
        for address in family_of(world, at) {
            change(world, &address, |key| {
                key.materials.retain(|material| material.id != id)
            });
        }
    }
    settle_pending(world, at);
}

/// The material that a rotation would make current.
pub(super) fn pending_rotation(world: &World, at: &KeyAddress) -> Result<MaterialId, ApiError> {
    let materials = world.key(at).map(|key| key.materials.as_slice());
    let pending = materials
        .unwrap_or_default()
        .iter()
        .find(|material| material.role == Role::PendingRotation && material.secret.is_some())
        .map(|material| material.id);
    pending.ok_or_else(|| {
        invalid_state(format!(
            "No available key material pending rotation for the key: {}.",
            at.arn()
        ))
    })
}

/// Makes pending material current, here and in all replicas.
pub(super) fn rotate_imported(
    world: &mut World,
    at: &KeyAddress,
    pending: MaterialId,
    now: OffsetDateTime,
) {
    for address in family_of(world, at) {
        change(world, &address, |key| key.make_current(&pending, now));
    }
}

/// The refusal of material that is sound, but not for this key.
pub(super) fn incorrect(message: impl Into<String>) -> ApiError {
    ApiError::new("IncorrectKeyMaterialException", message)
}

/// The same material again: its bytes, and the expiry that was sent with them.
fn restore(world: &mut World, at: &KeyAddress, new: Imported) {
    change(world, at, |key| {
        if let Some(material) = key.material_mut(&new.id) {
            material.secret = Some(new.secret);
            material.valid_to = new.valid_to;
            if new.description.is_some() {
                material.description = new.description;
            }
        }
        // Whatever the key was before it lost its material, it is `Enabled` when all is there.
        key.disabled = false;
    });
    settle_pending(world, at);
}

/// New material in a key that has some. It replaces what was pending before, and is made known to
/// the replicas, which then take the same bytes.
fn add_pending(world: &mut World, at: &KeyAddress, new: Imported) {
    let id = new.id;
    let description = new.description.clone();
    for address in family_of(world, at) {
        change(world, &address, |key| {
            key.materials
                .retain(|material| material.role.is_permanent());
            if address != *at {
                key.materials.push(Material {
                    id,
                    secret: None,
                    role: Role::PendingMultiRegionImportAndRotation,
                    description: description.clone(),
                    valid_to: None,
                    rotated: None,
                });
            }
        });
    }
    let material = Role::PendingMultiRegionImportAndRotation.of(new);
    change(world, at, |key| key.materials.push(material));
    settle_pending(world, at);
}

/// Pending material can be rotated to when every key of the multi-Region key has it.
pub(super) fn settle_pending(world: &mut World, at: &KeyAddress) {
    let family = family_of(world, at);
    let has_it = |key: &Key| {
        key.materials
            .iter()
            .all(|material| material.role.is_permanent() || material.secret.is_some())
    };
    let complete = family
        .iter()
        .filter_map(|address| world.key(address))
        .all(has_it);
    let role = if complete {
        Role::PendingRotation
    } else {
        Role::PendingMultiRegionImportAndRotation
    };
    for address in family {
        change(world, &address, |key| {
            for material in key.materials.iter_mut().filter(|m| !m.role.is_permanent()) {
                material.role = role;
            }
        });
    }
}

/// All keys of the multi-Region key, or the key itself.
pub(super) fn family_of(world: &World, at: &KeyAddress) -> Vec<KeyAddress> {
    let Some(family) = world.family(at) else {
        return vec![at.clone()];
    };
    let primary = KeyAddress {
        region: Arc::clone(&family.primary),
        ..at.clone()
    };
    world.replicas(at).into_iter().chain([primary]).collect()
}

pub(super) fn is_primary(world: &World, at: &KeyAddress) -> bool {
    world
        .family(at)
        .is_none_or(|family| family.primary == at.region)
}

fn change(world: &mut World, at: &KeyAddress, how: impl FnOnce(&mut Key)) {
    if let Some(key) = world.key_mut(at) {
        how(key);
    }
    world.watch(at);
}

impl Role {
    fn of(self, new: Imported) -> Material {
        Material {
            id: new.id,
            secret: Some(new.secret),
            role: self,
            description: new.description,
            valid_to: new.valid_to,
            rotated: None,
        }
    }
}

impl Key {
    fn drop_secret(&mut self, id: &MaterialId) {
        if let Some(material) = self.material_mut(id) {
            material.secret = None;
            material.valid_to = None;
        }
    }

    fn make_current(&mut self, id: &MaterialId, now: OffsetDateTime) {
        for material in &mut self.materials {
            if material.id == *id {
                material.role = Role::Current;
                material.rotated = Some((now, RotationType::OnDemand));
            } else if material.role == Role::Current {
                material.role = Role::NonCurrent;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::Duration;

    use super::super::testing::{Bench, base64};

    const INCORRECT: &str = "IncorrectKeyMaterialException";

    async fn encrypt(bench: &Bench, key: &str) -> Value {
        let input =
            json!({"KeyId": key, "Plaintext": base64(b"hi"), "EncryptionContext": {"a": "b"}});
        bench.ask("Encrypt", input).await["CiphertextBlob"].clone()
    }

    async fn decrypts(bench: &Bench, blob: &Value) -> &'static str {
        bench
            .code(
                "Decrypt",
                json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}}),
            )
            .await
    }

    #[tokio::test]
    async fn only_the_first_bytes_come_back_also_after_deletion() {
        let bench = Bench::new();
        let key = bench.external().await;
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        let id = bench.describe(&key).await["CurrentKeyMaterialId"].clone();
        let blob = encrypt(&bench, &key).await;
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        bench
            .ask("DeleteImportedKeyMaterial", json!({ "KeyId": key }))
            .await;
        assert_eq!(bench.state(&key).await, "PendingImport");
        assert_eq!(decrypts(&bench, &blob).await, "KMSInvalidStateException");
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        let again = json!({ "ImportType": "EXISTING_KEY_MATERIAL", "KeyMaterialId": id });
        assert_eq!(bench.import(&key, &[1; 32], again).await, "ok");
        assert_eq!(bench.describe(&key).await["CurrentKeyMaterialId"], id);
        assert_eq!(decrypts(&bench, &blob).await, "ok");
    }

    #[tokio::test]
    async fn material_expires_by_the_clock_and_can_be_brought_back() {
        let mut bench = Bench::new();
        let key = bench.external().await;
        let end = bench.now + Duration::days(3);
        let expiring =
            json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": end.unix_timestamp()});
        assert_eq!(bench.import(&key, &[1; 32], expiring).await, "ok");
        let blob = encrypt(&bench, &key).await;
        bench.days_pass(2);
        assert_eq!(decrypts(&bench, &blob).await, "ok");
        bench.days_pass(1);
        assert_eq!(bench.state(&key).await, "PendingImport");
        assert!(bench.describe(&key).await.get("ValidTo").is_none());
        assert_eq!(decrypts(&bench, &blob).await, "KMSInvalidStateException");
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        assert_eq!(decrypts(&bench, &blob).await, "ok");
        // The new import has no end: a year changes nothing.
        bench.days_pass(400);
        assert_eq!(bench.state(&key).await, "Enabled");
    }

    #[tokio::test]
    async fn asymmetric_and_hmac_keys_have_one_material_for_life() {
        let bench = Bench::new();
        let key = bench.create(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL"})).await;
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        let typed = json!({ "ImportType": "NEW_KEY_MATERIAL" });
        assert_eq!(
            bench.import(&key, &[2; 32], typed).await,
            "UnsupportedOperationException"
        );
        bench
            .ask("DeleteImportedKeyMaterial", json!({ "KeyId": key }))
            .await;
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
    }

    #[tokio::test]
    async fn new_material_waits_for_the_rotation_and_old_ciphertext_stays_readable() {
        let bench = Bench::new();
        let key = bench.external().await;
        let id = || json!({ "KeyId": key });
        bench.import(&key, &[1; 32], json!({})).await;
        let old = encrypt(&bench, &key).await;
        assert_eq!(
            bench.code("RotateKeyOnDemand", id()).await,
            "KMSInvalidStateException"
        );
        let new = json!({ "ImportType": "NEW_KEY_MATERIAL", "KeyMaterialDescription": "2026" });
        assert_eq!(bench.import(&key, &[1; 32], new.clone()).await, INCORRECT);
        assert_eq!(bench.import(&key, &[3; 32], new.clone()).await, "ok");
        // Pending material is replaced by the next.
        assert_eq!(bench.import(&key, &[2; 32], new).await, "ok");
        let all = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
        let listed = bench.ask("ListKeyRotations", all.clone()).await["Rotations"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 2);
        assert_eq!(listed[1]["KeyMaterialState"], "PENDING_ROTATION");
        assert_eq!(listed[1]["KeyMaterialDescription"], "2026");
        assert_eq!(
            bench.ask("ListKeyRotations", id()).await["Rotations"],
            json!([])
        );
        bench.ask("RotateKeyOnDemand", id()).await;
        let listed = bench.ask("ListKeyRotations", all).await["Rotations"].clone();
        assert_eq!(listed[0]["KeyMaterialState"], "NON_CURRENT");
        assert_eq!(listed[1]["KeyMaterialState"], "CURRENT");
        assert_eq!(listed[1]["RotationType"], "ON_DEMAND");
        assert_eq!(
            bench.describe(&key).await["CurrentKeyMaterialId"],
            listed[1]["KeyMaterialId"]
        );
        assert_eq!(decrypts(&bench, &old).await, "ok");
        // Without its old material the key is unusable, and the old bytes alone bring it back.
        let old_id = listed[0]["KeyMaterialId"].clone();
        bench
            .ask(
                "DeleteImportedKeyMaterial",
                json!({"KeyId": key, "KeyMaterialId": old_id}),
            )
            .await;
        assert_eq!(bench.state(&key).await, "PendingImport");
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        assert_eq!(bench.state(&key).await, "Enabled");
        assert_eq!(decrypts(&bench, &old).await, "ok");
    }

    #[tokio::test]
    async fn a_replica_takes_the_material_of_its_primary_and_no_other() {
        let mut bench = Bench::new();
        let key = bench
            .create(json!({"Origin": "EXTERNAL", "MultiRegion": true}))
            .await;
        bench.import(&key, &[1; 32], json!({})).await;
        let blob = encrypt(&bench, &key).await;
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        let made = bench.ask("ReplicateKey", replicate.clone()).await;
        assert_eq!(made["ReplicaKeyMetadata"]["KeyState"], "Creating");
        assert_eq!(
            bench.code("ReplicateKey", replicate).await,
            "AlreadyExistsException"
        );
        bench.region = "us-west-2";
        assert_eq!(bench.state(&key).await, "PendingImport");
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, INCORRECT);
        let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
        assert_eq!(bench.import(&key, &[2; 32], new.clone()).await, INCORRECT);
        assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
        assert_eq!(decrypts(&bench, &blob).await, "ok");
        assert_eq!(
            bench
                .code("RotateKeyOnDemand", json!({ "KeyId": key }))
                .await,
            "UnsupportedOperationException"
        );

        // Rotation: new into the primary, the same into every replica, then once on the primary.
        bench.region = "eu-west-1";
        assert_eq!(bench.import(&key, &[2; 32], new).await, "ok");
        let all = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
        let state = |listed: &Value| listed["Rotations"][1]["KeyMaterialState"].clone();
        let waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
        assert_eq!(
            state(&bench.ask("ListKeyRotations", all.clone()).await),
            waiting
        );
        assert_eq!(
            bench
                .code("RotateKeyOnDemand", json!({ "KeyId": key }))
                .await,
            "KMSInvalidStateException"
        );
        bench.region = "us-west-2";
        assert_eq!(
            state(&bench.ask("ListKeyRotations", all.clone()).await),
            waiting
        );
        assert_eq!(bench.import(&key, &[2; 32], json!({})).await, "ok");
        bench.region = "eu-west-1";
        assert_eq!(
            state(&bench.ask("ListKeyRotations", all.clone()).await),
            "PENDING_ROTATION"
        );
        bench
            .ask("RotateKeyOnDemand", json!({ "KeyId": key }))
            .await;
        bench.region = "us-west-2";
        assert_eq!(state(&bench.ask("ListKeyRotations", all).await), "CURRENT");
        assert_eq!(decrypts(&bench, &blob).await, "ok");
    }

    #[tokio::test]
    async fn pending_material_that_expires_was_never_of_the_key() {
        let mut bench = Bench::new();
        let key = bench
            .create(json!({"Origin": "EXTERNAL", "MultiRegion": true}))
            .await;
        bench.import(&key, &[1; 32], json!({})).await;
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        bench.ask("ReplicateKey", replicate).await;
        let all = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
        let end = |bench: &Bench, days| {
            json!({
                "ImportType": "NEW_KEY_MATERIAL", "ExpirationModel": "KEY_MATERIAL_EXPIRES",
                "ValidTo": (bench.now + Duration::days(days)).unix_timestamp(),
            })
        };
        let expiring = end(&bench, 3);
        assert_eq!(bench.import(&key, &[2; 32], expiring).await, "ok");
        bench.days_pass(3);
        for region in ["us-west-2", "eu-west-1"] {
            bench.region = region;
            let listed = bench.ask("ListKeyRotations", all.clone()).await["Rotations"].clone();
            assert_eq!(listed.as_array().unwrap().len(), 1, "{region}");
        }
        // In a replica only its bytes go, and the rotation waits for them again.
        let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
        assert_eq!(bench.import(&key, &[2; 32], new).await, "ok");
        bench.region = "us-west-2";
        bench.import(&key, &[1; 32], json!({})).await;
        let mut again = end(&bench, 3);
        again["ImportType"] = json!("EXISTING_KEY_MATERIAL");
        assert_eq!(bench.import(&key, &[2; 32], again).await, "ok");
        let state = async |bench: &Bench| {
            let listed = bench.ask("ListKeyRotations", all.clone()).await;
            listed["Rotations"][1]["KeyMaterialState"].clone()
        };
        assert_eq!(state(&bench).await, "PENDING_ROTATION");
        bench.days_pass(3);
        let waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
        assert_eq!(state(&bench).await, waiting);
        bench.region = "eu-west-1";
        assert_eq!(state(&bench).await, waiting);
    }
}
