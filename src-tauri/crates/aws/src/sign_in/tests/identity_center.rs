//! Identity Center: from an empty cache, an expired one, a renewed one; the browser and its code.

use std::{fs, path::PathBuf, sync::Mutex};

use ownkey_model::{AppError, EndpointUrl, SignInId, SignInState, SignInWay, Timestamp, Wanted};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{BEGAN, CALLER, World, profile};

const CONFIG: &str = "\
[profile sso]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-central-1
";

/// SHA-1 of `corp`, as the `aws` command names the file.
const FILE: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

const REGISTERED: &str =
    r#"{"clientId":"client","clientSecret":"c-secret","clientSecretExpiresAt":1807776000}"#;
const STARTED: &str = r#"{"deviceCode":"device","userCode":"ABCD-EFGH","expiresIn":600,"interval":1,
  "verificationUri":"https://corp.example/start/#/device",
  "verificationUriComplete":"https://corp.example/start/#/device?user_code=ABCD-EFGH"}"#;
const TOKEN: &str =
    r#"{"accessToken":"t-new","expiresIn":28800,"refreshToken":"r-new","tokenType":"Bearer"}"#;

fn given(at: i64) -> String {
    let end = (at + 3_600) * 1_000;
    format!(
        r#"{{"roleCredentials":{{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":{end}}}}}"#
    )
}

fn refused(code: &str) -> String {
    json!({ "error_code": code, "message": "no" }).to_string()
}

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new(token: Option<&Value>) -> Self {
        let home = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        if let Some(token) = token {
            fs::create_dir_all(home.file().parent().expect("a folder")).expect("made");
            fs::write(home.file(), token.to_string()).expect("written");
        }
        home
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    fn token(&self) -> Value {
        let text = fs::read(self.file()).expect("a token file");
        serde_json::from_slice(&text).expect("JSON")
    }

    fn world(&self, replies: &[(u16, &str)]) -> World {
        World::with(CONFIG, "", self.folder.path(), replies)
    }
}

fn token(expires_at: i64) -> Value {
    json!({
        "startUrl": "https://corp.example/start",
        "region": "eu-central-1",
        "accessToken": "t-old",
        "expiresAt": Timestamp::from_unix_seconds(expires_at).to_string(),
        "clientId": "client",
        "clientSecret": "c-secret",
        "registrationExpiresAt": "2027-03-01T00:00:00Z",
        "refreshToken": "r-old",
        "somethingElse": [1, 2],
    })
}

