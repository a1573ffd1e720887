//! `SimulatePrincipalPolicy` says what would happen, and does nothing.

use super::identities::{done, empty, user};
use super::*;

const ACTION: &str = "Action=SimulatePrincipalPolicy&PolicySourceArn=";

/// Decision by action, in order.
fn decisions(xml: &str) -> Vec<(String, String)> {
    xml.split("<EvalActionName>")
        .skip(1)
        .map(|result| {
            let action = result.split('<').next().unwrap().to_owned();
            (action, element(result, "EvalDecision"))
        })
        .collect()
}

#[tokio::test]
async fn the_decisions_are_those_of_the_evaluation() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    let auditor = "arn:aws:iam::111111111111:user/auditor";
    let actions = "ActionNames.member.1=kms:ListKeys&ActionNames.member.2=kms:GetKeyPolicy&ActionNames.member.3=kms:CreateKey";
    let form = format!("{ACTION}{auditor}&{actions}");
    let (status, xml) = client.query("iam", &form).await.unwrap();
    assert_eq!(status, 200, "{xml}");
    let expected = [
        ("kms:ListKeys", "allowed"),
        ("kms:GetKeyPolicy", "explicitDeny"),
        ("kms:CreateKey", "implicitDeny"),
    ]
    .map(|(action, decision)| (action.to_owned(), decision.to_owned()));
    assert_eq!(decisions(&xml), expected);
    assert!(xml.contains("<MissingContextValues><member>aws:RequestedRegion</member>"));

    let frankfurt = "ContextEntries.member.1.ContextKeyName=aws:RequestedRegion&ContextEntries.member.1.ContextKeyValues.member.1=eu-central-1&ContextEntries.member.1.ContextKeyType=string";
    let (_, xml) = client
        .query("iam", &format!("{form}&{frankfurt}"))
        .await
        .unwrap();
    assert!(
        decisions(&xml)
            .iter()
            .all(|(_, decision)| decision == "explicitDeny")
    );

    let (_, xml) = client
        .query("iam", &format!("{form}&MaxItems=2"))
        .await
        .unwrap();
    assert_eq!(decisions(&xml), expected[..2]);
    let next = format!("{form}&MaxItems=2&Marker={}", element(&xml, "Marker"));
    let (_, xml) = client.query("iam", &next).await.unwrap();
    assert_eq!(decisions(&xml), expected[2..]);
    assert_eq!(element(&xml, "IsTruncated"), "false");
}

#[tokio::test]
async fn roles_groups_and_resources_are_told_apart() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    let role = "arn:aws:iam::111111111111:role/service-role/payments-api";
    let resources = "ResourceArns.member.1=arn:aws:kms:eu-west-1:111111111111:key/x&ResourceArns.member.2=arn:aws:kms:eu-west-1:111111111111:alias/x";
    let form = format!("{ACTION}{role}&ActionNames.member.1=kms:Decrypt&{resources}");
    let (_, xml) = client.query("iam", &form).await.unwrap();
    let strictest = ("kms:Decrypt".to_owned(), "implicitDeny".to_owned());
    assert_eq!(decisions(&xml), [strictest]);
    let found: Vec<_> = xml
        .split("<EvalResourceDecision>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert_eq!(found, ["allowed", "implicitDeny"]);
    let template = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}";
    assert_eq!(element(&xml, "EvalResourceName"), template);
    let (together, specific) = xml.split_once("<ResourceSpecificResults>").unwrap();
    assert!(together.contains("<MatchedStatements></MatchedStatements>"));
    assert!(specific.contains("<SourcePolicyType>role</SourcePolicyType>"));
    let group = "arn:aws:iam::111111111111:group/Auditors";
    let form = format!("{ACTION}{group}&ActionNames.member.1=kms:ListKeys");
    let (_, xml) = client.query("iam", &form).await.unwrap();
    assert_eq!(element(&xml, "EvalDecision"), "implicitDeny");

    for (who, source, code) in [
        (
            "test",
            "arn:aws:iam::111111111111:user/nobody",
            "NoSuchEntity",
        ),
        (
            "test",
            "arn:aws:iam::222222222222:role/DataEngineer",
            "InvalidInput",
        ),
        (
            "test",
            "arn:aws:sts::111111111111:assumed-role/BreakGlass/me",
            "InvalidInput",
        ),
        (
            "AKIASANDBOXAUDITOR00",
            "arn:aws:iam::111111111111:user/auditor",
            "AccessDenied",
        ),
    ] {
        let form = format!("{ACTION}{source}&ActionNames.member.1=kms:ListKeys");
        let (_, xml) = Client::new(&sandbox, who)
            .query("iam", &form)
            .await
            .unwrap();
        assert_eq!(element(&xml, "Code"), code, "{source}");
    }
}

