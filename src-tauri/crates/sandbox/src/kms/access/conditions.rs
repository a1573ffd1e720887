//! The condition keys of a request to KMS: what policies can ask about its parameters and its key.
//!
//! A parameter that was not sent counts with its default value, except where AWS's examples ask
//! whether it was sent at all.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>

use std::collections::BTreeMap;

use crate::api::Call;
use crate::iam::authorise;
use crate::iam::condition::Context;
use crate::kms::grants;
use crate::kms::key::Key;
use crate::kms::parse::Input;
use crate::kms::reference::{self, KEY_ID_MAX};
use crate::kms::tags::{self, Tags};
use crate::kms::world::{KeyAddress, World};
use crate::regions::Partition;

/// Keys of which a request to KMS has all that apply to it.
const UNDERSTOOD: &[&str] = &["kms:", "aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"];

/// What there is to know beside the parameters of the request.
#[derive(Default, Clone)]
pub(super) struct Facts<'a> {
    /// The region where the permission is needed, if not where the request was sent.
    pub(super) region: Option<&'a str>,
    /// Whether `ReEncrypt` has one key for both sides.
    pub(super) on_same_key: Option<bool>,
    /// The key that is used or about to be made.
    pub(super) key: Option<KeyFacts<'a>>,
}

/// What policies can ask about a key.
#[derive(Clone)]
pub(super) struct KeyFacts<'a> {
    account: String,
    spec: &'a str,
    usage: &'a str,
    origin: &'a str,
    multi_region: bool,
    is_replica: bool,
    aliases: Vec<String>,
    pub(super) tags: Tags,
}

impl<'a> KeyFacts<'a> {
    pub(super) fn of_key(world: &World, at: &KeyAddress, key: &Key) -> Self {
        let family = world.family(at).filter(|_| key.multi_region);
        Self {
            account: (*at.account).to_owned(),
            spec: key.spec.word(),
            usage: key.usage.word(),
            origin: key.origin.word(),
            multi_region: key.multi_region,
            is_replica: family.is_some_and(|family| family.primary != at.region),
            aliases: key.aliases.iter().map(|name| (**name).into()).collect(),
            tags: key.tags.clone(),
        }
    }

    /// The key that a request is about to make; it can be asked for its tags only afterwards.
    pub(super) fn of_new_key(call: &Call, input: Input<'a>) -> Self {
        let word = |name| input.text(name, 0, KEY_ID_MAX).ok().flatten();
        Self {
            account: call.account.clone(),
            spec: word("KeySpec")
                .or_else(|| word("CustomerMasterKeySpec"))
                .unwrap_or("SYMMETRIC_DEFAULT"),
            usage: word("KeyUsage").unwrap_or("ENCRYPT_DECRYPT"),
            origin: word("Origin").unwrap_or("AWS_KMS"),
            multi_region: input.flag("MultiRegion").unwrap_or_default(),
            is_replica: false,
            aliases: Vec::new(),
            tags: Tags::new(),
        }
    }

    /// What a replica of the key begins with.
    pub(super) fn become_replica(&mut self) {
        self.is_replica = true;
        self.aliases.clear();
        self.tags.clear();
    }
}

/// All condition keys of `action`, which is one of those that `operation` needs.
pub(super) fn of(
    call: &Call,
    operation: &str,
    input: Input<'_>,
    action: &str,
    facts: &Facts<'_>,
) -> Context {
    let mut context = authorise::context(&call.caller, call).understanding(UNDERSTOOD);
    if let Some(region) = facts.region {
        context = context.with("aws:RequestedRegion", region);
    }
    if let Some(service) = call.via {
        let domain = Partition::of(&call.region).domain();
        context = context.with(
            "kms:ViaService",
            format!("{service}.{}.{domain}", call.region),
        );
    }
    if let Some(key) = &facts.key {
        let controls = &call.caller.controls;
        context = about_key(controls.tell_of_resource(context, &key.account), key);
    }
    if let Some(is_same) = facts.on_same_key {
        context = context.with("kms:ReEncryptOnSameKey", is_same.to_string());
    }
    let is_for_service = if call.via.is_some() { "true" } else { "false" };
    let request = Request {
        input,
        is_for_service,
    };
    context = request.tags(context, operation);
    let member = match action {
        "kms:ReEncryptFrom" => "SourceKeyId",
        "kms:ReEncryptTo" => "DestinationKeyId",
        _ => "KeyId",
    };
    if let Some(alias) = request.text(member).and_then(reference::alias_in) {
        context = context.with("kms:RequestAlias", alias);
    }
    request.parameters(context, action.strip_prefix("kms:").unwrap_or(action))
}

