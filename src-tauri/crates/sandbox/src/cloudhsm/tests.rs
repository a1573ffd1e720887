//! CloudHSM as its own clients see it.

use std::sync::Arc;

use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::CloudHsm;
use super::certificates::testing::sign;
use crate::api::Call;
use crate::kms::testing::{administrator, user};
use crate::random::Random;
use crate::revision::Revision;
use crate::tests::dice::Dice;

const NOW: OffsetDateTime = datetime!(2026-03-14 09:26:53.589 UTC);

const INVALID: &str = "CloudHsmInvalidRequestException";
const NOT_FOUND: &str = "CloudHsmResourceNotFoundException";

struct Bench {
    cloudhsm: CloudHsm,
    region: &'static str,
    now: OffsetDateTime,
    /// What the caller is allowed, if not everything.
    may: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        Self {
            cloudhsm: CloudHsm::new(Random::from_os(), Revision::default()),
            region: "eu-west-1",
            now: NOW,
            may: Vec::new(),
        }
    }

    fn call(&self) -> Call {
        let may: Vec<&str> = self.may.iter().map(String::as_str).collect();
        let caller = match self.may.is_empty() {
            true => administrator("111111111111"),
            false => user("111111111111", "test", &may),
        };
        Call {
            account: "111111111111".to_owned(),
            region: self.region.to_owned(),
            principal: "arn:aws:iam::111111111111:user/test".to_owned(),
            caller: Arc::new(caller),
            via: None,
            request_id: String::new(),
            now: self.now,
        }
    }

    fn ask(&self, operation: &str, input: Value) -> Value {
        let answer = self
            .cloudhsm
            .answer(&self.call(), operation, input.as_object().unwrap());
        match answer {
            Ok(answer) => answer,
            Err(error) => panic!("{operation} {input}: {error:?}"),
        }
    }

    fn code(&self, operation: &str, input: Value) -> &'static str {
        self.cloudhsm
            .answer(&self.call(), operation, input.as_object().unwrap())
            .map_or_else(|error| error.code, |_| "ok")
    }

    fn cluster(&self, id: &str) -> Value {
        let found = self.ask("DescribeClusters", json!({"Filters": {"clusterIds": [id]}}));
        found["Clusters"][0].clone()
    }

    fn moves_on(&mut self) {
        self.now += Duration::milliseconds(1);
    }

    /// A new cluster in zones a and b, without HSMs.
    fn create(&mut self) -> String {
        let input = json!({
            "HsmType": "hsm2m.medium", "Mode": "FIPS",
            "SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        });
        let made = self.ask("CreateCluster", input)["Cluster"].clone();
        assert_eq!(made["State"], "CREATE_IN_PROGRESS");
        self.moves_on();
        made["ClusterId"].as_str().unwrap().to_owned()
    }

    fn add_hsm(&mut self, cluster: &str, letter: &str) -> String {
        let zone = format!("{}{letter}", self.region);
        let input = json!({ "ClusterId": cluster, "AvailabilityZone": zone });
        let made = self.ask("CreateHsm", input)["Hsm"].clone();
        assert_eq!(made["State"], "CREATE_IN_PROGRESS");
        self.moves_on();
        made["HsmId"].as_str().unwrap().to_owned()
    }
}

#[test]
fn every_account_and_region_has_one_cluster_that_is_ready() {
    let mut bench = Bench::new();
    let clusters = bench.ask("DescribeClusters", json!({}));
    assert_eq!(clusters, bench.ask("DescribeClusters", json!({})));
    let [cluster] = &clusters["Clusters"].as_array().unwrap()[..] else {
        panic!("{clusters}");
    };
    assert_eq!(cluster["State"], "ACTIVE");
    let hsms = cluster["Hsms"].as_array().unwrap();
    assert_eq!(hsms.len(), 2);
    assert!(hsms.iter().all(|hsm| hsm["State"] == "ACTIVE"));
    assert_ne!(hsms[0]["AvailabilityZone"], hsms[1]["AvailabilityZone"]);
    let certificates = &cluster["Certificates"];
    assert!(certificates.get("ClusterCsr").is_none());
    let seen = bench
        .cloudhsm
        .seen(&bench.call(), cluster["ClusterId"].as_str().unwrap())
        .unwrap();
    assert!(seen.is_active && seen.zones == 2);
    assert!(seen.is_trust_anchor(certificates["ClusterCertificate"].as_str().unwrap()));
    assert!(!seen.is_trust_anchor(certificates["HsmCertificate"].as_str().unwrap()));
    bench.region = "us-east-1";
    let other = bench.ask("DescribeClusters", json!({}))["Clusters"][0].clone();
    assert_ne!(other["ClusterId"], cluster["ClusterId"]);
}

#[test]
fn a_cluster_becomes_active_step_by_step() {
    let mut bench = Bench::new();
    let id = bench.create();
    let name = json!({ "ClusterId": id });
    assert_eq!(bench.cluster(&id)["State"], "UNINITIALIZED");
    assert!(
        bench.cluster(&id)["Certificates"]
            .get("ClusterCsr")
            .is_none()
    );
    bench.add_hsm(&id, "a");
    let csr = bench.cluster(&id)["Certificates"]["ClusterCsr"]
        .as_str()
        .unwrap()
        .to_owned();
    let (signed, anchor) = sign(&csr, NOW);
    let mut claim = json!({ "ClusterId": id, "SignedCert": anchor, "TrustAnchor": anchor });
    assert_eq!(bench.code("InitializeCluster", claim.clone()), INVALID);
    assert_eq!(bench.code("InitializeCluster", name.clone()), INVALID);
    claim["SignedCert"] = json!(signed);
    let answer = bench.ask("InitializeCluster", claim.clone());
    assert_eq!(answer["State"], "INITIALIZE_IN_PROGRESS");
    assert_eq!(bench.cluster(&id)["State"], "INITIALIZE_IN_PROGRESS");
    bench.moves_on();
    let seen = || bench.cloudhsm.seen(&bench.call(), &id).unwrap();
    assert!(!seen().is_active);
    assert_eq!(bench.cluster(&id)["State"], "INITIALIZED");
    bench.moves_on();
    let cluster = bench.cluster(&id);
    assert_eq!(cluster["State"], "ACTIVE");
    assert_eq!(
        cluster["Certificates"]["ClusterCertificate"],
        signed.as_str()
    );
    assert!(cluster["Certificates"].get("ClusterCsr").is_none());
    assert_eq!(bench.code("InitializeCluster", claim), INVALID);
    let seen = bench.cloudhsm.seen(&bench.call(), &id).unwrap();
    assert!(seen.is_active && seen.zones == 1);
    assert!(seen.is_trust_anchor(&anchor) && !seen.is_trust_anchor(&signed));
}

#[test]
fn hsms_come_and_go_and_a_cluster_goes_after_them() {
    let mut bench = Bench::new();
    let id = bench.create();
    let first = bench.add_hsm(&id, "a");
    bench.add_hsm(&id, "b");
    let zone_c = json!({ "ClusterId": id, "AvailabilityZone": "eu-west-1c" });
    assert_eq!(bench.code("CreateHsm", zone_c), INVALID);
    assert_eq!(
        bench.code("DeleteCluster", json!({ "ClusterId": id })),
        INVALID
    );
    let by_id = json!({ "ClusterId": id, "HsmId": first });
    assert_eq!(
        bench.ask("DeleteHsm", by_id.clone())["HsmId"],
        first.as_str()
    );
    assert_eq!(bench.cluster(&id)["Hsms"][0]["State"], "DELETE_IN_PROGRESS");
    bench.moves_on();
    assert_eq!(bench.code("DeleteHsm", by_id), NOT_FOUND);
    let ip = bench.cluster(&id)["Hsms"][0]["EniIp"].clone();
    assert_eq!(bench.code("DeleteHsm", json!({ "ClusterId": id })), INVALID);
    bench.ask("DeleteHsm", json!({ "ClusterId": id, "EniIp": ip }));
    bench.moves_on();
    let answer = bench.ask("DeleteCluster", json!({ "ClusterId": id }));
    assert_eq!(answer["Cluster"]["State"], "DELETE_IN_PROGRESS");
    bench.moves_on();
    assert_eq!(bench.cluster(&id), Value::Null);
    assert_eq!(
        bench.code("DeleteCluster", json!({ "ClusterId": id })),
        NOT_FOUND
    );
    assert!(bench.cloudhsm.seen(&bench.call(), &id).is_none());
}

#[test]
fn clusters_are_filtered_and_paged() {
    let mut bench = Bench::new();
    let mut made: Vec<_> = (0..3).map(|_| bench.create()).collect();
    made.sort();
    let mut input = json!({ "MaxResults": 2, "Filters": { "states": ["UNINITIALIZED"] } });
    let first = bench.ask("DescribeClusters", input.clone());
    input["NextToken"] = first["NextToken"].clone();
    let second = bench.ask("DescribeClusters", input);
    assert!(second.get("NextToken").is_none());
    let pages = [&first, &second].map(|page| page["Clusters"].as_array().unwrap().clone());
    let ids: Vec<_> = pages
        .concat()
        .iter()
        .map(|cluster| cluster["ClusterId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, made);
    for input in [
        json!({ "MaxResults": 0 }),
        json!({ "MaxResults": 26 }),
        json!({ "Filters": { "colour": ["red"] } }),
        json!({ "NextToken": "%" }),
    ] {
        assert_eq!(bench.code("DescribeClusters", input), INVALID);
    }
    let wrong = json!({ "Filters": ["x"] });
    assert_eq!(
        bench.code("DescribeClusters", wrong),
        "SerializationException"
    );
    assert_eq!(
        bench.code("DescribeCoffee", json!({})),
        "UnknownOperationException"
    );
}

#[test]
fn requests_that_cannot_be_are_refused() {
    let mut bench = Bench::new();
    let subnet = "subnet-0123456789abcdef0";
    for input in [
        json!({}),
        json!({ "HsmType": "hsm9.huge", "SubnetIds": [subnet] }),
        json!({ "HsmType": "hsm1.medium", "Mode": "FIPS", "SubnetIds": [subnet] }),
        json!({ "HsmType": "hsm2m.medium", "SubnetIds": [] }),
        json!({ "HsmType": "hsm2m.medium", "SubnetIds": [subnet, subnet] }),
        json!({ "HsmType": "hsm2m.medium", "SubnetIds": ["vpc-1"] }),
        json!({
            "HsmType": "hsm2m.medium", "SubnetIds": [subnet],
            "BackupRetentionPolicy": { "Type": "DAYS", "Value": "6" },
        }),
    ] {
        assert_eq!(
            bench.code("CreateCluster", input.clone()),
            INVALID,
            "{input}"
        );
    }
    let backup = json!({
        "HsmType": "hsm2m.medium", "SubnetIds": [subnet], "SourceBackupId": "backup-abcdefghijk",
    });
    assert_eq!(bench.code("CreateCluster", backup), NOT_FOUND);
    assert_eq!(
        bench.code("DeleteCluster", json!({ "ClusterId": "mine" })),
        INVALID
    );
    let id = bench.create();
    let claim = json!({ "ClusterId": id, "SignedCert": "x", "TrustAnchor": "y" });
    assert_eq!(bench.code("InitializeCluster", claim), INVALID);
}

#[test]
fn an_account_has_four_clusters_and_six_hsms_in_a_region() {
    let mut bench = Bench::new();
    let ids = [bench.create(), bench.create(), bench.create()];
    let fifth = json!({ "HsmType": "hsm2m.medium", "SubnetIds": ["subnet-01234567"] });
    assert_eq!(bench.code("CreateCluster", fifth), INVALID);
    for id in &ids {
        bench.add_hsm(id, "a");
    }
    bench.add_hsm(&ids[0], "b");
    let seventh = json!({ "ClusterId": ids[1], "AvailabilityZone": "eu-west-1b" });
    assert_eq!(bench.code("CreateHsm", seventh), INVALID);
}

#[test]
fn permissions_are_asked_for_by_tags_and_after_the_shape() {
    let mut bench = Bench::new();
    let statement = |more: Value| {
        let mut all = json!({ "Effect": "Allow", "Action": "cloudhsm:*", "Resource": "*" });
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all.to_string()
    };
    let blue = |key: &str| json!({ "Condition": { "StringEquals": { key: "blue" } } });
    let input = |tags: Value| json!({ "HsmType": "hsm2m.medium", "SubnetIds": ["subnet-01234567"], "TagList": tags });
    let team = |name: &str| json!([{ "Key": "team", "Value": name }]);
    bench.may = vec![statement(blue("aws:RequestTag/team"))];
    const DENIED: &str = "CloudHsmAccessDeniedException";
    assert_eq!(bench.code("CreateCluster", input(team("red"))), DENIED);
    let made = bench.ask("CreateCluster", input(team("blue")));
    let id = &made["Cluster"]["ClusterId"];
    bench.moves_on();
    bench.may = vec![statement(blue("aws:ResourceTag/team"))];
    bench.ask("ListTags", json!({ "ResourceId": id }));
    assert_eq!(bench.code("DescribeClusters", json!({})), DENIED);
    assert_eq!(bench.code("CreateCluster", json!({})), INVALID);
    assert_eq!(
        bench.code("DescribeCoffee", json!({})),
        "UnknownOperationException"
    );
}

/// Members and values of every kind, also where they do not belong.
#[test]
fn no_request_makes_it_panic() {
    let mut bench = Bench::new();
    let mut dice = Dice::new(7);
    let mut made = 0;
    let mut known = vec![
        json!("cluster-abcdefghijk"),
        json!(null),
        json!(-1),
        json!(3),
        json!(""),
    ];
    known.extend([
        json!("eu-west-1a"),
        json!("hsm2m.medium"),
        json!("10.0.1.10"),
        json!({}),
    ]);
    known.extend([
        json!(["subnet-01234567"]),
        json!(["a", "b"]),
        json!(1e300),
        json!(true),
    ]);
    known.push(json!({ "states": ["ACTIVE"], "clusterIds": [] }));
    known.push(json!([{ "Key": "a", "Value": "b" }]));
    known.push(json!({ "Type": "DAYS", "Value": "99999" }));
    let members = "ClusterId HsmType SubnetIds Mode Filters NextToken MaxResults SignedCert \
        TrustAnchor AvailabilityZone IpAddress HsmId EniId EniIp ResourceId TagList TagKeyList \
        BackupRetentionPolicy SourceBackupId NetworkType";
    let members: Vec<_> = members.split_whitespace().collect();
    let operations = "DescribeClusters CreateCluster InitializeCluster DeleteCluster CreateHsm \
        DeleteHsm TagResource UntagResource ListTags";
    let operations: Vec<_> = operations.split_whitespace().collect();
    for _ in 0..3000 {
        let mut input: serde_json::Map<_, _> = (0..dice.below(6))
            .map(|_| (dice.one_of(&members).to_owned(), dice.one_of(&known)))
            .collect();
        if dice.once_in(3) {
            input.insert("HsmType".to_owned(), json!("hsm2m.medium"));
            input.insert("SubnetIds".to_owned(), json!(["subnet-01234567"]));
        }
        let operation = dice.one_of(&operations);
        if let Ok(answer) = bench.cloudhsm.answer(&bench.call(), operation, &input)
            && let Some(id) = answer["Cluster"]["ClusterId"].as_str()
        {
            known.push(json!(id));
            made += 1;
        }
        bench.moves_on();
    }
    assert!(made > 0, "no cluster was made");
}

#[test]
fn tags_are_added_listed_in_pages_and_removed() {
    let mut bench = Bench::new();
    let id = bench.create();
    let tag = |number: usize| json!({ "Key": format!("k{number:02}"), "Value": "v" });
    let many: Vec<_> = (0..50).map(tag).collect();
    bench.ask("TagResource", json!({ "ResourceId": id, "TagList": many }));
    let one_more = json!({ "ResourceId": id, "TagList": [tag(50)] });
    assert_eq!(
        bench.code("TagResource", one_more),
        "CloudHsmResourceLimitExceededException"
    );
    let first = bench.ask("ListTags", json!({ "ResourceId": id, "MaxResults": 49 }));
    let next = json!({ "ResourceId": id, "NextToken": first["NextToken"] });
    assert_eq!(bench.ask("ListTags", next)["TagList"], json!([tag(49)]));
    let keys = json!({ "ResourceId": id, "TagKeyList": ["k00", "k01"] });
    bench.ask("UntagResource", keys);
    let left = bench.ask("ListTags", json!({ "ResourceId": id }));
    assert_eq!(left["TagList"].as_array().unwrap().len(), 48);
    let reserved = json!({ "ResourceId": id, "TagList": [{ "Key": "aws:x", "Value": "" }] });
    assert_eq!(bench.code("TagResource", reserved), "CloudHsmTagException");
    let backup = json!({ "ResourceId": "backup-abcdefghijk" });
    assert_eq!(bench.code("ListTags", backup), NOT_FOUND);
}

#[test]
fn a_kept_state_goes_on() {
    let mut bench = Bench::new();
    let id = bench.create();
    bench.add_hsm(&id, "a");
    let before = bench.ask("DescribeClusters", json!({}));
    let kept = serde_json::to_string(&*bench.cloudhsm.read()).unwrap();
    let state = serde_json::from_str(&kept).unwrap();
    bench.cloudhsm = CloudHsm::resumed(state, Random::from_os(), Revision::default());
    assert_eq!(bench.ask("DescribeClusters", json!({})), before);
}
