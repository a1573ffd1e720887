//! Accounts that come by an invitation.

use super::*;

#[tokio::test]
async fn an_invited_account_joins_if_it_accepts() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let outside = Client {
        key_id: "333333333333".to_owned(),
        ..client.clone()
    };
    let target = |id: &str, kind: &str| json!({ "Target": { "Id": id, "Type": kind } });
    let mut input = target("333333333333", "ACCOUNT");
    input["Notes"] = "join us".into();
    input["Tags"] = json!([{ "Key": "team", "Value": "blue" }]);
    let sent = client
        .ask("InviteAccountToOrganization", input.clone())
        .await;
    let sent = sent.unwrap()["Handshake"].take();
    assert_eq!(
        (&sent["State"], &sent["Action"]),
        (&json!("REQUESTED"), &json!("INVITE"))
    );
    let invite = "InviteAccountToOrganization";
    client
        .is_refused(invite, input, "DuplicateHandshakeException")
        .await;
    let one = json!({ "HandshakeId": sent["Id"] });
    client
        .is_refused("AcceptHandshake", one.clone(), "AccessDeniedException")
        .await;
    outside
        .is_refused("CancelHandshake", one.clone(), "AccessDeniedException")
        .await;
    let stranger = Client {
        key_id: "444444444444".to_owned(),
        ..client.clone()
    };
    let unknown = "HandshakeNotFoundException";
    stranger
        .is_refused("DescribeHandshake", one.clone(), unknown)
        .await;
    let received = outside
        .ask("ListHandshakesForAccount", json!({}))
        .await
        .unwrap();
    assert_eq!(received["Handshakes"], json!([sent]));
    let accepted = outside.ask("AcceptHandshake", one.clone()).await.unwrap();
    assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
    let again = "HandshakeAlreadyInStateException";
    outside
        .is_refused("AcceptHandshake", one.clone(), again)
        .await;
    let late = "InvalidHandshakeTransitionException";
    client
        .is_refused("CancelHandshake", one.clone(), late)
        .await;
    let account = json!({ "AccountId": "333333333333" });
    let known = client
        .ask("DescribeAccount", account.clone())
        .await
        .unwrap();
    assert_eq!(known["Account"]["JoinedMethod"], "INVITED");
    let tags = json!({ "ResourceId": "333333333333" });
    let tags = client.ask("ListTagsForResource", tags).await.unwrap();
    assert_eq!(tags["Tags"][0]["Value"], "blue");
    let member = "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION";
    client
        .is_refused(invite, target("333333333333", "ACCOUNT"), member)
        .await;

    // Another organization takes it over when it agrees, but not a management account.
    stranger.ask("CreateOrganization", json!({})).await.unwrap();
    let by_email = target("account-333333333333@example.com", "EMAIL");
    let sent = stranger.ask(invite, by_email).await.unwrap();
    let one = json!({ "HandshakeId": sent["Handshake"]["Id"] });
    outside.ask("AcceptHandshake", one).await.unwrap();
    client
        .is_refused("DescribeAccount", account, "AccountNotFoundException")
        .await;
    let sent = stranger
        .ask(invite, target("000000000000", "ACCOUNT"))
        .await
        .unwrap();
    let one = json!({ "HandshakeId": sent["Handshake"]["Id"] });
    let stays = "MasterCannotLeaveOrganizationException";
    client
        .is_refused("AcceptHandshake", one.clone(), stays)
        .await;
    let declined = client.ask("DeclineHandshake", one).await.unwrap();
    assert_eq!(declined["Handshake"]["State"], "DECLINED");
    let sent = stranger
        .ask(invite, target("x@example.com", "EMAIL"))
        .await
        .unwrap();
    let one = json!({ "HandshakeId": sent["Handshake"]["Id"] });
    let canceled = stranger.ask("CancelHandshake", one).await.unwrap();
    assert_eq!(canceled["Handshake"]["State"], "CANCELED");
    let all = json!({ "Filter": { "ActionType": "INVITE" } });
    let all = stranger
        .ask("ListHandshakesForOrganization", all)
        .await
        .unwrap();
    assert_eq!(all["Handshakes"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_second_invitation_does_not_take_a_member_out_of_its_unit() {
    let client = Client::new(Seed::Empty);
    client.ask("CreateOrganization", json!({})).await.unwrap();
    let invited = Client {
        key_id: "333333333333".to_owned(),
        ..client.clone()
    };
    let mut invitations = Vec::new();
    for (id, kind) in [
        ("333333333333", "ACCOUNT"),
        ("account-333333333333@example.com", "EMAIL"),
    ] {
        let input = json!({ "Target": { "Id": id, "Type": kind } });
        let sent = client.ask("InviteAccountToOrganization", input).await;
        invitations.push(json!({ "HandshakeId": sent.unwrap()["Handshake"]["Id"] }));
    }
    let accept = "AcceptHandshake";
    invited.ask(accept, invitations[0].clone()).await.unwrap();
    let roots = client.ask("ListRoots", json!({})).await.unwrap();
    let root = &roots["Roots"][0]["Id"];
    let input = json!({ "ParentId": root, "Name": "kept" });
    let unit = client.ask("CreateOrganizationalUnit", input).await.unwrap();
    let unit = &unit["OrganizationalUnit"]["Id"];
    let account = "333333333333";
    let to_unit =
        json!({ "AccountId": account, "SourceParentId": root, "DestinationParentId": unit });
    client.ask("MoveAccount", to_unit).await.unwrap();
    let member = "HandshakeConstraintViolationException ALREADY_IN_AN_ORGANIZATION";
    invited
        .is_refused(accept, invitations[1].clone(), member)
        .await;
    let child = json!({ "ChildId": account });
    let parents = client.ask("ListParents", child).await.unwrap();
    assert_eq!(parents["Parents"][0]["Id"], *unit);
}
