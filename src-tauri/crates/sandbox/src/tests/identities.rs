//! Users, groups, roles and their policies, from outside: what IAM keeps is what decides.

use super::*;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// A document that allows an action on everything.
pub(super) fn allow(action: &str) -> String {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    );
    percent_encode(text.as_bytes())
}

/// A document that lets a principal assume a role.
pub(super) fn trust(principal: &str) -> String {
    let text = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    percent_encode(text.as_bytes())
}

pub(super) fn empty() -> (Sandbox, Client) {
    let sandbox = Sandbox::new(Options {
        seed: Seed::Empty,
        randomness: Some(1),
        ..Options::default()
    });
    let owner = Client::new(&sandbox, "test");
    (sandbox, owner)
}

/// What an operation of IAM answers, or its error code.
pub(super) async fn iam(client: &Client, form: &str) -> Result<String, String> {
    let (status, xml) = client
        .query("iam", &format!("Action={form}"))
        .await
        .unwrap();
    match status {
        200 => Ok(xml),
        _ => Err(element(&xml, "Code")),
    }
}

/// The same for something that has to work.
pub(super) async fn done(client: &Client, form: &str) -> String {
    iam(client, form)
        .await
        .unwrap_or_else(|code| panic!("{form}: {code}"))
}

pub(super) async fn code(client: &Client, form: &str) -> String {
    iam(client, form).await.err().unwrap_or_default()
}

/// A client with an access key of a user, who is made first.
pub(super) async fn user(owner: &Client, name: &str) -> Client {
    done(owner, &format!("CreateUser&UserName={name}")).await;
    let xml = done(owner, &format!("CreateAccessKey&UserName={name}")).await;
    Client {
        key_id: element(&xml, "AccessKeyId"),
        secret: element(&xml, "SecretAccessKey"),
        ..owner.clone()
    }
}

async fn lists_keys(client: &Client) -> bool {
    client.kms("ListKeys", "{}").await.unwrap().0 == 200
}

