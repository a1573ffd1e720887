//! Where a key is found with AWS's own tools.

use ownkey_model::{ConnectionKind, KeyArn, Registration};

/// The `aws` command that shows the key, to be pasted into a shell; none for the sandbox in this
/// program, where it would ask the real AWS. Where no profile leads to the account alone, the shell's
/// own credentials are used.
pub(crate) fn aws_command(arn: &KeyArn, registration: &Registration) -> Option<String> {
    if registration.is_sandbox() {
        return None;
    }
    let mut words = vec![
        "aws kms describe-key".to_owned(),
        format!("--key-id {arn}"),
        format!("--region {}", arn.region()),
    ];
    if let Some(profile) = profile_alone(registration) {
        words.push(format!("--profile {}", shell_quoted(profile)));
    }
    if let Some(url) = &registration.connection.endpoint_url {
        words.push(format!("--endpoint-url {}", url.as_str()));
    }
    Some(words.join(" "))
}

/// The profile that leads to the account without another role on top.
pub(crate) fn profile_alone(registration: &Registration) -> Option<&str> {
    let roles = registration.role.is_some() || registration.connection.role.is_some();
    match &registration.connection.kind {
        ConnectionKind::Profile { profile } if !roles => Some(profile),
        _ => None,
    }
}

/// The key's page in AWS's console; none in the sandbox or behind another endpoint.
pub(crate) fn console_url(arn: &KeyArn, registration: &Registration) -> Option<String> {
    let elsewhere = registration.is_sandbox() || registration.connection.endpoint_url.is_some();
    if elsewhere {
        return None;
    }
    let host = match registration.partition {
        ownkey_model::Partition::Aws => "console.aws.amazon.com",
        ownkey_model::Partition::AwsUsGov => "console.amazonaws-us-gov.com",
        ownkey_model::Partition::AwsCn => "console.amazonaws.cn",
    };
    let (region, id) = (arn.region(), arn.key_id().to_owned());
    Some(format!(
        "https://{region}.{host}/kms/home?region={region}#/kms/keys/{id}"
    ))
}

/// One word of a POSIX shell, which takes anything but a quote literally between single quotes.
pub(crate) fn shell_quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./@:+=".contains(c));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_profile_name_stays_one_word_of_the_shell() {
        assert_eq!(shell_quoted("prod-eu"), "prod-eu");
        assert_eq!(shell_quoted("a'; rm -rf ~; '"), r"'a'\''; rm -rf ~; '\'''");
        assert_eq!(shell_quoted(""), "''");
    }
}
