//! Many keys in one account and one region or several, for measuring.

use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::SeedRegion;
use crate::kms::{
    KeySpec, KeyUsage, Kms, Material, MaterialId, Origin, Role, Secret, blank, make_native_material,
};
use crate::random::Random;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";

const TEAMS: [&str; 8] = [
    "payments",
    "orders",
    "search",
    "identity",
    "billing",
    "logistics",
    "analytics",
    "platform",
];
const ENVIRONMENTS: [&str; 3] = ["prod", "staging", "dev"];

/// Plants `count` keys in each region: a third imported (half of those expiring within a year), four
/// of five with an alias and tags.
pub(super) fn plant(kms: &Kms, count: u32, regions: &[SeedRegion], now: OffsetDateTime) {
    let rng = Random::seeded(0x0f0f_1e1e);
    if regions.is_empty() {
        plant_region(kms, &rng, count, REGION, now);
    }
    for region in regions {
        plant_region(kms, &rng, count, region.name(), now);
    }
}

fn plant_region(kms: &Kms, rng: &Random, count: u32, region: &str, now: OffsetDateTime) {
    kms.plant(|world| {
        let policy = world.default_policy(ACCOUNT, region);
        for number in 0..count {
            let imported = number % 3 == 0;
            let origin = if imported {
                Origin::External
            } else {
                Origin::AwsKms
            };
            let created = now - Duration::hours(i64::from(number % 20_000) + 1);
            let (spec, usage) = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
            let mut key = blank(&rng.uuid(), created, spec, usage, origin, policy.clone());
            if imported {
                let bytes = Zeroizing::new(rng.bytes::<32>().to_vec());
                let days = i64::from(number % 359) + 1;
                key.materials.push(Material {
                    id: MaterialId::derive(&key.id, &bytes),
                    secret: Some(Secret::raw(bytes)),
                    role: Role::Current,
                    description: None,
                    valid_to: (number % 2 == 0).then(|| now + Duration::days(days)),
                    rotated: None,
                });
            } else {
                make_native_material(&mut key, region, rng);
            }
            let team = TEAMS[number as usize % TEAMS.len()];
            let environment = ENVIRONMENTS[number as usize / 7 % ENVIRONMENTS.len()];
            let named = number % 5 != 4;
            if named {
                key.description = format!("{team} {environment} key {number}").into();
                key.tags.insert("team".into(), team.into());
                key.tags.insert("env".into(), environment.into());
                key.tags.insert(
                    "cost-center".into(),
                    format!("cc-{}", 1000 + number % 90).into(),
                );
            }
            let at = world.add(ACCOUNT, region, key);
            if named {
                let alias = format!("alias/{environment}/{team}/{number:06}");
                world.point_alias(ACCOUNT, region, &alias, Some(&at.id), created);
            }
        }
    });
}
