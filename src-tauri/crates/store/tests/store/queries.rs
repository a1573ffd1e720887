//! Finding keys: every filter, order and page against the same question answered without SQL.

use std::cmp::Ordering;

use ownkey_model::{
    Combine, EXPIRING_WITHIN_DAYS, Filter, Key, KeyArn, KeyProperty, KeyQuery, KeyRow, KeyState,
    KeyView, MultiRegionRole, Operator, Origin, Reading, RegistrationId, Rotation, Scope, Sort,
    Suggestion, Timestamp,
};
use ownkey_store::Store;

use crate::cache::query;
use crate::support::*;

const PROPERTIES: [KeyProperty; 15] = [
    KeyProperty::Alias,
    KeyProperty::KeyId,
    KeyProperty::Account,
    KeyProperty::Region,
    KeyProperty::State,
    KeyProperty::Origin,
    KeyProperty::Spec,
    KeyProperty::Usage,
    KeyProperty::Description,
    KeyProperty::Tag,
    KeyProperty::MultiRegion,
    KeyProperty::Rotation,
    KeyProperty::ExpiresInDays,
    KeyProperty::AgeInDays,
    KeyProperty::SyncedAt,
];
const OPERATORS: [Operator; 7] = [
    Operator::Equals,
    Operator::NotEquals,
    Operator::Contains,
    Operator::NotContains,
    Operator::StartsWith,
    Operator::AtMost,
    Operator::AtLeast,
];
const VIEWS: [KeyView; 8] = [
    KeyView::All,
    KeyView::Byok,
    KeyView::Native,
    KeyView::Expiring,
    KeyView::NeedsMaterial,
    KeyView::PendingDeletion,
    KeyView::Disabled,
    KeyView::Gone,
];
const TEAMS: [&str; 4] = ["Payments", "web", "100% Öl_\"x\"", "🔑 'keys'"];
const ENVS: [&str; 3] = ["prod", "dev", "STAGING"];

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

/// A cached key as the model knows it.
struct Known {
    row: KeyRow,
    key: Key,
    aliases: Vec<String>,
}

/// Several thousand keys of every kind, so that both ways to find a page are taken.
fn crowd(store: &Store, first: &RegistrationId, many: u32) -> Vec<Known> {
    let mut dice = Dice(1);
    let mut all = Vec::new();
    for code in [EAST, WEST] {
        let mut keys = Vec::new();
        let mut aliases = Vec::new();
        for number in 0..many / 2 {
            let key = varied(code, number, &mut dice);
            for _ in 0..*dice.pick(&[0, 1, 1, 1, 2]) {
                let (team, env) = (dice.pick(&TEAMS), dice.pick(&ENVS));
                aliases.push(alias(&format!("{team}/{env}/{}", aliases.len()), &key));
            }
            keys.push(key);
        }
        sync(store, first, code, &keys, &aliases);
        // Every fortieth vanishes.
        let left: Vec<Key> = keys.iter().filter(|_| dice.roll(40) > 0).cloned().collect();
        sync(store, first, code, &left, &aliases);
        all.extend(keys);
    }
    all.iter()
        .map(|key| {
            let (row, key, aliases) = store.key(&key.arn).expect("it is there");
            Known { row, key, aliases }
        })
        .collect()
}

