//! Copies in another region: made with all permissions, failed silently without one of them.

use super::*;

const DATA: &str = "where does it live";

#[tokio::test]
async fn a_copy_needs_the_role_and_both_keys() {
    let here = empty();
    let there = here.at("us-west-2");
    here.make_bucket("b-here").await;
    there.make_bucket("b-there").await;
    let key = here.make_key(r#"{"MultiRegion":true}"#).await;
    let replicate = format!(r#"{{"KeyId":"{key}","ReplicaRegion":"us-west-2"}}"#);
    assert_eq!(here.kms("ReplicateKey", &replicate).await.unwrap().0, 200);
    let replica = key.replace("eu-west-1", "us-west-2");
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let trust = percent_encode(trust.to_string().as_bytes());
    let role = format!("Action=CreateRole&RoleName=copier&AssumeRolePolicyDocument={trust}");
    let role = element(&here.iam(&role).await, "Arn");
    let rule = format!(
        "<ReplicationConfiguration><Role>{role}</Role><Rule><ID>dr</ID><Priority>1</Priority>\
         <Filter><Prefix></Prefix></Filter><Status>Enabled</Status><SourceSelectionCriteria>\
         <SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects>\
         </SourceSelectionCriteria><Destination><Bucket>arn:aws:s3:::b-there</Bucket>\
         <EncryptionConfiguration><ReplicaKmsKeyID>{replica}</ReplicaKmsKeyID>\
         </EncryptionConfiguration></Destination><DeleteMarkerReplication><Status>Enabled</Status>\
         </DeleteMarkerReplication></Rule></ReplicationConfiguration>"
    );
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let refused = here.put("/b-here?replication", &rule).await;
    assert_eq!(refused.code(), "InvalidRequest 400");
    here.put("/b-here?versioning", enabled).await;
    let refused = here.put("/b-here?replication", &rule).await;
    assert_eq!(refused.code(), "InvalidRequest 400");
    there.put("/b-there?versioning", enabled).await;
    let put = here.put("/b-here?replication", &rule).await;
    assert_eq!(put.code(), "ok", "{}", put.text());
    let shown = here.get("/b-here?replication").await;
    assert!(
        shown.text().contains("<ReplicaKmsKeyID>"),
        "{}",
        shown.text()
    );
    let suspended = enabled.replace("Enabled", "Suspended");
    let refused = here.put("/b-here?versioning", &suspended).await;
    assert_eq!(refused.code(), "InvalidBucketState 409");

    let all = [
        allow("s3:GetReplicationConfiguration", "arn:aws:s3:::b-here"),
        allow("s3:ListBucket", "arn:aws:s3:::b-here"),
        allow("s3:GetObjectVersion*", "arn:aws:s3:::b-here/*"),
        allow("s3:Replicate*", "arn:aws:s3:::b-there/*"),
        allow("kms:Decrypt", &key),
        allow("kms:Encrypt", &replica),
    ];
    for lacking in [0, 2, 3, 4, 5, usize::MAX] {
        let statements: Vec<_> = (0..all.len()).filter(|place| *place != lacking).collect();
        let statements: Vec<_> = statements
            .into_iter()
            .map(|place| all[place].clone())
            .collect();
        let text = percent_encode(policy(&statements).as_bytes());
        here.iam(&format!(
            "Action=PutRolePolicy&RoleName=copier&PolicyName=p&PolicyDocument={text}"
        ))
        .await;
        let put = here.put_sealed("/b-here/k", &key, DATA).await;
        assert_eq!(put.code(), "ok");
        let status = here.s3("HEAD", "/b-here/k", &[], "").await;
        let status = status.header("x-amz-replication-status").to_owned();
        let copy = there.s3("HEAD", "/b-there/k", &[], "").await;
        if lacking < all.len() {
            assert_eq!((status.as_str(), copy.status), ("FAILED", 404), "{lacking}");
            continue;
        }
        assert_eq!((status.as_str(), copy.status), ("COMPLETED", 200));
        assert_eq!(
            copy.header("x-amz-version-id"),
            put.header("x-amz-version-id")
        );
        assert_eq!(copy.header("x-amz-replication-status"), "REPLICA");
        let named = "x-amz-server-side-encryption-aws-kms-key-id";
        assert_eq!(copy.header(named), replica);
        assert_eq!(there.get("/b-there/k").await.text(), DATA);
    }
    here.s3("DELETE", "/b-here/k", &[], "").await;
    assert_eq!(there.get("/b-there/k").await.code(), "NoSuchKey 404");
}

#[tokio::test]
async fn rules_of_the_older_form_copy_delete_markers() {
    let client = empty();
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    for name in ["b-old", "b-copy"] {
        client.make_bucket(name).await;
        client.put(&format!("/{name}?versioning"), enabled).await;
    }
    let trust = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}});
    let trust = percent_encode(trust.to_string().as_bytes());
    let role = format!("Action=CreateRole&RoleName=copier&AssumeRolePolicyDocument={trust}");
    let role = element(&client.iam(&role).await, "Arn");
    let all = percent_encode(policy(&[allow("s3:*", "*")]).as_bytes());
    let form = "Action=PutRolePolicy&RoleName=copier&PolicyName=p&PolicyDocument";
    client.iam(&format!("{form}={all}")).await;
    let put = async |more: &str| {
        let rule = format!(
            "<ReplicationConfiguration><Role>{role}</Role><Rule><Status>Enabled</Status>\
             <Destination><Bucket>arn:aws:s3:::b-copy</Bucket></Destination>{more}</Rule>\
             </ReplicationConfiguration>"
        );
        client.put("/b-old?replication", &rule).await.code()
    };
    let markers = "<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>";
    let older = "<Prefix></Prefix>";
    assert_eq!(
        put(&format!("{older}{markers}")).await,
        "InvalidRequest 400"
    );
    let newer = format!("<Filter/>{markers}<Priority>-1</Priority>");
    assert_eq!(put(&newer).await, "MalformedXML 400");
    assert_eq!(put(older).await, "ok");
    client.put("/b-old/k", "x").await;
    assert_eq!(client.get("/b-copy/k").await.text(), "x");
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let sum = checksum(tags.as_bytes());
    let headers = [("x-amz-checksum-sha256", sum.as_str())];
    client.s3("PUT", "/b-old/k?tagging", &headers, tags).await;
    let copied = client.get("/b-copy/k?tagging").await;
    assert!(
        copied.text().contains("<Value>b</Value>"),
        "{}",
        copied.text()
    );
    client.s3("DELETE", "/b-old/k", &[], "").await;
    assert_eq!(client.get("/b-copy/k").await.code(), "NoSuchKey 404");
    let archived = [("x-amz-storage-class", "GLACIER")];
    client.s3("PUT", "/b-old/ice", &archived, "x").await;
    assert_eq!(client.get("/b-copy/ice").await.code(), "NoSuchKey 404");
}
