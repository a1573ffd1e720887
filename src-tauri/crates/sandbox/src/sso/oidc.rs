//! The sign-in (`sso-oidc`): clients, device codes, tokens (RFC 8628 in AWS's form).
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::approval::Approval;
use super::{Client, Device, SignIn, Sso, State};
use crate::api::{ApiError, ApiResult};
use crate::random::Random;

const CLIENT_LIFE: Duration = Duration::days(90);
const DEVICE_CODE_LIFE: Duration = Duration::minutes(10);
const ACCESS_TOKEN_LIFE: Duration = Duration::hours(8);

/// How far apart the questions for a token have to be. Half of it is tolerated, since a client that
/// waits exactly so long may be early by what the way takes.
const INTERVAL: Duration = Duration::seconds(1);

/// So many clients, device codes and sign-ins are remembered; what ends first is forgotten first.
const MOST_KEPT: usize = 10_000;

/// Scopes of one client, and the letters of one. AWS says no bound.
const MOST_SCOPES: usize = 100;
const LONGEST_SCOPE: usize = 256;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REFRESH_TOKEN: &str = "refresh_token";
const AUTHORIZATION_CODE: &str = "authorization_code";

/// Opens the portal, and makes a sign-in last beyond its first token.
const ACCOUNT_ACCESS: &str = "sso:account:access";

type Input = Map<String, Value>;

pub(super) fn answer(
    sso: &Sso,
    operation: &str,
    input: &Input,
    approval: Approval,
    now: OffsetDateTime,
) -> ApiResult {
    match operation {
        "RegisterClient" => register_client(sso, input, now),
        "StartDeviceAuthorization" => start_device_authorization(sso, input, now),
        _ => create_token(sso, input, approval, now),
    }
}

fn register_client(sso: &Sso, input: &Input, now: OffsetDateTime) -> ApiResult {
    required(input, "clientName")?;
    if required(input, "clientType")? != "public" {
        return Err(refusal(
            "InvalidClientMetadataException",
            "The client type has to be public.",
        ));
    }
    let mut grants = texts(input, "grantTypes")?;
    let is_known =
        |grant: &String| [DEVICE_CODE, REFRESH_TOKEN, AUTHORIZATION_CODE].contains(&&**grant);
    if !grants.iter().all(is_known) {
        return Err(unsupported_grant());
    }
    grants.sort_unstable();
    grants.dedup();
    let client = Client {
        secret: sso.random.id(64),
        scopes: scopes(input)?,
        grants,
        expires_at: now + CLIENT_LIFE,
    };
    let id = sso.random.id(26);
    let answer = json!({
        "clientId": id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": now.unix_timestamp(),
        "clientSecretExpiresAt": client.expires_at.unix_timestamp(),
        "authorizationEndpoint": null,
        "tokenEndpoint": null,
    });
    let mut state = sso.write();
    state.clients.retain(|_, known| known.expires_at > now);
    make_room(&mut state.clients, |known| known.expires_at);
    state.clients.insert(id, client);
    Ok(answer)
}

fn start_device_authorization(sso: &Sso, input: &Input, now: OffsetDateTime) -> ApiResult {
    let mut state = sso.write();
    let (id, client) = client_of(&state, input, now)?;
    if !client.may(DEVICE_CODE) {
        return Err(not_for_this_client());
    }
    let id = id.to_owned();
    let start_url = start_url(required(input, "startUrl")?);
    if !is_known(start_url) {
        return Err(invalid_request("The start URL is not known."));
    }
    let letters = sso.random.id(8);
    let user_code = format!("{}-{}", &letters[..4], &letters[4..]);
    let device_code = sso.random.id(43);
    let page = format!("{start_url}/#/device");
    let answer = json!({
        "deviceCode": device_code,
        "userCode": user_code,
        "verificationUri": page,
        "verificationUriComplete": format!("{page}?user_code={user_code}"),
        "expiresIn": DEVICE_CODE_LIFE.whole_seconds(),
        "interval": INTERVAL.whole_seconds(),
    });
    let device = Device {
        client: id,
        user_code,
        expires_at: now + DEVICE_CODE_LIFE,
        polls: 0,
        polled_at: None,
        decision: None,
    };
    // One that ran out is still known for a while, so that its refusal says so.
    state
        .devices
        .retain(|_, known| known.expires_at > now - Duration::DAY);
    make_room(&mut state.devices, |known| known.expires_at);
    state.devices.insert(device_code, device);
    Ok(answer)
}