fn varied(code: &str, number: u32, dice: &mut Dice) -> Key {
    let mut key = match dice.roll(3) {
        0 => expiring(
            code,
            number,
            i64::try_from(dice.roll(120)).expect("small") - 20,
        ),
        _ => key(code, number),
    };
    if dice.roll(8) == 0 {
        key.origin = *dice.pick(&[Origin::AwsCloudhsm, Origin::ExternalKeyStore]);
    }
    key.state = *dice.pick(&[
        KeyState::Enabled,
        KeyState::Enabled,
        KeyState::Enabled,
        KeyState::Disabled,
        KeyState::PendingImport,
        KeyState::PendingDeletion,
        KeyState::PendingReplicaDeletion,
    ]);
    key.spec = (*dice.pick(&["SYMMETRIC_DEFAULT", "RSA_4096", "HMAC_256"])).into();
    key.usage = (*dice.pick(&["ENCRYPT_DECRYPT", "SIGN_VERIFY"])).into();
    key.created_at = in_days(-i64::try_from(dice.roll(1_000)).expect("small"));
    key.description = match dice.roll(4) {
        0 => String::new(),
        1 => format!("for {} in {}", dice.pick(&TEAMS), dice.pick(&ENVS)),
        2 => "50% of_all 'keys' \"OR\" 1=1; --".into(),
        _ => format!("Schlüssel ÄÖÜ {number}"),
    };
    if dice.roll(5) == 0 {
        key = primary(key);
    }
    if dice.roll(4) > 0 {
        key.rotation = Reading::Known(Some(Rotation {
            enabled: dice.roll(2) == 0,
            period_days: None,
            next_at: None,
        }));
    }
    let (team, env) = (*dice.pick(&TEAMS), *dice.pick(&ENVS));
    match dice.roll(3) {
        0 => key,
        1 => tagged(key, &[("Team", team)]),
        _ => tagged(key, &[("Team", team), ("env", env)]),
    }
}

