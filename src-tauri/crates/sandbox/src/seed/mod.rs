//! What a sandbox contains at the start.

mod company;
mod draft;
mod policies;
mod scale;

use time::OffsetDateTime;

use crate::kms::Kms;
use crate::{Seed, SeedRegion};

/// Fills an empty KMS. Ids and material repeat from start to start; dates are relative to `now`.
/// `regions` are those that each get a number of keys, if any is named.
pub(crate) fn plant(kms: &Kms, seed: &Seed, regions: &[SeedRegion], now: OffsetDateTime) {
    match seed {
        Seed::Empty => {}
        Seed::Company => company::plant(kms, now),
        Seed::Keys(count) => scale::plant(kms, *count, regions, now),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Instant;

    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;
    use crate::api::Call;
    use crate::kms::testing::{Few, administrator};
    use crate::random::Random;
    use crate::revision::Revision;

    const NOW: OffsetDateTime = datetime!(2026-03-14 09:26:53 UTC);

    fn call(account: &str, region: &str) -> Call {
        Call {
            account: account.to_owned(),
            region: region.to_owned(),
            principal: format!("arn:aws:iam::{account}:user/test"),
            caller: Arc::new(administrator(account)),
            via: None,
            request_id: String::new(),
            now: NOW,
        }
    }

    async fn ask(kms: &Kms, call: &Call, operation: &str, input: Value) -> Value {
        kms.answer(call, operation, input.as_object().unwrap())
            .await
            .unwrap()
    }

    /// Every page of a list.
    async fn all(kms: &Kms, call: &Call, operation: &str, member: &str, limit: u32) -> Vec<Value> {
        let mut items = Vec::new();
        let mut input = json!({ "Limit": limit });
        loop {
            let page = ask(kms, call, operation, input.clone()).await;
            items.extend(page[member].as_array().unwrap().iter().cloned());
            if page["Truncated"] == false {
                return items;
            }
            input["Marker"] = page["NextMarker"].clone();
        }
    }

    fn company() -> Kms {
        let kms = Kms::new(Random::from_os(), Revision::default(), Arc::new(Few));
        plant(&kms, &Seed::Company, &[], NOW);
        kms
    }

    async fn metadata_of_all(kms: &Kms) -> Vec<Value> {
        let mut found = Vec::new();
        for account in [company::PRODUCTION, company::ANALYTICS] {
            for region in crate::regions::REGIONS {
                let call = call(account, region.name);
                for key in all(kms, &call, "ListKeys", "Keys", 7).await {
                    let answer =
                        ask(kms, &call, "DescribeKey", json!({ "KeyId": key["KeyArn"] })).await;
                    found.push(answer["KeyMetadata"].clone());
                }
            }
        }
        found
    }

    #[tokio::test]
    async fn the_company_has_every_kind_of_key_a_client_must_show() {
        let kms = company();
        let keys = metadata_of_all(&kms).await;
        let customer: Vec<_> = keys
            .iter()
            .filter(|key| key["KeyManager"] == "CUSTOMER")
            .collect();
        assert!(
            (58..=66).contains(&customer.len()),
            "{} keys",
            customer.len()
        );
        let mut states = BTreeMap::new();
        for key in &customer {
            let byok = key["Origin"] == "EXTERNAL";
            *states
                .entry((byok, key["KeyState"].as_str().unwrap()))
                .or_insert(0) += 1;
        }
        for state in ["Enabled", "Disabled", "PendingDeletion"] {
            assert!(
                states[&(true, state)] > 0 && states[&(false, state)] > 0,
                "{state}"
            );
        }
        assert!(states[&(true, "PendingImport")] >= 6, "{states:?}");
        let specs: std::collections::BTreeSet<_> = customer
            .iter()
            .filter(|key| key["Origin"] == "EXTERNAL")
            .map(|key| key["KeySpec"].as_str().unwrap())
            .collect();
        assert!(specs.len() >= 6, "{specs:?}");
        let days_left: Vec<i64> = customer
            .iter()
            .filter_map(|key| key["ValidTo"].as_f64())
            .map(|end| (end as i64 - NOW.unix_timestamp()) / 86_400)
            .collect();
        for days in [3, 9, 12, 21, 28] {
            assert!(days_left.contains(&days), "{days_left:?}");
        }
        let replicas = customer
            .iter()
            .filter(|key| key["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA")
            .count();
        assert_eq!(replicas, 6);
    }

    #[tokio::test]
    async fn the_company_is_the_same_at_every_start() {
        let first = metadata_of_all(&company()).await;
        let again = metadata_of_all(&company()).await;
        assert_eq!(first, again);
    }

    #[tokio::test]
    async fn aws_aliases_are_listed_with_and_without_a_key() {
        let kms = company();
        let call = call(company::PRODUCTION, "eu-central-1");
        let aliases = all(&kms, &call, "ListAliases", "Aliases", 9).await;
        let of = |name: &str| {
            aliases
                .iter()
                .find(|alias| alias["AliasName"] == name)
                .unwrap()
        };
        assert!(of("alias/aws/s3")["TargetKeyId"].is_string());
        assert!(of("alias/aws/ssm").get("TargetKeyId").is_none());
        let names: std::collections::BTreeSet<_> = aliases
            .iter()
            .map(|alias| alias["AliasName"].to_string())
            .collect();
        assert_eq!(names.len(), aliases.len());
    }

    #[tokio::test]
    async fn many_keys_are_planted_fast_and_paged_without_doubles() {
        let kms = Kms::new(Random::from_os(), Revision::default(), Arc::new(Few));
        let begun = Instant::now();
        plant(&kms, &Seed::Keys(20_000), &[], NOW);
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
        let call = call("000000000000", "us-east-1");
        let keys = all(&kms, &call, "ListKeys", "Keys", 1000).await;
        let ids: std::collections::BTreeSet<_> = keys
            .iter()
            .map(|key| key["KeyId"].as_str().unwrap())
            .collect();
        assert_eq!((keys.len(), ids.len()), (20_000, 20_000));
        assert_eq!(
            all(&kms, &call, "ListAliases", "Aliases", 100).await.len(),
            16_000
        );
    }

    #[tokio::test]
    async fn each_region_that_is_named_gets_its_number_of_keys() {
        let kms = Kms::new(Random::from_os(), Revision::default(), Arc::new(Few));
        let regions = ["eu-west-1", "us-west-2"];
        let named = regions.map(|name| name.parse().unwrap());
        plant(&kms, &Seed::Keys(30), &named, NOW);
        for (region, count) in [(regions[0], 30), (regions[1], 30), ("us-east-1", 0)] {
            let call = call("000000000000", region);
            let keys = all(&kms, &call, "ListKeys", "Keys", 1000).await;
            assert_eq!(keys.len(), count, "{region}");
        }
    }
}
