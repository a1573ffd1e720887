//! The whole way of a request, asked as a client would: signed, over `Sandbox::handle`.

pub(crate) mod dice;
mod format;
mod fuzz;
mod identities;
mod key_access;
mod key_stores;
mod login;
mod loopback;
mod partitions;
mod periphery;
mod resume;
mod s3;
mod sign_in;
mod simulate;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use time::OffsetDateTime;

use crate::encoding::percent_encode;
use crate::sigv4::testing::signed;
use crate::{Dropped, Fault, FaultKind, Options, Sandbox, Seed, mfa_code};

/// Credentials and the region they are used in.
#[derive(Clone)]
struct Client {
    sandbox: Sandbox,
    key_id: String,
    secret: String,
    token: Option<String>,
    region: &'static str,
}

impl Client {
    fn new(sandbox: &Sandbox, key_id: &str) -> Self {
        Self {
            sandbox: sandbox.clone(),
            key_id: key_id.into(),
            secret: "test".into(),
            token: None,
            region: "eu-west-1",
        }
    }

    async fn send(
        &self,
        service: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, Dropped> {
        let (mut head, body) = request.into_parts();
        if let Some(token) = &self.token {
            head.headers
                .insert("x-amz-security-token", token.parse().unwrap());
        }
        let request = Request::from_parts(head, body);
        let now = OffsetDateTime::now_utc();
        let request = signed(
            request,
            &self.key_id,
            &self.secret,
            self.region,
            service,
            now,
        );
        self.sandbox.handle(request).await
    }

    async fn query(&self, service: &str, form: &str) -> Result<(u16, String), Dropped> {
        let version = match service {
            "iam" => "2010-05-08",
            "ec2" => "2016-11-15",
            _ => "2011-06-15",
        };
        let request = Request::post(format!("https://{service}.amazonaws.com/"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("Version={version}&{form}")))
            .unwrap();
        let response = self.send(service, request).await?;
        let status = response.status().as_u16();
        Ok((
            status,
            String::from_utf8(response.into_body().to_vec()).unwrap(),
        ))
    }

    async fn kms(&self, operation: &str, input: &str) -> Result<(u16, Value), Dropped> {
        let request = Request::post("https://kms.eu-west-1.amazonaws.com/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .body(Bytes::from(input.to_owned()))
            .unwrap();
        let response = self.send("kms", request).await?;
        let status = response.status().as_u16();
        Ok((
            status,
            serde_json::from_slice(response.body()).unwrap_or(Value::Null),
        ))
    }

    /// A client with the credentials of an STS answer.
    fn with_session(&self, xml: &str) -> Self {
        Self {
            key_id: element(xml, "AccessKeyId"),
            secret: element(xml, "SecretAccessKey"),
            token: Some(element(xml, "SessionToken")),
            ..self.clone()
        }
    }
}

fn element(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = xml
        .find(&open)
        .unwrap_or_else(|| panic!("no {name} in {xml}"))
        + open.len();
    let end = xml[start..].find(&close).unwrap() + start;
    xml[start..end].to_owned()
}

fn company() -> Sandbox {
    Sandbox::new(Options {
        randomness: Some(1),
        ..Options::default()
    })
}

const ROLE: &str = "RoleArn=arn:aws:iam::222222222222:role/OwnKeyAdministrator&RoleSessionName=ada";

#[tokio::test]
async fn every_seed_knows_test_and_any_account_by_its_number() {
    for (seed, account) in [
        (Seed::Company, "111111111111"),
        (Seed::Empty, "000000000000"),
        (Seed::Keys(3), "000000000000"),
    ] {
        let sandbox = Sandbox::new(Options {
            seed,
            ..Options::default()
        });
        for (key_id, account) in [("test", account), ("987654321098", "987654321098")] {
            let client = Client::new(&sandbox, key_id);
            let (status, xml) = client
                .query("sts", "Action=GetCallerIdentity")
                .await
                .unwrap();
            assert_eq!((status, element(&xml, "Account").as_str()), (200, account));
            assert_eq!(client.kms("ListKeys", "{}").await.unwrap().0, 200);
        }
    }
}

#[tokio::test]
async fn kms_is_asked_by_post_and_at_its_root_only() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    for (method, path, status) in [
        ("POST", "", 200),
        ("GET", "", 404),
        ("PUT", "", 404),
        ("POST", "keys", 404),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://kms.eu-west-1.amazonaws.com/{path}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "TrentService.ListKeys")
            .body(Bytes::from("{}"))
            .unwrap();
        let response = client.send("kms", request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{method} /{path}");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let unknown = answer["__type"] == "UnknownOperationException";
        assert_eq!(unknown, status == 404, "{answer}");
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_the_right_external_id_only() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    for (form, expected) in [
        (format!("Action=AssumeRole&{ROLE}"), 403),
        (format!("Action=AssumeRole&{ROLE}&ExternalId=wrong"), 403),
        (
            format!("Action=AssumeRole&{ROLE}&ExternalId=ownkey-sandbox&DurationSeconds=899"),
            400,
        ),
        (
            format!("Action=AssumeRole&{ROLE}&ExternalId=ownkey-sandbox"),
            200,
        ),
    ] {
        let (status, xml) = client.query("sts", &form).await.unwrap();
        assert_eq!(status, expected, "{form}: {xml}");
        if status == 200 {
            let session = client.with_session(&xml);
            let (_, xml) = session
                .query("sts", "Action=GetCallerIdentity")
                .await
                .unwrap();
            assert_eq!(
                element(&xml, "Arn"),
                "arn:aws:sts::222222222222:assumed-role/OwnKeyAdministrator/ada"
            );
            sandbox.advance(Duration::from_secs(3_601));
            let (status, answer) = session.kms("ListKeys", "{}").await.unwrap();
            assert_eq!(
                (status, &answer["__type"]),
                (400, &"ExpiredTokenException".into())
            );
        } else if status == 403 {
            assert_eq!(
                element(&xml, "Message"),
                "User: arn:aws:iam::111111111111:user/test is not authorized to perform: \
                 sts:AssumeRole on resource: arn:aws:iam::222222222222:role/OwnKeyAdministrator"
            );
        }
    }
}

#[tokio::test]
async fn mfa_opens_what_only_mfa_opens() {
    let sandbox = company();
    let priya = Client::new(&sandbox, "AKIASANDBOXMFAUSER00");
    let role =
        "Action=AssumeRole&RoleArn=arn:aws:iam::111111111111:role/BreakGlass&RoleSessionName=now";
    let serial = "SerialNumber=arn:aws:iam::111111111111:mfa/priya.nair";
    assert_eq!(priya.query("sts", role).await.unwrap().0, 403);
    let wrong = format!("Action=GetSessionToken&{serial}&TokenCode=123456");
    let (status, xml) = priya.query("sts", &wrong).await.unwrap();
    assert_eq!(status, 403);
    assert_eq!(
        element(&xml, "Message"),
        "MultiFactorAuthentication failed with invalid MFA one time pass code."
    );
    let code = mfa_code(OffsetDateTime::now_utc());
    let right = format!("Action=GetSessionToken&{serial}&TokenCode={code}");
    let (status, xml) = priya.query("sts", &right).await.unwrap();
    assert_eq!(status, 200, "{xml}");
    assert_eq!(
        priya.with_session(&xml).query("sts", role).await.unwrap().0,
        200
    );
    // A code is good once; its successor is good already.
    let (status, xml) = priya.query("sts", &right).await.unwrap();
    assert_eq!(
        (status, element(&xml, "Message").as_str()),
        (
            403,
            "MultiFactorAuthentication failed with invalid MFA one time pass code."
        )
    );
    let next = mfa_code(OffsetDateTime::now_utc() + time::Duration::seconds(30));
    let directly = format!("{role}&{serial}&TokenCode={next}");
    assert_eq!(priya.query("sts", &directly).await.unwrap().0, 200);
    assert_eq!(priya.query("sts", &directly).await.unwrap().0, 403);
}

#[tokio::test]
async fn the_auditor_looks_but_not_at_policies_and_not_in_frankfurt() {
    let sandbox = company();
    let mut auditor = Client::new(&sandbox, "AKIASANDBOXAUDITOR00");
    let (status, answer) = auditor.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(status, 200);
    let input = serde_json::json!({"KeyId": answer["Keys"][0]["KeyId"]}).to_string();
    assert_eq!(auditor.kms("DescribeKey", &input).await.unwrap().0, 200);
    let (status, answer) = auditor.kms("GetKeyPolicy", &input).await.unwrap();
    assert_eq!(
        (status, &answer["__type"]),
        (400, &"AccessDeniedException".into())
    );
    auditor.region = "eu-central-1";
    let (status, answer) = auditor.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(
        (status, &answer["__type"]),
        (400, &"AccessDeniedException".into())
    );
    let (status, xml) = auditor
        .query("ec2", "Action=DescribeRegions")
        .await
        .unwrap();
    assert_eq!(
        (status, element(&xml, "Code").as_str()),
        (403, "UnauthorizedOperation")
    );
}

#[tokio::test]
async fn each_service_refuses_bad_credentials_in_its_own_words() {
    let sandbox = company();
    for (service, wrong_secret, unknown_key) in [
        (
            "sts",
            (403, "SignatureDoesNotMatch"),
            (403, "InvalidClientTokenId"),
        ),
        (
            "iam",
            (403, "SignatureDoesNotMatch"),
            (403, "InvalidClientTokenId"),
        ),
        ("ec2", (403, "SignatureDoesNotMatch"), (401, "AuthFailure")),
    ] {
        let wrong = Client {
            secret: "guess".into(),
            ..Client::new(&sandbox, "test")
        };
        let unknown = Client::new(&sandbox, "AKIANOBODY0000000000");
        for (client, expected) in [(wrong, wrong_secret), (unknown, unknown_key)] {
            let (status, xml) = client
                .query(service, "Action=DescribeRegions")
                .await
                .unwrap();
            assert_eq!(
                (status, element(&xml, "Code").as_str()),
                expected,
                "{service}"
            );
        }
    }
    let wrong = Client {
        secret: "guess".into(),
        ..Client::new(&sandbox, "123456789012")
    };
    let (_, answer) = wrong.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(answer["__type"], "InvalidSignatureException");
    let unknown = Client::new(&sandbox, "AKIANOBODY0000000000");
    let (_, answer) = unknown.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(answer["__type"], "UnrecognizedClientException");
    let nowhere = Client {
        region: "eu-central-9",
        ..Client::new(&sandbox, "test")
    };
    let (_, answer) = nowhere.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(answer["__type"], "InvalidSignatureException");
}

#[tokio::test]
async fn lists_are_paged_without_doubles() {
    let client = Client::new(&company(), "test");
    for (action, expected) in [("ListUsers", 12), ("ListRoles", 12), ("ListGroups", 4)] {
        let mut names = Vec::new();
        let mut marker = String::new();
        loop {
            let form = format!("Action={action}&MaxItems=2{marker}");
            let (status, xml) = client.query("iam", &form).await.unwrap();
            assert_eq!(status, 200, "{xml}");
            names.extend(
                xml.split("<Arn>")
                    .skip(1)
                    .map(|rest| rest.split('<').next().unwrap().to_owned()),
            );
            if element(&xml, "IsTruncated") == "false" {
                break;
            }
            marker = format!("&Marker={}", element(&xml, "Marker"));
        }
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        assert!(names.len() >= expected, "{names:?}");
    }
    let prefixed = "Action=ListRoles&PathPrefix=/aws-service-role/";
    let (_, xml) = client.query("iam", prefixed).await.unwrap();
    assert_eq!(xml.matches("<RoleName>AWSServiceRoleFor").count(), 2);
    assert_eq!(xml.matches("<RoleName>").count(), 2);
    for wrong in ["Marker=!", "MaxItems=0", "MaxItems=1001", "PathPrefix=x"] {
        let (status, xml) = client
            .query("iam", &format!("Action=ListUsers&{wrong}"))
            .await
            .unwrap();
        assert_eq!(
            (status, element(&xml, "Code").as_str()),
            (400, "ValidationError"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_role_that_a_client_makes_can_be_assumed_and_changed() {
    let sandbox = company();
    let owner = Client::new(&sandbox, "333333333333");
    let guest = Client::new(&sandbox, "test");
    let ask = async |client: &Client, service, form: String| {
        let (status, xml) = client.query(service, &form).await.unwrap();
        (
            status,
            if status == 200 {
                xml
            } else {
                element(&xml, "Code")
            },
        )
    };
    let trust = |id: &str| {
        percent_encode(
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111111111111:user/test"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":"{id}"}}}}}}]}}"#
            )
            .as_bytes(),
        )
    };
    let create = format!(
        "Action=CreateRole&RoleName=Guest&AssumeRolePolicyDocument={}&Tags.member.1.Key=a&Tags.member.1.Value=b",
        trust("one")
    );
    assert_eq!(ask(&owner, "iam", create.clone()).await.0, 200);
    assert_eq!(
        ask(&owner, "iam", create).await,
        (409, "EntityAlreadyExists".into())
    );
    let assume = "Action=AssumeRole&RoleArn=arn:aws:iam::333333333333:role/Guest&RoleSessionName=me&ExternalId=one";
    let (status, xml) = ask(&guest, "sts", assume.into()).await;
    assert_eq!(status, 200);
    let session = guest.with_session(&xml);
    assert_eq!(session.kms("ListKeys", "{}").await.unwrap().0, 400);
    let allow = percent_encode(
        br#"{"Statement":[{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}]}"#,
    );
    let put = format!("Action=PutRolePolicy&RoleName=Guest&PolicyName=p&PolicyDocument={allow}");
    assert_eq!(ask(&owner, "iam", put).await.0, 200);
    assert_eq!(session.kms("ListKeys", "{}").await.unwrap().0, 200);
    let update = format!(
        "Action=UpdateAssumeRolePolicy&RoleName=Guest&PolicyDocument={}",
        trust("two")
    );
    assert_eq!(ask(&owner, "iam", update).await.0, 200);
    assert_eq!(
        ask(&guest, "sts", assume.into()).await,
        (403, "AccessDenied".into())
    );
    let delete = "Action=DeleteRole&RoleName=Guest";
    assert_eq!(
        ask(&owner, "iam", delete.into()).await,
        (409, "DeleteConflict".into())
    );
    let unput = "Action=DeleteRolePolicy&RoleName=Guest&PolicyName=p";
    assert_eq!(ask(&owner, "iam", unput.into()).await.0, 200);
    assert_eq!(ask(&owner, "iam", delete.into()).await.0, 200);
    let (_, answer) = session.kms("ListKeys", "{}").await.unwrap();
    assert_eq!(answer["__type"], "UnrecognizedClientException");
    let nobody = trust("one").replace("user%2Ftest", "user%2Fnobody");
    let create = format!("Action=CreateRole&RoleName=G&AssumeRolePolicyDocument={nobody}");
    assert_eq!(
        ask(&owner, "iam", create).await,
        (400, "MalformedPolicyDocument".into())
    );
}