#[test]
fn every_question_has_the_answer_that_it_has_without_sql() {
    let (_folder, store, first) = open_registered();
    let known = crowd(&store, &first, 6_400);
    let values: Vec<String> = [
        "",
        "a",
        "ay",
        "pay",
        "payments/prod",
        "PROD",
        "alias/web",
        "alias/payments/prod/1",
        "%",
        "_",
        "100%",
        "\"x\"",
        "🔑",
        "'keys'",
        "öl_",
        "of_all",
        "Team",
        "team=web",
        "env=staging",
        "EXTERNAL",
        "enabled",
        "rsa",
        "us-",
        EAST,
        ACCOUNT,
        "ON",
        "no",
        "PRIMARY",
        "key number",
        "50% of_all 'keys' \"or\" 1=1; --",
        "schlüssel äöü 17",
        "0000",
        "30",
        "-3",
        "0",
        "365",
        "x",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain(
        known
            .iter()
            .step_by(1_601)
            .map(|one| one.row.key_id.clone()),
    )
    .chain(
        known
            .iter()
            .step_by(1_607)
            .map(|one| one.row.arn.to_string()),
    )
    .collect();
    let mut dice = Dice(2);
    let (mut answered, mut long) = (0, 0);
    for _ in 0..1_200 {
        let filters = (0..*dice.pick(&[0, 1, 1, 1, 2, 2, 3]))
            .map(|_| Filter {
                property: (dice.roll(4) > 0).then(|| *dice.pick(&PROPERTIES)),
                operator: *dice.pick(&OPERATORS),
                value: dice.pick(&values).clone(),
            })
            .collect();
        let asked = KeyQuery {
            scope: Scope {
                registrations: [vec![], vec![first.clone()]][dice.roll(2)].clone(),
                regions: [vec![], vec![], vec![region(WEST)]][dice.roll(3)].clone(),
            },
            view: if dice.roll(2) == 0 {
                KeyView::All
            } else {
                *dice.pick(&VIEWS)
            },
            combine: *dice.pick(&[Combine::And, Combine::Or]),
            filters,
            sort: Sort {
                by: *dice.pick(&PROPERTIES),
                descending: dice.roll(2) == 0,
            },
            skip: u32::try_from(*dice.pick(&[0, 0, 0, 7, 90, 2_600, 6_000])).expect("small"),
            limit: 30,
        };
        let found = store.keys(&asked, now());
        match expected(&asked, &known) {
            None => assert!(found.is_err(), "{asked:?}"),
            Some((rows, matching, in_scope)) => {
                let page = found.unwrap_or_else(|error| panic!("{error} {asked:?}"));
                let shown: Vec<&KeyArn> = page.rows.iter().map(|row| &row.arn).collect();
                assert_eq!(
                    (page.matching, page.in_scope),
                    (matching, in_scope),
                    "{asked:?}"
                );
                assert_eq!(shown, rows, "{asked:?}");
                answered += 1;
                long += u32::from(matching > 2_500);
            }
        }
    }
    assert!(answered > 500 && long > 100, "{answered} {long}");
}

#[test]
fn a_page_has_at_most_500_rows_and_the_last_one_what_is_left() {
    let (_folder, store, first) = open_registered();
    let keys: Vec<Key> = (0..1_203).map(|number| key(EAST, number)).collect();
    sync(&store, &first, EAST, &keys, &[]);
    let rows = |skip, limit| {
        let asked = KeyQuery {
            skip,
            limit,
            ..query(KeyView::All)
        };
        store.keys(&asked, now()).expect("a page").rows.len()
    };
    assert_eq!(rows(0, 100_000), 500);
    assert_eq!(rows(1_200, 500), 3);
    assert_eq!(rows(1_203, 500), 0);
    assert_eq!(rows(u32::MAX, 500), 0);
    assert_eq!(rows(0, 0), 0);
}

#[test]
fn hostile_text_is_text() {
    let (_folder, store, first) = open_registered();
    let hostile = [
        "'; DROP TABLE keys; --",
        "\" OR 1=1",
        "NEAR(a b) AND *",
        "100%",
        "a_b",
        "\u{202e}gnp.exe",
        "👩‍👩‍👧‍👦🔑",
        "İstanbul ß",
        "tab\tand\nnewline\r",
        "nul\u{0}nul",
        "\\backslash\\",
        "{aliases} : x",
    ];
    let long = "x%_'\"🔑".repeat(1_000);
    let texts: Vec<&str> = hostile.iter().copied().chain([long.as_str()]).collect();
    let mut keys: Vec<Key> = Vec::new();
    for (text, number) in texts.iter().zip(0..) {
        let mut one = tagged(key(EAST, number), &[("hostile", text)]);
        one.description = (*text).into();
        keys.push(one);
    }
    let aliases: Vec<_> = keys
        .iter()
        .map(|key| alias(&key.description, key))
        .collect();
    sync(&store, &first, EAST, &keys, &aliases);
    for (text, key) in texts.iter().zip(&keys) {
        for (property, operator) in [
            (None, Operator::Contains),
            (None, Operator::Equals),
            (Some(KeyProperty::Description), Operator::Equals),
            (Some(KeyProperty::Description), Operator::Contains),
            (Some(KeyProperty::Alias), Operator::Equals),
            (Some(KeyProperty::Alias), Operator::StartsWith),
            (Some(KeyProperty::Tag), Operator::Contains),
        ] {
            let filter = Filter {
                property,
                operator,
                value: (*text).into(),
            };
            let asked = KeyQuery {
                filters: vec![filter],
                ..query(KeyView::All)
            };
            let page = store.keys(&asked, now()).expect("a page");
            let found: Vec<&KeyArn> = page.rows.iter().map(|row| &row.arn).collect();
            assert_eq!(found, [&key.arn], "{property:?} {operator:?} {text:?}");
        }
        assert_eq!(
            store.find_keys(text, 10).expect("hits")[0].arn,
            key.arn,
            "{text:?}"
        );
        for property in PROPERTIES {
            store
                .suggestions(&Scope::default(), property, text, 10, now())
                .expect("suggestions");
        }
    }
    assert_eq!(
        store
            .keys(&query(KeyView::All), now())
            .expect("a page")
            .matching,
        13
    );
}

#[test]
fn suggestions_are_values_with_counts_the_most_frequent_first() {
    let (_folder, store, first) = open_registered();
    let keys = [
        tagged(expiring(EAST, 1, 5), &[("env", "prod")]),
        tagged(expiring(EAST, 2, 5), &[("env", "Prod")]),
        tagged(key(EAST, 3), &[("env", "prod")]),
    ];
    sync(&store, &first, EAST, &keys, &[alias("web/prod", &keys[0])]);
    sync(&store, &first, WEST, &[key(WEST, 4), key(WEST, 5)], &[]);
    sync(&store, &first, WEST, &[key(WEST, 4)], &[]);
    let of = |property, text: &str, limit| {
        let found = store.suggestions(&Scope::default(), property, text, limit, now());
        let found = found.expect("suggestions").into_iter();
        found
            .map(|Suggestion { value, keys }| (value, keys))
            .collect::<Vec<_>>()
    };
    let pairs = |expected: &[(&str, u32)]| -> Vec<(String, u32)> {
        expected
            .iter()
            .map(|(value, keys)| ((*value).into(), *keys))
            .collect()
    };
    assert_eq!(
        of(KeyProperty::Region, "", 9),
        pairs(&[(EAST, 3), (WEST, 1)])
    );
    assert_eq!(of(KeyProperty::Region, "WEST", 9), pairs(&[(WEST, 1)]));
    assert_eq!(of(KeyProperty::Origin, "", 1), pairs(&[("AWS_KMS", 2)]));
    assert_eq!(
        of(KeyProperty::Tag, "e", 9),
        pairs(&[("env", 3), ("env=prod", 2), ("env=Prod", 1)])
    );
    assert_eq!(
        of(KeyProperty::Alias, "alias/we", 9),
        pairs(&[("alias/web/prod", 1)])
    );
    assert_eq!(of(KeyProperty::ExpiresInDays, "", 9), pairs(&[("5", 2)]));
    assert_eq!(of(KeyProperty::AgeInDays, "", 9), pairs(&[("100", 4)]));
    assert_eq!(
        of(KeyProperty::Description, "number 3", 9),
        pairs(&[("key number 3", 1)])
    );
    assert_eq!(of(KeyProperty::KeyId, "00000004", 9).len(), 1);
    assert_eq!(of(KeyProperty::SyncedAt, "", 9), pairs(&[]));
    let elsewhere = Scope {
        regions: vec![region(WEST)],
        ..Scope::default()
    };
    let found = store.suggestions(&elsewhere, KeyProperty::Tag, "", 9, now());
    assert_eq!(found, Ok(vec![]));
}

#[test]
fn what_a_name_finds_follows_every_write() {
    let (_folder, store, first) = open_registered();
    let (one, other) = (key(EAST, 1), key(EAST, 2));
    let run = store.begin_sync(&first).expect("a run");
    let record = |key: &Key| {
        let keys = std::slice::from_ref(key);
        store.record_keys(run, &first, keys, now()).expect("keys");
    };
    let name = |key: &Key| {
        let names = [alias("my-name", key)];
        store
            .record_aliases(run, &first, &account(ACCOUNT), &region(EAST), &names)
            .expect("aliases");
    };
    let named = |expected: &[&KeyArn]| {
        let filter = Filter {
            property: Some(KeyProperty::Alias),
            operator: Operator::StartsWith,
            value: "MY-".into(),
        };
        let asked = KeyQuery {
            filters: vec![filter],
            ..query(KeyView::All)
        };
        let page = store.keys(&asked, now()).expect("a page");
        let found: Vec<&KeyArn> = page.rows.iter().map(|row| &row.arn).collect();
        assert_eq!(found, expected);
        let hits = store.find_keys("name", 9).expect("hits");
        let hits: Vec<&KeyArn> = hits.iter().map(|hit| &hit.arn).collect();
        assert_eq!(hits, expected);
        let suggested = store
            .suggestions(&Scope::default(), KeyProperty::Alias, "ME", 9, now())
            .expect("suggestions");
        assert_eq!(suggested.len(), expected.len());
    };
    name(&one);
    named(&[]);
    record(&other);
    named(&[]);
    record(&one);
    named(&[&one.arn]);
    name(&other);
    named(&[&other.arn]);
    sync(&store, &first, EAST, &[one], &[alias("my-name", &other)]);
    named(&[]);
}

#[test]
fn days_are_suggested_as_they_are_filtered_by() {
    let (_folder, store, first) = open_registered();
    let hours = |hours: i64| Timestamp::from_unix_seconds(now().unix_seconds() + hours * 3_600);
    let mut keys: Vec<Key> = (1..=5).map(|number| expiring(EAST, number, 0)).collect();
    for (key, at) in keys.iter_mut().zip([-49, -36, -1, 1, 25]) {
        key.valid_to = Some(hours(at));
        key.created_at = hours(at.min(0));
    }
    sync(&store, &first, EAST, &keys, &[]);
    for (property, expected) in [
        (KeyProperty::ExpiresInDays, &["-1", "-2", "0", "1", "2"][..]),
        (KeyProperty::AgeInDays, &["0", "1", "2"]),
    ] {
        let found = store
            .suggestions(&Scope::default(), property, "", 9, now())
            .expect("suggestions");
        let mut values: Vec<&str> = found.iter().map(|one| one.value.as_str()).collect();
        values.sort_unstable();
        assert_eq!(values, expected);
        for one in &found {
            let filter = Filter {
                property: Some(property),
                operator: Operator::Equals,
                value: one.value.clone(),
            };
            let asked = KeyQuery {
                filters: vec![filter],
                ..query(KeyView::All)
            };
            let page = store.keys(&asked, now()).expect("a page");
            assert_eq!(page.matching, one.keys, "{property:?} {}", one.value);
        }
    }
}

#[test]
fn the_palette_finds_the_likeliest_first() {
    let (_folder, store, first) = open_registered();
    let mut keys: Vec<Key> = (1..=4).map(|number| key(EAST, number)).collect();
    keys[2].description = "the web shop".into();
    let aliases = [alias("web", &keys[0]), alias("my-web", &keys[1])];
    sync(&store, &first, EAST, &keys, &aliases);
    sync(&store, &first, EAST, &keys[..3], &aliases);
    let hits = |text: &str| {
        let found = store.find_keys(text, 10).expect("hits").into_iter();
        found.map(|hit| (hit.arn, hit.label)).collect::<Vec<_>>()
    };
    let hit = |number: usize, label: &str| (keys[number].arn.clone(), label.to_owned());
    assert_eq!(
        hits("WEB"),
        [
            hit(0, "alias/web"),
            hit(1, "alias/my-web"),
            hit(2, "the web shop")
        ]
    );
    assert_eq!(hits("alias/my"), [hit(1, "alias/my-web")]);
    assert_eq!(
        hits("eb"),
        [
            hit(1, "alias/my-web"),
            hit(0, "alias/web"),
            hit(2, "the web shop")
        ]
    );
    assert_eq!(hits("00000003"), [hit(2, keys[2].arn.key_id())]);
    assert_eq!(hits(keys[1].arn.as_str()), [hit(1, keys[1].arn.as_str())]);
    let alias_arn = format!("arn:aws:kms:{EAST}:{ACCOUNT}:alias/my-web");
    assert_eq!(hits(&alias_arn), [hit(1, "alias/my-web")]);
    assert_eq!(hits("00000004"), [], "it is gone");
    assert_eq!(
        hits(keys[3].arn.as_str()),
        [hit(3, keys[3].arn.as_str())],
        "but there"
    );
    assert_eq!(hits("  "), []);
    assert_eq!(store.find_keys("web", 1).expect("hits").len(), 1);
}

#[test]
fn the_overview_counts_what_the_views_show() {
    let (_folder, store, first) = open_registered();
    let known = crowd(&store, &first, 600);
    let shown = store
        .overview(&Scope::default(), now())
        .expect("an overview");
    let count = |view| {
        let holds = |one: &&Known| in_view(one, view);
        u32::try_from(known.iter().filter(holds).count()).expect("few")
    };
    assert_eq!(shown.keys, count(KeyView::All));
    assert_eq!(shown.byok, count(KeyView::Byok));
    assert_eq!(shown.native, count(KeyView::Native));
    assert_eq!(shown.expiring, count(KeyView::Expiring));
    assert_eq!(shown.needs_material, count(KeyView::NeedsMaterial));
    assert_eq!(shown.pending_deletion, count(KeyView::PendingDeletion));
    assert_eq!(shown.disabled, count(KeyView::Disabled));
    assert_eq!(shown.gone, count(KeyView::Gone));
    assert!(shown.gone > 0);
    assert_eq!(
        (shown.regions, shown.last_syncs, shown.synced_at),
        (2, vec![], None)
    );
    let mut soonest: Vec<_> = known
        .iter()
        .filter(|one| in_view(one, KeyView::Expiring))
        .collect();
    soonest.sort_by_key(|one| (one.row.valid_to, one.row.arn.clone()));
    let soonest: Vec<_> = soonest.iter().take(5).map(|one| one.row.clone()).collect();
    assert_eq!(shown.next_to_expire, soonest);
}

/// The page, the count and the size of the scope; nothing where the question makes no sense.
fn expected<'a>(asked: &KeyQuery, known: &'a [Known]) -> Option<(Vec<&'a KeyArn>, u32, u32)> {
    if asked.sort.by == KeyProperty::Tag {
        return None;
    }
    let in_scope = |one: &&Known| {
        asked.scope.regions.is_empty() || asked.scope.regions.contains(&one.row.region)
    };
    let mut matching = Vec::new();
    for one in known.iter().filter(in_scope) {
        let mut verdicts = Vec::new();
        for filter in &asked.filters {
            verdicts.push(holds(filter, one)?);
        }
        let wanted = match asked.combine {
            Combine::And => verdicts.iter().all(|verdict| *verdict),
            Combine::Or => verdicts.is_empty() || verdicts.contains(&true),
        };
        if wanted && in_view(one, asked.view) {
            matching.push(one);
        }
    }
    matching.sort_by(|a, b| compare(a, b, asked.sort));
    let count = |many: usize| u32::try_from(many).expect("few");
    let alive = known
        .iter()
        .filter(in_scope)
        .filter(|one| one.row.gone_at.is_none());
    let page = matching
        .iter()
        .skip(asked.skip as usize)
        .take(asked.limit as usize)
        .map(|one| &one.row.arn)
        .collect();
    Some((page, count(matching.len()), count(alive.count())))
}