fn create_token(sso: &Sso, input: &Input, approval: Approval, now: OffsetDateTime) -> ApiResult {
    let grant = required(input, "grantType")?;
    let mut state = sso.write();
    let (client_id, client) = client_of(&state, input, now)?;
    if ![DEVICE_CODE, REFRESH_TOKEN].contains(&grant) {
        return Err(unsupported_grant());
    }
    if !client.may(grant) {
        return Err(not_for_this_client());
    }
    let client_id = client_id.to_owned();
    let opens_portal = client.scopes.is_empty() || client.has_scope();
    let lasts = client.has_scope() && client.may(REFRESH_TOKEN);
    let id = match grant {
        DEVICE_CODE => {
            let code = required(input, "deviceCode")?;
            redeem(&mut state, &client_id, code, approval, now)?;
            sso.random.uuid()
        }
        _ => refresh(&mut state, &client_id, required(input, "refreshToken")?)?,
    };
    let sign_in = SignIn {
        id,
        client: client_id,
        access_token: make_token(&sso.random, "aoa"),
        expires_at: now + ACCESS_TOKEN_LIFE,
        refresh_token: lasts.then(|| make_token(&sso.random, "aor")),
        opens_portal,
    };
    let answer = json!({
        "accessToken": sign_in.access_token,
        "tokenType": "Bearer",
        "expiresIn": ACCESS_TOKEN_LIFE.whole_seconds(),
        "refreshToken": sign_in.refresh_token,
        "idToken": null,
    });
    let State {
        clients, sign_ins, ..
    } = &mut *state;
    sign_ins.retain(|known| {
        let goes_on = known.refresh_token.is_some() && clients.contains_key(&known.client);
        known.expires_at > now || goes_on
    });
    if sign_ins.len() >= MOST_KEPT {
        sign_ins.remove(0);
    }
    sign_ins.push(sign_in);
    Ok(answer)
}

/// Forgets what ends first where no more can be kept.
fn make_room<T>(kept: &mut BTreeMap<String, T>, end: impl Fn(&T) -> OffsetDateTime) {
    if kept.len() < MOST_KEPT {
        return;
    }
    let first = kept.iter().min_by_key(|(_, entry)| end(entry));
    if let Some(id) = first.map(|(id, _)| id.clone()) {
        kept.remove(&id);
    }
}

/// Uses up a device code, if it is approved.
fn redeem(
    state: &mut State,
    client: &str,
    code: &str,
    approval: Approval,
    now: OffsetDateTime,
) -> Result<(), ApiError> {
    let device = state
        .devices
        .get_mut(code)
        .filter(|device| device.client == client)
        .ok_or_else(|| invalid_grant("The device code is not known."))?;
    if device.expires_at <= now {
        return Err(refusal(
            "ExpiredTokenException",
            "The device code has expired.",
        ));
    }
    match device.decision.or_else(|| approval.after(device.polls)) {
        Some(true) => {
            state.devices.remove(code);
            return Ok(());
        }
        Some(false) => {
            state.devices.remove(code);
            return Err(refusal(
                "AccessDeniedException",
                "The person has refused the request.",
            ));
        }
        None => {}
    }
    let in_haste = device
        .polled_at
        .is_some_and(|before| now - before < INTERVAL / 2);
    device.polls += 1;
    device.polled_at = Some(now);
    Err(if in_haste {
        refusal("SlowDownException", "The client asks too often.")
    } else {
        refusal(
            "AuthorizationPendingException",
            "The person has not approved the request yet.",
        )
    })
}

/// Uses up a refresh token; answers the sign-in that goes on.
fn refresh(state: &mut State, client: &str, token: &str) -> Result<String, ApiError> {
    let sign_in = state
        .sign_ins
        .iter_mut()
        .find(|known| known.refresh_token.as_deref() == Some(token) && known.client == client)
        .ok_or_else(|| invalid_grant("The refresh token is not valid."))?;
    sign_in.refresh_token = None;
    Ok(sign_in.id.clone())
}

/// The client that the request names, if its secret is right and has not expired.
fn client_of<'s>(
    state: &'s State,
    input: &Input,
    now: OffsetDateTime,
) -> Result<(&'s str, &'s Client), ApiError> {
    let id = required(input, "clientId")?;
    let secret = required(input, "clientSecret")?;
    state
        .clients
        .get_key_value(id)
        .filter(|(_, client)| client.secret == secret && client.expires_at > now)
        .map(|(id, client)| (id.as_str(), client))
        .ok_or_else(|| {
            refusal(
                "InvalidClientException",
                "The client is not known, or its registration has expired.",
            )
            .with_status(401)
        })
}

impl Client {
    fn may(&self, grant: &str) -> bool {
        self.grants.is_empty() || self.grants.iter().any(|known| known == grant)
    }

    fn has_scope(&self) -> bool {
        self.scopes.iter().any(|scope| scope == ACCOUNT_ACCESS)
    }
}

/// The start URL without what people copy along from their browser.
fn start_url(given: &str) -> &str {
    let path = given.split(['#', '?']).next().unwrap_or_default();
    path.trim_end_matches('/')
}

/// Whether an Identity Center is there: clients bring the name of their own company's, so any name
/// will do for the one directory there is, but one that begins with `missing`.
fn is_known(start_url: &str) -> bool {
    let name = start_url
        .strip_prefix("https://")
        .and_then(|rest| rest.strip_suffix(".awsapps.com/start"))
        .unwrap_or_default();
    let is_label = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
    !name.is_empty() && name.bytes().all(is_label) && !name.starts_with("missing")
}

