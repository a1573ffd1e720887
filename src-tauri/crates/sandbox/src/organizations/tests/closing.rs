//! Accounts that are closed.

use super::*;

#[tokio::test]
async fn a_closed_account_does_nothing_and_gives_nothing_and_in_the_end_is_gone() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let account = client.make_account("keys@example.com").await;
    let inside = client.inside(&account).await;
    let everybody = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*",
    }});
    let kms = async |who: &Client, operation: &str, input: Value| {
        let target = format!("TrentService.{operation}");
        who.json("kms", &target, &input).await
    };
    let key = json!({ "Policy": everybody.to_string() });
    let made = kms(&inside, "CreateKey", key).await.unwrap();
    let key = json!({ "KeyId": made["KeyMetadata"]["Arn"] });
    kms(&client, "DescribeKey", key.clone()).await.unwrap();
    let of_management = json!({ "AccountId": "000000000000" });
    let never = "ConstraintViolationException CANNOT_CLOSE_MANAGEMENT_ACCOUNT";
    client
        .is_refused("CloseAccount", of_management, never)
        .await;
    let one = json!({ "AccountId": account });
    client.ask("CloseAccount", one.clone()).await.unwrap();
    let again = "AccountAlreadyClosedException";
    client.is_refused("CloseAccount", one.clone(), again).await;
    let known = client.ask("DescribeAccount", one.clone()).await.unwrap();
    assert_eq!(known["Account"]["Status"], "SUSPENDED");
    let refused = inside.list_keys().await.unwrap_err();
    assert!(refused.starts_with("UnrecognizedClient"), "{refused}");
    let administrator = Client {
        key_id: account.clone(),
        ..client.clone()
    };
    assert!(administrator.list_keys().await.is_err());
    assert!(kms(&client, "DescribeKey", key).await.is_err());
    assert_eq!(client.assume_role_in(&account).await.0, 403);
    let later = Request::post("http://x/_sandbox/clock")
        .body(Bytes::from(json!({ "advance_s": 91 * 86_400 }).to_string()))
        .unwrap();
    client.sandbox.handle(later).await.unwrap();
    let gone = "AccountNotFoundException";
    client.is_refused("DescribeAccount", one, gone).await;
    assert!(administrator.list_keys().await.is_err());
}