fn in_view(one: &Known, view: KeyView) -> bool {
    let row = &one.row;
    let gone = row.gone_at.is_some();
    let fits = match view {
        KeyView::All | KeyView::Gone => true,
        KeyView::Byok => row.origin == Origin::External,
        KeyView::Native => row.origin == Origin::AwsKms,
        KeyView::Expiring => row
            .valid_to
            .is_some_and(|at| at <= in_days(EXPIRING_WITHIN_DAYS.into())),
        KeyView::NeedsMaterial => row.state == KeyState::PendingImport,
        KeyView::PendingDeletion => matches!(
            row.state,
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
        ),
        KeyView::Disabled => row.state == KeyState::Disabled,
    };
    fits && gone == (view == KeyView::Gone)
}

fn holds(filter: &Filter, one: &Known) -> Option<bool> {
    use KeyProperty as P;
    let value = filter.value.to_lowercase();
    if filter.property == Some(P::SyncedAt) {
        return None;
    }
    if let Some(property @ (P::ExpiresInDays | P::AgeInDays)) = filter.property {
        let wanted = i64::from(value.parse::<i32>().ok()?);
        let seconds = |at: ownkey_model::Timestamp| at.unix_seconds() - now().unix_seconds();
        let days = match property {
            P::AgeInDays => Some((-seconds(one.row.created_at)).div_euclid(86_400)),
            _ => one
                .row
                .valid_to
                .map(|at| (seconds(at) + 86_399).div_euclid(86_400)),
        };
        let by = |compare: fn(&i64, &i64) -> bool| days.is_some_and(|days| compare(&days, &wanted));
        return match filter.operator {
            Operator::Equals => Some(by(i64::eq)),
            Operator::NotEquals => Some(by(i64::ne)),
            Operator::AtMost => Some(by(i64::le)),
            Operator::AtLeast => Some(by(i64::ge)),
            _ => None,
        };
    }
    let bare = value.strip_prefix("alias/").unwrap_or(&value);
    let any = |property: P| -> bool {
        let value = if property == P::Alias { bare } else { &value };
        let contained = matches!(filter.operator, Operator::Contains | Operator::NotContains);
        if contained && value.is_empty() {
            // Nothing is in everything, also in a key without aliases or tags.
            return true;
        }
        texts(one, property)
            .iter()
            .any(|text| match filter.operator {
                Operator::Equals | Operator::NotEquals => {
                    text == value
                        || (property == P::Tag
                            && tags(one).any(|tag| tag.key.to_lowercase() == *value))
                }
                Operator::StartsWith => text.starts_with(value),
                _ => text.contains(value),
            })
    };
    let positive = match filter.property {
        Some(property) => any(property),
        None if KeyArn::parse(&filter.value).is_ok() => one.row.arn.as_str() == filter.value,
        None if value.starts_with("alias/")
            && matches!(filter.operator, Operator::Contains | Operator::NotContains) =>
        {
            any(P::Alias)
        }
        None => [P::Alias, P::KeyId, P::Description, P::Tag]
            .into_iter()
            .any(any),
    };
    match filter.operator {
        Operator::AtMost | Operator::AtLeast => None,
        Operator::NotEquals | Operator::NotContains => Some(!positive),
        _ => Some(positive),
    }
}

