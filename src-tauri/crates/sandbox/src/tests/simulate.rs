//! `SimulatePrincipalPolicy` says what would happen, and does nothing.

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
    let found: Vec<_> = decisions(&xml)
        .into_iter()
        .map(|(_, decision)| decision)
        .collect();
    assert_eq!(found, ["allowed", "implicitDeny"]);
    assert!(xml.contains("<SourcePolicyType>role</SourcePolicyType>"));
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
    ] {
        let (_, xml) = client
            .query("iam", &format!("Action=SimulateCustomPolicy&{form}"))
            .await
            .unwrap();
        assert_eq!(element(&xml, "Code"), code, "{form}");
    }
}
