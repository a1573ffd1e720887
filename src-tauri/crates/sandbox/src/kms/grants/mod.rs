//! Grants: who gets which permissions on one key, beside its policy.
//!
//! Here is what a grant is and which requests it covers. The operations are in `create`, `list` and
//! `end`; how a grant weighs beside policies is decided in `access`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

mod constraints;
mod create;
mod end;
mod list;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::consistency::Lag;
use super::key::Key;
use super::parse::Input;
use super::refusals::validation;
use super::spec::KeyUsage;
use super::world::{KeyAddress, World};
use super::{Kms, Principals};
use crate::api::ApiError;
use crate::iam::caller::Caller;
use crate::iam::evaluate::Naming;

pub(super) use self::constraints::Constraints;
pub(super) use self::create::create_grant;
pub(super) use self::end::{retire_grant, revoke_grant};
pub(super) use self::list::{list_grants, list_retirable_grants};

/// The operations that a grant can permit.
const OPERATIONS: [&str; 17] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "Sign",
    "Verify",
    "GetPublicKey",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
];

/// One grant of one key. Its id is its key in the map of the key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    name: Option<String>,
    grantee: Grantee,
    retiring: Option<Grantee>,
    /// The account whose principal made it.
    issuer: String,
    operations: Vec<String>,
    constraints: Constraints,
    /// What its tokens are proved with, in hexadecimal digits.
    token_key: String,
}

/// Whom a grant names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Grantee {
    /// By ARN, and by the unique id that stood behind it: another principal of the same name is not
    /// meant.
    Principal { arn: String, id: Option<String> },
    /// An AWS service. None ever calls here.
    Service(String),
}

impl Grantee {
    fn naming(&self, caller: &Caller) -> Naming {
        match self {
            Self::Principal { arn, id } => caller.naming(arn, id.as_deref()),
            Self::Service(_) => Naming::Nobody,
        }
    }

    /// Its present name, or the unique id of a principal that is gone. Do not hold a lock of KMS: IAM
    /// is asked.
    fn shown(&self, principals: &dyn Principals) -> String {
        match self {
            Self::Principal { id: Some(id), .. } => {
                principals.arn(id).unwrap_or_else(|| id.clone())
            }
            Self::Principal { arn: name, .. } | Self::Service(name) => name.clone(),
        }
    }
}

impl Grant {
    fn permits(&self, operation: &str) -> bool {
        self.operations.iter().any(|known| known == operation)
    }

    /// Whether it lets its grantee do `action` as the request asks for it. What a grantee grants on
    /// may not be more than the grant itself gives.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html>
    fn covers(&self, action: &str, input: Input<'_>) -> bool {
        let operation = action.strip_prefix("kms:").unwrap_or(action);
        if !self.permits(operation) {
            return false;
        }
        match operation {
            "CreateGrant" => {
                let operations = input.texts("Operations").ok().flatten();
                let mut operations = operations.into_iter().flatten();
                operations.all(|operation| self.permits(operation))
                    && Constraints::parse(input)
                        .is_ok_and(|asked| asked.is_as_strict_as(&self.constraints))
            }
            _ => self.constraints.are_met(operation, input),
        }
    }
}

/// The grants that count for one request.
pub(super) struct Seen<'a> {
    input: Input<'a>,
    /// Those that its tokens name.
    named: Vec<&'a str>,
    /// With eventual consistency, the world whose grants count without a token.
    past: Option<Arc<World>>,
}

impl<'a> Seen<'a> {
    /// Refuses tokens of which no grant is known.
    pub(super) fn of(kms: &Kms, world: &'a World, input: Input<'a>) -> Result<Self, ApiError> {
        let tokens = input.texts("GrantTokens")?.unwrap_or_default();
        if tokens.len() > 10 {
            return Err(validation("GrantTokens must have at most 10 members"));
        }
        let named = tokens
            .into_iter()
            .map(|token| Ok(token::find(world, token)?.1))
            .collect::<Result<_, ApiError>>()?;
        let past = kms.lag.as_ref().and_then(Lag::view);
        Ok(Self { input, named, past })
    }

    /// Whom each grant of the key that covers the request names, as seen by the caller.
    pub(super) fn namings(
        &self,
        at: &KeyAddress,
        key: &Key,
        caller: &Caller,
        action: &str,
    ) -> Vec<Naming> {
        let grants = key.grants.iter();
        let named = grants.map(|(id, grant)| (id, grant, grant.grantee.naming(caller)));
        named
            .filter(|(_, _, naming)| *naming != Naming::Nobody)
            .filter(|(id, grant, _)| grant.covers(action, self.input) && self.counts(at, id))
            .map(|(_, _, naming)| naming)
            .collect()
    }

    fn counts(&self, at: &KeyAddress, id: &str) -> bool {
        let is_old = |past: &Arc<World>| {
            let key = past.key(at);
            key.is_some_and(|key| key.grants.contains_key(id))
        };
        self.named.contains(&id) || self.past.as_ref().is_none_or(is_old)
    }
}

/// The operations that can be granted on a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations>
fn is_offered(key: &Key, operation: &str) -> bool {
    let is_symmetric = key.spec.is_symmetric_encryption();
    match operation {
        "CreateGrant" | "RetireGrant" | "DescribeKey" => true,
        "Encrypt" | "Decrypt" | "ReEncryptFrom" | "ReEncryptTo" => {
            key.usage == KeyUsage::EncryptDecrypt
        }
        "GenerateDataKey"
        | "GenerateDataKeyWithoutPlaintext"
        | "GenerateDataKeyPair"
        | "GenerateDataKeyPairWithoutPlaintext" => is_symmetric,
        "Sign" | "Verify" => key.usage == KeyUsage::SignVerify,
        "GenerateMac" | "VerifyMac" => key.usage == KeyUsage::GenerateVerifyMac,
        "DeriveSharedSecret" => key.usage == KeyUsage::KeyAgreement,
        "GetPublicKey" => key.spec.is_asymmetric(),
        _ => false,
    }
}
