//! Which permissions an operation needs, and on what.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html>

use crate::api::Call;
use crate::kms::crypto;
use crate::kms::key::Key;
use crate::kms::parse::Input;
use crate::kms::reference::{self, KEY_ID_MAX};
use crate::kms::world::{KeyAddress, World, alias_arn, key_arn};

/// Stands in an ARN for the id of a key that is only about to be made.
pub(super) const NEW_KEY: &str = "00000000-0000-0000-0000-000000000000";

/// One permission.
pub(super) struct Permission<'w> {
    /// Such as `kms:Encrypt`.
    pub(super) action: String,
    pub(super) target: Target<'w>,
    /// The region where it is needed, if that is not the one that was asked.
    pub(super) region: Option<&'w str>,
}

/// What a permission is for.
pub(super) enum Target<'w> {
    /// An alias, or nothing in particular (`*`): no policy of its own.
    Resource(String),
    Key(KeyAddress, &'w Key),
}

impl Target<'_> {
    pub(super) fn arn(&self) -> String {
        match self {
            Self::Resource(arn) => arn.clone(),
            Self::Key(at, _) => at.arn(),
        }
    }
}

/// Whether AWS lets the operation be done on a key of another account.
pub(in crate::kms) fn crosses_accounts(operation: &str) -> bool {
    matches!(
        operation,
        "CreateGrant"
            | "Decrypt"
            | "DeriveSharedSecret"
            | "DescribeKey"
            | "Encrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateMac"
            | "GetKeyRotationStatus"
            | "GetPublicKey"
            | "ListGrants"
            | "ReEncrypt"
            | "RetireGrant"
            | "RevokeGrant"
            | "Sign"
            | "Verify"
            | "VerifyMac"
    )
}

/// All that the operation needs. What is wrong with the parameters is left to the operation.
pub(super) fn permissions<'w>(
    world: &'w World,
    call: &'w Call,
    operation: &str,
    input: Input<'w>,
) -> Vec<Permission<'w>> {
    let asker = Asker { world, call, input };
    let own = |action: &str, target| Permission::new(action, target);
    match operation {
        "CreateKey" => {
            let mut needed = vec![own("CreateKey", nothing())];
            needed.extend(asker.tagging(&call.region));
            needed
        }
        "ListKeys"
        | "ListAliases"
        | "GenerateRandom"
        | "CreateCustomKeyStore"
        | "DescribeCustomKeyStores"
        | "UpdateCustomKeyStore"
        | "DeleteCustomKeyStore"
        | "ConnectCustomKeyStore"
        | "DisconnectCustomKeyStore" => vec![own(operation, nothing())],
        "ListRetirableGrants" => {
            let principal = asker.text("RetiringPrincipal");
            let target = principal.map_or_else(nothing, |arn| Target::Resource(arn.to_owned()));
            vec![own(operation, target)]
        }
        // The grant says who may; the operation looks.
        "RetireGrant" => Vec::new(),
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" => asker.alias(operation),
        "ReEncrypt" => vec![
            own("ReEncryptFrom", asker.key_or_blob("SourceKeyId")),
            own("ReEncryptTo", asker.key("DestinationKeyId")),
        ],
        "ReplicateKey" => {
            let mut needed = vec![own(operation, asker.key("KeyId"))];
            if let Some(region) = asker.text("ReplicaRegion") {
                needed.push(own("CreateKey", nothing()).in_region(region));
                needed.extend(asker.tagging(region));
            }
            needed
        }
        "UpdatePrimaryRegion" => asker.primary_region(operation),
        "Decrypt" => vec![own(operation, asker.key_or_blob("KeyId"))],
        _ => vec![own(operation, asker.key("KeyId"))],
    }
}

impl<'w> Permission<'w> {
    fn new(operation: &str, target: Target<'w>) -> Self {
        Self {
            action: format!("kms:{operation}"),
            target,
            region: None,
        }
    }

    fn in_region(mut self, region: &'w str) -> Self {
        self.region = Some(region);
        self
    }
}

struct Asker<'w> {
    world: &'w World,
    call: &'w Call,
    input: Input<'w>,
}

impl<'w> Asker<'w> {
    fn text(&self, member: &str) -> Option<&'w str> {
        self.input.text(member, 1, KEY_ID_MAX).ok().flatten()
    }

    fn key(&self, member: &str) -> Target<'w> {
        self.text(member)
            .map_or_else(nothing, |reference| self.named(reference))
    }

    /// A blob says itself which key it is for.
    fn key_or_blob(&self, member: &str) -> Target<'w> {
        match self.text(member) {
            Some(reference) => self.named(reference),
            None => crypto::key_in_blob(self.call, self.input)
                .map_or_else(nothing, |arn| self.named(&arn)),
        }
    }

    fn named(&self, reference: &str) -> Target<'w> {
        match reference::look(self.world, self.call, reference) {
            Some((at, key)) => Target::Key(at, key),
            None => Target::Resource(reference::closest_arn(self.call, reference)),
        }
    }

    /// The alias, by IAM policies only, and every key that it points or is to point to.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html>
    fn alias(&self, operation: &str) -> Vec<Permission<'w>> {
        let (account, region) = (&self.call.account, &self.call.region);
        let name = self.text("AliasName");
        let mut needed = vec![Permission::new(
            operation,
            name.map_or_else(nothing, |name| {
                Target::Resource(alias_arn(account, region, name))
            }),
        )];
        let alias = name
            .filter(|_| operation != "CreateAlias")
            .and_then(|name| {
                let alias = self.world.room(account, region)?.aliases.get(name)?;
                alias.target.as_deref()
            });
        needed.extend(alias.map(|id| Permission::new(operation, self.named(id))));
        if operation != "DeleteAlias" && self.input.has("TargetKeyId") {
            needed.push(Permission::new(operation, self.key("TargetKeyId")));
        }
        needed
    }

    /// The same on the key that is the primary one and on the one that is to be, each in its region.
    fn primary_region(&self, operation: &str) -> Vec<Permission<'w>> {
        let primary = self.key("KeyId");
        let replica = match &primary {
            Target::Key(at, _) => self.text("PrimaryRegion").and_then(|region| {
                let at = self.world.address(&at.account, region, &at.id)?;
                let key = self.world.key(&at)?;
                let permission = Permission::new(operation, Target::Key(at, key));
                Some(permission.in_region(region))
            }),
            Target::Resource(_) => None,
        };
        let mut needed = vec![Permission::new(operation, primary)];
        needed.extend(replica);
        needed
    }

    /// Tags of a key that is made need the permission to tag.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html>
    fn tagging(&self, region: &'w str) -> Option<Permission<'w>> {
        let has_tags = self
            .input
            .list("Tags")
            .is_ok_and(|tags| tags.is_some_and(|tags| !tags.is_empty()));
        has_tags.then(|| {
            let arn = key_arn(&self.call.account, region, NEW_KEY);
            Permission::new("TagResource", Target::Resource(arn)).in_region(region)
        })
    }
}

fn nothing<'w>() -> Target<'w> {
    Target::Resource("*".to_owned())
}