#[tokio::test(start_paused = true)]
async fn a_token_of_the_aws_command_is_used_as_it_is() {
    let home = Home::new(Some(&token(BEGAN + 3_600)));
    let world = home.world(&[(200, &given(BEGAN)), (200, CALLER)]);
    let session = world.aws.session(&profile("sso"), None).await;
    let session = session.expect("a session");
    session.caller_identity().await.expect("an answer");
    let sent = world.sent();
    assert_eq!(
        sent[0].url,
        "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?role_name=Admin&account_id=111111111111"
    );
    assert_eq!(sent[1].signed_by, "ASIASSO");
    assert_eq!(home.token(), token(BEGAN + 3_600));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ran_out_is_renewed_and_kept_for_the_aws_command() {
    for ran_out in [BEGAN - 10, BEGAN + 299] {
        let home = Home::new(Some(&token(ran_out)));
        let world = home.world(&[(200, TOKEN), (200, &given(BEGAN))]);
        let session = world.aws.session(&profile("sso"), None).await;
        assert!(session.is_ok());
        let sent = world.sent();
        assert_eq!(sent[0].url, "https://oidc.eu-central-1.amazonaws.com/token");
        let body: Value = serde_json::from_str(&sent[0].body).expect("JSON");
        assert_eq!(body["grantType"], "refresh_token");
        assert_eq!(body["refreshToken"], "r-old");
        let kept = home.token();
        assert_eq!(kept["accessToken"], "t-new");
        assert_eq!(kept["refreshToken"], "r-new");
        assert_eq!(kept["expiresAt"], "2027-01-15T16:00:00Z");
        assert_eq!(kept["somethingElse"], json!([1, 2]));
        assert_private(&home);
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_needs_a_person() {
    let home = Home::new(Some(&token(BEGAN - 10)));
    let refusal = refused("InvalidGrantException");
    let world = home.world(&[(400, &refusal)]);
    let error = world.aws.session(&profile("sso"), None).await.map(drop);
    assert!(
        matches!(&error, Err(AppError::SignInNeeded { .. })),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_aws_revoked_needs_a_person_and_a_role_that_is_not_ones_own_is_denied() {
    for (status, code) in [(401, "UnauthorizedException"), (403, "ForbiddenException")] {
        let home = Home::new(Some(&token(BEGAN + 3_600)));
        let world = home.world(&[(status, &refused(code))]);
        let error = world.aws.session(&profile("sso"), None).await.map(drop);
        let error = error.expect_err("a refusal");
        match code {
            "UnauthorizedException" => {
                assert!(matches!(error, AppError::SignInNeeded { .. }), "{error:?}");
            }
            _ => assert!(
                error.concerns_all_regions()
                    && matches!(&error, AppError::SignInFailed { cause }
                        if cause.starts_with("AWS does not give role Admin of account 111111111111 (sso:GetRoleCredentials)")),
                "{error:?}"
            ),
        }
    }
}

/// The error that names the sign-in.
async fn needed(world: &World) -> SignInId {
    match world.aws.session(&profile("sso"), None).await.map(drop) {
        Err(AppError::SignInNeeded { sign_in, way, .. }) => {
            let start_url = "https://corp.example/start".into();
            assert_eq!(way, SignInWay::Sso { start_url });
            sign_in
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_signs_in_in_the_browser_from_an_empty_cache() {
    let home = Home::new(None);
    let (pending, slower) = (
        refused("AuthorizationPendingException"),
        refused("SlowDownException"),
    );
    let world = home.world(&[
        (200, REGISTERED),
        (200, STARTED),
        (400, &pending),
        (400, &slower),
        (200, TOKEN),
        (200, &given(BEGAN)),
    ]);
    let id = needed(&world).await;
    assert_eq!(id.0, "sso/corp/oidc.eu-central-1.amazonaws.com");
    assert!(matches!(
        world.aws.sign_in_state(&profile("sso").id),
        SignInState::Failed { .. }
    ));

    let opened = Mutex::new(Vec::new());
    let open = |url: &str| {
        opened.lock().expect("not poisoned").push(url.to_owned());
        // No browser: the page can be opened by hand.
        Err(AppError::NotFound {
            what: "browser".into(),
        })
    };
    let began = Instant::now();
    let (outcome, shown) = tokio::join!(world.aws.sign_in(&id, &open), world.asked());
    outcome.expect("signed in");
    // A second, another one, and then five more than before.
    assert_eq!(began.elapsed().as_secs(), 8);
    let url = "https://corp.example/start/#/device?user_code=ABCD-EFGH";
    assert_eq!(*opened.lock().expect("not poisoned"), [url]);
    assert_eq!(
        shown.wanted,
        Wanted::Browser {
            url: url.into(),
            user_code: "ABCD-EFGH".into(),
            expires_at: Timestamp::from_unix_seconds(BEGAN + 600),
        }
    );
    assert!(world.aws.sign_in_requests().is_empty());

    let sent = world.sent();
    let registered: Value = serde_json::from_str(&sent[0].body).expect("JSON");
    assert_eq!(registered["clientName"], "OwnKey");
    assert_eq!(registered["scopes"], json!(["sso:account:access"]));
    let kept = home.token();
    assert_eq!(kept["accessToken"], "t-new");
    assert_eq!(kept["startUrl"], "https://corp.example/start");
    assert_eq!(kept["registrationExpiresAt"], "2027-04-15T08:00:00Z");
    assert_private(&home);

    let state = || world.aws.sign_in_state(&profile("sso").id);
    assert_eq!(state(), SignInState::NotYet);
    assert!(world.aws.session(&profile("sso"), None).await.is_ok());
    assert!(matches!(state(), SignInState::SignedIn { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_is_refused_or_given_up_says_so() {
    let (no, late) = (
        refused("AccessDeniedException"),
        refused("ExpiredTokenException"),
    );
    for answer in [&no, &late] {
        let home = Home::new(None);
        let world = home.world(&[(200, REGISTERED), (200, STARTED), (400, answer)]);
        let id = needed(&world).await;
        let outcome = world.aws.sign_in(&id, &|_| Ok(())).await;
        assert!(
            matches!(&outcome, Err(AppError::SignInFailed { .. })),
            "{outcome:?}"
        );
        // The client is there for the next time, and no token.
        let kept = home.token();
        assert_eq!(kept["clientId"], "client");
        assert_eq!(kept["accessToken"], Value::Null);
    }
    let home = Home::new(None);
    let pending = refused("AuthorizationPendingException");
    let world = home.world(&[(200, REGISTERED), (200, STARTED), (400, &pending)]);
    let id = needed(&world).await;
    let person = async {
        let shown = world.asked().await;
        world.aws.cancel_sign_in_request(&shown.id);
    };
    let (outcome, ()) = tokio::join!(world.aws.sign_in(&id, &|_| Ok(())), person);
    assert_eq!(outcome, Err(AppError::SignInCancelled));

    let home = Home::new(None);
    let world = home.world(&[(200, REGISTERED), (200, STARTED), (400, &pending)]);
    let id = needed(&world).await;
    let patient = world.aws.sign_in(&id, &|_| Ok(())).await;
    assert!(
        matches!(&patient, Err(AppError::SignInFailed { cause }) if cause.contains("time")),
        "{patient:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_aws_no_longer_knows_is_registered_anew() {
    let mut ended = token(BEGAN - 10);
    ended["expiresAt"] = "2027-01-15T07:00:00UTC".into();
    ended["refreshToken"] = "".into();
    let home = Home::new(Some(&ended));
    let unknown = refused("InvalidClientException");
    let world = home.world(&[
        (401, &unknown),
        (200, &REGISTERED.replace("client\"", "client-2\"")),
        (200, STARTED),
        (200, TOKEN),
    ]);
    let id = needed(&world).await;
    let outcome = world.aws.sign_in(&id, &|_| Ok(())).await;
    outcome.expect("signed in");
    let sent = world.sent();
    assert!(sent[0].url.ends_with("/device_authorization"), "{sent:?}");
    assert!(sent[1].url.ends_with("/client/register"), "{sent:?}");
    assert_eq!(home.token()["clientId"], "client-2");
    assert_eq!(home.token()["somethingElse"], json!([1, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_server_of_the_connections_own_is_shown_no_token_of_the_aws_command() {
    let home = Home::new(Some(&token(BEGAN + 3_600)));
    let world = home.world(&[
        (200, REGISTERED),
        (200, STARTED),
        (200, TOKEN),
        (200, &given(BEGAN)),
    ]);
    let mut elsewhere = profile("sso");
    elsewhere.endpoint_url = Some(EndpointUrl::parse("http://127.0.0.1:4566").expect("a URL"));
    let error = world.aws.session(&elsewhere, None).await.map(drop);
    let Err(AppError::SignInNeeded { sign_in, .. }) = error else {
        panic!("{error:?}");
    };
    assert!(world.sent().is_empty());
    let outcome = world.aws.sign_in(&sign_in, &|_| Ok(())).await;
    outcome.expect("signed in");
    assert!(world.aws.session(&elsewhere, None).await.is_ok());
    assert_eq!(home.token(), token(BEGAN + 3_600));
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_written_is_used_all_the_same() {
    let home = Home::new(None);
    let sso = home.folder.path().join(".aws/sso");
    fs::create_dir_all(&sso).expect("made");
    std::os::unix::fs::symlink("/no/such/folder", sso.join("cache")).expect("a link");
    let world = home.world(&[
        (200, REGISTERED),
        (200, STARTED),
        (200, TOKEN),
        (200, &given(BEGAN)),
    ]);
    let id = needed(&world).await;
    let outcome = world.aws.sign_in(&id, &|_| Ok(())).await;
    outcome.expect("signed in");
    assert!(world.aws.session(&profile("sso"), None).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_unwell_while_one_waits_is_asked_again() {
    let home = Home::new(None);
    let unwell = refused("InternalServerException");
    let world = home.world(&[
        (200, REGISTERED),
        (200, STARTED),
        (500, &unwell),
        (500, &unwell),
        (500, &unwell),
        (200, TOKEN),
    ]);
    let id = needed(&world).await;
    let outcome = world.aws.sign_in(&id, &|_| Ok(())).await;
    outcome.expect("signed in");
}

#[tokio::test(start_paused = true)]
async fn identity_center_is_asked_at_its_fips_endpoint_in_gov_cloud_only() {
    for (region, portal) in [
        (
            "eu-central-1",
            "https://portal.sso.eu-central-1.amazonaws.com/",
        ),
        (
            "us-gov-west-1",
            "https://portal.sso.us-gov-west-1.amazonaws.com/",
        ),
    ] {
        let home = Home::new(Some(&token(BEGAN + 3_600)));
        let config = CONFIG.replace("eu-central-1", region);
        let world = World::with(&config, "", home.folder.path(), &[(200, &given(BEGAN))]);
        let mut asked = profile("sso");
        asked.fips = true;
        assert!(world.aws.session(&asked, None).await.is_ok());
        let sent = world.sent();
        assert!(sent[0].url.starts_with(portal), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_who_sign_in_to_the_same_wait_for_one_page() {
    let home = Home::new(None);
    let world = home.world(&[(200, REGISTERED), (200, STARTED), (200, TOKEN)]);
    let id = needed(&world).await;
    let open = |_: &str| Ok(());
    let (one, other) = tokio::join!(world.aws.sign_in(&id, &open), world.aws.sign_in(&id, &open));
    assert_eq!((one, other), (Ok(()), Ok(())));
    assert_eq!(world.sent().len(), 3);
    let unknown = world.aws.sign_in(&SignInId("sso/x".into()), &open).await;
    assert!(matches!(unknown, Err(AppError::NotFound { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_no_web_page_is_not_opened() {
    let home = Home::new(None);
    let started = STARTED.replace("https://corp.example", "file:///etc");
    let world = home.world(&[(200, REGISTERED), (200, &started)]);
    let id = needed(&world).await;
    let open = |url: &str| panic!("{url} was opened");
    let outcome = world.aws.sign_in(&id, &open).await;
    assert!(
        matches!(outcome, Err(AppError::SignInFailed { .. })),
        "{outcome:?}"
    );
}

#[cfg(unix)]
fn assert_private(home: &Home) {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(home.file()), 0o600);
    let beside = fs::read_dir(home.file().parent().expect("a folder"));
    assert_eq!(beside.expect("a folder").count(), 1);
}

#[cfg(not(unix))]
fn assert_private(_: &Home) {}
