//! AWS KMS in memory: keys of all accounts and regions, and the operations on them.
//!
//! One file per group of operations; `world`, `key` and `due` hold the state; `state` the rules of
//! key states. Whether the caller's identity policy allows an operation is decided by the caller of
//! [`Kms::answer`], with [`Kms::permissions_for`].

mod agree;
mod aliases;
mod binding;
mod ciphertext;
mod create;
mod crypto;
mod data_keys;
mod describe;
mod due;
mod import;
mod import_token;
mod kept;
mod key;
mod lifecycle;
mod list;
mod mac;
mod pairs;
mod parse;
mod policy;
mod public_key;
mod reference;
mod refusals;
mod replicate;
mod rotation;
mod sign;
mod spec;
mod state;
mod tags;
#[cfg(test)]
pub(crate) mod testing;
mod unwrap;
mod world;
mod wrapping_keys;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::task::spawn_blocking;

use self::pairs::Pair;
use self::parse::Input;
use self::refusals::internal;
use self::world::World;
use crate::api::{ApiError, ApiResult, Call};
use crate::random::Random;
use crate::regions::Partition;
use crate::revision::{Changing, Revision};

pub(crate) use self::aliases::{AWS_SERVICES, aws_managed_key};
pub(crate) use self::create::{blank, make_native_material};
pub(crate) use self::import_token::TokenSeal;
pub(crate) use self::key::{
    Deletion, Key, Material, MaterialId, Role, Rotation, RotationType, Secret,
};
pub(crate) use self::pairs::LazyPair;
pub(crate) use self::spec::{KeySpec, KeyUsage, Origin};
pub(crate) use self::world::{KeyAddress, World as KmsWorld};

/// KMS in every account and region. No lock is held across an `await` or a slow computation.
pub(crate) struct Kms {
    world: RwLock<World>,
    rng: Random,
    tokens: TokenSeal,
    revision: Revision,
    principals: KnownPrincipals,
}

/// Answers whether a principal that a policy in this partition names exists; IAM knows.
pub(crate) type KnownPrincipals = Arc<dyn Fn(&str, Partition) -> bool + Send + Sync>;

impl Kms {
    /// No keys anywhere.
    pub(crate) fn new(rng: Random, revision: Revision, principals: KnownPrincipals) -> Self {
        Self::resumed(
            World::default(),
            TokenSeal::new(),
            rng,
            revision,
            principals,
        )
    }

    /// The keys, and the seal of the import tokens, of [`Kms::kept`].
    pub(crate) fn resumed(
        world: World,
        tokens: TokenSeal,
        rng: Random,
        revision: Revision,
        principals: KnownPrincipals,
    ) -> Self {
        Self {
            world: RwLock::new(world),
            rng,
            tokens,
            revision,
            principals,
        }
    }

    /// All that KMS remembers. Nothing changes as long as the lock is held.
    pub(crate) fn kept(&self) -> (RwLockReadGuard<'_, World>, &TokenSeal) {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        (world, &self.tokens)
    }

