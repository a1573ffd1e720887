//! What the input of every operation has to look like, from AWS's own model of the API.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html>. Types and limits only:
//! what a value means, and which values go together, is said where the operation is.

use super::forms;
use super::words;
use super::{ANY, Member, Shape, blob, list, optional, required, secret, text, text_of, whole};

const KEY_ID: Shape = text(1, 2048);

const GRANT_TOKENS: Shape = list(0, 10, &text(1, 8192));

const TAG_KEYS: Shape = list(0, ANY, &text(1, 128));

const LIMIT: Shape = whole(1, 1000);

const MARKER: Shape = text_of(1, 1024, forms::MARKER);

const RECIPIENT: Shape = Shape::Structure(RECIPIENT_INFO);

const XKS_PROXY_AUTHENTICATION_CREDENTIAL: &[Member] = &[
    required("AccessKeyId", secret(20, 30, forms::PROXY_KEY_ID)),
    required("RawSecretAccessKey", secret(43, 64, forms::PROXY_SECRET)),
];

const GRANT_CONSTRAINTS: &[Member] = &[
    optional("EncryptionContextSubset", Shape::TextMap),
    optional("EncryptionContextEquals", Shape::TextMap),
    optional("SourceArn", text_of(20, 512, forms::SOURCE_ARN)),
];

const TAG: &[Member] = &[
    required("TagKey", text(1, 128)),
    required("TagValue", text(0, 256)),
];

const RECIPIENT_INFO: &[Member] = &[
    optional(
        "KeyEncryptionAlgorithm",
        Shape::Word(words::KEY_ENCRYPTION_MECHANISM),
    ),
    optional("AttestationDocument", blob(1, 262144)),
];