fn about_key(mut context: Context, key: &KeyFacts<'_>) -> Context {
    context = context
        .with("kms:CustomerMasterKeySpec", key.spec)
        .with("kms:CustomerMasterKeyUsage", key.usage)
        .with("kms:KeyOrigin", key.origin)
        .with("kms:KeySpec", key.spec)
        .with("kms:KeyUsage", key.usage)
        .with("kms:MultiRegion", key.multi_region.to_string());
    if key.multi_region {
        let kind = if key.is_replica { "REPLICA" } else { "PRIMARY" };
        context = context.with("kms:MultiRegionKeyType", kind);
    }
    if !key.aliases.is_empty() {
        context = context.with_list("kms:ResourceAliases", key.aliases.clone());
    }
    for (name, value) in &key.tags {
        context = context.with(&format!("aws:ResourceTag/{name}"), &**value);
    }
    context
}

struct Request<'a> {
    input: Input<'a>,
    /// A grant that a service asks for is for a resource of it.
    is_for_service: &'static str,
}

impl<'a> Request<'a> {
    fn text(&self, member: &str) -> Option<&'a str> {
        self.input.text(member, 1, KEY_ID_MAX).ok().flatten()
    }

    /// Adds a condition key with the value of a member, or with the default of the member.
    fn word(&self, context: Context, key: &str, member: &str, default: Option<&str>) -> Context {
        match self.text(member).or(default) {
            Some(word) => context.with(key, word),
            None => context,
        }
    }

    /// The same for a number.
    fn number(&self, context: Context, key: &str, member: &str, default: u32) -> Context {
        let number = self.input.whole(member, 0, u32::MAX).ok().flatten();
        context.with(key, number.unwrap_or(default).to_string())
    }

    fn parameters(&self, context: Context, action: &str) -> Context {
        match action {
            "Encrypt" | "Decrypt" => {
                let context = self.algorithm(context, "EncryptionAlgorithm");
                self.encryption_context(context, "EncryptionContext")
            }
            "ReEncryptFrom" => {
                let context = self.algorithm(context, "SourceEncryptionAlgorithm");
                self.encryption_context(context, "SourceEncryptionContext")
            }
            "ReEncryptTo" => {
                let context = self.algorithm(context, "DestinationEncryptionAlgorithm");
                self.encryption_context(context, "DestinationEncryptionContext")
            }
            "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
                let context = context.with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
                self.encryption_context(context, "EncryptionContext")
            }
            "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
                let context = context.with("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
                let context = self.word(context, "kms:DataKeyPairSpec", "KeyPairSpec", None);
                self.encryption_context(context, "EncryptionContext")
            }
            "Sign" | "Verify" => {
                let context = self.word(context, "kms:SigningAlgorithm", "SigningAlgorithm", None);
                self.word(context, "kms:MessageType", "MessageType", Some("RAW"))
            }
            "GenerateMac" | "VerifyMac" => {
                self.word(context, "kms:MacAlgorithm", "MacAlgorithm", None)
            }
            "DeriveSharedSecret" => self.word(
                context,
                "kms:KeyAgreementAlgorithm",
                "KeyAgreementAlgorithm",
                None,
            ),
            "GetParametersForImport" => {
                let context =
                    self.word(context, "kms:WrappingAlgorithm", "WrappingAlgorithm", None);
                self.word(context, "kms:WrappingKeySpec", "WrappingKeySpec", None)
            }
            "ImportKeyMaterial" => self.import(context),
            "CreateKey" | "PutKeyPolicy" => self.bypass(context),
            "ReplicateKey" => {
                let context = self.bypass(context);
                self.word(context, "kms:ReplicaRegion", "ReplicaRegion", None)
            }
            "UpdatePrimaryRegion" => self.word(context, "kms:PrimaryRegion", "PrimaryRegion", None),
            "ScheduleKeyDeletion" => self.number(
                context,
                "kms:ScheduleKeyDeletionPendingWindowInDays",
                "PendingWindowInDays",
                30,
            ),
            "EnableKeyRotation" => self.number(
                context,
                "kms:RotationPeriodInDays",
                "RotationPeriodInDays",
                365,
            ),
            "CreateGrant" => self.grant(context),
            "ListGrants" | "RevokeGrant" => {
                context.with("kms:GrantIsForAWSResource", self.is_for_service)
            }
            _ => context,
        }
    }

    fn algorithm(&self, context: Context, member: &str) -> Context {
        let default = Some("SYMMETRIC_DEFAULT");
        self.word(context, "kms:EncryptionAlgorithm", member, default)
    }

    fn encryption_context(&self, context: Context, member: &str) -> Context {
        let pairs = self.input.pairs(member).unwrap_or_default();
        with_encryption_context(context, &pairs)
    }

    /// `ExpirationModel` and `BypassPolicyLockoutSafetyCheck` are asked with `Null` whether they were
    /// sent.
    fn import(&self, context: Context) -> Context {
        let context = self.word(context, "kms:ExpirationModel", "ExpirationModel", None);
        match self.input.moment("ValidTo") {
            Ok(Some(end)) => context.with("kms:ValidTo", end.unix_timestamp().to_string()),
            _ => context,
        }
    }

    fn bypass(&self, context: Context) -> Context {
        let member = "BypassPolicyLockoutSafetyCheck";
        match self.input.flag(member) {
            Ok(flag) if self.input.has(member) => {
                context.with("kms:BypassPolicyLockoutSafetyCheck", flag.to_string())
            }
            _ => context,
        }
    }

    fn grant(&self, context: Context) -> Context {
        let mut context = context.with("kms:GrantIsForAWSResource", self.is_for_service);
        if let Ok(Some(operations)) = self.input.texts("Operations") {
            let operations = operations.into_iter().map(str::to_owned).collect();
            context = context.with_list("kms:GrantOperations", operations);
        }
        context = self.word(context, "kms:GranteePrincipal", "GranteePrincipal", None);
        context = self.word(context, "kms:RetiringPrincipal", "RetiringPrincipal", None);
        let Ok(constraints) = grants::Constraints::parse(self.input) else {
            return context;
        };
        let kinds = constraints.kinds();
        if !kinds.is_empty() {
            let kinds = kinds.into_iter().map(str::to_owned).collect();
            context = context.with_list("kms:GrantConstraintType", kinds);
        }
        with_encryption_context(context, &constraints.pairs())
    }

    fn tags(&self, mut context: Context, operation: &str) -> Context {
        let names: Vec<String> = match operation {
            "CreateKey" | "ReplicateKey" | "TagResource" => {
                let tags = tags::parse(self.input).ok().flatten().unwrap_or_default();
                for (name, value) in &tags {
                    context = context.with(&format!("aws:RequestTag/{name}"), &**value);
                }
                tags.into_keys().map(Into::into).collect()
            }
            "UntagResource" => {
                let names = self.input.texts("TagKeys").ok().flatten();
                names.into_iter().flatten().map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        if names.is_empty() {
            context
        } else {
            context.with_list("aws:TagKeys", names)
        }
    }
}

fn with_encryption_context(mut context: Context, pairs: &BTreeMap<&str, &str>) -> Context {
    if pairs.is_empty() {
        return context;
    }
    for (name, value) in pairs {
        context = context.with(&format!("kms:EncryptionContext:{name}"), *value);
    }
    let names = pairs.keys().map(|name| (*name).to_owned()).collect();
    context.with_list("kms:EncryptionContextKeys", names)
}