#[tokio::test]
async fn custom_policies_are_simulated_with_boundaries_organizations_and_resource_policies() {
    let sandbox = company();
    let client = Client::new(&sandbox, "test");
    let policy = |effect: &str, action: &str, principal: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{principal}"Action":"{action}","Resource":"*"}}]}}"#
        );
        percent_encode(text.as_bytes())
    };
    let anna = r#""Principal":{"AWS":"arn:aws:iam::111111111111:user/anna.berger"},"#;
    let everything = format!("PolicyInputList.member.1={}", policy("Allow", "*", ""));
    let nothing = format!("PolicyInputList.member.1={}", policy("Allow", "s3:*", ""));
    let denied = format!(
        "{everything}&PolicyInputList.member.2={}",
        policy("Deny", "kms:*", "")
    );
    let boundary = format!(
        "{everything}&PermissionsBoundaryPolicyInputList.member.1={}",
        policy("Allow", "s3:*", "")
    );
    let organization = format!(
        "{everything}&OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList.member.1={}",
        policy("Allow", "s3:*", "")
    );
    let resource = format!(
        "ResourcePolicy={}&CallerArn=arn:aws:iam::111111111111:user/anna.berger",
        policy("Allow", "kms:*", anna)
    );
    let as_role = "CallerArn=arn:aws:iam::111111111111:role/BreakGlass";
    let rule = format!("ResourcePolicy={}", policy("Allow", "kms:*", anna));
    let key =
        |account: &str| format!("ResourceArns.member.1=arn:aws:kms:eu-west-1:{account}:key/x");
    let (own, other) = (key("111111111111"), key("222222222222"));
    for (form, decision, part) in [
        (
            everything.clone(),
            "allowed",
            "<SourcePolicyId>PolicyInputList.1</SourcePolicyId>",
        ),
        (
            nothing.clone(),
            "implicitDeny",
            "<MatchedStatements></MatchedStatements>",
        ),
        (
            denied,
            "explicitDeny",
            "<SourcePolicyId>PolicyInputList.2</SourcePolicyId>",
        ),
        (
            boundary,
            "implicitDeny",
            "<AllowedByPermissionsBoundary>false<",
        ),
        (
            organization,
            "implicitDeny",
            "<AllowedByOrganizations>false<",
        ),
        (
            format!("{nothing}&{resource}&{own}"),
            "allowed",
            "<SourcePolicyType>resource<",
        ),
        (
            format!("{nothing}&{resource}&{other}"),
            "implicitDeny",
            "<key>Resource Policy</key><value>allowed<",
        ),
        (
            format!("{everything}&{resource}&{other}"),
            "allowed",
            "<EvalResourceDecision>allowed<",
        ),
        (
            format!("{everything}&{as_role}&{own}"),
            "allowed",
            "<EvalDecisionDetails></EvalDecisionDetails>",
        ),
    ] {
        let form = format!("Action=SimulateCustomPolicy&ActionNames.member.1=kms:Decrypt&{form}");
        let (status, xml) = client.query("iam", &form).await.unwrap();
        assert_eq!(status, 200, "{form}: {xml}");
        assert_eq!(element(&xml, "EvalDecision"), decision, "{form}");
        assert!(xml.contains(part), "{form}: {xml}");
    }
    for (form, code) in [
        (
            "PolicyInputList.member.1={&ActionNames.member.1=kms:Decrypt".to_owned(),
            "InvalidInput",
        ),
        (
            format!("{everything}&ActionNames.member.1=kms:*"),
            "InvalidInput",
        ),
        (
            format!("{everything}&ActionNames.member.1=kms:List&ResourceArns.member.1=key"),
            "InvalidInput",
        ),
        (everything.clone(), "ValidationError"),
        (
            format!("{everything}&ActionNames.member.1=kms:List&{as_role}&{rule}"),
            "InvalidInput",
        ),
        (
            format!("{everything}&ActionNames.member.1=kms:List&CallerArn=arn:aws:iam::1:root"),
            "InvalidInput",
        ),
    ] {
        let (_, xml) = client
            .query("iam", &format!("Action=SimulateCustomPolicy&{form}"))
            .await
            .unwrap();
        assert_eq!(element(&xml, "Code"), code, "{form}");
    }
}