fn tags(one: &Known) -> impl Iterator<Item = &ownkey_model::Tag> {
    one.key.tags.known().into_iter().flatten()
}

/// The folded texts of a property.
fn texts(one: &Known, property: KeyProperty) -> Vec<String> {
    use KeyProperty as P;
    let row = &one.row;
    let texts = match property {
        P::Alias => one
            .aliases
            .iter()
            .map(|name| name.replacen("alias/", "", 1))
            .collect(),
        P::Tag => tags(one)
            .map(|tag| format!("{}={}", tag.key, tag.value))
            .collect(),
        P::Description => vec![row.description.clone()],
        _ => vec![shown(row, property)],
    };
    texts
        .iter()
        .map(|text: &String| text.to_lowercase())
        .collect()
}

fn shown(row: &KeyRow, property: KeyProperty) -> String {
    use KeyProperty as P;
    match property {
        P::KeyId => row.key_id.clone(),
        P::Account => row.account.to_string(),
        P::Region => row.region.to_string(),
        P::State => row.state.as_str().into(),
        P::Origin => row.origin.as_str().into(),
        P::Spec => row.spec.clone(),
        P::Usage => row.usage.clone(),
        P::MultiRegion => match row.multi_region {
            Some(MultiRegionRole::Primary) => "PRIMARY".into(),
            Some(MultiRegionRole::Replica) => "REPLICA".into(),
            None => "NO".into(),
        },
        P::Rotation => row.rotation.as_str().into(),
        _ => unreachable!("not a text"),
    }
}

