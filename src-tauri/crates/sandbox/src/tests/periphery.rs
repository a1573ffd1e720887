//! What hangs on users and roles beside policies and access keys: passwords, instance profiles, and what
//! nobody can bring here. Clean-up loops ask for all of it before they delete somebody.

use super::identities::{allow, code, done, empty, iam, trust, user};
use super::*;

#[tokio::test]
async fn a_password_follows_the_policy_and_keeps_its_user() {
    let (sandbox, owner) = empty();
    let anna = user(&owner, "anna").await;
    let none = "NoSuchEntity";
    for form in [
        "GetLoginProfile&UserName=anna",
        "DeleteLoginProfile&UserName=anna",
        "UpdateLoginProfile&UserName=anna&Password=Aa345678",
        "GetLoginProfile&UserName=nobody",
        "CreateLoginProfile&UserName=nobody&Password=Aa345678",
    ] {
        assert_eq!(code(&owner, form).await, none, "{form}");
    }
    let weak = "PasswordPolicyViolation";
    let create = "CreateLoginProfile&UserName=anna";
    for (form, expected) in [
        (create.to_owned(), "ValidationError"),
        (format!("{create}&Password=Aa34567"), weak),
        (format!("{create}&Password=aa345678"), weak),
        (
            format!("{create}&Password=Aa345678%E2%82%AC"),
            "ValidationError",
        ),
        (
            format!("{create}&Password=Aa345678&PasswordResetRequired=true"),
            "",
        ),
        (format!("{create}&Password=Aa345678"), "EntityAlreadyExists"),
    ] {
        assert_eq!(code(&owner, &form).await, expected, "{form}");
    }
    let shown = done(&owner, "GetLoginProfile&UserName=anna").await;
    assert_eq!(element(&shown, "PasswordResetRequired"), "true");
    let state = String::from_utf8(sandbox.state().to_vec()).unwrap();
    assert!(!state.contains("Aa345678"));

    // Her own she may change if the policy of the account says so, or one of hers.
    let change =
        |old: &str, new: &str| format!("ChangePassword&OldPassword={old}&NewPassword={new}");
    assert_eq!(
        code(&anna, &change("Aa345678", "Bb345678")).await,
        "AccessDenied"
    );
    let policy = "UpdateAccountPasswordPolicy&MinimumPasswordLength=9&RequireSymbols=true\
                  &AllowUsersToChangePassword=true&PasswordReusePrevention=2&MaxPasswordAge=30";
    done(&owner, policy).await;
    for (old, new, expected) in [
        ("wrong", "Bb345678%21%21", "AccessDenied"),
        ("Aa345678", "Bb3456%21%21", weak),
        ("Aa345678", "Bb34567890", weak),
        ("Aa345678", "Bb345678%21%21", ""),
        ("Bb345678%21%21", "Bb345678%21%21", weak),
        ("Bb345678%21%21", "Cc345678%21%21", ""),
        ("Cc345678%21%21", "Bb345678%21%21", weak),
        ("Cc345678%21%21", "Dd345678%21%21", ""),
        ("Dd345678%21%21", "Bb345678%21%21", ""),
    ] {
        assert_eq!(
            code(&anna, &change(old, new)).await,
            expected,
            "{old} {new}"
        );
    }
    let shown = done(&owner, "GetLoginProfile&UserName=anna").await;
    assert_eq!(element(&shown, "PasswordResetRequired"), "false");
    let resumed = Sandbox::resume(Options::default(), &sandbox.state()).unwrap();
    let later = Client {
        sandbox: resumed,
        ..anna.clone()
    };
    let wrong = change("Aa345678", "Ff345678%21%21");
    assert_eq!(code(&later, &wrong).await, "AccessDenied");
    done(&later, &change("Bb345678%21%21", "Ff345678%21%21")).await;
    let denied = allow("iam:ChangePassword").replace("Allow", "Deny");
    let deny = format!("PutUserPolicy&UserName=anna&PolicyName=p&PolicyDocument={denied}");
    done(&owner, &deny).await;
    let again = change("Bb345678%21%21", "Ee345678%21%21");
    assert_eq!(code(&anna, &again).await, "AccessDenied");
    done(&owner, "DeleteUserPolicy&UserName=anna&PolicyName=p").await;

    let key = format!("DeleteAccessKey&UserName=anna&AccessKeyId={}", anna.key_id);
    done(&owner, &key).await;
    assert_eq!(
        code(&owner, "DeleteUser&UserName=anna").await,
        "DeleteConflict"
    );
    done(&owner, "DeleteLoginProfile&UserName=anna").await;
    done(&owner, "DeleteUser&UserName=anna").await;
}

