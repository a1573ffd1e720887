//! Organizations over the whole way: signed requests, and what they let members do.

mod closing;
mod invitations;
mod resource_controls;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::encoding::percent_encode;
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

    /// A new user of the account with a policy of these statements.
    async fn as_user(&self, name: &str, statements: &Value) -> Self {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let policy = percent_encode(policy.as_bytes());
        self.iam(&format!("CreateUser&UserName={name}")).await;
        let put = format!("PutUserPolicy&UserName={name}&PolicyName=p&PolicyDocument={policy}");
        self.iam(&put).await;
        let made = self.iam(&format!("CreateAccessKey&UserName={name}")).await;
        Self {
            sandbox: self.sandbox.clone(),
            key_id: element(&made, "AccessKeyId"),
            secret: element(&made, "SecretAccessKey"),
            token: None,
        }
    }

    async fn iam(&self, action: &str) -> String {
        let request = Request::post("https://iam.amazonaws.com/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("Version=2010-05-08&Action={action}")))
            .unwrap();
        let (status, body) = self.send("iam", request).await;
        let xml = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(status, 200, "{xml}");
        xml
    }

    /// With the role through which the management account comes in.
    async fn inside(&self, account: &str) -> Self {
        let (status, xml) = self.assume_role_in(account).await;
        assert_eq!(status, 200, "{xml}");
        let element = |name: &str| element(&xml, name);
        Self {
            sandbox: self.sandbox.clone(),
            key_id: element("AccessKeyId"),
            secret: element("SecretAccessKey"),
            token: Some(element("SessionToken")),
        }
    }

    async fn assume_role_in(&self, account: &str) -> (u16, String) {
        let form = format!(
            "Version=2011-06-15&Action=AssumeRole&RoleSessionName=admin&RoleArn=arn:aws:iam::\
             {account}:role/OrganizationAccountAccessRole"
        );
        let request = Request::post("https://sts.amazonaws.com/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        let (status, body) = self.send("sts", request).await;
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> String {
    let after = xml.split_once(&format!("<{name}>")).unwrap().1;
    after.split_once('<').unwrap().0.to_owned()
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

#[tokio::test]
async fn what_is_asked_of_an_organization_can_be_narrowed_by_its_words_and_tags() {
    let client = Client::new(Seed::Empty);
    let made = client.ask("CreateOrganization", json!({})).await.unwrap();
    let organization = &made["Organization"]["Id"];
    let account = client.make_account("payments@example.com").await;
    let tag = json!({ "ResourceId": account, "Tags": [{ "Key": "team", "Value": "blue" }] });
    client.ask("TagResource", tag).await.unwrap();
    let content =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    let policy = |name: &str, content: &str| json!({ "Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content });
    let made = client.ask("CreatePolicy", policy("NoS3", content)).await;
    let id = made.unwrap()["Policy"]["PolicySummary"]["Id"].clone();
    let old = content.replace("2012-10-17", "2008-10-17");
    client
        .is_refused(
            "CreatePolicy",
            policy("Old", &old),
            "MalformedPolicyDocumentException",
        )
        .await;
    let target = format!("arn:aws:organizations::000000000000:account/{organization}/{account}");
    let statements = json!([
        { "Effect": "Allow", "Action": "organizations:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "organizations:AttachPolicy", "Resource": target.replace('"', "") },
        { "Effect": "Deny", "Action": "organizations:ListPolicies", "Resource": "*",
          "Condition": { "StringEquals": { "organizations:PolicyType": "TAG_POLICY" } } },
        { "Effect": "Deny", "Action": "organizations:DescribeAccount", "Resource": "*",
          "Condition": { "StringEquals": { "aws:ResourceTag/team": "blue" } } },
        { "Effect": "Deny", "Action": "organizations:TagResource", "Resource": "*",
          "Condition": { "ForAnyValue:StringEquals": { "aws:TagKeys": "secret" } } },
    ]);
    let narrow = client.as_user("narrow", &statements).await;
    let denied = "AccessDeniedException";
    let attach = |to: &str| json!({ "PolicyId": id, "TargetId": to });
    narrow
        .is_refused("AttachPolicy", attach(&account), denied)
        .await;
    narrow
        .ask("AttachPolicy", attach("000000000000"))
        .await
        .unwrap();
    let filter = |kind: &str| json!({ "Filter": kind });
    narrow
        .is_refused("ListPolicies", filter("TAG_POLICY"), denied)
        .await;
    narrow
        .ask("ListPolicies", filter("SERVICE_CONTROL_POLICY"))
        .await
        .unwrap();
    narrow
        .is_refused("DescribeAccount", json!({ "AccountId": account }), denied)
        .await;
    let mut input = json!({ "AccountName": "x", "Email": "x@example.com" });
    narrow.ask("CreateAccount", input.clone()).await.unwrap();
    input["Tags"] = json!([{ "Key": "secret", "Value": "" }]);
    narrow.is_refused("CreateAccount", input, denied).await;
}

#[tokio::test]
async fn pages_of_policies_show_each_once_and_what_is_made_is_bounded() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = roots["Roots"][0]["Id"].clone();
    let content = |length: usize| {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
        format!("{text:length$}")
    };
    let policy = |name: String, length: usize| json!({ "Name": name, "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content(length) });
    let too_long = "ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED";
    let input = policy("long".to_owned(), 10_241);
    client.is_refused("CreatePolicy", input, too_long).await;
    for turn in 0..10 {
        let input = policy(turn.to_string(), 10_240);
        let made = client.ask("CreatePolicy", input).await.unwrap();
        let id = &made["Policy"]["PolicySummary"]["Id"];
        let attach = json!({ "PolicyId": id, "TargetId": root });
        match turn {
            9 => {
                let most = "ConstraintViolationException MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
                client.is_refused("AttachPolicy", attach, most).await;
            }
            _ => drop(client.ask("AttachPolicy", attach).await.unwrap()),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut input = json!({ "Filter": "SERVICE_CONTROL_POLICY", "MaxResults": 1 });
    loop {
        let page = client.ask("ListPolicies", input.clone()).await.unwrap();
        assert!(seen.insert(page["Policies"][0]["Id"].to_string()));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 11);
    let unknown = json!({ "PolicyId": "p-12345678", "Name": "0" });
    client
        .is_refused("UpdatePolicy", unknown, "PolicyNotFoundException")
        .await;
    let email = json!({ "AccountName": "x", "Email": "mül@example.com" });
    let asked = client.ask("CreateAccount", email).await.unwrap();
    let asked = json!({ "CreateAccountRequestId": asked["CreateAccountStatus"]["Id"] });
    let found = client
        .ask("DescribeCreateAccountStatus", asked)
        .await
        .unwrap();
    assert_eq!(
        found["CreateAccountStatus"]["FailureReason"],
        "INVALID_EMAIL"
    );
    // Units without accounts do not keep it.
    let unit = json!({ "ParentId": root, "Name": "empty" });
    client.ask("CreateOrganizationalUnit", unit).await.unwrap();
    client.ask("DeleteOrganization", json!({})).await.unwrap();
}
