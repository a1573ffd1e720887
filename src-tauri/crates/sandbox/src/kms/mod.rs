//! AWS KMS in memory: keys of all accounts and regions, and the operations on them.
//!
//! One file per group of operations; `world`, `key` and `due` hold the state; `state` the rules of
//! key states. Whether the caller may do an operation at all is decided in `access`, before it is done.

mod access;
mod agree;
mod aliases;
mod binding;
mod charges;
mod ciphertext;
mod consistency;
mod create;
mod crypto;
mod custom_key_stores;
mod data_key_pairs;
mod data_keys;
mod describe;
mod due;
mod grants;
mod happened;
mod import;
mod import_token;
mod kept;
mod key;
mod key_policy;
#[cfg(test)]
mod key_state_model;
mod last_usage;
mod lifecycle;
mod list;
mod mac;
mod pairs;
mod parse;
mod policy;
mod public_key;
mod random_bytes;
mod reference;
mod refusals;
mod replicate;
mod rotation;
mod seen;
mod shapes;
mod sign;
mod spec;
mod state;
mod tags;
#[cfg(test)]
pub(crate) mod testing;
mod unwrap;
mod world;
mod wrapping_keys;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::task::spawn_blocking;

use self::consistency::{Lag, Process, View, Writing};
use self::key::Transition;
use self::pairs::Pair;
use self::parse::Input;
use self::refusals::internal;
use self::world::World;
use crate::api::{ApiError, ApiResult, Call};
use crate::cloudhsm::CloudHsm;
use crate::random::Random;
use crate::regions::Partition;
use crate::revision::Revision;

pub(crate) use self::aliases::{AWS_SERVICES, aws_managed_key};
pub(crate) use self::create::{blank, make_native_material};
pub(crate) use self::happened::Happened;
pub(crate) use self::import_token::TokenSeal;
pub(crate) use self::key::{
    Deletion, Key, Material, MaterialId, Role, Rotation, RotationType, Secret,
};
pub(crate) use self::key_policy::KeyPolicy;
pub(crate) use self::pairs::LazyPair;
pub(crate) use self::seen::SeenKey;
pub(crate) use self::spec::{KeySpec, KeyUsage, Origin};
pub(crate) use self::world::{KeyAddress, World as KmsWorld};

/// KMS in every account and region. No lock is held across an `await` or a slow computation.
pub(crate) struct Kms {
    world: RwLock<World>,
    rng: Random,
    tokens: TokenSeal,
    revision: Revision,
    principals: Arc<dyn Principals>,
    strict: bool,
    lag: Option<Lag>,
    /// The clusters of CloudHSM. Its lock is taken last.
    cloudhsm: Arc<CloudHsm>,
}

/// How KMS is simulated where its user has a choice; the [`crate::Options`] of these names tell more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manner {
    pub(crate) consistency: Duration,
    pub(crate) strict: bool,
}

/// What KMS has to ask IAM about the principals that policies and grants name. Nobody asks while
/// holding a lock of KMS: whoever writes the state down holds that of IAM first.
pub(crate) trait Principals: Send + Sync {
    /// Whether a policy in this partition may name it.
    fn exist(&self, name: &str, partition: Partition) -> bool;

    /// The unique id behind the ARN of a user, a role or a session of a role.
    fn unique_id(&self, arn: &str) -> Option<String>;

    /// The ARN that the user, role or session of a unique id has now, if it is still there.
    fn arn(&self, id: &str) -> Option<String>;
}

impl Kms {
    /// No keys anywhere.
    pub(crate) fn new(rng: Random, revision: Revision, principals: Arc<dyn Principals>) -> Self {
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
        mut world: World,
        tokens: TokenSeal,
        rng: Random,
        revision: Revision,
        principals: Arc<dyn Principals>,
    ) -> Self {
        rotation::carry_out_all(&mut world, &rng);
        let cloudhsm = CloudHsm::new(rng.clone(), revision.clone());
        Self {
            world: RwLock::new(world),
            rng,
            tokens,
            revision,
            principals,
            strict: false,
            lag: None,
            cloudhsm: Arc::new(cloudhsm),
        }
    }

    /// The same with these clusters behind its custom key stores.
    pub(crate) fn backed_by(self, cloudhsm: &Arc<CloudHsm>) -> Self {
        let cloudhsm = Arc::clone(cloudhsm);
        Self { cloudhsm, ..self }
    }

