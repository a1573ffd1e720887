//! Which policy documents IAM takes, beyond what the grammar says: sizes, partitions, statement ids,
//! principals that exist.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use std::sync::Arc;

use serde_json::Value;

use super::State;
use super::answers::limit;
use super::named::names_in;
use super::policy::{Policy, PolicyKind};
use super::principals::is_service_principal;
use crate::api::ApiError;
use crate::regions::Partition;

/// Of a managed policy, in characters without white space.
pub(super) const MANAGED_SIZE: usize = 6_144;
/// Of the trust policy of a role.
pub(super) const TRUST_SIZE: usize = 2_048;

/// A document for a user, group or role of `partition`.
pub(super) fn identity(text: &str, partition: Partition) -> Result<Arc<Policy>, ApiError> {
    let policy = parsed(text, PolicyKind::Identity)?;
    for pattern in policy
        .statements
        .iter()
        .filter_map(|statement| statement.resources.as_ref())
        .flat_map(|resources| &resources.patterns)
    {
        check_resource(pattern, partition)?;
    }
    Ok(Arc::new(policy))
}

/// The document of a managed policy.
pub(super) fn managed(text: &str, partition: Partition) -> Result<Arc<Policy>, ApiError> {
    if size(text) > MANAGED_SIZE {
        return Err(limit(format!(
            "Cannot exceed quota for PolicySize: {MANAGED_SIZE}"
        )));
    }
    identity(text, partition)
}

/// Who may assume a role. AWS knows every principal that it names, or refuses it.
pub(super) fn trust(
    text: &str,
    state: &State,
    partition: Partition,
) -> Result<Arc<Policy>, ApiError> {
    if size(text) > TRUST_SIZE {
        return Err(limit(format!(
            "Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}"
        )));
    }
    let policy = parsed(text, PolicyKind::Trust)?;
    let mut principals = policy.statements.iter().map(|one| &one.principals);
    if principals.any(|named| named.as_ref().is_some_and(|named| named.excludes)) {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
        return Err(malformed(
            "Role trust policies do not support NotPrincipal.",
        ));
    }
    let named = policy
        .statements
        .iter()
        .filter_map(|statement| statement.principals.as_ref());
    for name in named.flat_map(|principals| &principals.aws) {
        if !state.has_principal(name, partition) {
            return Err(malformed(format!(
                "Invalid principal in policy: \"AWS\":\"{name}\""
            )));
        }
    }
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(name) = names_in(&document, "Service").find(|name| !is_service_principal(name)) {
        return Err(malformed(format!(
            "Invalid principal in policy: \"SERVICE\":\"{name}\""
        )));
    }
    Ok(Arc::new(policy))
}

/// How long a document counts: white space is free.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|is| !is.is_whitespace()).count()
}

pub(super) fn malformed(sentence: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocument", sentence)
}

fn parsed(text: &str, kind: PolicyKind) -> Result<Policy, ApiError> {
    let policy = Policy::parse_new(text, kind).map_err(|wrong| malformed(wrong.0))?;
    for action in policy
        .statements
        .iter()
        .flat_map(|statement| &statement.actions.patterns)
    {
        let vendor = action.split(':').next().unwrap_or_default();
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-*?".contains(&byte);
        if vendor.is_empty() || !vendor.bytes().all(fine) {
            return Err(malformed(format!("Vendor {vendor} is not valid")));
        }
        if action != "*" && vendor.contains(['*', '?']) {
            return Err(malformed(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ));
        }
    }
    Ok(policy)
}

/// `*`, or an ARN of six parts in this partition.
fn check_resource(pattern: &str, partition: Partition) -> Result<(), ApiError> {
    if pattern.chars().all(|is| is == '*') {
        return Ok(());
    }
    let parts: Vec<_> = pattern.splitn(6, ':').collect();
    let ["arn", word, vendor, _, _, _] = parts[..] else {
        // A star may stand for the rest of the parts.
        return if pattern.starts_with("arn:") && pattern.ends_with('*') {
            Ok(())
        } else if pattern.starts_with("arn:") {
            Err(malformed(format!(
                "Resource {pattern} must be in ARN format or \"*\"."
            )))
        } else {
            Err(malformed("Resource must be in ARN format or \"*\"."))
        };
    };
    if word != partition.word() && !word.contains(['*', '?', '$']) {
        return Err(malformed(format!(
            "Partition \"{word}\" is not valid for resource \"{pattern}\"."
        )));
    }
    if vendor.is_empty() {
        return Err(malformed(format!(
            "Resource vendor must be fully qualified and cannot be empty for resource \
             \"{pattern}\"."
        )));
    }
    if vendor.contains(['*', '?']) {
        return Err(malformed(
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(statement: &str) -> Option<String> {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        identity(&text, Partition::Commercial)
            .err()
            .map(|error| error.message)
    }

    #[test]
    fn identity_documents_are_looked_at_closely() {
        for fine in [
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            r#"{"Sid":"","Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/*"},{"Sid":"","Effect":"Deny","Action":"s3:*","Resource":"arn:*:s3:::x"}"#,
            r#"{"Effect":"Allow","Action":"kms:*","Resource":["arn:aws:*"]}"#,
        ] {
            assert_eq!(refused(fine), None, "{fine}");
        }
        let vendor = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:km?:*:*:*"}"#;
        assert!(refused(vendor).is_some_and(|said| said.contains("vendor")));
        for (statement, part) in [
            (
                r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws-cn:kms:*:*:key/*"}"#,
                "Partition \"aws-cn\" is not valid",
            ),
            (
                r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:nonsense:kms:*:*:key/*"}"#,
                "Partition",
            ),
            (
                r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:key/x"}"#,
                "ARN format",
            ),
            (
                r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws::x:y:z"}"#,
                "vendor must be fully qualified",
            ),
            (
                r#"{"Effect":"Allow","Action":"k_s:*","Resource":"*"}"#,
                "Vendor k_s is not valid",
            ),
            (
                r#"{"Effect":"Allow","Action":"*:List","Resource":"*"}"#,
                "prefaced by a vendor",
            ),
            (
                r#"{"Sid":"a b","Effect":"Allow","Action":"*","Resource":"*"}"#,
                "alpha-numeric",
            ),
            (
                r#"{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}"#,
                "must be unique",
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringSounds":{"aws:username":"x"}}}"#,
                "Syntax errors",
            ),
        ] {
            let sentence = refused(statement).unwrap();
            assert!(sentence.contains(part), "{statement}: {sentence}");
        }
    }

    #[test]
    fn a_role_trusts_services_by_their_domain() {
        let trusts = |service: &str| {
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"Service":["ec2.amazonaws.com","{service}"]}},"Action":"sts:AssumeRole"}}}}"#
            );
            trust(&text, &State::default(), Partition::Commercial)
        };
        assert!(trusts("s3.eu-west-1.amazonaws.com").is_ok());
        let refused = trusts("s3").unwrap_err();
        assert_eq!(refused.code, "MalformedPolicyDocument");
        assert_eq!(
            refused.message,
            "Invalid principal in policy: \"SERVICE\":\"s3\""
        );
    }

    #[test]
    fn white_space_does_not_count() {
        let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let padded = format!("{{ \"Statement\": [{statement}] {}}}", " ".repeat(10_000));
        assert!(managed(&padded, Partition::Commercial).is_ok());
        let actions = vec!["\"kms:DescribeKey\""; 500].join(",");
        let long = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
        );
        let error = managed(&long, Partition::Commercial).unwrap_err();
        assert_eq!((error.code, error.status), ("LimitExceeded", 409));
    }
}
