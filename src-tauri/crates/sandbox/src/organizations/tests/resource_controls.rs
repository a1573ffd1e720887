//! Resource control policies: what they protect, and from whom.

use super::*;

const DENIED: &str = "with an explicit deny in a resource control policy";

impl Client {
    async fn kms(&self, operation: &str, input: Value) -> Result<Value, String> {
        let target = format!("TrentService.{operation}");
        self.json("kms", &target, &input).await
    }

    /// The administrator of an account that is in no organization.
    fn outsider(&self) -> Self {
        Self {
            key_id: "333333333333".to_owned(),
            ..self.clone()
        }
    }

    /// Makes a resource control policy of these statements.
    async fn protect(&self, name: &str, statements: &Value) -> Result<Value, String> {
        let content = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let input = json!({
            "Name": name, "Description": "", "Type": "RESOURCE_CONTROL_POLICY", "Content": content,
        });
        let made = self.ask("CreatePolicy", input).await?;
        Ok(made["Policy"]["PolicySummary"]["Id"].clone())
    }
}

/// A key whose policy lets everybody use it.
fn for_everybody() -> Value {
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*",
    }});
    json!({ "Policy": policy.to_string() })
}

#[tokio::test]
async fn a_perimeter_around_keys_and_roles_holds_against_whatever_their_policies_say() {
    let client = Client::new(Seed::Empty);
    let made = client.ask("CreateOrganization", json!({})).await.unwrap();
    let organization = &made["Organization"]["Id"];
    let account = client.make_account("keys@example.com").await;
    let inside = client.inside(&account).await;
    let outsider = client.outsider();
    let key = for_everybody();
    let made = inside.kms("CreateKey", key.clone()).await.unwrap();
    let of_member = json!({ "KeyId": made["KeyMetadata"]["Arn"] });
    let made = client.kms("CreateKey", key).await.unwrap();
    let of_management = json!({ "KeyId": made["KeyMetadata"]["Arn"] });
    outsider
        .kms("DescribeKey", of_member.clone())
        .await
        .unwrap();

    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = roots["Roots"][0]["Id"].clone();
    let kind = json!({ "RootId": root, "PolicyType": "RESOURCE_CONTROL_POLICY" });
    let enabled = client.ask("EnablePolicyType", kind.clone()).await.unwrap();
    assert_eq!(enabled["Root"]["PolicyTypes"].as_array().unwrap().len(), 2);
    outsider
        .kms("DescribeKey", of_member.clone())
        .await
        .unwrap();
    let perimeter = json!({
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": { "StringNotEqualsIfExists": { "aws:PrincipalOrgID": organization } },
    });
    let perimeter = client.protect("Perimeter", &perimeter).await.unwrap();
    let attach = json!({ "PolicyId": perimeter, "TargetId": root });
    client.ask("AttachPolicy", attach).await.unwrap();
    let refused = outsider.kms("DescribeKey", of_member.clone()).await;
    let refused = refused.unwrap_err();
    assert!(refused.ends_with(DENIED), "{refused}");
    for (who, what) in [
        (&inside, &of_member),
        (&client, &of_member),
        (&outsider, &of_management),
    ] {
        who.kms("DescribeKey", what.clone()).await.unwrap();
    }
    // What is asked of no resource is not theirs to refuse, and neither are keys that AWS manages.
    let all = json!({ "Effect": "Deny", "Principal": "*", "Action": ["kms:*", "sts:*"], "Resource": "*" });
    let all = client.protect("Nobody", &all).await.unwrap();
    let attach = json!({ "PolicyId": all, "TargetId": account });
    client.ask("AttachPolicy", attach.clone()).await.unwrap();
    inside.list_keys().await.unwrap();
    let of_aws = json!({ "KeyId": "alias/aws/s3" });
    inside.kms("DescribeKey", of_aws).await.unwrap();
    let refused = inside.kms("DescribeKey", of_member.clone()).await;
    assert!(refused.unwrap_err().ends_with(DENIED));
    assert_eq!(client.assume_role_in(&account).await.0, 403);
    let resumed = Sandbox::resume(Options::default(), &client.sandbox.state()).unwrap();
    let again = Client {
        sandbox: resumed,
        ..inside.clone()
    };
    assert!(again.kms("DescribeKey", of_member.clone()).await.is_err());
    client.ask("DetachPolicy", attach).await.unwrap();
    inside.kms("DescribeKey", of_member.clone()).await.unwrap();
    client.ask("DisablePolicyType", kind).await.unwrap();
    outsider.kms("DescribeKey", of_member).await.unwrap();
}

