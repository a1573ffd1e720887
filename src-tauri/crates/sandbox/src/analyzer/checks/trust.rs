//! What a role's trust policy, and only it, must not say.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html>

use super::super::finding::{Impact, Place};
use super::{Found, Part};

/// Who signed a caller in that has no credentials of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Saml,
    Oidc,
    /// The caller is AWS's own.
    Nobody,
    /// The principal does not say.
    Unknown,
}

/// The actions that assume a role, with who has signed their callers in.
const ACTIONS: [(&str, Provider); 3] = [
    ("sts:AssumeRole", Provider::Nobody),
    ("sts:AssumeRoleWithSAML", Provider::Saml),
    ("sts:AssumeRoleWithWebIdentity", Provider::Oidc),
];

/// Looks through a statement of a trust policy.
pub(super) fn check(found: &mut Found, statement: &Part<'_>) {
    for name in ["Resource", "NotResource"] {
        if let Some(part) = statement.member(name) {
            let details = "Role trust policies apply to the role that they are attached to. You \
                           cannot specify a resource. Remove the Resource or NotResource element.";
            found.error("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", details, &part);
        }
    }
    if let Some(part) = statement.member("NotPrincipal") {
        let details = "Role trust policies do not support NotPrincipal. Update the policy to use \
                       a Principal element instead.";
        let code = "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL";
        found.error(code, details, &part);
    }
    let Some(principal) = statement.member("Principal") else {
        return;
    };
    if principal.node.text() == Some("*") {
        let details = "\"Principal:\" \"*\" is not supported in the principal element of a role \
                       trust policy. Replace the wildcard with a valid principal value.";
        let code = "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL";
        found.error(code, details, &principal);
    }
    if let Some(actions) = statement.member("Action") {
        mismatched(found, &actions, &principal);
    }
}

/// The actions that none of the principals can ask for.
fn mismatched(found: &mut Found, actions: &Part<'_>, principal: &Part<'_>) {
    let named: Vec<(Provider, &str)> = principal
        .members()
        .into_iter()
        .flat_map(|(key, names)| {
            let names = names.entries().into_iter();
            names.filter_map(move |name| {
                let name = name.node.text()?;
                Some((Provider::of(key, name), name))
            })
        })
        .collect();
    if named.is_empty() {
        return;
    }
    for (action, wanted) in ACTIONS {
        let fits = |provider: Provider| provider == wanted || provider == Provider::Unknown;
        if named.iter().any(|(provider, _)| fits(*provider)) {
            continue;
        }
        let places: Vec<Place> = actions
            .entries()
            .iter()
            .filter(|part| {
                let text = part.node.text();
                text.is_some_and(|text| text.eq_ignore_ascii_case(action))
            })
            .map(Part::place)
            .collect();
        if places.is_empty() {
            continue;
        }
        let names: Vec<&str> = named.iter().map(|(_, name)| *name).collect();
        let details = format!(
            "The {action} action is invalid with the following principal(s): {}. Use a SAML \
             provider principal with the sts:AssumeRoleWithSAML action or use an OIDC provider \
             principal with the sts:AssumeRoleWithWebIdentity action. Ensure the provider is \
             Federated if you use either of the two options.",
            names.join(", ")
        );
        let code = "MISMATCHED_ACTION_FOR_PRINCIPAL";
        found.add(Impact::Error, code, details, places);
    }
}

impl Provider {
    fn of(key: &str, name: &str) -> Self {
        match key {
            "Federated" if name.contains(":saml-provider/") => Self::Saml,
            "Federated" if name.contains(":oidc-provider/") => Self::Oidc,
            // A web identity provider that needs none of the account is named by its domain.
            "Federated" if !name.starts_with("arn:") && name.contains('.') => Self::Oidc,
            "AWS" | "Service" | "CanonicalUser" => Self::Nobody,
            _ => Self::Unknown,
        }
    }
}
