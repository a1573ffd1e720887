//! Who may use a key: policies and grants over the whole way, with users that come and go.

use serde_json::{Value, json};

use super::resume::{ask, code};
use super::*;

const DENIED: &str = "AccessDeniedException";
const ROOT: &str = "arn:aws:iam::111111111111:root";

fn administrator(sandbox: &Sandbox) -> Client {
    Client::new(sandbox, "test")
}

async fn iam(client: &Client, form: &str) -> String {
    let (status, xml) = client.query("iam", form).await.unwrap();
    assert_eq!(status, 200, "{form}: {xml}");
    xml
}

/// A new user with an access key, in the account of `owner`.
async fn hire(owner: &Client, name: &str) -> Client {
    iam(owner, &format!("Action=CreateUser&UserName={name}")).await;
    let key = iam(owner, &format!("Action=CreateAccessKey&UserName={name}")).await;
    Client {
        key_id: element(&key, "AccessKeyId"),
        secret: element(&key, "SecretAccessKey"),
        ..owner.clone()
    }
}

async fn fire(owner: &Client, user: &Client, name: &str) {
    let key = &user.key_id;
    let form = format!("Action=DeleteAccessKey&UserName={name}&AccessKeyId={key}");
    iam(owner, &form).await;
    iam(owner, &format!("Action=DeleteUser&UserName={name}")).await;
}

async fn allow(owner: &Client, name: &str, action: &str) {
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let policy = percent_encode(policy.to_string().as_bytes());
    let form = format!("Action=PutUserPolicy&UserName={name}&PolicyName=p&PolicyDocument={policy}");
    iam(owner, &form).await;
}

