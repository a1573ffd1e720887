//! The IAM actions that OwnKey's features need: all of them, and no other.

use ownkey_model::Feature;

/// Each feature with what it asks AWS for.
pub(super) const NEEDED: &[(Feature, &[&str])] = &[
    (
        Feature::FindRegions,
        // The account's alias is a kindness: nothing is refused for want of it.
        &["ec2:DescribeRegions"],
    ),
    (
        Feature::Synchronise,
        &[
            "kms:ListKeys",
            "kms:ListAliases",
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:ListResourceTags",
            "kms:GetKeyRotationStatus",
            "kms:ListKeyRotations",
        ],
    ),
    (
        Feature::UploadKeys,
        &[
            "kms:CreateKey",
            // With the key, and for the tags that are asked for.
            "kms:TagResource",
            "kms:GetParametersForImport",
            "kms:ImportKeyMaterial",
            "kms:CreateAlias",
            // The tag that names the operation is taken off at the end.
            "kms:UntagResource",
            // A key whose making was not answered is looked for by that tag.
            "kms:ListKeys",
            "kms:ListResourceTags",
            "kms:DescribeKey",
        ],
    ),
    (
        Feature::ReimportMaterial,
        &[
            "kms:DescribeKey",
            "kms:ListKeyRotations",
            "kms:GetParametersForImport",
            "kms:ImportKeyMaterial",
            "kms:DeleteImportedKeyMaterial",
        ],
    ),
    (
        Feature::UndoUploads,
        &[
            "kms:ListKeys",
            "kms:ListResourceTags",
            "kms:DescribeKey",
            "kms:DeleteAlias",
            "kms:ScheduleKeyDeletion",
        ],
    ),
    (
        Feature::ProveMaterial,
        &["kms:GetPublicKey", "kms:GenerateMac"],
    ),
    (
        Feature::ChoosePrincipals,
        &["iam:ListUsers", "iam:ListRoles"],
    ),
];
