//! Keys, registrations and stores to test with.

use ownkey_model::{
    AccountId, Alias, Connection, ConnectionId, ConnectionKind, ExpirationModel, Key, KeyArn,
    KeyState, MultiRegion, MultiRegionRole, Origin, Partition, Reading, Region, Registration,
    RegistrationId, Role, RoleArn, Rotation, SyncOutcome, SyncReport, Tag, Timestamp,
};
use ownkey_store::Store;
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const EAST: &str = "us-east-1";
pub(crate) const WEST: &str = "eu-west-1";

pub(crate) fn open() -> (TempDir, Store) {
    let folder = TempDir::new().expect("a folder");
    let store = Store::open(folder.path()).expect("a new store");
    (folder, store)
}

/// A store with one registration, "first", of both regions, over the connection "Sandbox".
pub(crate) fn open_registered() -> (TempDir, Store, RegistrationId) {
    let (folder, store) = open();
    store.add_connection(&sandbox()).expect("a connection");
    let first = registration("first", ACCOUNT, &[EAST, WEST]);
    store.add_registration(&first).expect("a registration");
    (folder, store, first.id)
}

pub(crate) fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub(crate) fn now() -> Timestamp {
    time("2026-11-21T12:00:00Z")
}

pub(crate) fn in_days(days: i64) -> Timestamp {
    Timestamp::from_unix_seconds(now().unix_seconds() + days * 86_400)
}

pub(crate) fn region(code: &str) -> Region {
    Region::parse(code).expect("a region")
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::parse(id).expect("an account")
}

pub(crate) fn registration(name: &str, account_id: &str, regions: &[&str]) -> Registration {
    Registration {
        id: RegistrationId(name.to_owned()),
        name: name.to_owned(),
        account: account(account_id),
        account_alias: None,
        partition: Partition::Aws,
        caller_arn: format!("arn:aws:iam::{account_id}:user/test"),
        connection: sandbox(),
        role: None,
        regions: regions.iter().map(|code| region(code)).collect(),
        created_at: time("2026-01-01T00:00:00Z"),
        updated_at: time("2026-01-01T00:00:00Z"),
        synced_at: None,
    }
}

pub(crate) fn sandbox() -> Connection {
    connection("sandbox", "Sandbox")
}

pub(crate) fn connection(id: &str, name: &str) -> Connection {
    Connection {
        id: ConnectionId(id.into()),
        name: name.into(),
        kind: ConnectionKind::Sandbox,
        role: None,
        region: None,
        endpoint_url: None,
        fips: false,
    }
}

pub(crate) fn role(arn: &str, external_id: Option<&str>) -> Role {
    Role {
        arn: RoleArn::parse(arn).expect("an ARN"),
        external_id: external_id.map(str::to_owned),
    }
}

pub(crate) fn arn(region: &str, number: u32) -> KeyArn {
    KeyArn::parse(&format!(
        "arn:aws:kms:{region}:{ACCOUNT}:key/{number:08x}-0000-4000-8000-000000000000"
    ))
    .expect("an ARN")
}

/// An enabled native key without aliases or tags.
pub(crate) fn key(region: &str, number: u32) -> Key {
    Key {
        arn: arn(region, number),
        description: format!("key number {number}"),
        state: KeyState::Enabled,
        origin: Origin::AwsKms,
        spec: "SYMMETRIC_DEFAULT".into(),
        usage: "ENCRYPT_DECRYPT".into(),
        algorithms: vec!["SYMMETRIC_DEFAULT".into()],
        created_at: in_days(-100),
        deletion_at: None,
        valid_to: None,
        expiration_model: None,
        multi_region: None,
        custom_key_store_id: None,
        current_material_id: None,
        tags: Reading::Known(vec![]),
        policy: Reading::Known("{}".into()),
        rotation: Reading::Known(Some(Rotation {
            enabled: false,
            period_days: None,
            next_at: None,
        })),
        materials: Reading::Known(vec![]),
    }
}

/// A key with imported material that runs out.
pub(crate) fn expiring(region: &str, number: u32, days: i64) -> Key {
    Key {
        origin: Origin::External,
        valid_to: Some(in_days(days)),
        expiration_model: Some(ExpirationModel::KeyMaterialExpires),
        rotation: Reading::Known(None),
        ..key(region, number)
    }
}

pub(crate) fn primary(of: Key) -> Key {
    Key {
        multi_region: Some(MultiRegion {
            role: MultiRegionRole::Primary,
            primary: of.arn.clone(),
            replicas: vec![],
        }),
        ..of
    }
}

pub(crate) fn tagged(of: Key, tags: &[(&str, &str)]) -> Key {
    Key {
        tags: Reading::Known(
            tags.iter()
                .map(|(key, value)| Tag {
                    key: (*key).into(),
                    value: (*value).into(),
                })
                .collect(),
        ),
        ..of
    }
}

pub(crate) fn alias(name: &str, of: &Key) -> Alias {
    Alias {
        name: format!("alias/{name}"),
        target_key_id: Some(of.arn.key_id().to_owned()),
    }
}

/// Synchronises one region completely.
pub(crate) fn sync(
    store: &Store,
    of: &RegistrationId,
    code: &str,
    keys: &[Key],
    aliases: &[Alias],
) -> u32 {
    let run = store.begin_sync(of).expect("a run");
    store.record_keys(run, of, keys, now()).expect("keys");
    store
        .record_aliases(run, of, &account(ACCOUNT), &region(code), aliases)
        .expect("aliases");
    store
        .finish_region(run, of, &region(code), true, true, now())
        .expect("a region")
}

pub(crate) fn report(
    of: &RegistrationId,
    outcome: SyncOutcome,
    finished_at: Timestamp,
) -> SyncReport {
    SyncReport {
        registration: of.clone(),
        started_at: finished_at,
        finished_at,
        outcome,
        keys: 0,
        gone: 0,
        regions: vec![],
        refusals: vec![],
        error: None,
    }
}
