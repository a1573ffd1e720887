//! Which operation a key allows in which state, and which operations take what kind of key.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>. Where that table and the
//! text of an operation differ, the text wins: `ImportKeyMaterial` needs `PendingImport` or `Enabled`.
//! The table leaves out some operations; they have the row of the operation most like them.

use super::key::{Key, KeyState};
use super::refusals::invalid_state;
use crate::api::ApiError;

/// Refuses the operation unless this key, as it is, allows it.
pub(super) fn permit(operation: &str, key: &Key, arn: &str) -> Result<(), ApiError> {
    let row = row(operation);
    let state = key.state();
    if row.as_bytes().get(column(state)) == Some(&b'y') {
        return Ok(());
    }
    let told = if row == RESTORE {
        "is not pending deletion"
    } else {
        match state {
            // Operations that a disabled key refuses for another reason do not have this error.
            KeyState::Disabled if row != IMPORT => {
                let message = format!("{arn} is disabled.");
                return Err(ApiError::new("DisabledException", message));
            }
            KeyState::Disabled => "is disabled",
            KeyState::PendingImport => "is pending import",
            KeyState::PendingDeletion => "is pending deletion",
            KeyState::PendingReplicaDeletion => "is pending replica deletion",
            KeyState::Unavailable => "is unavailable",
            KeyState::Creating => "is creating",
            KeyState::Updating => "is updating",
            KeyState::Enabled => "is enabled",
        }
    };
    Err(invalid_state(format!("{arn} {told}.")))
}

/// Whether `KeyId` may be an alias name or alias ARN.
pub(super) fn accepts_alias(operation: &str) -> bool {
    matches!(operation, "DescribeKey" | "GetPublicKey") || is_cryptographic(operation)
}

/// Whether an operation uses the material of a key.
pub(super) fn is_cryptographic(operation: &str) -> bool {
    matches!(
        operation,
        "Encrypt"
            | "Decrypt"
            | "ReEncrypt"
            | "ReEncryptFrom"
            | "ReEncryptTo"
            | "GenerateDataKey"
            | "GenerateDataKeyWithoutPlaintext"
            | "GenerateDataKeyPair"
            | "GenerateDataKeyPairWithoutPlaintext"
            | "Sign"
            | "Verify"
            | "GenerateMac"
            | "VerifyMac"
            | "DeriveSharedSecret"
    )
}

/// What an operation may do in each state: a `y` or an `n` for each [`column`], which are `Enabled`,
/// `Disabled`, pending (replica) deletion, `PendingImport`, `Unavailable`, `Creating`, `Updating`.
type Row = &'static str;

const ANY: Row = "yyyyyyy";
const RESTORE: Row = "nnynnnn";
const ATTACH: Row = "yynyyyy";
const DOOM: Row = "yynyyyn";
const SWITCH: Row = "yynnynn";
const GRANT: Row = "ynnnyny";
const USE: Row = "ynnnnny";
const REPLICATE: Row = "ynnnnnn";
const PREPARE: Row = "yynynnn";
const IMPORT: Row = "ynnynny";
const DISCARD: Row = "yyyynnn";

fn column(state: KeyState) -> usize {
    match state {
        KeyState::Enabled => 0,
        KeyState::Disabled => 1,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => 2,
        KeyState::PendingImport => 3,
        KeyState::Unavailable => 4,
        KeyState::Creating => 5,
        KeyState::Updating => 6,
    }
}

fn row(operation: &str) -> Row {
    match operation {
        "CancelKeyDeletion" => RESTORE,
        "CreateAlias"
        | "UpdateAlias"
        | "TagResource"
        | "UntagResource"
        | "UpdateKeyDescription" => ATTACH,
        "ScheduleKeyDeletion" => DOOM,
        "EnableKey" | "DisableKey" => SWITCH,
        "CreateGrant" => GRANT,
        "ReplicateKey" | "RotateKeyOnDemand" => REPLICATE,
        "GetParametersForImport" => PREPARE,
        "ImportKeyMaterial" => IMPORT,
        "DeleteImportedKeyMaterial" => DISCARD,
        operation if is_view(operation) => ANY,
        "DeleteAlias" | "PutKeyPolicy" | "RetireGrant" | "RevokeGrant" => ANY,
        // Cryptographic operations, GetPublicKey, UpdatePrimaryRegion, Enable- and DisableKeyRotation.
        _ => USE,
    }
}

