//! The permission probe: what it tells, and that it changes nothing.

use ownkey_model::{
    Ability, AppError, ConnectionId, Feature, KnownBy, NotSimulated, Permission, PermissionReport,
    Region, Result, RoleDraft, Verdict,
};
use ownkey_sandbox::{AUDITOR_KEY_ID, Fault, FaultKind};
use ownkey_usecases::probe_permissions;

use crate::typing::role_draft;
use crate::world::World;

/// All that a probe may ask. Simulating is reading, too.
const READING: &[&str] = &[
    "ec2:DescribeRegions",
    "iam:GetRole",
    // At the first start.
    "iam:ListAccountAliases",
    "iam:SimulatePrincipalPolicy",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListAliases",
    "kms:ListKeyRotations",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
];

const FRANKFURT: &str = "eu-central-1";

async fn probed(
    world: &World,
    connection: &str,
    role: &RoleDraft,
    region: &str,
) -> Result<PermissionReport> {
    let region = Region::parse(region).expect("a region");
    let connection = ConnectionId(connection.into());
    let report = probe_permissions(&world.cx, connection, role, region).await;
    for asked in world.operations_asked() {
        assert!(READING.contains(&asked.as_str()), "{asked}");
    }
    report
}

fn ability(report: &PermissionReport, feature: Feature) -> &Ability {
    let found = report.abilities.iter().find(|one| one.feature == feature);
    found.expect("every feature has its ability")
}

fn permission<'a>(report: &'a PermissionReport, action: &str) -> &'a Permission {
    let mut all = report.abilities.iter().flat_map(|one| &one.permissions);
    all.find(|one| one.action == action).expect(action)
}