#[tokio::test]
async fn policies_are_left_out_by_kind_arn_and_holder() {
    let (_sandbox, owner) = empty();
    user(&owner, "anna").await;
    let statement = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let inline = percent_encode(statement.as_bytes());
    let put = format!("PutUserPolicy&UserName=anna&PolicyName=own&PolicyDocument={inline}");
    done(&owner, &put).await;
    let ask = async |said: &str| {
        let source = "arn:aws:iam::000000000000:user/anna";
        let form = format!("{ACTION}{source}&ActionNames.member.1=kms:Sign&{said}");
        let (status, xml) = owner.query("iam", &form).await.unwrap();
        element(
            &xml,
            if status == 200 {
                "EvalDecision"
            } else {
                "Code"
            },
        )
    };
    assert_eq!(ask("").await, "allowed");
    let of = |kind: &str, name: &str| {
        let member = "PolicyExclusionList.member.1.InlinePolicyIdentifier";
        format!(
            "InlinePolicyIdentifier.PolicyName=own&{member}.AttachmentType={kind}\
             &{member}.AttachmentName={name}"
        )
    };
    for (said, outcome) in [
        ("PolicyType=inline", "implicitDeny"),
        ("PolicyType=aws-managed", "allowed"),
        ("PolicyType=rcp", "allowed"),
        ("PolicyType=mine", "ValidationError"),
        ("PolicyArn=arn:aws:iam::aws:policy/*x?", "allowed"),
        ("PolicyArn=arn:aws:iam::*:policy/some", "InvalidInput"),
        ("PolicyArn=arn:aws:iam::aws:policy/*x*", "InvalidInput"),
        (&of("user", "a*n?"), "implicitDeny"),
        (&of("role", "*"), "allowed"),
        (&of("user", "*a*"), "InvalidInput"),
    ] {
        let said = format!("PolicyExclusionList.member.1.{said}");
        assert_eq!(ask(&said).await, outcome, "{said}");
    }
}

#[tokio::test]
async fn the_organization_of_the_account_is_asked_too() {
    let sandbox = company();
    let management = Client::new(&sandbox, "test");
    let organizations = async |operation: &str, input: Value| {
        let request = Request::post("https://organizations.us-east-1.amazonaws.com/")
            .header("content-type", "application/x-amz-json-1.1")
            .header(
                "x-amz-target",
                format!("AWSOrganizationsV20161128.{operation}"),
            )
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let answer = management.send("organizations", request).await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
        serde_json::from_slice::<Value>(answer.body()).unwrap_or_default()
    };
    let content =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}"#;
    let policy = serde_json::json!({
        "Name": "NoKeys", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content,
    });
    let policy = organizations("CreatePolicy", policy).await;
    let id = &policy["Policy"]["PolicySummary"]["Id"];
    let attachment = serde_json::json!({ "PolicyId": id, "TargetId": "222222222222" });
    organizations("AttachPolicy", attachment).await;

    let member = Client::new(&sandbox, "222222222222");
    let role = "arn:aws:iam::222222222222:role/DataEngineer";
    let admin = "PolicyInputList.member.1=";
    let admin = format!(
        "{admin}{}",
        percent_encode(content.replace("Deny", "Allow").as_bytes())
    );
    let form = format!("{ACTION}{role}&ActionNames.member.1=kms:Sign&{admin}");
    let (_, xml) = member.query("iam", &form).await.unwrap();
    assert_eq!(element(&xml, "EvalDecision"), "explicitDeny");
    assert_eq!(element(&xml, "AllowedByOrganizations"), "false");
    assert!(xml.contains("<MatchedStatements></MatchedStatements>"));
    let without = format!("{form}&PolicyExclusionList.member.1.PolicyType=scp");
    let (_, xml) = member.query("iam", &without).await.unwrap();
    assert_eq!(element(&xml, "EvalDecision"), "allowed");
    assert!(!xml.contains("OrganizationsDecisionDetail"));
    let user = "arn:aws:iam::111111111111:user/auditor";
    let form = format!("{ACTION}{user}&ActionNames.member.1=kms:ListKeys");
    let (_, xml) = management.query("iam", &form).await.unwrap();
    assert_eq!(element(&xml, "EvalDecision"), "allowed");
    assert_eq!(element(&xml, "AllowedByOrganizations"), "true");
}

#[tokio::test]
async fn much_makes_short_pages_and_too_much_is_refused() {
    let (_sandbox, owner) = empty();
    let statement = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let long = format!("{statement}{}", "+".repeat(120_000));
    let ask = async |resources: usize| {
        let mut form = format!("Action=SimulateCustomPolicy&PolicyInputList.member.1={long}");
        for turn in 1..=8 {
            form.push_str(&format!("&ActionNames.member.{turn}=kms:A{turn}"));
        }
        for turn in 1..=resources {
            form.push_str(&format!("&ResourceArns.member.{turn}=arn:x:{turn}"));
        }
        owner.query("iam", &form).await.unwrap().1
    };
    let xml = ask(150).await;
    assert_eq!(element(&xml, "IsTruncated"), "true");
    assert_eq!(element(&xml, "Marker"), "3");
    assert_eq!(decisions(&xml).len(), 3);
    assert_eq!(element(&ask(600).await, "Code"), "InvalidInput");
}
