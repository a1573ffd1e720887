//! Users and roles, page by page.

use ownkey_model::AppError;

use crate::recorder::{Recorder, Reply, says};

const USERS_1: &str = r#"<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListUsersResult><IsTruncated>true</IsTruncated><Marker>page-2</Marker><Users>
    <member><Path>/</Path><UserName>zoe</UserName><UserId>AIDA1</UserId>
      <Arn>arn:aws:iam::111111111111:user/zoe</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>
  </Users></ListUsersResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ListUsersResponse>"#;

const USERS_2: &str = r#"<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListUsersResult><IsTruncated>false</IsTruncated><Users>
    <member><Path>/ops/</Path><UserName>ann</UserName><UserId>AIDA2</UserId>
      <Arn>arn:aws:iam::111111111111:user/ops/ann</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>
  </Users></ListUsersResult>
  <ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></ListUsersResponse>"#;

const ROLES: &str = r#"<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListRolesResult><IsTruncated>false</IsTruncated><Roles>
    <member><Path>/</Path><RoleName>web</RoleName><RoleId>AROA1</RoleId>
      <Arn>arn:aws:iam::111111111111:role/web</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>
    <member><Path>/aws-service-role/support.amazonaws.com/</Path><RoleName>S</RoleName>
      <RoleId>AROA2</RoleId>
      <Arn>arn:aws:iam::111111111111:role/aws-service-role/support.amazonaws.com/S</Arn>
      <CreateDate>2024-01-01T00:00:00Z</CreateDate></member>
    <member><Path>/app/</Path><RoleName>batch</RoleName><RoleId>AROA3</RoleId>
      <Arn>arn:aws:iam::111111111111:role/app/batch</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member>
  </Roles></ListRolesResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></ListRolesResponse>"#;

#[tokio::test(start_paused = true)]
async fn users_are_listed_to_the_last_page() {
    let aws = Recorder::new(&[says(USERS_1), says(USERS_2)]);
    let users = aws.session().await.users().await.expect("users");
    assert_eq!(
        users,
        [
            "arn:aws:iam::111111111111:user/ops/ann",
            "arn:aws:iam::111111111111:user/zoe"
        ]
    );
    let bodies: Vec<_> = aws.sent().into_iter().map(|one| one.body).collect();
    assert_eq!(
        bodies,
        [
            "Action=ListUsers&Version=2010-05-08&MaxItems=1000",
            "Action=ListUsers&Version=2010-05-08&Marker=page-2&MaxItems=1000"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn roles_of_aws_services_are_left_out() {
    let aws = Recorder::new(&[says(ROLES)]);
    let roles = aws.session().await.roles().await.expect("roles");
    assert_eq!(
        roles,
        [
            "arn:aws:iam::111111111111:role/app/batch",
            "arn:aws:iam::111111111111:role/web"
        ]
    );
    assert!(aws.only().body.starts_with("Action=ListRoles&"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_leads_in_a_circle_is_cut_short() {
    let aws = Recorder::new(&[says(USERS_1)]);
    let outcome = aws.session().await.users().await;
    assert_eq!(outcome, Err(AppError::ListCutShort));
    assert_eq!(aws.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_list_names_what_was_not_allowed() {
    let body = r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>
        <Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error>
        <RequestId>r-1</RequestId></ErrorResponse>"#;
    let aws = Recorder::new(&[Reply::Says(403, body)]);
    let outcome = aws.session().await.roles().await;
    assert!(
        matches!(&outcome, Err(AppError::AccessDenied { action, .. }) if action == "iam:ListRoles"),
        "{outcome:?}"
    );
}