#[tokio::test]
async fn what_a_user_has_by_itself_by_attachment_and_by_group_counts_and_the_boundary_bounds_it() {
    let (_sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    assert!(!lists_keys(&anna).await);
    for (give, take) in [
        (
            format!(
                "PutUserPolicy&UserName=anna&PolicyName=p&PolicyDocument={}",
                allow("kms:List*")
            ),
            "DeleteUserPolicy&UserName=anna&PolicyName=p".to_owned(),
        ),
        (
            format!("AttachUserPolicy&UserName=anna&PolicyArn={READ_ONLY}"),
            format!("DetachUserPolicy&UserName=anna&PolicyArn={READ_ONLY}"),
        ),
    ] {
        done(&owner, &give).await;
        assert!(lists_keys(&anna).await, "{give}");
        done(&owner, &take).await;
        assert!(!lists_keys(&anna).await, "{take}");
    }
    done(&owner, "CreateGroup&GroupName=ops").await;
    done(
        &owner,
        &format!("AttachGroupPolicy&GroupName=ops&PolicyArn={READ_ONLY}"),
    )
    .await;
    assert!(!lists_keys(&anna).await);
    done(&owner, "AddUserToGroup&GroupName=ops&UserName=anna").await;
    assert!(lists_keys(&anna).await);
    let policy = format!(
        "CreatePolicy&PolicyName=bound&PolicyDocument={}",
        allow("iam:*")
    );
    let bound = element(&done(&owner, &policy).await, "Arn");
    done(
        &owner,
        &format!("PutUserPermissionsBoundary&UserName=anna&PermissionsBoundary={bound}"),
    )
    .await;
    assert!(!lists_keys(&anna).await);
    assert_eq!(
        code(&owner, &format!("DeletePolicy&PolicyArn={bound}")).await,
        "DeleteConflict"
    );
    let wider = format!(
        "CreatePolicyVersion&PolicyArn={bound}&SetAsDefault=true&PolicyDocument={}",
        allow("kms:*")
    );
    done(&owner, &wider).await;
    assert!(lists_keys(&anna).await);
    done(
        &owner,
        &format!("SetDefaultPolicyVersion&PolicyArn={bound}&VersionId=v1"),
    )
    .await;
    assert!(!lists_keys(&anna).await);
    done(&owner, "DeleteUserPermissionsBoundary&UserName=anna").await;
    assert!(lists_keys(&anna).await);
    done(&owner, "RemoveUserFromGroup&GroupName=ops&UserName=anna").await;
    assert!(!lists_keys(&anna).await);
}

#[tokio::test]
async fn a_key_that_is_inactive_or_gone_opens_nothing() {
    let (_sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let who = async || {
        anna.query("sts", "Action=GetCallerIdentity")
            .await
            .unwrap()
            .0
    };
    let used = format!("GetAccessKeyLastUsed&AccessKeyId={}", anna.key_id);
    assert_eq!(element(&done(&owner, &used).await, "ServiceName"), "N/A");
    assert_eq!(who().await, 200);
    assert_eq!(element(&done(&owner, &used).await, "ServiceName"), "sts");
    let update = format!(
        "UpdateAccessKey&UserName=anna&AccessKeyId={}&Status=",
        anna.key_id
    );
    done(&owner, &format!("{update}Inactive")).await;
    assert_eq!(who().await, 403);
    done(&owner, &format!("{update}Active")).await;
    assert_eq!(who().await, 200);
    done(&owner, "CreateAccessKey&UserName=anna").await;
    assert_eq!(
        code(&owner, "CreateAccessKey&UserName=anna").await,
        "LimitExceeded"
    );
    let delete = format!("DeleteAccessKey&UserName=anna&AccessKeyId={}", anna.key_id);
    done(&owner, &delete).await;
    assert_eq!(who().await, 403);
    assert_eq!(code(&owner, &delete).await, "NoSuchEntity");
}

#[tokio::test]
async fn whoever_gets_the_name_of_a_deleted_user_gets_nothing_else() {
    let (_sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let arn = "arn:aws:iam::000000000000:user/anna";
    done(
        &owner,
        &format!(
            "CreateRole&RoleName=R&AssumeRolePolicyDocument={}",
            trust(arn)
        ),
    )
    .await;
    let assume = "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/R&RoleSessionName=me";
    assert_eq!(anna.query("sts", assume).await.unwrap().0, 200);
    let (_, xml) = anna.query("sts", "Action=GetSessionToken").await.unwrap();
    let session = anna.with_session(&xml);
    // A user by another name is the same one.
    done(&owner, "UpdateUser&UserName=anna&NewUserName=Anna").await;
    for client in [&anna, &session] {
        let (_, xml) = client
            .query("sts", "Action=GetCallerIdentity")
            .await
            .unwrap();
        assert_eq!(element(&xml, "Arn"), "arn:aws:iam::000000000000:user/Anna");
    }
    assert_eq!(anna.query("sts", assume).await.unwrap().0, 200);
    done(&owner, "UpdateUser&UserName=Anna&NewUserName=anna").await;

    let id = element(&done(&owner, "GetUser&UserName=anna").await, "UserId");
    assert_eq!(
        code(&owner, "DeleteUser&UserName=anna").await,
        "DeleteConflict"
    );
    done(
        &owner,
        &format!("DeleteAccessKey&UserName=anna&AccessKeyId={}", anna.key_id),
    )
    .await;
    done(&owner, "DeleteUser&UserName=anna").await;
    let role = done(&owner, "GetRole&RoleName=R").await;
    let document = element(&role, "AssumeRolePolicyDocument");
    assert!(
        document.contains(&id) && !document.contains("user%2Fanna"),
        "{document}"
    );
    let other = user(&owner, "anna").await;
    assert_ne!(
        element(&done(&owner, "GetUser&UserName=anna").await, "UserId"),
        id
    );
    for (client, form) in [(&session, "Action=GetCallerIdentity"), (&other, assume)] {
        assert_eq!(client.query("sts", form).await.unwrap().0, 403, "{form}");
    }
}

#[tokio::test]
async fn roles_have_attached_policies_and_boundaries_too() {
    let (_sandbox, owner) = empty();
    let create = format!(
        "CreateRole&RoleName=R&AssumeRolePolicyDocument={}",
        trust("000000000000")
    );
    done(&owner, &create).await;
    let assume = "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/R&RoleSessionName=me";
    let (_, xml) = owner.query("sts", assume).await.unwrap();
    let session = owner.with_session(&xml);
    assert!(!lists_keys(&session).await);
    done(
        &owner,
        &format!("AttachRolePolicy&RoleName=R&PolicyArn={READ_ONLY}"),
    )
    .await;
    assert!(lists_keys(&session).await);
    let deny = "arn:aws:iam::aws:policy/AWSDenyAll";
    done(
        &owner,
        &format!("PutRolePermissionsBoundary&RoleName=R&PermissionsBoundary={deny}"),
    )
    .await;
    assert!(!lists_keys(&session).await);
    done(&owner, "DeleteRolePermissionsBoundary&RoleName=R").await;
    assert!(lists_keys(&session).await);
    assert_eq!(
        code(&owner, "DeleteRole&RoleName=R").await,
        "DeleteConflict"
    );
    let linked = done(
        &owner,
        "CreateServiceLinkedRole&AWSServiceName=rds.amazonaws.com",
    )
    .await;
    let name = element(&linked, "RoleName");
    let attach = format!("AttachRolePolicy&RoleName={name}&PolicyArn={READ_ONLY}");
    assert_eq!(code(&owner, &attach).await, "UnmodifiableEntity");
    assert_eq!(
        code(&owner, &format!("DeleteRole&RoleName={name}")).await,
        "UnmodifiableEntity"
    );
    done(&owner, &format!("DeleteServiceLinkedRole&RoleName={name}")).await;
}

#[tokio::test]
async fn a_perimeter_around_the_organization_denies_what_is_outside() {
    let sandbox = company();
    let owner = Client::new(&sandbox, "test");
    let inside = user(&owner, "inside").await;
    let document = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":
            {"StringNotEqualsIfExists":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}}}]}"#;
    let document = percent_encode(document.as_bytes());
    let put = format!("PutUserPolicy&UserName=inside&PolicyName=p&PolicyDocument={document}");
    done(&owner, &put).await;
    assert!(lists_keys(&inside).await);
    done(&inside, "ListUsers").await;
    for (account, reason) in [
        ("222222222222", "because no resource-based policy allows"),
        ("333333333333", "with an explicit deny in an identity-based"),
    ] {
        let (_, key) = Client::new(&sandbox, account)
            .kms("CreateKey", "{}")
            .await
            .unwrap();
        let asked = serde_json::json!({ "KeyId": key["KeyMetadata"]["Arn"] }).to_string();
        let (_, refusal) = inside.kms("DescribeKey", &asked).await.unwrap();
        let message = refusal["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{account}: {refusal}");
    }
}

