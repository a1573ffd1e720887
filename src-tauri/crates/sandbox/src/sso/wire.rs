//! Which operation of Identity Center, or of the console's sign-in, an unsigned request asks for, by
//! its path.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_Operations.html>,
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Operations.html>

use http::request::Parts;

use crate::services::Service;

/// Service and operation; `None` if the request means something else.
pub(crate) fn operation(head: &Parts) -> Option<(Service, &'static str)> {
    Some(match (head.method.as_str(), head.uri.path()) {
        ("POST", "/client/register") => (Service::SsoOidc, "RegisterClient"),
        ("POST", "/device_authorization") => (Service::SsoOidc, "StartDeviceAuthorization"),
        ("POST", "/token") => (Service::SsoOidc, "CreateToken"),
        ("GET", "/federation/credentials") => (Service::Sso, "GetRoleCredentials"),
        ("GET", "/assignment/accounts") => (Service::Sso, "ListAccounts"),
        ("GET", "/assignment/roles") => (Service::Sso, "ListAccountRoles"),
        ("POST", "/logout") => (Service::Sso, "Logout"),
        ("POST", "/v1/token") => (Service::Signin, "CreateOAuth2Token"),
        _ => return None,
    })
}

/// The region that AWS's own host names say (`oidc.REGION.…`, `portal.sso.REGION.…`); empty on
/// any other host, since without a signature nothing else says it.
pub(crate) fn region(head: &Parts) -> String {
    let host = match head.headers.get(http::header::HOST) {
        Some(host) => host.to_str().unwrap_or_default(),
        None => head.uri.host().unwrap_or_default(),
    };
    let region = host
        .strip_prefix("oidc.")
        .or_else(|| host.strip_prefix("portal.sso."))
        .and_then(|rest| rest.split('.').next());
    region.unwrap_or_default().to_owned()
}

/// How OAuth calls an error: `AuthorizationPendingException` is `authorization_pending`.
pub(crate) fn oauth_error(code: &str) -> String {
    let mut word = String::new();
    for letter in code.trim_end_matches("Exception").chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(method: &str, address: &str) -> Parts {
        let request = Request::builder().method(method).uri(address);
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn paths_and_hosts_say_what_is_asked() {
        let token = head("POST", "https://oidc.eu-central-1.amazonaws.com/token");
        assert_eq!(operation(&token).unwrap().1, "CreateToken");
        assert_eq!(region(&token), "eu-central-1");
        let accounts = head(
            "GET",
            "https://portal.sso.us-east-1.amazonaws.com/assignment/accounts?max_result=3",
        );
        assert_eq!(operation(&accounts).unwrap().1, "ListAccounts");
        assert_eq!(region(&accounts), "us-east-1");
        let bucket = head("GET", "http://127.0.0.1:1/token");
        assert!(operation(&bucket).is_none());
        assert_eq!(region(&bucket), "");
    }

    #[test]
    fn errors_have_their_name_in_oauth() {
        for (code, word) in [
            ("AuthorizationPendingException", "authorization_pending"),
            ("SlowDownException", "slow_down"),
            ("InvalidGrantException", "invalid_grant"),
        ] {
            assert_eq!(oauth_error(code), word);
        }
    }
}