#[tokio::test]
async fn a_public_bucket_is_closed_to_who_signs_nothing() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let account = client.make_account("web@example.com").await;
    let inside = client.inside(&account).await;
    let request = |method: &str, path: &str, body: String| {
        let uri = format!("https://s3.us-east-1.amazonaws.com/site{path}");
        let request = Request::builder().method(method).uri(uri);
        request.body(Bytes::from(body)).unwrap()
    };
    let everybody = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::site/*",
    }});
    for (method, path, body) in [
        ("PUT", "", String::new()),
        ("DELETE", "?publicAccessBlock", String::new()),
        ("PUT", "?policy", everybody.to_string()),
        ("PUT", "/a", "hello".to_owned()),
    ] {
        let (status, body) = inside.send("s3", request(method, path, body)).await;
        assert!(status < 300, "{method} {path}: {body:?}");
    }
    let unsigned = async || {
        let answer = client
            .sandbox
            .handle(request("GET", "/a", String::new()))
            .await;
        answer.unwrap().status().as_u16()
    };
    assert_eq!(unsigned().await, 200);
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let kind =
        json!({ "RootId": roots["Roots"][0]["Id"], "PolicyType": "RESOURCE_CONTROL_POLICY" });
    client.ask("EnablePolicyType", kind).await.unwrap();
    let strangers = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": { "Null": { "aws:PrincipalOrgID": "true" } },
    });
    let strangers = client.protect("Strangers", &strangers).await.unwrap();
    let attach = json!({ "PolicyId": strangers, "TargetId": account });
    client.ask("AttachPolicy", attach).await.unwrap();
    assert_eq!(unsigned().await, 403);
    let (status, _) = inside.send("s3", request("GET", "/a", String::new())).await;
    assert_eq!(status, 200);
    // Not even one that denies everything concerns the list of all buckets, which is asked of none.
    let all = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    let all = client.protect("Nobody", &all).await.unwrap();
    let attach = json!({ "PolicyId": all, "TargetId": account });
    client.ask("AttachPolicy", attach).await.unwrap();
    let (status, _) = inside.send("s3", request("GET", "/a", String::new())).await;
    assert_eq!(status, 403);
    let list = Request::get("https://s3.us-east-1.amazonaws.com/");
    let list = list.body(Bytes::new()).unwrap();
    assert_eq!(inside.send("s3", list).await.0, 200);
}

#[tokio::test]
async fn services_use_keys_only_for_the_organization() {
    let client = Client::new(Seed::Empty);
    let made = client.ask("CreateOrganization", json!({})).await.unwrap();
    let organization = &made["Organization"]["Id"];
    let account = client.make_account("keys@example.com").await;
    let inside = client.inside(&account).await;
    let outsider = client.outsider();
    let key = for_everybody();
    let key = inside.kms("CreateKey", key).await.unwrap();
    let key = &key["KeyMetadata"]["Arn"];
    let log = async |who: &Client, name: &str| {
        let input = json!({ "logGroupName": name, "kmsKeyId": key });
        let target = "Logs_20140328.CreateLogGroup";
        who.json("logs", target, &input).await.is_ok()
    };
    assert!(log(&outsider, "before").await && log(&inside, "before").await);

    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = &roots["Roots"][0]["Id"];
    let kind = json!({ "RootId": root, "PolicyType": "RESOURCE_CONTROL_POLICY" });
    client.ask("EnablePolicyType", kind).await.unwrap();
    let deputies = json!({
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": { "aws:SourceOrgID": organization },
            "Null": { "aws:SourceAccount": "false" },
            "Bool": { "aws:PrincipalIsAWSService": "true" },
        },
    });
    let deputies = client.protect("Deputies", &deputies).await.unwrap();
    let attach = json!({ "PolicyId": deputies, "TargetId": root });
    client.ask("AttachPolicy", attach).await.unwrap();
    assert!(!log(&outsider, "after").await);
    assert!(log(&inside, "after").await);
}

#[tokio::test]
async fn what_a_resource_control_policy_cannot_say_is_refused() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let statement = |member: &str, value: Value| {
        let mut all =
            json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
        all[member] = value;
        all
    };
    for (member, value) in [
        ("Effect", json!("Allow")),
        ("Principal", json!({ "AWS": "*" })),
        ("Action", json!("*")),
        ("Action", json!(["s3:*", "k*:Sign"])),
        ("Resource", json!([])),
    ] {
        let refused = client.protect("x", &statement(member, value)).await;
        let refused = refused.unwrap_err();
        assert!(refused.starts_with("MalformedPolicyDocument"), "{member}");
    }
    let policy = client.protect("x", &statement("Sid", json!("a"))).await;
    let policy = policy.unwrap();
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = roots["Roots"][0]["Id"].clone();
    let attach = |policy: &Value| json!({ "PolicyId": policy, "TargetId": root });
    let disabled = "PolicyTypeNotEnabledException";
    client
        .is_refused("AttachPolicy", attach(&policy), disabled)
        .await;
    let kind = json!({ "RootId": root, "PolicyType": "RESOURCE_CONTROL_POLICY" });
    client.ask("EnablePolicyType", kind).await.unwrap();
    client.ask("AttachPolicy", attach(&policy)).await.unwrap();
    let stays = "ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
    let full = json!("p-RCPFullAWSAccess");
    client
        .is_refused("DetachPolicy", attach(&full), stays)
        .await;
    let input = json!({ "TargetId": root, "Filter": "RESOURCE_CONTROL_POLICY" });
    let listed = client.ask("ListPoliciesForTarget", input).await.unwrap();
    let policies = listed["Policies"].as_array().unwrap();
    assert_eq!(policies.len(), 2);
    let arn = "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess";
    assert!(policies.iter().any(|one| one["Arn"] == arn), "{policies:?}");
}
