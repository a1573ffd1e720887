//! Measures the store on 100,000 cached keys: writing them, reading them again unchanged, and 200
//! fixed questions, each of a view, filters, an order and a page, with their counts: as they come,
//! and with other conditions asked for in between, so that nothing is known of theirs.
//!
//! `cargo run --release -p ownkey-store --example queries [KEYS] [--json]`; with `--json`, the times of
//! the warm questions alone, as one object: `npm run bench -- --queries` asks for it.

#![allow(clippy::print_stdout, reason = "it prints its findings")]

use std::time::{Duration, Instant};

use ownkey_model::{
    AccountId, Alias, AppError, Combine, Connection, ConnectionId, ConnectionKind, Filter, Key,
    KeyArn, KeyProperty as P, KeyQuery, KeyState, KeyView as V, Operator as O, Origin, Partition,
    Reading, Region, Registration, RegistrationId, Result, Rotation, Scope, Sort, Tag, Timestamp,
};
use ownkey_store::Store;

const ACCOUNT: &str = "111111111111";
const REGIONS: [&str; 6] = [
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-2",
];
const TEAMS: [&str; 10] = [
    "payments",
    "billing",
    "web",
    "data-lake",
    "hr",
    "ml",
    "iot",
    "core",
    "auth",
    "ledger",
];
const ENVS: [&str; 4] = ["prod", "staging", "dev", "test"];
const DAY: i64 = 86_400;