#[tokio::test]
async fn the_companys_own_policies_can_be_put_again_but_for_the_one_that_names_a_deleted_user() {
    let sandbox = company();
    let mut refused = Vec::new();
    for (account, regions) in [
        (
            "111111111111",
            &["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"][..],
        ),
        ("222222222222", &["eu-central-1", "us-east-1", "eu-west-1"]),
    ] {
        for region in regions {
            let client = Client {
                region,
                ..Client::new(&sandbox, account)
            };
            let (_, keys) = client.kms("ListKeys", "{}").await.unwrap();
            for key in keys["Keys"].as_array().unwrap() {
                let id = serde_json::json!({"KeyId": key["KeyId"]}).to_string();
                let (_, policy) = client.kms("GetKeyPolicy", &id).await.unwrap();
                let put = serde_json::json!({"KeyId": key["KeyId"], "Policy": policy["Policy"]});
                let (status, answer) = client.kms("PutKeyPolicy", &put.to_string()).await.unwrap();
                if status != 200 && answer["__type"] != "AccessDeniedException" {
                    assert_eq!(answer["__type"], "MalformedPolicyDocumentException");
                    refused.push(policy["Policy"].to_string());
                }
            }
        }
    }
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("AIDACKCEVSQ6C2EXAMPLE"));
}