fn make_token(random: &Random, prefix: &str) -> String {
    format!("{prefix}{}", random.id(160))
}

/// The scopes that a client asks for, each a word without spaces (RFC 6749, 3.3).
fn scopes(input: &Input) -> Result<Vec<String>, ApiError> {
    let mut scopes = texts(input, "scopes")?;
    scopes.sort_unstable();
    scopes.dedup();
    let is_word = |scope: &String| {
        (1..=LONGEST_SCOPE).contains(&scope.len())
            && scope.bytes().all(|letter| letter.is_ascii_graphic())
    };
    if scopes.len() > MOST_SCOPES || !scopes.iter().all(is_word) {
        return Err(refusal(
            "InvalidScopeException",
            "A scope is not valid, or there are too many.",
        ));
    }
    Ok(scopes)
}

fn required<'i>(input: &'i Input, name: &str) -> Result<&'i str, ApiError> {
    input
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid_request(&format!("{name} is required.")))
}

fn texts(input: &Input, name: &str) -> Result<Vec<String>, ApiError> {
    let values = match input.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(values)) => values,
        Some(_) => return Err(invalid_request(&format!("{name} is not a list."))),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all: Option<Vec<_>> = values.iter().map(text).collect();
    all.ok_or_else(|| invalid_request(&format!("{name} is not a list of texts.")))
}

pub(super) fn invalid_request(sentence: &str) -> ApiError {
    refusal("InvalidRequestException", sentence)
}

fn invalid_grant(sentence: &str) -> ApiError {
    refusal("InvalidGrantException", sentence)
}

fn unsupported_grant() -> ApiError {
    refusal(
        "UnsupportedGrantTypeException",
        "The grant type is not supported.",
    )
}

fn not_for_this_client() -> ApiError {
    refusal(
        "UnauthorizedClientException",
        "The client is not registered for this grant type.",
    )
}

fn refusal(code: &'static str, sentence: &str) -> ApiError {
    ApiError::new(code, sentence)
}

#[cfg(test)]
mod tests {
    use super::super::directory::START_URL;
    use super::*;

    #[test]
    fn a_company_brings_the_name_of_its_own_start_url() {
        let asked = |given: &str| is_known(start_url(given));
        assert!(asked(START_URL));
        assert!(asked("https://d-1234567890.awsapps.com/start#/"));
        assert!(!asked("https://missing.awsapps.com/start"));
        assert!(!asked("https://example.com/start"));
        assert!(!asked("https://.awsapps.com/start"));
        assert!(!asked("https://a.b/.awsapps.com/start"));
        assert!(!asked("start"));
    }

    #[test]
    fn who_asks_too_often_is_told_so_and_counts_all_the_same() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let device = Device {
            client: "client".into(),
            user_code: String::new(),
            expires_at: now + DEVICE_CODE_LIFE,
            polls: 0,
            polled_at: None,
            decision: None,
        };
        let mut state = State::default();
        state.devices.insert("code".into(), device);
        let mut after = |milliseconds| {
            let now = now + Duration::milliseconds(milliseconds);
            redeem(&mut state, "client", "code", Approval::AfterPolls(3), now)
                .map_or_else(|refusal| refusal.code, |()| "ok")
        };
        assert_eq!(after(0), "AuthorizationPendingException");
        assert_eq!(after(400), "SlowDownException");
        assert_eq!(after(1_350), "AuthorizationPendingException");
        assert_eq!(after(1_360), "ok");
        assert_eq!(after(1_370), "InvalidGrantException");
    }

    #[test]
    fn a_start_url_is_known_with_what_a_browser_adds() {
        for given in ["/", "#/", "/#/?tab=accounts", ""] {
            assert_eq!(start_url(&format!("{START_URL}{given}")), START_URL);
        }
        assert_ne!(start_url("https://sandbox.awsapps.com/"), START_URL);
    }

    #[test]
    fn what_a_client_brings_is_bounded() {
        let asked = |given: Value| {
            let input = Input::from_iter([("scopes".to_owned(), given)]);
            scopes(&input).map_or_else(|refusal| refusal.code.to_owned(), |kept| kept.join(" "))
        };
        assert_eq!(
            asked(json!(["b", ACCOUNT_ACCESS, "b"])),
            "b sso:account:access"
        );
        let many: Vec<_> = (0..=MOST_SCOPES).map(|turn| turn.to_string()).collect();
        for given in [
            json!(many),
            json!(["a b"]),
            json!([""]),
            json!(["x".repeat(257)]),
        ] {
            assert_eq!(asked(given), "InvalidScopeException");
        }
        let mut kept = BTreeMap::from_iter((0..MOST_KEPT).map(|turn| (turn.to_string(), turn)));
        let end = |turn: &usize| OffsetDateTime::UNIX_EPOCH - Duration::seconds(*turn as i64);
        make_room(&mut kept, end);
        assert_eq!(kept.len(), MOST_KEPT - 1);
        assert!(!kept.contains_key(&(MOST_KEPT - 1).to_string()));
    }
}