type Condition = (Option<P>, O, &'static str);
type Question = (V, Combine, &'static [Condition]);

/// 25 views with filters, of which each is asked in 8 orders and pages.
const QUESTIONS: [Question; 25] = [
    (V::All, Combine::And, &[]),
    (V::Byok, Combine::And, &[]),
    (V::Native, Combine::And, &[]),
    (V::Expiring, Combine::And, &[]),
    (V::NeedsMaterial, Combine::And, &[]),
    (V::PendingDeletion, Combine::And, &[]),
    (V::Gone, Combine::And, &[]),
    (
        V::All,
        Combine::And,
        &[(Some(P::Region), O::Equals, "eu-central-1")],
    ),
    (
        V::Disabled,
        Combine::And,
        &[(Some(P::Region), O::NotEquals, "us-east-1")],
    ),
    (
        V::All,
        Combine::And,
        &[
            (Some(P::Spec), O::StartsWith, "RSA"),
            (Some(P::Usage), O::Equals, "SIGN_VERIFY"),
        ],
    ),
    (
        V::All,
        Combine::Or,
        &[
            (Some(P::State), O::Equals, "Disabled"),
            (Some(P::Origin), O::Equals, "EXTERNAL"),
        ],
    ),
    (V::All, Combine::And, &[(None, O::Contains, "payments")]),
    (V::All, Combine::And, &[(None, O::Contains, "prod")]),
    (V::All, Combine::And, &[(None, O::Contains, "12345")]),
    (
        V::All,
        Combine::And,
        &[(None, O::Contains, "ledger/prod/9")],
    ),
    (
        V::Byok,
        Combine::And,
        &[
            (None, O::Contains, "data-lake"),
            (Some(P::Region), O::Equals, "eu-west-1"),
        ],
    ),
    (
        V::All,
        Combine::And,
        &[(Some(P::Alias), O::StartsWith, "alias/web/dev")],
    ),
    (
        V::All,
        Combine::And,
        &[
            (Some(P::Alias), O::Contains, "auth"),
            (Some(P::Alias), O::NotContains, "test"),
        ],
    ),
    (
        V::All,
        Combine::And,
        &[(Some(P::Tag), O::Equals, "env=prod")],
    ),
    (
        V::All,
        Combine::And,
        &[(Some(P::Tag), O::NotEquals, "env=prod")],
    ),
    (
        V::All,
        Combine::And,
        &[
            (Some(P::Tag), O::Equals, "team=hr"),
            (Some(P::Rotation), O::Equals, "ON"),
        ],
    ),
    (
        V::All,
        Combine::And,
        &[(Some(P::Description), O::Contains, "number 77")],
    ),
    (
        V::Byok,
        Combine::And,
        &[(Some(P::ExpiresInDays), O::AtMost, "90")],
    ),
    (
        V::All,
        Combine::And,
        &[(Some(P::AgeInDays), O::AtLeast, "1000")],
    ),
    (
        V::All,
        Combine::Or,
        &[
            (Some(P::Tag), O::Equals, "team=iot"),
            (Some(P::KeyId), O::StartsWith, "00"),
            (Some(P::MultiRegion), O::Equals, "PRIMARY"),
        ],
    ),
];

/// By what, the largest first, and how many pages of 50 are skipped.
const ORDERS: [(P, bool, u32); 8] = [
    (P::Alias, false, 0),
    (P::Alias, true, 40),
    (P::ExpiresInDays, false, 0),
    (P::AgeInDays, true, 2),
    (P::State, false, 1),
    (P::Region, true, 100),
    (P::Description, false, 0),
    (P::SyncedAt, true, 1_000),
];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let count = words
        .iter()
        .find_map(|text| text.parse().ok())
        .unwrap_or(100_000);
    let measure = if words.iter().any(|word| word == "--json") {
        measure_warm
    } else {
        measure
    };
    let folder = std::env::temp_dir().join(format!("ownkey-queries-{}", std::process::id()));
    let store = Store::open(&folder)?;
    let done = measure(&store, count);
    drop(store);
    std::fs::remove_dir_all(&folder).map_err(|error| AppError::Unexpected {
        reference: error.to_string(),
    })?;
    done
}

/// The 200 questions alone, asked once before they are timed.
fn measure_warm(store: &Store, count: u32) -> Result<()> {
    let registration = registration();
    store.add_connection(&registration.connection)?;
    store.add_registration(&registration)?;
    write(store, &registration.id, count)?;
    ask_all(store)?;
    let began = Instant::now();
    let mut took = ask_all(store)?;
    let seconds = began.elapsed().as_secs_f64();
    took.sort();
    let at = |percent| millis(percentile(&took, percent));
    println!(
        "{}",
        serde_json::json!({
            "keys": count,
            "queries": took.len(),
            "seconds": seconds,
            "p50_ms": at(50),
            "p99_ms": at(99),
            "max_ms": at(100),
        })
    );
    Ok(())
}

fn measure(store: &Store, count: u32) -> Result<()> {
    let registration = registration();
    store.add_connection(&registration.connection)?;
    store.add_registration(&registration)?;
    for round in ["write", "write again, unchanged"] {
        let took = timed(|| write(store, &registration.id, count))?;
        println!("{round}: {count} keys in {:.1} s", took.as_secs_f64());
    }
    println!("cache: {} MiB", store.cache_bytes()? / 1_048_576);
    let mut took = Vec::new();
    for round in ["cold", "warm"] {
        took = ask_all(store)?;
        print(round, &mut took);
    }
    let mut anew = ask_anew(store)?;
    print("conditions anew", &mut anew);
    for (time, question) in took.iter().rev().take(6).chain(anew.iter().rev().take(6)) {
        println!("  {:7.2} ms  {question}", millis(*time));
    }
    let scope = Scope::default();
    let extra: [(&str, &dyn Fn() -> Result<usize>); 9] = [
        ("overview", &|| store.overview(&scope, now()).map(|_| 1)),
        ("suggest alias", &|| suggest(store, P::Alias, "pay")),
        ("suggest tag", &|| suggest(store, P::Tag, "")),
        ("suggest region", &|| suggest(store, P::Region, "")),
        ("suggest description", &|| {
            suggest(store, P::Description, "")
        }),
        ("suggest age", &|| suggest(store, P::AgeInDays, "")),
        ("palette prod", &|| {
            store.find_keys("prod", 20).map(|hits| hits.len())
        }),
        ("palette w", &|| {
            store.find_keys("w", 20).map(|hits| hits.len())
        }),
        ("free text of 2 characters", &|| {
            let two = (V::All, Combine::And, &[(None, O::Contains, "zz")][..]);
            store
                .keys(&query(two, ORDERS[0]), now())
                .map(|page| page.rows.len())
        }),
    ];
    for (name, ask) in extra {
        ask()?;
        let time = timed(|| ask().map(|_| ()))?;
        println!("{name}: {:.2} ms", millis(time));
    }
    Ok(())
}

fn suggest(store: &Store, property: P, text: &str) -> Result<usize> {
    let found = store.suggestions(&Scope::default(), property, text, 20, now())?;
    Ok(found.len())
}

fn ask_all(store: &Store) -> Result<Vec<(Duration, String)>> {
    let mut took = Vec::new();
    for question in QUESTIONS {
        for order in ORDERS {
            let query = query(question, order);
            let mut matching = 0;
            let time = timed(|| {
                matching = store.keys(&query, now())?.matching;
                Ok(())
            })?;
            took.push((time, format!("{matching} match: {question:?} by {order:?}")));
        }
    }
    Ok(took)
}

/// Each view with filters once, after others of which there are more than are kept.
fn ask_anew(store: &Store) -> Result<Vec<(Duration, String)>> {
    let mut took = Vec::new();
    for (question, order) in QUESTIONS.into_iter().zip(ORDERS.into_iter().cycle()) {
        for number in 0..40 {
            let mut other = query((V::All, Combine::And, &[]), order);
            other.filters.push(Filter {
                property: Some(P::Alias),
                operator: O::Equals,
                value: format!("other {number}"),
            });
            store.keys(&other, now())?;
        }
        let query = query(question, order);
        let time = timed(|| store.keys(&query, now()).map(|_| ()))?;
        took.push((time, format!("anew: {question:?} by {order:?}")));
    }
    Ok(took)
}

fn print(round: &str, took: &mut [(Duration, String)]) {
    took.sort();
    let at = |percent| millis(percentile(took, percent));
    println!(
        "{} queries, {round}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        took.len(),
        at(50),
        at(99),
        at(100)
    );
}

/// Of sorted times.
fn percentile(took: &[(Duration, String)], percent: usize) -> Duration {
    took[(took.len() - 1) * percent / 100].0
}

fn query((view, combine, filters): Question, (by, descending, pages): (P, bool, u32)) -> KeyQuery {
    KeyQuery {
        scope: Scope::default(),
        view,
        combine,
        filters: filters
            .iter()
            .map(|(property, operator, value)| Filter {
                property: *property,
                operator: *operator,
                value: (*value).into(),
            })
            .collect(),
        sort: Sort { by, descending },
        skip: pages * 50,
        limit: 50,
    }
}

fn write(store: &Store, registration: &RegistrationId, count: u32) -> Result<()> {
    let account = AccountId::parse(ACCOUNT)?;
    let run = store.begin_sync(registration)?;
    for (code, part) in REGIONS.iter().zip(0..) {
        let region = Region::parse(code)?;
        let mine: Vec<u32> = (0..count).filter(|n| n % 6 == part).collect();
        for batch in mine.chunks(500) {
            let keys = batch
                .iter()
                .map(|number| key(code, *number))
                .collect::<Result<Vec<Key>>>()?;
            let aliases: Vec<Alias> = keys.iter().zip(batch).filter_map(alias).collect();
            store.record_aliases(run, registration, &account, &region, &aliases)?;
            store.record_keys(run, registration, &keys, now())?;
        }
        store.finish_region(run, registration, &region, true, true, now())?;
    }
    Ok(())
}

fn alias((key, number): (&Key, &u32)) -> Option<Alias> {
    let mix = mix(*number);
    (!mix.is_multiple_of(20)).then(|| Alias {
        name: format!(
            "alias/{}/{}/{number}",
            TEAMS[mix as usize / 7 % 10],
            ENVS[mix as usize / 3 % 4]
        ),
        target_key_id: Some(key.arn.key_id().to_owned()),
    })
}

fn key(region: &str, number: u32) -> Result<Key> {
    let mix = mix(number);
    let pick = |by: u64, of: u64| mix / by % of;
    let (team, env) = (TEAMS[mix as usize / 7 % 10], ENVS[mix as usize / 3 % 4]);
    let imported = pick(11, 3) == 0;
    let id = format!(
        "{:08x}-{:04x}-4000-8000-{:012x}",
        mix >> 32,
        mix >> 16 & 0xffff,
        u64::from(number)
    );
    Ok(Key {
        arn: KeyArn::parse(&format!("arn:aws:kms:{region}:{ACCOUNT}:key/{id}"))?,
        description: format!("key for the {team} application in {env}, number {number}"),
        state: match pick(13, 20) {
            0 => KeyState::Disabled,
            1 => KeyState::PendingDeletion,
            2 if imported => KeyState::PendingImport,
            _ => KeyState::Enabled,
        },
        origin: if imported {
            Origin::External
        } else {
            Origin::AwsKms
        },
        spec: [
            "SYMMETRIC_DEFAULT",
            "SYMMETRIC_DEFAULT",
            "RSA_4096",
            "ECC_NIST_P256",
        ][pick(17, 4) as usize]
            .into(),
        usage: ["ENCRYPT_DECRYPT", "ENCRYPT_DECRYPT", "SIGN_VERIFY"][pick(19, 3) as usize].into(),
        algorithms: vec!["SYMMETRIC_DEFAULT".into()],
        created_at: later(-i64::try_from(pick(23, 1_500)).unwrap_or(0) * DAY - i64::from(number)),
        deletion_at: None,
        valid_to: (imported && pick(29, 2) == 0)
            .then(|| later(i64::try_from(pick(31, 400)).unwrap_or(0) * DAY)),
        expiration_model: None,
        multi_region: None,
        custom_key_store_id: None,
        current_material_id: None,
        tags: Reading::Known(
            [
                ("team", team.to_owned()),
                ("env", env.to_owned()),
                ("cost-center", (number % 97).to_string()),
            ]
            .map(|(key, value)| Tag {
                key: key.into(),
                value,
            })
            .to_vec(),
        ),
        policy: Reading::Known(format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"{}\"}}]}}",
            "x".repeat(600)
        )),
        rotation: Reading::Known((!imported).then(|| Rotation {
            enabled: pick(37, 2) == 0,
            period_days: Some(365),
            next_at: None,
        })),
        materials: Reading::Known(vec![]),
    })
}

/// The same unpredictable number for the same number (SplitMix64).
fn mix(number: u32) -> u64 {
    let mut mixed = u64::from(number)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

fn registration() -> Registration {
    let parsed = AccountId::parse(ACCOUNT).and_then(|account| {
        Ok(Registration {
            id: RegistrationId("bench".into()),
            name: "Bench".into(),
            account,
            account_alias: None,
            partition: Partition::Aws,
            caller_arn: format!("arn:aws:iam::{ACCOUNT}:user/bench"),
            connection: Connection {
                id: ConnectionId("bench".into()),
                name: "Bench".into(),
                kind: ConnectionKind::Sandbox,
                region: None,
                endpoint_url: None,
                role: None,
                fips: false,
            },
            regions: REGIONS
                .iter()
                .map(|code| Region::parse(code))
                .collect::<Result<_>>()?,
            role: None,
            created_at: now(),
            updated_at: now(),
            synced_at: None,
        })
    });
    parsed.expect("constants of this program")
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_795_000_000)
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(now().unix_seconds() + seconds)
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