#[tokio::test]
async fn faults_end_connections_before_or_after_the_work() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    sandbox.inject(Fault::nth("kms", "ListKeys", 1, FaultKind::Close));
    sandbox.inject(Fault::nth("kms", "ListKeys", 2, FaultKind::DropAnswer));
    sandbox.inject(Fault::nth("kms", "ListKeys", 3, FaultKind::InternalError));
    assert_eq!(client.kms("ListKeys", "{}").await, Err(Dropped));
    assert_eq!(client.kms("ListKeys", "{}").await, Err(Dropped));
    assert_eq!(client.kms("ListKeys", "{}").await.unwrap().0, 500);
    assert_eq!(client.kms("ListKeys", "{}").await.unwrap().0, 200);
    let outcomes: Vec<_> = sandbox
        .calls()
        .into_iter()
        .map(|call| call.outcome)
        .collect();
    assert_eq!(
        outcomes,
        ["closed", "dropped", "KMSInternalException", "ok"]
    );
    sandbox.reset();
    assert!(sandbox.calls().is_empty());
}

#[tokio::test]
async fn quotas_throttle_only_when_asked_for() {
    for (quotas, expected) in [(false, 0), (true, 7)] {
        let options = Options {
            quotas,
            seed: Seed::Empty,
            ..Options::default()
        };
        let client = Client::new(&Sandbox::new(options), "test");
        let mut refused = 0;
        for _ in 0..12 {
            let (_, answer) = client.kms("CreateAlias", "{}").await.unwrap();
            refused += usize::from(answer["__type"] == "ThrottlingException");
        }
        // One more may have been earned back meanwhile on a slow machine.
        assert!(
            (expected - usize::from(quotas)..=expected).contains(&refused),
            "{refused}"
        );
    }
}