/// Operations that only look at a key, in whatever state it is.
fn is_view(operation: &str) -> bool {
    matches!(
        operation,
        "DescribeKey"
            | "GetKeyLastUsage"
            | "GetKeyPolicy"
            | "GetKeyRotationStatus"
            | "ListAliases"
            | "ListGrants"
            | "ListKeyPolicies"
            | "ListKeyRotations"
            | "ListResourceTags"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::key::{Key, Transition};
    use super::super::testing::{Bench, QUICK, base64};

    const DISABLED: &str = "DisabledException";
    const INVALID: &str = "KMSInvalidStateException";
    const UNSUPPORTED: &str = "UnsupportedOperationException";

    /// What an operation answers in `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`,
    /// `Unavailable`, `Creating` and `Updating`: `y` for yes, `d` for `DisabledException`, `s` for
    /// `KMSInvalidStateException`, `k` for a key of another kind, `-` where AWS says nothing.
    #[tokio::test]
    async fn every_operation_follows_the_table() {
        let text = base64(b"x");
        let rows: Vec<(&str, Value, &str)> = vec![
            ("CancelKeyDeletion", json!({}), "ssyssss"),
            ("CreateAlias", json!({"AliasName": "alias/a"}), "yysyyyy"),
            ("DescribeKey", json!({}), "yyyyyyy"),
            ("DisableKey", json!({}), "yyssyss"),
            ("DisableKeyRotation", json!({}), "ydsk-sy"),
            ("EnableKey", json!({}), "yyssyss"),
            ("EnableKeyRotation", json!({}), "ydsk-sy"),
            ("Encrypt", json!({"Plaintext": text}), "ydssssy"),
            ("GenerateDataKey", json!({"KeySpec": "AES_256"}), "ydssssy"),
            (
                "GenerateDataKeyWithoutPlaintext",
                json!({"KeySpec": "AES_256"}),
                "ydssssy",
            ),
            (
                "GenerateDataKeyPair",
                json!({"KeyPairSpec": "ECC_NIST_P256"}),
                "ydssssy",
            ),
            (
                "GenerateDataKeyPairWithoutPlaintext",
                json!({"KeyPairSpec": "ECC_NIST_P256"}),
                "ydssssy",
            ),
            ("GetKeyLastUsage", json!({}), "yyyyyyy"),
            ("GetKeyPolicy", json!({}), "yyyyyyy"),
            ("GetKeyRotationStatus", json!({}), "yyyk-yy"),
            ("ListAliases", json!({}), "yyyyyyy"),
            ("ListKeyPolicies", json!({}), "yyyyyyy"),
            ("ListKeyRotations", json!({}), "yyyyyyy"),
            ("ListResourceTags", json!({}), "yyyyyyy"),
            ("RotateKeyOnDemand", json!({}), "ydsssss"),
            ("ScheduleKeyDeletion", json!({}), "yysyyys"),
            (
                "TagResource",
                json!({"Tags": [{"TagKey": "a", "TagValue": ""}]}),
                "yysyyyy",
            ),
            ("UntagResource", json!({"TagKeys": ["a"]}), "yysyyyy"),
            (
                "UpdateKeyDescription",
                json!({"Description": "d"}),
                "yysyyyy",
            ),
        ];
        for (operation, extra, expected) in rows {
            let bench = Bench::new();
            for (column, letter) in expected.chars().enumerate() {
                let key = key_in(&bench, column).await;
                let mut input = extra.clone();
                let member = match operation {
                    "CreateAlias" => "TargetKeyId",
                    _ => "KeyId",
                };
                input[member] = json!(key);
                if operation == "CreateAlias" {
                    input["AliasName"] = json!(format!("alias/{column}"));
                }
                let code = bench.code(operation, input).await;
                let expected = match letter {
                    'y' => "ok",
                    'd' => DISABLED,
                    's' => INVALID,
                    'k' => UNSUPPORTED,
                    _ => continue,
                };
                assert_eq!(code, expected, "{operation} in column {column}");
            }
        }
    }

    /// A key in the state of one column of the table.
    async fn key_in(bench: &Bench, column: usize) -> String {
        if column == 3 {
            return bench.external().await;
        }
        let key = bench.create(json!({})).await;
        let id = json!({ "KeyId": key });
        let (state, change): (&str, fn(&mut Key)) = match column {
            0 => ("Enabled", |_| {}),
            1 => {
                bench.ask("DisableKey", id).await;
                ("Disabled", |_| {})
            }
            2 => {
                bench.ask("ScheduleKeyDeletion", id).await;
                ("PendingDeletion", |_| {})
            }
            4 => ("Unavailable", |key| key.unavailable = true),
            5 => ("Creating", |key| {
                key.transition = Some(Transition::Creating)
            }),
            _ => ("Updating", |key| {
                key.transition = Some(Transition::Updating)
            }),
        };
        bench.kms.plant(|world| {
            let at = world.address(bench.account, bench.region, &key).unwrap();
            change(world.key_mut(&at).unwrap());
        });
        assert_eq!(bench.state(&key).await, state);
        key
    }

    #[tokio::test]
    async fn import_operations_follow_the_table() {
        // Enabled, Disabled, pending deletion, pending import, creating, updating.
        for (operation, expected) in [
            (
                "GetParametersForImport",
                ["ok", "ok", INVALID, "ok", INVALID, INVALID],
            ),
            (
                "ImportKeyMaterial",
                ["ok", INVALID, INVALID, "ok", INVALID, "ok"],
            ),
            (
                "DeleteImportedKeyMaterial",
                ["ok", "ok", "ok", "ok", INVALID, INVALID],
            ),
        ] {
            for (column, expected) in expected.into_iter().enumerate() {
                let bench = Bench::new();
                let key = bench.external().await;
                let mut input = match operation {
                    "GetParametersForImport" => {
                        json!({"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"})
                    }
                    "ImportKeyMaterial" => bench.wrapped(&key, QUICK, &[1; 32]).await,
                    _ => json!({}),
                };
                input["KeyId"] = json!(key);
                if column != 3 {
                    assert_eq!(bench.import(&key, &[1; 32], json!({})).await, "ok");
                }
                let id = json!({ "KeyId": key });
                match column {
                    1 => drop(bench.ask("DisableKey", id).await),
                    2 => drop(bench.ask("ScheduleKeyDeletion", id).await),
                    4 | 5 => bench.kms.plant(|world| {
                        let at = world.address(bench.account, bench.region, &key).unwrap();
                        let transition = if column == 4 {
                            Transition::Creating
                        } else {
                            Transition::Updating
                        };
                        world.key_mut(&at).unwrap().transition = Some(transition);
                    }),
                    _ => {}
                }
                let code = bench.code(operation, input).await;
                assert_eq!(code, expected, "{operation} in column {column}");
            }
        }
    }

    #[tokio::test]
    async fn the_kind_of_a_key_is_judged_before_its_state() {
        let bench = Bench::new();
        let signing = bench
            .create(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}))
            .await;
        let symmetric = bench.create(json!({})).await;
        for key in [&signing, &symmetric] {
            bench.ask("DisableKey", json!({ "KeyId": key })).await;
        }
        let text = base64(b"x");
        let usage = "InvalidKeyUsageException";
        for (operation, input, code) in [
            (
                "Encrypt",
                json!({"KeyId": signing, "Plaintext": text}),
                usage,
            ),
            (
                "Sign",
                json!({"KeyId": symmetric, "Message": text, "SigningAlgorithm": "ECDSA_SHA_256"}),
                usage,
            ),
            (
                "GenerateMac",
                json!({"KeyId": symmetric, "Message": text, "MacAlgorithm": "HMAC_SHA_256"}),
                usage,
            ),
            ("GetPublicKey", json!({"KeyId": symmetric}), UNSUPPORTED),
            ("EnableKeyRotation", json!({"KeyId": signing}), UNSUPPORTED),
            ("RotateKeyOnDemand", json!({"KeyId": signing}), UNSUPPORTED),
            (
                "Encrypt",
                json!({"KeyId": symmetric, "Plaintext": text}),
                DISABLED,
            ),
        ] {
            assert_eq!(bench.code(operation, input).await, code, "{operation}");
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
