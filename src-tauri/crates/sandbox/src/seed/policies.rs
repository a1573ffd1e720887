//! Key policies of the seeded company.

use serde_json::{Value, json};

/// Administrators and users of the key are different roles, as AWS's console writes it.
pub(super) fn split(account: &str, admins: &str, users: &[&str]) -> String {
    let roles: Vec<_> = users.iter().map(|name| role(account, name)).collect();
    document(&[
        root(account),
        json!({
            "Sid": "Allow access for Key Administrators",
            "Effect": "Allow",
            "Principal": { "AWS": role(account, admins) },
            "Action": [
                "kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*",
                "kms:Update*", "kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:Delete*",
                "kms:ImportKeyMaterial", "kms:TagResource", "kms:UntagResource",
                "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:RotateKeyOnDemand",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "Allow use of the key",
            "Effect": "Allow",
            "Principal": { "AWS": roles },
            "Action": [
                "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ],
            "Resource": "*",
        }),
        json!({
            "Sid": "Allow attachment of persistent resources",
            "Effect": "Allow",
            "Principal": { "AWS": roles },
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } },
        }),
    ])
}

/// The account, and reading from another account.
pub(super) fn shared_with(account: &str, other: &str) -> String {
    document(&[
        root(account),
        json!({
            "Sid": "Allow use from the analytics account",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{other}:root") },
            "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*",
        }),
    ])
}

/// One principal was deleted: IAM has put its unique id in place of the ARN.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
pub(super) fn with_deleted_principals(account: &str) -> String {
    document(&[
        root(account),
        json!({
            "Sid": "Release engineers",
            "Effect": "Allow",
            "Principal": { "AWS": ["AIDACKCEVSQ6C2EXAMPLE", role(account, "github-actions-deploy")] },
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
        }),
    ])
}

/// A service may use the key on behalf of the account, and plain HTTP is refused.
pub(super) fn through_service(account: &str, region: &str, service: &str) -> String {
    document(&[
        root(account),
        json!({
            "Sid": format!("Allow {service}"),
            "Effect": "Allow",
            "Principal": { "Service": format!("{service}.amazonaws.com") },
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Resource": "*",
            "Condition": { "StringEquals": {
                "aws:SourceAccount": account,
                "kms:ViaService": format!("{service}.{region}.amazonaws.com"),
            } },
        }),
        json!({
            "Sid": "Deny without TLS",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "kms:*",
            "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }),
    ])
}

fn document(statements: &[Value]) -> String {
    let document = json!({
        "Version": "2012-10-17",
        "Id": "acme-key-policy",
        "Statement": statements,
    });
    format!("{document:#}")
}

fn root(account: &str) -> Value {
    json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    })
}

fn role(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}
