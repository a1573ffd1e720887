//! Which operation a key allows in which state, and which operations take what kind of key.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>. Where that table and the
//! text of an operation differ, the text wins: `ImportKeyMaterial` needs `PendingImport` or `Enabled`.

use super::key::{Key, KeyState, Owner};
use super::refusals::{access_denied, invalid_state};
use crate::api::{ApiError, Call};

/// Refuses the operation unless this key, as it is, allows it.
pub(super) fn permit(call: &Call, operation: &str, key: &Key, arn: &str) -> Result<(), ApiError> {
    let gate = gate(operation);
    // The key policy of an AWS managed key gives the account nothing but views.
    if key.owner == Owner::Aws && gate != Gate::View {
        return Err(access_denied(&call.principal, operation, arn));
    }
    let state = key.state();
    let allowed = match gate {
        Gate::View | Gate::Attach => true,
        Gate::Manage => !is_pending_deletion(state),
        Gate::Switch => matches!(state, KeyState::Enabled | KeyState::Disabled),
        Gate::Restore => is_pending_deletion(state),
        Gate::Rotate => !matches!(state, KeyState::Disabled) && !is_pending_deletion(state),
        Gate::Import => matches!(state, KeyState::Enabled | KeyState::PendingImport),
        Gate::Use => state == KeyState::Enabled,
    };
    if allowed {
        return Ok(());
    }
    Err(match (state, gate) {
        (_, Gate::Restore) => invalid_state(format!("{arn} is not pending deletion.")),
        (KeyState::Disabled, Gate::Use | Gate::Rotate) => {
            ApiError::new("DisabledException", format!("{arn} is disabled.")).with_status(409)
        }
        (KeyState::Disabled, _) => invalid_state(format!("{arn} is disabled.")),
        (KeyState::PendingImport, _) => invalid_state(format!("{arn} is pending import.")),
        (KeyState::PendingReplicaDeletion, _) => {
            invalid_state(format!("{arn} is pending replica deletion."))
        }
        _ => invalid_state(format!("{arn} is pending deletion.")),
    })
}

/// Whether `KeyId` may be an alias name or alias ARN.
pub(super) fn accepts_alias(operation: &str) -> bool {
    matches!(operation, "DescribeKey" | "GetPublicKey") || is_cryptographic(operation)
}

/// Whether the key may be in another account.
pub(super) fn crosses_accounts(operation: &str) -> bool {
    accepts_alias(operation) || operation == "GetKeyRotationStatus"
}

fn is_cryptographic(operation: &str) -> bool {
    matches!(
        operation,
        "Encrypt"
            | "Decrypt"
            | "ReEncrypt"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "Sign"
            | "Verify"
            | "GenerateMac"
            | "VerifyMac"
            | "DeriveSharedSecret"
    )
}

/// The rows of AWS's table, folded: operations with the same row share a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    /// Looks only; every state.
    View,
    /// Changes something beside the key; every state.
    Attach,
    /// Not while the key is being deleted.
    Manage,
    /// `Enabled` or `Disabled`.
    Switch,
    /// Only while the key is being deleted.
    Restore,
    /// Neither `Disabled` nor being deleted.
    Rotate,
    /// `PendingImport` or `Enabled`.
    Import,
    /// `Enabled`.
    Use,
}

fn gate(operation: &str) -> Gate {
    match operation {
        "DescribeKey"
        | "GetKeyPolicy"
        | "ListKeyPolicies"
        | "ListResourceTags"
        | "ListAliases"
        | "GetKeyRotationStatus"
        | "ListKeyRotations" => Gate::View,
        "DeleteAlias" | "PutKeyPolicy" | "DeleteImportedKeyMaterial" => Gate::Attach,
        "EnableKey" | "DisableKey" => Gate::Switch,
        "CancelKeyDeletion" => Gate::Restore,
        "EnableKeyRotation" | "DisableKeyRotation" | "UpdatePrimaryRegion" => Gate::Rotate,
        "ImportKeyMaterial" => Gate::Import,
        "CreateAlias"
        | "UpdateAlias"
        | "TagResource"
        | "UntagResource"
        | "UpdateKeyDescription"
        | "ScheduleKeyDeletion"
        | "GetParametersForImport" => Gate::Manage,
        _ => Gate::Use,
    }
}