#[tokio::test]
async fn an_instance_profile_carries_one_role_and_keeps_it() {
    let (_sandbox, owner) = empty();
    let who = trust("000000000000");
    for role in ["app", "other"] {
        let form = format!("CreateRole&RoleName={role}&AssumeRolePolicyDocument={who}");
        done(&owner, &form).await;
    }
    let made = done(
        &owner,
        "CreateInstanceProfile&InstanceProfileName=p&Path=/x/&Tags.member.1.Key=a&Tags.member.1.Value=b",
    )
    .await;
    let arn = "arn:aws:iam::000000000000:instance-profile/x/p";
    assert_eq!(element(&made, "Arn"), arn);
    let add = "AddRoleToInstanceProfile&InstanceProfileName=p&RoleName=";
    for (form, expected) in [
        (
            "CreateInstanceProfile&InstanceProfileName=P",
            "EntityAlreadyExists",
        ),
        ("GetInstanceProfile&InstanceProfileName=q", "NoSuchEntity"),
        (
            "DeleteInstanceProfile&InstanceProfileName=q",
            "NoSuchEntity",
        ),
        (&format!("{add}nobody"), "NoSuchEntity"),
        (&format!("{add}app"), ""),
        (&format!("{add}other"), "LimitExceeded"),
        ("DeleteRole&RoleName=app", "DeleteConflict"),
        (
            "DeleteInstanceProfile&InstanceProfileName=p",
            "DeleteConflict",
        ),
        (
            "ListInstanceProfilesForRole&RoleName=nobody",
            "NoSuchEntity",
        ),
    ] {
        assert_eq!(code(&owner, form).await, expected, "{form}");
    }
    let shown = done(&owner, "GetInstanceProfile&InstanceProfileName=p").await;
    assert_eq!(element(&shown, "RoleName"), "app");
    assert_eq!(element(&shown, "Key"), "a");
    for form in [
        "ListInstanceProfiles&PathPrefix=/x/",
        "ListInstanceProfilesForRole&RoleName=app",
        "GetAccountAuthorizationDetails&Filter.member.1=Role",
    ] {
        let shown = done(&owner, form).await;
        assert_eq!(element(&shown, "InstanceProfileName"), "p", "{form}");
    }
    for form in [
        "ListInstanceProfiles&PathPrefix=/y/",
        "ListInstanceProfilesForRole&RoleName=other",
    ] {
        let shown = done(&owner, form).await;
        assert!(!shown.contains("<InstanceProfileName>"), "{form}");
    }
    let tag = "TagInstanceProfile&InstanceProfileName=p&Tags.member.1.Key=c&Tags.member.1.Value=d";
    done(&owner, tag).await;
    done(
        &owner,
        "UntagInstanceProfile&InstanceProfileName=p&TagKeys.member.1=a",
    )
    .await;
    let tags = done(&owner, "ListInstanceProfileTags&InstanceProfileName=p").await;
    assert_eq!(
        (element(&tags, "Key"), element(&tags, "Value")),
        ("c".into(), "d".into())
    );

    // Who gives a machine a role has to be allowed to pass it on.
    let anna = user(&owner, "anna").await;
    let document = allow("iam:*InstanceProfile*");
    let put = format!("PutUserPolicy&UserName=anna&PolicyName=p&PolicyDocument={document}");
    done(&owner, &put).await;
    done(&anna, "CreateInstanceProfile&InstanceProfileName=q").await;
    let give = "AddRoleToInstanceProfile&InstanceProfileName=q&RoleName=other";
    assert_eq!(code(&anna, give).await, "AccessDenied");
    let document = allow("iam:PassRole");
    let put = format!("PutUserPolicy&UserName=anna&PolicyName=q&PolicyDocument={document}");
    done(&owner, &put).await;
    done(&anna, give).await;

    let take = "RemoveRoleFromInstanceProfile&InstanceProfileName=p&RoleName=";
    assert_eq!(code(&owner, &format!("{take}other")).await, "NoSuchEntity");
    done(&owner, &format!("{take}app")).await;
    done(&owner, "DeleteRole&RoleName=app").await;
    done(&owner, "DeleteInstanceProfile&InstanceProfileName=p").await;
}