#[tokio::test]
async fn the_roles_of_identity_center_are_its_own() {
    let sandbox = company();
    let owner = Client::new(&sandbox, "test");
    let reserved = "RoleName=AWSReservedSSO_ReadOnly_2f7e0b94c6d1a853";
    for operation in [
        format!("DeleteRole&{reserved}"),
        format!("UpdateRole&{reserved}&Description=mine"),
        format!("AttachRolePolicy&{reserved}&PolicyArn={READ_ONLY}"),
    ] {
        let refusal = code(&owner, &operation).await;
        assert_eq!(refusal, "UnmodifiableEntity", "{operation}");
    }
    let make = format!(
        "CreateRole&RoleName=R&Path=/aws-reserved/mine/&AssumeRolePolicyDocument={}",
        trust("111111111111")
    );
    assert_eq!(code(&owner, &make).await, "ValidationError");
}

#[tokio::test]
async fn a_new_device_shows_the_codes_of_its_seed() {
    let (_sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let made = done(&owner, "CreateVirtualMFADevice&VirtualMFADeviceName=phone").await;
    let serial = element(&made, "SerialNumber");
    let enable = format!("EnableMFADevice&UserName=anna&SerialNumber={serial}");
    let wrong = format!("{enable}&AuthenticationCode1=000000&AuthenticationCode2=000000");
    assert_eq!(code(&owner, &wrong).await, "InvalidAuthenticationCode");
    use base64::Engine;
    let seed = base64::engine::general_purpose::STANDARD;
    let seed = seed.decode(element(&made, "Base32StringSeed")).unwrap();
    let seed = String::from_utf8(seed).unwrap();
    let now = OffsetDateTime::now_utc();
    let code_at =
        |seconds: i64| crate::iam::mfa::code_of(&seed, now + time::Duration::seconds(seconds));
    let right = format!(
        "{enable}&AuthenticationCode1={}&AuthenticationCode2={}",
        code_at(-60),
        code_at(-30)
    );
    done(&owner, &right).await;
    assert_eq!(code(&owner, &right).await, "EntityAlreadyExists");
    let token = format!(
        "Action=GetSessionToken&SerialNumber={serial}&TokenCode={}",
        code_at(0)
    );
    assert_eq!(anna.query("sts", &token).await.unwrap().0, 200);
    assert_eq!(anna.query("sts", &token).await.unwrap().0, 403);
    let delete = format!("DeleteVirtualMFADevice&SerialNumber={serial}");
    assert_eq!(code(&owner, &delete).await, "DeleteConflict");
    done(
        &owner,
        &format!("DeactivateMFADevice&UserName=anna&SerialNumber={serial}"),
    )
    .await;
    assert_eq!(anna.query("sts", &token).await.unwrap().0, 403);
    done(&owner, &delete).await;
}

#[tokio::test]
async fn names_are_unique_without_their_case_and_quotas_and_versions_are_kept() {
    let (_sandbox, owner) = empty();
    let document = allow("kms:*");
    for (create, again) in [
        (
            "CreateUser&UserName=anna".to_owned(),
            "CreateUser&UserName=ANNA".to_owned(),
        ),
        (
            "CreateGroup&GroupName=ops".into(),
            "CreateGroup&GroupName=Ops".into(),
        ),
        (
            format!(
                "CreateRole&RoleName=r&AssumeRolePolicyDocument={}",
                trust("*")
            ),
            format!(
                "CreateRole&RoleName=R&AssumeRolePolicyDocument={}",
                trust("*")
            ),
        ),
        (
            format!("CreatePolicy&PolicyName=p&PolicyDocument={document}"),
            format!("CreatePolicy&PolicyName=P&Path=/x/&PolicyDocument={document}"),
        ),
    ] {
        done(&owner, &create).await;
        assert_eq!(code(&owner, &again).await, "EntityAlreadyExists", "{again}");
    }
    let policy = "PolicyArn=arn:aws:iam::000000000000:policy/p";
    for _ in 2..=5 {
        done(
            &owner,
            &format!("CreatePolicyVersion&{policy}&PolicyDocument={document}"),
        )
        .await;
    }
    for (form, expected) in [
        (
            format!("CreatePolicyVersion&{policy}&PolicyDocument={document}"),
            "LimitExceeded",
        ),
        (
            format!("DeletePolicyVersion&{policy}&VersionId=v1"),
            "DeleteConflict",
        ),
        (
            format!("DeletePolicyVersion&{policy}&VersionId=v6"),
            "NoSuchEntity",
        ),
        (format!("DeletePolicy&{policy}"), "DeleteConflict"),
        (
            "GetPolicy&PolicyArn=arn:aws:iam::111111111111:policy/p".into(),
            "NoSuchEntity",
        ),
        (
            format!("AttachUserPolicy&UserName=nobody&PolicyArn={READ_ONLY}"),
            "NoSuchEntity",
        ),
        (
            "CreateOpenIDConnectProvider&Url=http://x.example".into(),
            "InvalidInput",
        ),
        ("CreateUser&UserName=a%20b".into(), "ValidationError"),
        ("ListUsers&Marker=~~".into(), "ValidationError"),
    ] {
        assert_eq!(code(&owner, &form).await, expected, "{form}");
    }
    done(
        &owner,
        &format!("DeletePolicyVersion&{policy}&VersionId=v2"),
    )
    .await;
    let made = done(
        &owner,
        &format!("CreatePolicyVersion&{policy}&PolicyDocument={document}"),
    )
    .await;
    assert_eq!(element(&made, "VersionId"), "v6");
}

#[tokio::test]
async fn permissions_are_judged_by_action_resource_and_tags() {
    let (_sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let put = async |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let document = percent_encode(text.as_bytes());
        let form = format!("PutUserPolicy&UserName=anna&PolicyName=p&PolicyDocument={document}");
        done(&owner, &form).await;
    };
    put(r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::000000000000:user/own/*"}"#)
        .await;
    done(&anna, "CreateUser&UserName=bob&Path=/own/").await;
    done(&anna, "GetUser&UserName=bob").await;
    for form in [
        "CreateUser&UserName=cyd",
        "GetUser&UserName=anna",
        "GetAccountSummary",
    ] {
        assert_eq!(code(&anna, form).await, "AccessDenied", "{form}");
    }
    put(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}}"#).await;
    let tags = "Tags.member.1.Key=team&Tags.member.1.Value=a";
    done(&anna, &format!("CreateUser&UserName=dan&{tags}")).await;
    assert_eq!(code(&anna, "CreateUser&UserName=eve").await, "AccessDenied");
    put(r#"{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"a"}}}"#).await;
    done(&anna, "GetUser&UserName=dan").await;
    assert_eq!(code(&anna, "GetUser&UserName=bob").await, "AccessDenied");
    put(&format!(
        r#"{{"Effect":"Allow","Action":"iam:AttachUserPolicy","Resource":"*","Condition":{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}}}"#
    ))
    .await;
    done(
        &anna,
        &format!("AttachUserPolicy&UserName=dan&PolicyArn={READ_ONLY}"),
    )
    .await;
    let more =
        "AttachUserPolicy&UserName=dan&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(code(&anna, more).await, "AccessDenied");
}

#[tokio::test]
async fn what_nobody_has_is_asked_for_before_a_deletion() {
    let (_sandbox, owner) = empty();
    done(&owner, "CreateUser&UserName=anna").await;
    for list in [
        "ListSSHPublicKeys",
        "ListSigningCertificates",
        "ListServiceSpecificCredentials",
    ] {
        let asked = done(&owner, &format!("{list}&UserName=anna")).await;
        assert!(
            asked.contains("<IsTruncated>false</IsTruncated>"),
            "{asked}"
        );
        assert_eq!(
            code(&owner, &format!("{list}&UserName=nobody")).await,
            "NoSuchEntity"
        );
    }
    for operation in ["GetLoginProfile", "DeleteLoginProfile"] {
        let asked = code(&owner, &format!("{operation}&UserName=anna")).await;
        assert_eq!(asked, "NoSuchEntity");
    }
    done(&owner, "ListServerCertificates").await;
    done(&owner, "DeleteUser&UserName=anna").await;
}

#[tokio::test]
async fn everything_is_kept_with_the_state() {
    let (sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let policy = format!(
        "CreatePolicy&PolicyName=p&PolicyDocument={}",
        allow("kms:ListKeys")
    );
    let arn = element(&done(&owner, &policy).await, "Arn");
    done(
        &owner,
        &format!("AttachUserPolicy&UserName=anna&PolicyArn={arn}"),
    )
    .await;
    done(&owner, "CreateVirtualMFADevice&VirtualMFADeviceName=phone").await;
    done(&owner, "CreateAccountAlias&AccountAlias=kept").await;
    done(
        &owner,
        "UpdateAccountPasswordPolicy&MinimumPasswordLength=14",
    )
    .await;
    done(&owner, "CreateOpenIDConnectProvider&Url=https://x.example").await;
    assert!(lists_keys(&anna).await);
    let before = done(&owner, "GetAccountAuthorizationDetails").await;
    let resumed = Sandbox::resume(Options::default(), &sandbox.state()).unwrap();
    let (owner, anna) = (
        Client {
            sandbox: resumed.clone(),
            ..owner
        },
        Client {
            sandbox: resumed.clone(),
            ..anna
        },
    );
    assert!(lists_keys(&anna).await);
    let after = done(&owner, "GetAccountAuthorizationDetails").await;
    let body = |xml: &str| xml.split("<ResponseMetadata>").next().unwrap().to_owned();
    assert_eq!(body(&before), body(&after));
    let used = format!("GetAccessKeyLastUsed&AccessKeyId={}", anna.key_id);
    assert_eq!(element(&done(&owner, &used).await, "ServiceName"), "kms");
    assert!(
        done(&owner, "GetAccountPasswordPolicy")
            .await
            .contains(">14<")
    );
    assert!(
        done(&owner, "ListVirtualMFADevices")
            .await
            .contains("mfa/phone")
    );
    assert!(done(&owner, "ListAccountAliases").await.contains("kept"));
    // An account knows nothing of another one.
    let other = Client::new(&resumed, "222222222222");
    assert_eq!(code(&other, "GetUser&UserName=anna").await, "NoSuchEntity");
    assert_eq!(
        code(&other, &format!("GetPolicy&PolicyArn={arn}")).await,
        "NoSuchEntity"
    );
    assert_eq!(
        code(&other, "CreateAccountAlias&AccountAlias=kept").await,
        "EntityAlreadyExists"
    );
}
