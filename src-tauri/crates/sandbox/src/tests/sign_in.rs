//! Identity Center as a client meets it: the device flow, the portal, and what its credentials open.

use serde_json::json;

use super::*;
use crate::{Approval, START_URL};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// One registered client.
struct Person {
    sandbox: Sandbox,
    id: Value,
    secret: Value,
}

impl Person {
    async fn registered(sandbox: &Sandbox) -> Self {
        let body = json!({"clientName": "ownkey", "clientType": "public", "scopes": ["sso:account:access"]});
        let (status, client) = post(sandbox, "/client/register", body).await;
        assert_eq!(status, 200, "{client}");
        Self {
            sandbox: sandbox.clone(),
            id: client["clientId"].clone(),
            secret: client["clientSecret"].clone(),
        }
    }

    async fn start(&self) -> Value {
        let body = json!({"clientId": self.id, "clientSecret": self.secret, "startUrl": START_URL});
        let (status, device) = post(&self.sandbox, "/device_authorization", body).await;
        assert_eq!(status, 200, "{device}");
        device
    }

    async fn token(&self, device: &Value) -> (u16, Value) {
        let body = json!({
            "clientId": self.id, "clientSecret": self.secret,
            "grantType": DEVICE_CODE, "deviceCode": device["deviceCode"],
        });
        post(&self.sandbox, "/token", body).await
    }

    async fn refreshed(&self, token: &Value) -> (u16, Value) {
        let body = json!({
            "clientId": self.id, "clientSecret": self.secret,
            "grantType": "refresh_token", "refreshToken": token["refreshToken"],
        });
        post(&self.sandbox, "/token", body).await
    }

    async fn signed_in(&self) -> Value {
        let (status, token) = self.token(&self.start().await).await;
        assert_eq!(status, 200, "{token}");
        token
    }
}

async fn post(sandbox: &Sandbox, path: &str, body: Value) -> (u16, Value) {
    let request = Request::post(format!("https://oidc.eu-central-1.amazonaws.com{path}"))
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    answer(sandbox, request).await
}

async fn portal(sandbox: &Sandbox, token: &Value, method: &str, path: &str) -> (u16, Value) {
    let address = format!("https://portal.sso.eu-central-1.amazonaws.com{path}");
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header(
            "x-amz-sso_bearer_token",
            token["accessToken"].as_str().unwrap(),
        )
        .body(Bytes::new())
        .unwrap();
    answer(sandbox, request).await
}

async fn answer(sandbox: &Sandbox, request: Request<Bytes>) -> (u16, Value) {
    let response = sandbox.handle(request).await.unwrap();
    let status = response.status().as_u16();
    if let Some(code) = response.headers().get("x-amzn-errortype") {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let word = body["error"].clone();
        return (
            status,
            json!({"code": code.to_str().unwrap(), "error": word}),
        );
    }
    (
        status,
        serde_json::from_slice(response.body()).unwrap_or(Value::Null),
    )
}

async fn control(sandbox: &Sandbox, body: Value) -> u16 {
    let request = Request::post("http://127.0.0.1/_sandbox/sso")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    sandbox.handle(request).await.unwrap().status().as_u16()
}

fn refused(code: &str, word: &str) -> Value {
    json!({"code": code, "error": word})
}

const CREDENTIALS: &str = "/federation/credentials?role_name=";