#[tokio::test]
async fn what_nobody_brought_is_not_there() {
    let (_sandbox, owner) = empty();
    done(&owner, "CreateUser&UserName=anna").await;
    for (operation, list) in [
        ("ListSSHPublicKeys", "SSHPublicKeys"),
        ("ListSigningCertificates", "Certificates"),
        (
            "ListServiceSpecificCredentials",
            "ServiceSpecificCredentials",
        ),
    ] {
        let shown = done(&owner, &format!("{operation}&UserName=anna")).await;
        assert!(shown.contains(list), "{shown}");
        assert_eq!(element(&shown, "IsTruncated"), "false");
        let nobody = format!("{operation}&UserName=nobody");
        assert_eq!(code(&owner, &nobody).await, "NoSuchEntity", "{operation}");
    }
    done(&owner, "ListServerCertificates").await;
    let services = "ListServiceSpecificCredentials&UserName=anna&ServiceName=";
    done(&owner, &format!("{services}codecommit.amazonaws.com")).await;
    let unknown = format!("{services}kms.amazonaws.com");
    assert_eq!(code(&owner, &unknown).await, "NotSupportedService");
    let (none, wrong) = ("NoSuchEntity", "ValidationError");
    let id = "ABCDEFGHIJKLMNOPQRSTUVWX";
    for (form, expected) in [
        (
            format!("DeleteSSHPublicKey&UserName=anna&SSHPublicKeyId={id}"),
            none,
        ),
        (
            "DeleteSSHPublicKey&UserName=anna&SSHPublicKeyId=short".to_owned(),
            wrong,
        ),
        (
            format!("GetSSHPublicKey&UserName=anna&SSHPublicKeyId={id}&Encoding=PEM"),
            none,
        ),
        (
            format!("GetSSHPublicKey&UserName=anna&SSHPublicKeyId={id}&Encoding=DER"),
            wrong,
        ),
        (
            format!("UpdateSSHPublicKey&UserName=anna&SSHPublicKeyId={id}&Status=Active"),
            none,
        ),
        (
            format!("DeleteSigningCertificate&UserName=anna&CertificateId={id}"),
            none,
        ),
        (
            format!("UpdateSigningCertificate&UserName=anna&CertificateId={id}&Status=x"),
            wrong,
        ),
        ("DeleteSigningCertificate&UserName=anna".to_owned(), wrong),
        (
            format!(
                "DeleteServiceSpecificCredential&UserName=anna&ServiceSpecificCredentialId={id}"
            ),
            none,
        ),
        (
            format!(
                "ResetServiceSpecificCredential&UserName=anna&ServiceSpecificCredentialId={id}"
            ),
            none,
        ),
        (
            "GetServerCertificate&ServerCertificateName=c".to_owned(),
            none,
        ),
        (
            "DeleteServerCertificate&ServerCertificateName=c".to_owned(),
            none,
        ),
        ("DeleteServerCertificate".to_owned(), wrong),
        (
            "ListServerCertificateTags&ServerCertificateName=c".to_owned(),
            none,
        ),
        (
            "UploadSSHPublicKey&UserName=anna&SSHPublicKeyBody=x".to_owned(),
            "InvalidAction",
        ),
    ] {
        assert_eq!(code(&owner, &form).await, expected, "{form}");
    }
    done(&owner, "DeleteUser&UserName=anna").await;
}

#[tokio::test]
async fn a_marker_of_iam_is_good_for_its_own_list() {
    let (_sandbox, owner) = empty();
    for name in ["anna", "bert"] {
        done(&owner, &format!("CreateUser&UserName={name}")).await;
    }
    let first = done(&owner, "ListUsers&MaxItems=1").await;
    let marker = percent_encode(element(&first, "Marker").as_bytes());
    let second = iam(&owner, &format!("ListUsers&MaxItems=1&Marker={marker}")).await;
    assert_eq!(element(&second.unwrap(), "UserName"), "bert");
    for form in [
        format!("ListRoles&Marker={marker}"),
        "ListUsers&Marker=AAAA".to_owned(),
    ] {
        assert_eq!(code(&owner, &form).await, "ValidationError", "{form}");
    }
}
