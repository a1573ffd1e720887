//! Organizations over the whole way: signed requests, and what they let members do.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::sigv4::testing::signed;
use crate::{Options, Sandbox, Seed};

/// Credentials that sign for any service that speaks JSON, and for STS.
#[derive(Clone)]
struct Client {
    sandbox: Sandbox,
    key_id: String,
    secret: String,
    token: Option<String>,
}

impl Client {
    fn new(seed: Seed) -> Self {
        let options = Options {
            seed,
            randomness: Some(7),
            ..Options::default()
        };
        Self {
            sandbox: Sandbox::new(options),
            key_id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }
    }

    async fn send(&self, service: &str, mut request: Request<Bytes>) -> (u16, Bytes) {
        if let Some(token) = &self.token {
            let headers = request.headers_mut();
            headers.insert("x-amz-security-token", token.parse().unwrap());
        }
        let now = OffsetDateTime::now_utc();
        let (key_id, secret) = (&self.key_id, &self.secret);
        let request = signed(request, key_id, secret, "us-east-1", service, now);
        let response = self.sandbox.handle(request).await.unwrap();
        (response.status().as_u16(), response.into_body())
    }

    async fn json(&self, service: &str, target: &str, input: &Value) -> Result<Value, String> {
        let request = Request::post(format!("https://{service}.us-east-1.amazonaws.com/"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let (status, body) = self.send(service, request).await;
        let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
        match status {
            200 => Ok(answer),
            _ => Err(format!(
                "{} {} {}",
                answer["__type"].as_str().unwrap_or_default(),
                answer["Reason"].as_str().unwrap_or_default(),
                answer["message"].as_str().unwrap_or_default()
            )),
        }
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, String> {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        self.json("organizations", &target, &input).await
    }

    async fn is_refused(&self, operation: &str, input: Value, code: &str) {
        let refused = self.ask(operation, input.clone()).await.unwrap_err();
        assert!(refused.starts_with(code), "{operation} {input}: {refused}");
    }

    async fn list_keys(&self) -> Result<Value, String> {
        let target = "TrentService.ListKeys";
        self.json("kms", target, &json!({})).await
    }

    async fn make_account(&self, email: &str) -> String {
        let input = json!({ "Email": email, "AccountName": "payments" });
        let asked_for = self.ask("CreateAccount", input).await.unwrap();
        let status = &asked_for["CreateAccountStatus"];
        assert_eq!(status["State"], "IN_PROGRESS");
        let input = json!({ "CreateAccountRequestId": status["Id"] });
        let found = self.ask("DescribeCreateAccountStatus", input).await;
        let status = found.unwrap()["CreateAccountStatus"].take();
        assert_eq!(status["State"], "SUCCEEDED");
        status["AccountId"].as_str().unwrap().to_owned()
    }

    /// With the role through which the management account comes in.
    async fn inside(&self, account: &str) -> Self {
        let form = format!(
            "Version=2011-06-15&Action=AssumeRole&RoleSessionName=admin&RoleArn=arn:aws:iam::\
             {account}:role/OrganizationAccountAccessRole"
        );
        let request = Request::post("https://sts.amazonaws.com/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        let (status, body) = self.send("sts", request).await;
        let xml = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(status, 200, "{xml}");
        let element = |name: &str| {
            let after = xml.split_once(&format!("<{name}>")).unwrap().1;
            after.split_once('<').unwrap().0.to_owned()
        };
        Self {
            sandbox: self.sandbox.clone(),
            key_id: element("AccessKeyId"),
            secret: element("SecretAccessKey"),
            token: Some(element("SessionToken")),
        }
    }
}

#[tokio::test]
async fn an_account_has_no_organization_before_it_makes_one() {
    let client = Client::new(Seed::Empty);
    let none = "AWSOrganizationsNotInUseException";
    client
        .is_refused("DescribeOrganization", json!({}), none)
        .await;
    client.is_refused("ListAccounts", json!({}), none).await;
    let made = client.ask("CreateOrganization", json!({})).await.unwrap();
    let made = &made["Organization"];
    assert_eq!(made["FeatureSet"], "ALL");
    assert_eq!(made["MasterAccountId"], "000000000000");
    let known = client.ask("DescribeOrganization", json!({})).await.unwrap();
    assert_eq!(&known["Organization"], made);
    let again = "AlreadyInOrganizationException";
    client
        .is_refused("CreateOrganization", json!({}), again)
        .await;
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    assert_eq!(roots["Roots"][0]["PolicyTypes"][0]["Status"], "ENABLED");
    client.ask("DeleteOrganization", json!({})).await.unwrap();
    client
        .is_refused("DescribeOrganization", json!({}), none)
        .await;
}

#[tokio::test]
async fn accounts_are_made_and_entered_and_listed_in_pages() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let account = client.make_account("payments@example.com").await;
    let input = json!({ "Email": "PAYMENTS@example.com", "AccountName": "again" });
    let twice = client.ask("CreateAccount", input).await.unwrap();
    let input = json!({ "CreateAccountRequestId": twice["CreateAccountStatus"]["Id"] });
    let twice = client
        .ask("DescribeCreateAccountStatus", input)
        .await
        .unwrap();
    let reason = &twice["CreateAccountStatus"]["FailureReason"];
    assert_eq!(reason, "EMAIL_ALREADY_EXISTS");
    for turn in 0..3 {
        client.make_account(&format!("{turn}@example.com")).await;
    }
    let mut ids = Vec::new();
    let mut input = json!({ "MaxResults": 2 });
    loop {
        let page = client.ask("ListAccounts", input.clone()).await.unwrap();
        let accounts = page["Accounts"].as_array().unwrap();
        assert!(accounts.len() <= 2);
        ids.extend(
            accounts
                .iter()
                .map(|one| one["Id"].as_str().unwrap().to_owned()),
        );
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted() && ids.contains(&account));
    let inside = client.inside(&account).await;
    inside.list_keys().await.unwrap();
    inside.ask("DescribeOrganization", json!({})).await.unwrap();
    inside
        .is_refused("ListAccounts", json!({}), "AccessDeniedException")
        .await;
    let state = client.sandbox.state();
    let resumed = Sandbox::resume(Options::default(), &state).unwrap();
    let resumed = Client {
        sandbox: resumed,
        ..client.clone()
    };
    let known = resumed.ask("ListAccounts", json!({})).await.unwrap();
    assert_eq!(known["Accounts"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn service_control_policies_bind_members_and_not_the_management_account() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let account = client.make_account("payments@example.com").await;
    let inside = client.inside(&account).await;
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = roots["Roots"][0]["Id"].clone();
    let unit = json!({ "ParentId": root, "Name": "Workloads" });
    let unit = client.ask("CreateOrganizationalUnit", unit).await.unwrap();
    let unit = unit["OrganizationalUnit"]["Id"].clone();
    let content = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:List*","Resource":"*"}}"#;
    let policy = json!({
        "Name": "NoLists", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content,
    });
    let policy = client.ask("CreatePolicy", policy).await.unwrap();
    let policy = policy["Policy"]["PolicySummary"]["Id"].clone();
    let attachment = json!({ "PolicyId": policy, "TargetId": unit });
    client
        .ask("AttachPolicy", attachment.clone())
        .await
        .unwrap();
    inside.list_keys().await.unwrap();
    let to = json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    client.ask("MoveAccount", to).await.unwrap();
    let refused = inside.list_keys().await.unwrap_err();
    let sentence = "with an explicit deny in a service control policy";
    assert!(refused.ends_with(sentence), "{refused}");
    client.list_keys().await.unwrap();
    let resumed = Sandbox::resume(Options::default(), &client.sandbox.state()).unwrap();
    let again = Client {
        sandbox: resumed,
        ..inside.clone()
    };
    assert!(again.list_keys().await.is_err());
    client.ask("DetachPolicy", attachment).await.unwrap();
    inside.list_keys().await.unwrap();
    let everything = json!({ "PolicyId": "p-FullAWSAccess", "TargetId": account });
    let last = "ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
    client
        .is_refused("DetachPolicy", everything.clone(), last)
        .await;
    let instead = json!({ "PolicyId": policy, "TargetId": account });
    let nothing_else =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let update = json!({ "PolicyId": policy, "Content": nothing_else });
    client.ask("UpdatePolicy", update).await.unwrap();
    client.ask("AttachPolicy", instead).await.unwrap();
    client.ask("DetachPolicy", everything).await.unwrap();
    let refused = inside.list_keys().await.unwrap_err();
    let sentence = "because no service control policy allows the kms:ListKeys action";
    assert!(refused.ends_with(sentence), "{refused}");
    let kind = json!({ "RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY" });
    client.ask("DisablePolicyType", kind).await.unwrap();
    inside.list_keys().await.unwrap();
}

#[tokio::test]
async fn units_policies_tags_and_what_does_not_fit() {
    let client = Client::new(Seed::Company);
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = roots["Roots"][0]["Id"].clone();
    let accounts = client
        .ask("ListAccountsForParent", json!({ "ParentId": root }))
        .await;
    assert_eq!(accounts.unwrap()["Accounts"].as_array().unwrap().len(), 2);
    let unit = json!({ "ParentId": root, "Name": "Security" });
    let made = client
        .ask("CreateOrganizationalUnit", unit.clone())
        .await
        .unwrap();
    let id = made["OrganizationalUnit"]["Id"].clone();
    let duplicate = "DuplicateOrganizationalUnitException";
    client
        .is_refused("CreateOrganizationalUnit", unit, duplicate)
        .await;
    let parents = client
        .ask("ListParents", json!({ "ChildId": id }))
        .await
        .unwrap();
    assert_eq!(parents["Parents"][0], json!({ "Id": root, "Type": "ROOT" }));
    let children = json!({ "ParentId": root, "ChildType": "ORGANIZATIONAL_UNIT" });
    let children = client.ask("ListChildren", children).await.unwrap();
    assert_eq!(children["Children"][0]["Id"], id);
    let tags = json!({ "ResourceId": id, "Tags": [{ "Key": "team", "Value": "blue" }] });
    client.ask("TagResource", tags).await.unwrap();
    let listed = client
        .ask("ListTagsForResource", json!({ "ResourceId": id }))
        .await
        .unwrap();
    assert_eq!(listed["Tags"][0]["Value"], "blue");
    let policies = json!({ "Filter": "SERVICE_CONTROL_POLICY" });
    let policies = client.ask("ListPolicies", policies).await.unwrap();
    assert_eq!(policies["Policies"][0]["AwsManaged"], true);
    let targets = json!({ "PolicyId": "p-FullAWSAccess" });
    let targets = client.ask("ListTargetsForPolicy", targets).await.unwrap();
    assert_eq!(targets["Targets"].as_array().unwrap().len(), 4);
    client
        .ask(
            "DeleteOrganizationalUnit",
            json!({ "OrganizationalUnitId": id }),
        )
        .await
        .unwrap();
    for (operation, input, code) in [
        (
            "ListAccounts",
            json!({ "MaxResults": 21 }),
            "InvalidInputException MAX_VALUE_EXCEEDED",
        ),
        (
            "ListAccounts",
            json!({ "NextToken": "%" }),
            "InvalidInputException INVALID_NEXT_TOKEN",
        ),
        (
            "DescribeAccount",
            json!({ "AccountId": "1" }),
            "InvalidInputException INVALID_PATTERN",
        ),
        (
            "DescribeAccount",
            json!({ "AccountId": "333333333333" }),
            "AccountNotFoundException",
        ),
        (
            "CreateAccount",
            json!({ "AccountName": "x" }),
            "InvalidInputException INPUT_REQUIRED",
        ),
        (
            "DescribePolicy",
            json!({ "PolicyId": "p-12345678" }),
            "PolicyNotFoundException",
        ),
        (
            "DeletePolicy",
            json!({ "PolicyId": "p-FullAWSAccess" }),
            "InvalidInputException IMMUTABLE_POLICY",
        ),
        (
            "DeleteOrganization",
            json!({}),
            "OrganizationNotEmptyException",
        ),
        (
            "LeaveOrganization",
            json!({}),
            "MasterCannotLeaveOrganizationException",
        ),
        ("Nonsense", json!({}), "UnknownOperationException"),
    ] {
        client.is_refused(operation, input, code).await;
    }
}