fn compare(a: &Known, b: &Known, sort: Sort) -> Ordering {
    use KeyProperty as P;
    let turned = |order: Ordering| {
        if sort.descending {
            order.reverse()
        } else {
            order
        }
    };
    let by_arn = a.row.arn.cmp(&b.row.arn);
    let present_first = |a: bool, b: bool| b.cmp(&a);
    match sort.by {
        P::Alias => {
            let of = |one: &Known| one.row.alias.as_ref().map(|name| name.to_lowercase());
            match (of(a), of(b)) {
                (Some(x), Some(y)) => turned(x.cmp(&y).then(by_arn)),
                (None, None) => a.row.key_id.cmp(&b.row.key_id).then(by_arn),
                (x, y) => present_first(x.is_some(), y.is_some()),
            }
        }
        P::ExpiresInDays => match (a.row.valid_to, b.row.valid_to) {
            (Some(x), Some(y)) => turned(x.cmp(&y).then(by_arn)),
            (None, None) => by_arn,
            (x, y) => present_first(x.is_some(), y.is_some()),
        },
        P::AgeInDays => turned(
            b.row
                .created_at
                .cmp(&a.row.created_at)
                .then(by_arn.reverse()),
        ),
        P::SyncedAt => turned(a.row.synced_at.cmp(&b.row.synced_at).then(by_arn)),
        P::Description => {
            let of = |one: &Known| -> String {
                one.row
                    .description
                    .to_lowercase()
                    .chars()
                    .take(40)
                    .collect()
            };
            turned(of(a).cmp(&of(b)).then(by_arn))
        }
        other => turned(shown(&a.row, other).cmp(&shown(&b.row, other)).then(by_arn)),
    }
}