fn statement(effect: &str, principal: &str, action: &str) -> Value {
    json!({"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
        .to_string()
        .into()
}

async fn key(client: &Client) -> String {
    let made = ask(client, "CreateKey", json!({})).await;
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

fn seal(key: &str) -> Value {
    json!({"KeyId": key, "Plaintext": "eA=="})
}

#[tokio::test]
async fn identity_and_key_policies_decide_together() {
    let sandbox = company();
    let admin = administrator(&sandbox);
    let key = key(&admin).await;
    let rita = hire(&admin, "rita").await;
    let arn = "arn:aws:iam::111111111111:user/rita";
    let asked = |client: &Client| {
        let (client, input) = (client.clone(), seal(&key));
        async move { code(&client, "Encrypt", input).await }
    };
    // Without any permission; with one; with one that the key policy takes back.
    assert_eq!(asked(&rita).await, DENIED);
    allow(&admin, "rita", "kms:*").await;
    assert_eq!(asked(&rita).await, Value::Null);
    let put = |statements: Vec<Value>| json!({"KeyId": key, "Policy": policy(&statements)});
    let root = statement("Allow", ROOT, "kms:*");
    let deny = statement("Deny", arn, "kms:Encrypt");
    ask(&admin, "PutKeyPolicy", put(vec![root.clone(), deny])).await;
    assert_eq!(asked(&rita).await, DENIED);
    assert_eq!(
        code(&rita, "DescribeKey", json!({ "KeyId": key })).await,
        Value::Null
    );
    // A key policy that does not let the account decide has to name the user.
    let test = "arn:aws:iam::111111111111:user/test";
    let only_test = statement("Allow", test, "kms:*");
    ask(&admin, "PutKeyPolicy", put(vec![only_test.clone()])).await;
    assert_eq!(asked(&rita).await, DENIED);
    assert_eq!(asked(&admin).await, Value::Null);
    // One that does is enough.
    iam(&admin, "Action=DeleteUserPolicy&UserName=rita&PolicyName=p").await;
    let named = statement("Allow", arn, "kms:Encrypt");
    ask(&admin, "PutKeyPolicy", put(vec![only_test, named])).await;
    assert_eq!(asked(&rita).await, Value::Null);
    assert_eq!(
        code(&rita, "DescribeKey", json!({ "KeyId": key })).await,
        DENIED
    );
}

#[tokio::test]
async fn who_is_deleted_leaves_an_id_and_who_comes_after_gets_nothing() {
    let sandbox = company();
    let admin = administrator(&sandbox);
    let key = key(&admin).await;
    let rita = hire(&admin, "rita").await;
    let arn = "arn:aws:iam::111111111111:user/rita";
    let id = element(&iam(&admin, "Action=GetUser&UserName=rita").await, "UserId");
    let statements = [
        statement("Allow", ROOT, "kms:*"),
        statement("Allow", arn, "kms:Encrypt"),
    ];
    let text = policy(&statements);
    ask(
        &admin,
        "PutKeyPolicy",
        json!({"KeyId": key, "Policy": text}),
    )
    .await;
    let grant = json!({"KeyId": key, "GranteePrincipal": arn, "Operations": ["DescribeKey"]});
    ask(&admin, "CreateGrant", grant).await;
    let (describe, of_key) = ("DescribeKey", json!({ "KeyId": key }));
    assert_eq!(code(&rita, "Encrypt", seal(&key)).await, Value::Null);
    assert_eq!(code(&rita, describe, of_key.clone()).await, Value::Null);
    fire(&admin, &rita, "rita").await;
    let rita = hire(&admin, "rita").await;
    // Also not after a restart.
    let options = Options::default();
    let again = Sandbox::resume(options, &sandbox.state()).unwrap();
    for sandbox in [sandbox, again] {
        let moved = |client: &Client| Client {
            sandbox: sandbox.clone(),
            ..client.clone()
        };
        let (admin, rita) = (moved(&admin), moved(&rita));
        assert_eq!(code(&rita, "Encrypt", seal(&key)).await, DENIED);
        assert_eq!(code(&rita, describe, of_key.clone()).await, DENIED);
        let shown = ask(&admin, "GetKeyPolicy", of_key.clone()).await;
        let expected = text.as_str().unwrap().replace(arn, &id);
        assert_eq!(shown["Policy"], expected);
        let grants = ask(&admin, "ListGrants", of_key.clone()).await;
        assert_eq!(grants["Grants"][0]["GranteePrincipal"], id);
        let put = json!({"KeyId": key, "Policy": expected});
        let refused = code(&admin, "PutKeyPolicy", put).await;
        assert_eq!(refused, "MalformedPolicyDocumentException");
    }
}

#[tokio::test]
async fn who_is_renamed_stays_the_same() {
    let sandbox = company();
    let admin = administrator(&sandbox);
    let key = key(&admin).await;
    let rita = hire(&admin, "rita").await;
    let arn = "arn:aws:iam::111111111111:user/rita";
    let statements = [
        statement("Allow", ROOT, "kms:*"),
        statement("Allow", arn, "kms:Encrypt"),
    ];
    let text = policy(&statements);
    ask(
        &admin,
        "PutKeyPolicy",
        json!({"KeyId": key, "Policy": text}),
    )
    .await;
    iam(&admin, "Action=UpdateUser&UserName=rita&NewUserName=rita.s").await;
    assert_eq!(code(&rita, "Encrypt", seal(&key)).await, Value::Null);
    let shown = ask(&admin, "GetKeyPolicy", json!({ "KeyId": key })).await;
    assert_eq!(
        shown["Policy"],
        text.as_str().unwrap().replace(arn, &format!("{arn}.s"))
    );
}

#[tokio::test]
async fn another_account_needs_both_sides_and_grants_go_with_the_key() {
    let sandbox = company();
    let admin = administrator(&sandbox);
    let key = key(&admin).await;
    let stranger = Client::new(&sandbox, "222222222222");
    assert_eq!(code(&stranger, "Encrypt", seal(&key)).await, DENIED);
    let grant = json!({
        "KeyId": key, "GranteePrincipal": "arn:aws:iam::222222222222:root",
        "RetiringPrincipal": "arn:aws:iam::222222222222:root", "Operations": ["Encrypt"],
    });
    let made = ask(&admin, "CreateGrant", grant.clone()).await;
    assert_eq!(code(&stranger, "Encrypt", seal(&key)).await, Value::Null);
    let retirable = json!({"RetiringPrincipal": "arn:aws:iam::222222222222:root"});
    let listed = ask(&stranger, "ListRetirableGrants", retirable.clone()).await;
    assert_eq!(listed["Grants"][0]["GrantId"], made["GrantId"]);
    // What was handed out stays good over a restart.
    let again = Sandbox::resume(Options::default(), &sandbox.state()).unwrap();
    let moved = Client {
        sandbox: again,
        ..stranger.clone()
    };
    assert_eq!(code(&moved, "Encrypt", seal(&key)).await, Value::Null);
    let token = json!({"GrantToken": made["GrantToken"]});
    assert_eq!(code(&moved, "RetireGrant", token).await, Value::Null);
    assert_eq!(code(&moved, "Encrypt", seal(&key)).await, DENIED);
    // Without it, the key's end is the grant's.
    ask(
        &admin,
        "ScheduleKeyDeletion",
        json!({"KeyId": key, "PendingWindowInDays": 7}),
    )
    .await;
    sandbox.advance(Duration::from_secs(8 * 86_400));
    let listed = ask(&stranger, "ListRetirableGrants", retirable).await;
    assert_eq!(listed["Grants"], json!([]));
}