#[tokio::test]
async fn a_sign_in_opens_the_assigned_roles_and_no_others() {
    let sandbox = company();
    let person = Person::registered(&sandbox).await;
    let device = person.start().await;
    assert_eq!(
        (&device["expiresIn"], &device["interval"]),
        (&json!(600), &json!(1))
    );
    let (_, token) = person.token(&device).await;
    assert_eq!(token["expiresIn"], 28_800);
    assert_eq!(
        person.token(&device).await.1,
        refused("InvalidGrantException", "invalid_grant")
    );

    let (_, first) = portal(&sandbox, &token, "GET", "/assignment/accounts?max_result=1").await;
    assert_eq!(first["accountList"][0]["accountId"], "111111111111");
    let next = first["nextToken"].as_str().unwrap();
    let path = format!("/assignment/accounts?max_result=1&next_token={next}");
    let (_, second) = portal(&sandbox, &token, "GET", &path).await;
    assert_eq!(second["accountList"][0]["accountId"], "222222222222");
    assert_eq!(second["nextToken"], Value::Null);
    let (_, roles) = portal(
        &sandbox,
        &token,
        "GET",
        "/assignment/roles?account_id=222222222222",
    )
    .await;
    let names: Vec<_> = roles["roleList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["roleName"])
        .collect();
    assert_eq!(names, ["AdministratorAccess", "ReadOnly"]);

    for path in [
        format!("{CREDENTIALS}KeyCustodians&account_id=222222222222"),
        format!("{CREDENTIALS}ReadOnly&account_id=555555555555"),
    ] {
        let (status, body) = portal(&sandbox, &token, "GET", &path).await;
        assert_eq!(
            (status, &body["code"]),
            (403, &json!("ForbiddenException")),
            "{path}"
        );
    }
    let path = format!("{CREDENTIALS}ReadOnly&account_id=111111111111");
    let (_, body) = portal(&sandbox, &token, "GET", &path).await;
    let role = &body["roleCredentials"];
    let ends = role["expiration"].as_i64().unwrap() / 1_000;
    assert!((3_590..=3_600).contains(&(ends - sandbox.now().unix_timestamp())));
    let text = |name: &str| role[name].as_str().unwrap().to_owned();
    let client = Client {
        key_id: text("accessKeyId"),
        secret: text("secretAccessKey"),
        token: Some(text("sessionToken")),
        ..Client::new(&sandbox, "")
    };
    let (_, xml) = client
        .query("sts", "Action=GetCallerIdentity")
        .await
        .unwrap();
    let arn = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_ReadOnly_2f7e0b94c6d1a853/anna.berger";
    assert_eq!(element(&xml, "Arn"), arn);
    assert_eq!(client.kms("ListKeys", "{}").await.unwrap().0, 200);
    assert_eq!(client.kms("CreateKey", "{}").await.unwrap().0, 400);

    let asked: Vec<_> = sandbox
        .calls()
        .into_iter()
        .map(|call| (call.service, call.operation, call.principal))
        .collect();
    assert!(asked.contains(&("sso-oidc".into(), "CreateToken".into(), String::new())));
    assert!(asked.contains(&("sso".into(), "ListAccounts".into(), "anna.berger".into())));
}

#[tokio::test]
async fn a_code_waits_for_the_person_is_refused_and_expires() {
    let sandbox = company();
    let person = Person::registered(&sandbox).await;
    let pending = refused("AuthorizationPendingException", "authorization_pending");
    let second = Duration::from_secs(1);

    sandbox.approve_sign_ins(Approval::AfterPolls(2));
    let device = person.start().await;
    assert_eq!(person.token(&device).await, (400, pending.clone()));
    // Too early or not: whether it comes to SlowDownException is up to real time here.
    assert_eq!(person.token(&device).await.0, 400);
    assert_eq!(person.token(&device).await.0, 200);

    sandbox.approve_sign_ins(Approval::Never);
    let device = person.start().await;
    assert_eq!(person.token(&device).await.1, pending);
    assert!(!sandbox.decide_sign_in("AAAA-1111", true));
    assert!(sandbox.decide_sign_in(device["userCode"].as_str().unwrap(), true));
    assert_eq!(person.token(&device).await.0, 200);

    let device = person.start().await;
    sandbox.advance(second * 600);
    let expired = refused("ExpiredTokenException", "expired_token");
    assert_eq!(person.token(&device).await, (400, expired));

    let device = person.start().await;
    assert_eq!(control(&sandbox, json!({"approve": "deny"})).await, 200);
    let denied = refused("AccessDeniedException", "access_denied");
    assert_eq!(person.token(&device).await, (400, denied));
    for (body, expected) in [
        (json!({"approve": {"after_polls": 3}}), 200),
        (json!({"approve": "at_once"}), 200),
        (json!({"approve": true}), 400),
        (json!({"approve": true, "user_code": "AAAA-1111"}), 404),
        (json!({"approve": "perhaps"}), 400),
    ] {
        assert_eq!(control(&sandbox, body.clone()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_sign_in_ends_goes_on_by_refresh_and_is_kept() {
    let sandbox = company();
    let person = Person::registered(&sandbox).await;
    let token = person.signed_in().await;
    let accounts = "/assignment/accounts";
    sandbox.advance(Duration::from_secs(28_800));
    let (status, body) = portal(&sandbox, &token, "GET", accounts).await;
    assert_eq!(
        (status, &body["code"]),
        (401, &json!("UnauthorizedException"))
    );

    let sandbox = Sandbox::resume(Options::default(), &sandbox.state()).unwrap();
    let person = Person {
        sandbox: sandbox.clone(),
        ..person
    };
    let (status, renewed) = person.refreshed(&token).await;
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(portal(&sandbox, &renewed, "GET", accounts).await.0, 200);
    // A refresh token is good once.
    assert_eq!(
        person.refreshed(&token).await.1,
        refused("InvalidGrantException", "invalid_grant")
    );
    assert_eq!(
        portal(&sandbox, &renewed, "POST", "/logout").await,
        (200, Value::Null)
    );
    assert_eq!(portal(&sandbox, &renewed, "GET", accounts).await.0, 401);
    assert_eq!(person.refreshed(&renewed).await.0, 400);

    sandbox.advance(Duration::from_secs(90 * 86_400));
    let body = json!({"clientId": person.id, "clientSecret": person.secret, "startUrl": START_URL});
    let invalid = refused("InvalidClientException", "invalid_client");
    assert_eq!(
        post(&sandbox, "/device_authorization", body).await,
        (401, invalid)
    );
}

#[tokio::test]
async fn what_is_malformed_unknown_or_struck_is_refused() {
    let sandbox = company();
    let person = Person::registered(&sandbox).await;
    let (id, secret) = (&person.id, &person.secret);
    for (path, body, code) in [
        (
            "/client/register",
            json!({"clientName": "x", "clientType": "confidential"}),
            "InvalidClientMetadataException",
        ),
        (
            "/client/register",
            json!({"clientType": "public"}),
            "InvalidRequestException",
        ),
        ("/client/register", json!([]), "InvalidRequestException"),
        (
            "/device_authorization",
            json!({"clientId": id, "clientSecret": secret, "startUrl": "https://missing.awsapps.com/start"}),
            "InvalidRequestException",
        ),
        (
            "/device_authorization",
            json!({"clientId": id, "clientSecret": "x", "startUrl": START_URL}),
            "InvalidClientException",
        ),
        (
            "/token",
            json!({"clientId": id, "clientSecret": secret, "grantType": "password"}),
            "UnsupportedGrantTypeException",
        ),
        (
            "/token",
            json!({"clientId": id, "clientSecret": secret, "grantType": DEVICE_CODE, "deviceCode": "x"}),
            "InvalidGrantException",
        ),
    ] {
        assert_eq!(
            post(&sandbox, path, body.clone()).await.1["code"],
            code,
            "{path} {body}"
        );
    }
    let unscoped = json!({"clientName": "x", "clientType": "public"});
    let (_, client) = post(&sandbox, "/client/register", unscoped).await;
    let unscoped = Person {
        sandbox: sandbox.clone(),
        id: client["clientId"].clone(),
        secret: client["clientSecret"].clone(),
    };
    assert_eq!(unscoped.signed_in().await["refreshToken"], Value::Null);

    let token = person.signed_in().await;
    for (service, operation, status, code) in [
        ("sso-oidc", "CreateToken", 400, "SlowDownException"),
        ("sso", "ListAccounts", 429, "TooManyRequestsException"),
    ] {
        sandbox.inject(Fault::nth(service, operation, 1, FaultKind::Throttle));
        let (is, body) = match service {
            "sso" => portal(&sandbox, &token, "GET", "/assignment/accounts").await,
            _ => person.refreshed(&token).await,
        };
        assert_eq!((is, &body["code"]), (status, &json!(code)));
    }
}