/// The members of an operation's input, in the order in which violations are told; `None` if AWS has
/// no such operation.
pub(super) fn input_of(operation: &str) -> Option<&'static [Member]> {
    Some(match operation {
        "CancelKeyDeletion"
        | "DisableKey"
        | "DisableKeyRotation"
        | "EnableKey"
        | "GetKeyLastUsage"
        | "GetKeyRotationStatus"
        | "RotateKeyOnDemand" => const { &[required("KeyId", KEY_ID)] },
        "ConnectCustomKeyStore" | "DeleteCustomKeyStore" | "DisconnectCustomKeyStore" => {
            const { &[required("CustomKeyStoreId", text(1, 64))] }
        }
        "CreateAlias" | "UpdateAlias" => {
            const {
                &[
                    required("AliasName", text_of(1, 256, forms::NAME)),
                    required("TargetKeyId", KEY_ID),
                ]
            }
        }
        "CreateCustomKeyStore" => {
            const {
                &[
                    required("CustomKeyStoreName", text(1, 256)),
                    optional("CloudHsmClusterId", text_of(19, 24, forms::CLUSTER_ID)),
                    optional("TrustAnchorCertificate", text(1, 5000)),
                    optional("KeyStorePassword", secret(7, 32, forms::FREE)),
                    optional("CustomKeyStoreType", Shape::Word(words::CUSTOM_KEY_STORE)),
                    optional(
                        "XksProxyUriEndpoint",
                        text_of(10, 128, forms::PROXY_ENDPOINT),
                    ),
                    optional("XksProxyUriPath", text_of(10, 128, forms::PROXY_PATH)),
                    optional(
                        "XksProxyVpcEndpointServiceName",
                        text_of(20, 64, forms::ENDPOINT_SERVICE),
                    ),
                    optional(
                        "XksProxyVpcEndpointServiceOwner",
                        text_of(12, 12, forms::ACCOUNT),
                    ),
                    optional(
                        "XksProxyAuthenticationCredential",
                        Shape::Structure(XKS_PROXY_AUTHENTICATION_CREDENTIAL),
                    ),
                    optional(
                        "XksProxyConnectivity",
                        Shape::Word(words::XKS_PROXY_CONNECTIVITY),
                    ),
                ]
            }
        }
        "CreateGrant" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("GranteePrincipal", text_of(1, 256, forms::PRINCIPAL)),
                    optional("RetiringPrincipal", text_of(1, 256, forms::PRINCIPAL)),
                    required(
                        "Operations",
                        list(0, ANY, &Shape::Word(words::GRANT_OPERATION)),
                    ),
                    optional("Constraints", Shape::Structure(GRANT_CONSTRAINTS)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("Name", text_of(1, 256, forms::NAME)),
                    optional("DryRun", Shape::Flag),
                    optional(
                        "GranteeServicePrincipal",
                        text_of(1, 128, forms::SERVICE_PRINCIPAL),
                    ),
                    optional(
                        "RetiringServicePrincipal",
                        text_of(1, 128, forms::SERVICE_PRINCIPAL),
                    ),
                ]
            }
        }
        "CreateKey" => {
            const {
                &[
                    optional("Policy", text_of(1, 131072, forms::DOCUMENT)),
                    optional("Description", text(0, 8192)),
                    optional("KeyUsage", Shape::Word(words::KEY_USAGE)),
                    optional(
                        "CustomerMasterKeySpec",
                        Shape::Word(words::CUSTOMER_MASTER_KEY_SPEC),
                    ),
                    optional("KeySpec", Shape::Word(words::KEY_SPEC)),
                    optional("Origin", Shape::Word(words::ORIGIN)),
                    optional("CustomKeyStoreId", text(1, 64)),
                    optional("BypassPolicyLockoutSafetyCheck", Shape::Flag),
                    optional("Tags", list(0, ANY, &Shape::Structure(TAG))),
                    optional("MultiRegion", Shape::Flag),
                    optional("XksKeyId", text_of(1, 128, forms::EXTERNAL_KEY_ID)),
                ]
            }
        }
        "Decrypt" => {
            const {
                &[
                    optional("CiphertextBlob", blob(1, 6144)),
                    optional("EncryptionContext", Shape::TextMap),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("KeyId", KEY_ID),
                    optional(
                        "EncryptionAlgorithm",
                        Shape::Word(words::ENCRYPTION_ALGORITHM_SPEC),
                    ),
                    optional("Recipient", RECIPIENT),
                    optional("DryRun", Shape::Flag),
                    optional(
                        "DryRunModifiers",
                        list(0, ANY, &Shape::Word(words::DRY_RUN_MODIFIER)),
                    ),
                ]
            }
        }
        "DeleteAlias" => const { &[required("AliasName", text_of(1, 256, forms::NAME))] },
        "DeleteImportedKeyMaterial" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("KeyMaterialId", text_of(64, 64, forms::HEX)),
                ]
            }
        }
        "DeriveSharedSecret" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required(
                        "KeyAgreementAlgorithm",
                        Shape::Word(words::KEY_AGREEMENT_ALGORITHM_SPEC),
                    ),
                    required("PublicKey", blob(1, 8192)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                    optional("Recipient", RECIPIENT),
                ]
            }
        }
        "DescribeCustomKeyStores" => {
            const {
                &[
                    optional("CustomKeyStoreId", text(1, 64)),
                    optional("CustomKeyStoreName", text(1, 256)),
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                ]
            }
        }
        "DescribeKey" | "GetPublicKey" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("GrantTokens", GRANT_TOKENS),
                ]
            }
        }
        "EnableKeyRotation" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("RotationPeriodInDays", whole(90, 2560)),
                ]
            }
        }
        "Encrypt" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("Plaintext", blob(1, 4096)),
                    optional("EncryptionContext", Shape::TextMap),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional(
                        "EncryptionAlgorithm",
                        Shape::Word(words::ENCRYPTION_ALGORITHM_SPEC),
                    ),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateDataKey" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("EncryptionContext", Shape::TextMap),
                    optional("NumberOfBytes", whole(1, 1024)),
                    optional("KeySpec", Shape::Word(words::DATA_KEY_SPEC)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("Recipient", RECIPIENT),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateDataKeyPair" => {
            const {
                &[
                    optional("EncryptionContext", Shape::TextMap),
                    required("KeyId", KEY_ID),
                    required("KeyPairSpec", Shape::Word(words::DATA_KEY_PAIR_SPEC)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("Recipient", RECIPIENT),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateDataKeyPairWithoutPlaintext" => {
            const {
                &[
                    optional("EncryptionContext", Shape::TextMap),
                    required("KeyId", KEY_ID),
                    required("KeyPairSpec", Shape::Word(words::DATA_KEY_PAIR_SPEC)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateDataKeyWithoutPlaintext" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("EncryptionContext", Shape::TextMap),
                    optional("KeySpec", Shape::Word(words::DATA_KEY_SPEC)),
                    optional("NumberOfBytes", whole(1, 1024)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateMac" => {
            const {
                &[
                    required("Message", blob(1, 4096)),
                    required("KeyId", KEY_ID),
                    required("MacAlgorithm", Shape::Word(words::MAC_ALGORITHM_SPEC)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "GenerateRandom" => {
            const {
                &[
                    optional("NumberOfBytes", whole(1, 1024)),
                    optional("CustomKeyStoreId", text(1, 64)),
                    optional("Recipient", RECIPIENT),
                ]
            }
        }
        "GetKeyPolicy" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("PolicyName", text_of(1, 128, forms::WORD)),
                ]
            }
        }
        "GetParametersForImport" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("WrappingAlgorithm", Shape::Word(words::ALGORITHM_SPEC)),
                    required("WrappingKeySpec", Shape::Word(words::WRAPPING_KEY_SPEC)),
                ]
            }
        }
        "ImportKeyMaterial" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("ImportToken", blob(1, 6144)),
                    required("EncryptedKeyMaterial", blob(1, 6144)),
                    optional("ValidTo", Shape::Moment),
                    optional("ExpirationModel", Shape::Word(words::EXPIRATION_MODEL)),
                    optional("ImportType", Shape::Word(words::IMPORT)),
                    optional("KeyMaterialDescription", text_of(0, 256, forms::WORDS)),
                    optional("KeyMaterialId", text_of(64, 64, forms::HEX)),
                ]
            }
        }
        "ListAliases" => {
            const {
                &[
                    optional("KeyId", KEY_ID),
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                ]
            }
        }
        "ListGrants" => {
            const {
                &[
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                    required("KeyId", KEY_ID),
                    optional("GrantId", text(1, 128)),
                    optional("GranteePrincipal", text_of(1, 256, forms::PRINCIPAL)),
                    optional(
                        "GranteeServicePrincipal",
                        text_of(1, 128, forms::SERVICE_PRINCIPAL),
                    ),
                ]
            }
        }
        "ListKeyPolicies" | "ListResourceTags" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                ]
            }
        }
        "ListKeyRotations" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional(
                        "IncludeKeyMaterial",
                        Shape::Word(words::INCLUDE_KEY_MATERIAL),
                    ),
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                ]
            }
        }
        "ListKeys" => const { &[optional("Limit", LIMIT), optional("Marker", MARKER)] },
        "ListRetirableGrants" => {
            const {
                &[
                    optional("Limit", LIMIT),
                    optional("Marker", MARKER),
                    optional("RetiringPrincipal", text_of(1, 256, forms::PRINCIPAL)),
                    optional(
                        "RetiringServicePrincipal",
                        text_of(1, 128, forms::SERVICE_PRINCIPAL),
                    ),
                ]
            }
        }
        "PutKeyPolicy" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("PolicyName", text_of(1, 128, forms::WORD)),
                    required("Policy", text_of(1, 131072, forms::DOCUMENT)),
                    optional("BypassPolicyLockoutSafetyCheck", Shape::Flag),
                ]
            }
        }
        "ReEncrypt" => {
            const {
                &[
                    optional("CiphertextBlob", blob(1, 6144)),
                    optional("SourceEncryptionContext", Shape::TextMap),
                    optional("SourceKeyId", KEY_ID),
                    required("DestinationKeyId", KEY_ID),
                    optional("DestinationEncryptionContext", Shape::TextMap),
                    optional(
                        "SourceEncryptionAlgorithm",
                        Shape::Word(words::ENCRYPTION_ALGORITHM_SPEC),
                    ),
                    optional(
                        "DestinationEncryptionAlgorithm",
                        Shape::Word(words::ENCRYPTION_ALGORITHM_SPEC),
                    ),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                    optional(
                        "DryRunModifiers",
                        list(0, ANY, &Shape::Word(words::DRY_RUN_MODIFIER)),
                    ),
                ]
            }
        }
        "ReplicateKey" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("ReplicaRegion", text_of(1, 32, forms::REGION)),
                    optional("Policy", text_of(1, 131072, forms::DOCUMENT)),
                    optional("BypassPolicyLockoutSafetyCheck", Shape::Flag),
                    optional("Description", text(0, 8192)),
                    optional("Tags", list(0, ANY, &Shape::Structure(TAG))),
                ]
            }
        }
        "RetireGrant" => {
            const {
                &[
                    optional("GrantToken", text(1, 8192)),
                    optional("KeyId", KEY_ID),
                    optional("GrantId", text(1, 128)),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "RevokeGrant" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("GrantId", text(1, 128)),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "ScheduleKeyDeletion" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    optional("PendingWindowInDays", whole(1, 365)),
                ]
            }
        }
        "Sign" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("Message", blob(1, 4096)),
                    optional("MessageType", Shape::Word(words::MESSAGE)),
                    optional("GrantTokens", GRANT_TOKENS),
                    required(
                        "SigningAlgorithm",
                        Shape::Word(words::SIGNING_ALGORITHM_SPEC),
                    ),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "TagResource" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("Tags", list(0, ANY, &Shape::Structure(TAG))),
                ]
            }
        }
        "UntagResource" => const { &[required("KeyId", KEY_ID), required("TagKeys", TAG_KEYS)] },
        "UpdateCustomKeyStore" => {
            const {
                &[
                    required("CustomKeyStoreId", text(1, 64)),
                    optional("NewCustomKeyStoreName", text(1, 256)),
                    optional("KeyStorePassword", secret(7, 32, forms::FREE)),
                    optional("CloudHsmClusterId", text_of(19, 24, forms::CLUSTER_ID)),
                    optional(
                        "XksProxyUriEndpoint",
                        text_of(10, 128, forms::PROXY_ENDPOINT),
                    ),
                    optional("XksProxyUriPath", text_of(10, 128, forms::PROXY_PATH)),
                    optional(
                        "XksProxyVpcEndpointServiceName",
                        text_of(0, 64, forms::ENDPOINT_SERVICE_OR_NONE),
                    ),
                    optional(
                        "XksProxyVpcEndpointServiceOwner",
                        text_of(12, 12, forms::ACCOUNT),
                    ),
                    optional(
                        "XksProxyAuthenticationCredential",
                        Shape::Structure(XKS_PROXY_AUTHENTICATION_CREDENTIAL),
                    ),
                    optional(
                        "XksProxyConnectivity",
                        Shape::Word(words::XKS_PROXY_CONNECTIVITY),
                    ),
                ]
            }
        }
        "UpdateKeyDescription" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("Description", text(0, 8192)),
                ]
            }
        }
        "UpdatePrimaryRegion" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("PrimaryRegion", text_of(1, 32, forms::REGION)),
                ]
            }
        }
        "Verify" => {
            const {
                &[
                    required("KeyId", KEY_ID),
                    required("Message", blob(1, 4096)),
                    optional("MessageType", Shape::Word(words::MESSAGE)),
                    required("Signature", blob(1, 6144)),
                    required(
                        "SigningAlgorithm",
                        Shape::Word(words::SIGNING_ALGORITHM_SPEC),
                    ),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        "VerifyMac" => {
            const {
                &[
                    required("Message", blob(1, 4096)),
                    required("KeyId", KEY_ID),
                    required("MacAlgorithm", Shape::Word(words::MAC_ALGORITHM_SPEC)),
                    required("Mac", blob(1, 6144)),
                    optional("GrantTokens", GRANT_TOKENS),
                    optional("DryRun", Shape::Flag),
                ]
            }
        }
        _ => return None,
    })
}