    /// Answers one operation of the API.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html>
    pub(crate) async fn answer(
        &self,
        call: &Call,
        operation: &str,
        input: &Map<String, Value>,
    ) -> ApiResult {
        let input = Input::new(input);
        match operation {
            "CreateKey" => create::create_key(self, call, input),
            "DescribeKey" => describe::describe_key(self, call, input),
            "ListKeys" => list::list_keys(self, call, input),
            "ListAliases" => aliases::list_aliases(self, call, input),
            "CreateAlias" => aliases::create_alias(self, call, input),
            "UpdateAlias" => aliases::update_alias(self, call, input),
            "DeleteAlias" => aliases::delete_alias(self, call, input),
            "TagResource" => tags::tag_resource(self, call, input),
            "UntagResource" => tags::untag_resource(self, call, input),
            "ListResourceTags" => tags::list_resource_tags(self, call, input),
            "UpdateKeyDescription" => lifecycle::update_key_description(self, call, input),
            "EnableKey" => lifecycle::enable_key(self, call, input),
            "DisableKey" => lifecycle::disable_key(self, call, input),
            "ScheduleKeyDeletion" => lifecycle::schedule_key_deletion(self, call, input),
            "CancelKeyDeletion" => lifecycle::cancel_key_deletion(self, call, input),
            "GetKeyPolicy" => policy::get_key_policy(self, call, input),
            "PutKeyPolicy" => policy::put_key_policy(self, call, input),
            "ListKeyPolicies" => policy::list_key_policies(self, call, input),
            "GetKeyRotationStatus" => rotation::get_key_rotation_status(self, call, input),
            "EnableKeyRotation" => rotation::enable_key_rotation(self, call, input),
            "DisableKeyRotation" => rotation::disable_key_rotation(self, call, input),
            "ListKeyRotations" => rotation::list_key_rotations(self, call, input),
            "RotateKeyOnDemand" => rotation::rotate_key_on_demand(self, call, input),
            "GetParametersForImport" => import::get_parameters_for_import(self, call, input).await,
            "ImportKeyMaterial" => import::import_key_material(self, call, input).await,
            "DeleteImportedKeyMaterial" => binding::delete_imported_key_material(self, call, input),
            "GenerateMac" => mac::generate_mac(self, call, input),
            "VerifyMac" => mac::verify_mac(self, call, input),
            "Encrypt" => crypto::encrypt(self, call, input).await,
            "Decrypt" => crypto::decrypt(self, call, input).await,
            "ReEncrypt" => crypto::re_encrypt(self, call, input).await,
            "GenerateDataKey" => data_keys::generate_data_key(self, call, input).await,
            "GenerateDataKeyWithoutPlaintext" => {
                data_keys::generate_data_key_without_plaintext(self, call, input).await
            }
            "Sign" => sign::sign(self, call, input).await,
            "Verify" => sign::verify(self, call, input).await,
            "DeriveSharedSecret" => agree::derive_shared_secret(self, call, input).await,
            "GetPublicKey" => public_key::get_public_key(self, call, input).await,
            "ReplicateKey" => replicate::replicate_key(self, call, input),
            "UpdatePrimaryRegion" => replicate::update_primary_region(self, call, input),
            _ => Err(ApiError::new("UnknownOperationException", "")),
        }
    }

    /// What identity policies must allow: actions, each with an ARN (`*` for actions without one).
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html>
    pub(crate) fn permissions_for(
        &self,
        call: &Call,
        operation: &str,
        input: &Map<String, Value>,
    ) -> Vec<(String, String)> {
        reference::permissions_for(&self.read(call.now), call, operation, Input::new(input))
    }

    /// Changes the state directly, for seeding.
    pub(crate) fn plant<T>(&self, planting: impl FnOnce(&mut KmsWorld) -> T) -> T {
        planting(&mut self.world.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state as of `now`. A panic in another request does not take the sandbox down.
    fn read(&self, now: OffsetDateTime) -> RwLockReadGuard<'_, World> {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        if !due::is_due(&world, now) {
            return world;
        }
        drop(world);
        drop(self.write(now));
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to change it.
    fn write(&self, now: OffsetDateTime) -> Changing<'_, World> {
        let mut world = self.revision.open(&self.world);
        if due::is_due(&world, now) {
            due::settle(&mut world, now, &self.rng);
        }
        world
    }

    /// Works with a key pair, which is made first if need be, on a blocking thread: RSA takes long.
    async fn with_pair<T: Send + 'static>(
        &self,
        pair: Arc<LazyPair>,
        work: impl FnOnce(&Pair) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let revision = self.revision.clone();
        let done = spawn_blocking(move || {
            let is_new = pair.made().is_none();
            let made = pair.pair();
            if is_new {
                revision.step();
            }
            made.map(work)
        });
        done.await
            .ok()
            .flatten()
            .ok_or_else(|| internal("The key pair cannot be used"))
    }
}

/// The answer of an operation that has none. AWS sends an empty body.
fn nothing() -> ApiResult {
    Ok(Value::Null)
}

/// The answer that names only the key.
fn key_arn_only(arn: String) -> ApiResult {
    Ok(json!({ "KeyId": arn }))
}