fn is_pending_deletion(state: KeyState) -> bool {
    matches!(
        state,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, base64};

    const DISABLED: &str = "DisabledException";
    const INVALID: &str = "KMSInvalidStateException";

    /// AWS's table: what an operation answers in `Enabled`, `Disabled`, `PendingDeletion`, and for
    /// imported keys in `PendingImport`.
    #[tokio::test]
    async fn every_operation_follows_the_table() {
        let text = base64(b"x");
        let rows: Vec<(&str, Value, [&str; 4])> = vec![
            ("DescribeKey", json!({}), ["ok", "ok", "ok", "ok"]),
            ("GetKeyPolicy", json!({}), ["ok", "ok", "ok", "ok"]),
            ("ListResourceTags", json!({}), ["ok", "ok", "ok", "ok"]),
            ("ListKeyRotations", json!({}), ["ok", "ok", "ok", "ok"]),
            ("ListAliases", json!({}), ["ok", "ok", "ok", "ok"]),
            (
                "UpdateKeyDescription",
                json!({"Description": "d"}),
                ["ok", "ok", INVALID, "ok"],
            ),
            (
                "TagResource",
                json!({"Tags": [{"TagKey": "a", "TagValue": ""}]}),
                ["ok", "ok", INVALID, "ok"],
            ),
            (
                "UntagResource",
                json!({"TagKeys": ["a"]}),
                ["ok", "ok", INVALID, "ok"],
            ),
            ("EnableKey", json!({}), ["ok", "ok", INVALID, INVALID]),
            ("DisableKey", json!({}), ["ok", "ok", INVALID, INVALID]),
            (
                "CancelKeyDeletion",
                json!({}),
                [INVALID, INVALID, "ok", INVALID],
            ),
            (
                "ScheduleKeyDeletion",
                json!({}),
                ["ok", "ok", INVALID, "ok"],
            ),
            (
                "Encrypt",
                json!({"Plaintext": text}),
                ["ok", DISABLED, INVALID, INVALID],
            ),
        ];
        for (operation, extra, expected) in rows {
            let bench = Bench::new();
            let enabled = bench.create(json!({})).await;
            let disabled = bench.create(json!({})).await;
            bench.ask("DisableKey", json!({ "KeyId": disabled })).await;
            let deleting = bench.create(json!({})).await;
            bench
                .ask("ScheduleKeyDeletion", json!({ "KeyId": deleting }))
                .await;
            let waiting = bench.external().await;
            for (key, expected) in [enabled, disabled, deleting, waiting].iter().zip(expected) {
                let mut input = extra.clone();
                input["KeyId"] = json!(key);
                let state = bench.state(key).await;
                assert_eq!(
                    bench.code(operation, input).await,
                    expected,
                    "{operation} in {state}"
                );
            }
        }
    }

    #[tokio::test]
    async fn aliases_may_leave_but_not_join_a_key_that_is_being_deleted() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        bench
            .ask(
                "CreateAlias",
                json!({"AliasName": "alias/a", "TargetKeyId": key}),
            )
            .await;
        bench
            .ask("ScheduleKeyDeletion", json!({ "KeyId": key }))
            .await;
        let join = json!({"AliasName": "alias/b", "TargetKeyId": key});
        assert_eq!(bench.code("CreateAlias", join).await, INVALID);
        assert_eq!(
            bench
                .code("DeleteAlias", json!({"AliasName": "alias/a"}))
                .await,
            "ok"
        );
    }

    #[tokio::test]
    async fn rotation_and_import_are_for_their_own_kind_of_key() {
        let bench = Bench::new();
        let native = bench.create(json!({})).await;
        let imported = bench.external().await;
        let hmac = bench
            .create(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}))
            .await;
        let unsupported = "UnsupportedOperationException";
        for key in [&imported, &hmac] {
            for operation in [
                "GetKeyRotationStatus",
                "EnableKeyRotation",
                "DisableKeyRotation",
            ] {
                assert_eq!(
                    bench.code(operation, json!({ "KeyId": key })).await,
                    unsupported
                );
            }
        }
        assert_eq!(
            bench
                .code("DeleteImportedKeyMaterial", json!({ "KeyId": native }))
                .await,
            unsupported
        );
        let parameters = json!({"KeyId": native, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        assert_eq!(
            bench.code("GetParametersForImport", parameters).await,
            unsupported
        );
        assert_eq!(
            bench
                .code("ListKeyRotations", json!({ "KeyId": hmac }))
                .await,
            unsupported
        );
    }

    #[tokio::test]
    async fn an_aws_managed_key_can_only_be_looked_at() {
        let bench = Bench::new();
        let key = bench.describe("alias/aws/s3").await;
        assert_eq!(key["KeyManager"], "AWS");
        let id = json!({ "KeyId": key["KeyId"] });
        assert_eq!(
            bench.ask("GetKeyRotationStatus", id.clone()).await["KeyRotationEnabled"],
            true
        );
        assert_eq!(
            bench.code("ScheduleKeyDeletion", id.clone()).await,
            "AccessDeniedException"
        );
        assert_eq!(
            bench.code("DisableKeyRotation", id).await,
            "AccessDeniedException"
        );
        assert_eq!(
            bench
                .code("DescribeKey", json!({"KeyId": "alias/aws/none"}))
                .await,
            "NotFoundException"
        );
    }
}