fn told(report: &PermissionReport, action: &str) -> (Verdict, KnownBy) {
    let permission = permission(report, action);
    (permission.verdict, permission.known_by)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_may_do_everything_and_nothing_is_changed_by_finding_out() {
    let world = World::company().await;
    world.sandbox.clear_calls();
    let report = probed(&world, "sandbox", &RoleDraft::default(), FRANKFURT)
        .await
        .expect("signed in");
    assert_eq!(report.caller_arn, "arn:aws:iam::111111111111:user/test");
    assert_eq!(
        (report.region.as_str(), report.not_simulated.clone()),
        (FRANKFURT, None)
    );
    for ability in &report.abilities {
        assert_eq!(ability.verdict, Verdict::Allowed, "{ability:?}");
    }
    for tried in [
        "ec2:DescribeRegions",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:GetPublicKey",
        "kms:ListAliases",
        "kms:ListKeyRotations",
        "kms:ListKeys",
        "kms:ListResourceTags",
    ] {
        let expected = (Verdict::Allowed, KnownBy::Tried);
        assert_eq!(told(&report, tried), expected, "{tried}");
    }
    for simulated in [
        "iam:ListRoles",
        "iam:ListUsers",
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DeleteAlias",
        "kms:DeleteImportedKeyMaterial",
        "kms:GenerateMac",
        "kms:GetParametersForImport",
        "kms:ImportKeyMaterial",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
    ] {
        let expected = (Verdict::Allowed, KnownBy::Simulated);
        assert_eq!(told(&report, simulated), expected, "{simulated}");
    }
    let calls = world.sandbox.calls();
    assert!(calls.iter().all(|call| call.outcome == "ok"), "{calls:?}");
    assert!(calls.len() < 50, "{} calls", calls.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_key_reading_is_simulated_too() {
    let world = World::company().await;
    let report = probed(&world, "sandbox", &RoleDraft::default(), "ap-south-1")
        .await
        .expect("signed in");
    let (tried, simulated) = (
        (Verdict::Allowed, KnownBy::Tried),
        (Verdict::Allowed, KnownBy::Simulated),
    );
    assert_eq!(told(&report, "kms:ListKeys"), tried);
    for action in ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetPublicKey"] {
        assert_eq!(told(&report, action), simulated, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_before_the_click_and_what_is_not_known_is_never_fine() {
    let world = World::company().await;
    let url = world.listening().await;
    world.connected("Auditor", &url, AUDITOR_KEY_ID).await;
    let report = probed(&world, "Auditor", &RoleDraft::default(), "us-east-1")
        .await
        .expect("signed in");
    let policy = permission(&report, "kms:GetKeyPolicy");
    assert_eq!(
        (policy.verdict, policy.known_by),
        (Verdict::Refused, KnownBy::Tried)
    );
    assert!(
        matches!(&policy.error, Some(AppError::AccessDenied { action, request_id: Some(_), .. })
            if action == "kms:GetKeyPolicy"),
        "{policy:?}"
    );
    assert!(
        matches!(&report.not_simulated, Some(NotSimulated::Refused {
            error: AppError::AccessDenied { action, .. }
        }) if action == "iam:SimulatePrincipalPolicy"),
        "{:?}",
        report.not_simulated
    );
    let unknown = (Verdict::Unknown, KnownBy::Nothing);
    assert_eq!(told(&report, "kms:CreateKey"), unknown);
    for (feature, verdict) in [
        (Feature::FindRegions, Verdict::Allowed),
        (Feature::Synchronise, Verdict::Refused),
        (Feature::UploadKeys, Verdict::Unknown),
        (Feature::ChoosePrincipals, Verdict::Unknown),
    ] {
        assert_eq!(ability(&report, feature).verdict, verdict, "{feature:?}");
    }
    // Where not even the list may be read, nothing else is tried.
    world.sandbox.clear_calls();
    let report = probed(&world, "Auditor", &RoleDraft::default(), FRANKFURT)
        .await
        .expect("signed in");
    let refused = (Verdict::Refused, KnownBy::Tried);
    assert_eq!(told(&report, "kms:ListKeys"), refused);
    assert_eq!(told(&report, "kms:GetKeyPolicy"), unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_asked_about_by_its_own_arn_with_its_path() {
    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"sts:AssumeRole"}]}"#;
    const MAY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:List*","kms:Get*","kms:Describe*","kms:CreateKey","iam:Simulate*","ec2:*"],"Resource":"*"}]}"#;
    let world = World::company().await;
    let named = ("RoleName", "Limited");
    world
        .ask_iam(
            "CreateRole",
            &[
                named,
                ("Path", "/team/"),
                ("AssumeRolePolicyDocument", TRUST),
            ],
        )
        .await;
    world
        .ask_iam(
            "PutRolePolicy",
            &[named, ("PolicyName", "may"), ("PolicyDocument", MAY)],
        )
        .await;
    world.sandbox.clear_calls();
    let role = role_draft("arn:aws:iam::111111111111:role/team/Limited", "");
    let report = probed(&world, "sandbox", &role, FRANKFURT)
        .await
        .expect("signed in");
    let caller = "arn:aws:sts::111111111111:assumed-role/Limited/";
    assert!(report.caller_arn.starts_with(caller), "{report:?}");
    assert_eq!(report.not_simulated, None);
    let simulated = |verdict| (verdict, KnownBy::Simulated);
    assert_eq!(told(&report, "kms:CreateKey"), simulated(Verdict::Allowed));
    // A key's own policy may grant it.
    assert_eq!(
        told(&report, "kms:TagResource"),
        simulated(Verdict::Unknown)
    );
    assert_eq!(told(&report, "iam:ListUsers"), simulated(Verdict::Refused));
    for (feature, verdict) in [
        (Feature::Synchronise, Verdict::Allowed),
        (Feature::UploadKeys, Verdict::Unknown),
        (Feature::ChoosePrincipals, Verdict::Refused),
        (Feature::FindRegions, Verdict::Allowed),
    ] {
        assert_eq!(ability(&report, feature).verdict, verdict, "{feature:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_may_not_be_described_are_soon_left_alone() {
    let world = World::company().await;
    let closed = Fault::every("kms", "DescribeKey", FaultKind::AccessDenied);
    world.sandbox.inject(closed);
    world.sandbox.clear_calls();
    let report = probed(&world, "sandbox", &RoleDraft::default(), FRANKFURT)
        .await
        .expect("signed in");
    let refused = (Verdict::Refused, KnownBy::Tried);
    assert_eq!(told(&report, "kms:DescribeKey"), refused);
    let calls = world.sandbox.calls();
    let described = calls.iter().filter(|call| call.operation == "DescribeKey");
    assert_eq!(described.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_went_wrong_tells_nothing() {
    let world = World::company().await;
    let broken = Fault::every("kms", "ListKeyRotations", FaultKind::InternalError);
    world.sandbox.inject(broken);
    let report = probed(&world, "sandbox", &RoleDraft::default(), FRANKFURT)
        .await
        .expect("signed in");
    let simulated = (Verdict::Allowed, KnownBy::Simulated);
    assert_eq!(told(&report, "kms:ListKeyRotations"), simulated);
    let silent = Fault::every("iam", "SimulatePrincipalPolicy", FaultKind::AccessDenied);
    world.sandbox.inject(silent);
    let report = probed(&world, "sandbox", &RoleDraft::default(), FRANKFURT)
        .await
        .expect("signed in");
    let rotations = permission(&report, "kms:ListKeyRotations");
    assert_eq!(
        (rotations.verdict, rotations.known_by),
        (Verdict::Unknown, KnownBy::Nothing)
    );
    assert!(rotations.error.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_fails_is_an_error_and_no_verdict() {
    let world = World::company().await;
    let role = role_draft("arn:aws:iam::111111111111:role/Nobody", "");
    let refused = probed(&world, "sandbox", &role, FRANKFURT).await;
    assert!(
        matches!(refused, Err(AppError::RoleRefused { .. })),
        "{refused:?}"
    );
}