    /// The same, simulated in another manner.
    pub(crate) fn behaving(mut self, manner: Manner) -> Self {
        self.strict = manner.strict;
        self.lag = (!manner.consistency.is_zero()).then(|| Lag::new(manner.consistency));
        self
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
        shapes::check(operation, input)?;
        let input = Input::new(input);
        access::admit(self, call, operation, input)?;
        match operation {
            "CreateKey" => create::create_key(self, call, input),
            "DescribeKey" => describe::describe_key(self, call, input),
            "GetKeyLastUsage" => last_usage::key_last_usage(self, call, input),
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
            "CreateGrant" => grants::create_grant(self, call, input),
            "ListGrants" => grants::list_grants(self, call, input),
            "ListRetirableGrants" => grants::list_retirable_grants(self, call, input),
            "RetireGrant" => grants::retire_grant(self, call, input),
            "RevokeGrant" => grants::revoke_grant(self, call, input),
            "GenerateMac" => mac::generate_mac(self, call, input),
            "VerifyMac" => mac::verify_mac(self, call, input),
            "Encrypt" => crypto::encrypt(self, call, input).await,
            "Decrypt" => crypto::decrypt(self, call, input).await,
            "ReEncrypt" => crypto::re_encrypt(self, call, input).await,
            "GenerateDataKey" => data_keys::generate_data_key(self, call, input).await,
            "GenerateDataKeyWithoutPlaintext" => {
                data_keys::generate_data_key_without_plaintext(self, call, input).await
            }
            "GenerateDataKeyPair" => {
                data_key_pairs::generate_data_key_pair(self, call, input).await
            }
            "GenerateDataKeyPairWithoutPlaintext" => {
                data_key_pairs::generate_data_key_pair_without_plaintext(self, call, input).await
            }
            "GenerateRandom" => random_bytes::generate_random(self, call, input),
            "Sign" => sign::sign(self, call, input).await,
            "Verify" => sign::verify(self, call, input).await,
            "DeriveSharedSecret" => agree::derive_shared_secret(self, call, input).await,
            "GetPublicKey" => public_key::get_public_key(self, call, input).await,
            "ReplicateKey" => replicate::replicate_key(self, call, input),
            "UpdatePrimaryRegion" => replicate::update_primary_region(self, call, input),
            "CreateCustomKeyStore" => custom_key_stores::create_custom_key_store(self, call, input),
            "DescribeCustomKeyStores" => {
                custom_key_stores::describe_custom_key_stores(self, call, input)
            }
            "ConnectCustomKeyStore" => {
                custom_key_stores::connect_custom_key_store(self, call, input)
            }
            "DisconnectCustomKeyStore" => {
                custom_key_stores::disconnect_custom_key_store(self, call, input)
            }
            "UpdateCustomKeyStore" => custom_key_stores::update_custom_key_store(self, call, input),
            "DeleteCustomKeyStore" => custom_key_stores::delete_custom_key_store(self, call, input),
            _ => Err(ApiError::new("UnknownOperationException", "")),
        }
    }

    /// Notes who the principals of planted policies are.
    pub(crate) fn bind_policies(&self) {
        let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        let mut bound: BTreeMap<*const KeyPolicy, Arc<KeyPolicy>> = BTreeMap::new();
        for key in world.keys_mut() {
            let policy = bound.entry(Arc::as_ptr(&key.policy)).or_insert_with(|| {
                match key.policy.bound_anew(&*self.principals) {
                    bound if bound == key.policy => Arc::clone(&key.policy),
                    bound => bound,
                }
            });
            key.policy = Arc::clone(policy);
        }
    }

    /// Makes the AWS managed key behind a predefined alias (`alias/aws/s3`), if it is not there yet.
    pub(crate) fn need_aws_managed_key(&self, call: &Call, alias: &str) {
        aliases::make_aws_managed_key(self, call, alias);
    }

    /// Changes the state directly, for seeding.
    pub(crate) fn plant<T>(&self, planting: impl FnOnce(&mut KmsWorld) -> T) -> T {
        planting(&mut self.world.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state as of `now`, as those see it who only look. A panic in another request does not take
    /// the sandbox down.
    fn read(&self, now: OffsetDateTime) -> View<'_> {
        let present = self.present(now);
        match self.lag.as_ref().and_then(Lag::view) {
            Some(past) => View::Past(past),
            None => View::Present(present),
        }
    }

    /// The same, to change it.
    fn write(&self, now: OffsetDateTime) -> Writing<'_> {
        let mut world = self.revision.open(&self.world);
        if due::is_due(&world, now) {
            due::settle(&mut world, now, &self.rng);
        }
        while let Some(process) = self.lag.as_ref().and_then(Lag::take_ended_process) {
            due::complete(&mut world, &process, &self.rng);
        }
        Writing::new(world, self.lag.as_ref())
    }

    fn present(&self, now: OffsetDateTime) -> RwLockReadGuard<'_, World> {
        let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
        if !due::is_due(&world, now) && !self.lag.as_ref().is_some_and(Lag::has_ended_process) {
            return world;
        }
        drop(world);
        drop(self.write(now));
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// With eventual consistency, these keys are in transition from now on; without, they are through
    /// with it at once.
    fn begin_transition(&self, world: &mut World, transition: Transition, keys: &[KeyAddress]) {
        let Some(lag) = &self.lag else { return };
        for at in keys {
            if let Some(key) = world.key_mut(at) {
                key.transition = Some(transition);
            }
        }
        lag.begin(keys.iter().cloned().map(Process::Transition));
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
