//! The application's own synchronisation without a window, for peers to compare with: registers
//! the account behind an endpoint, synchronises it, and prints what the cache then holds.
//!
//! `sync_peer --endpoint URL --regions a,b --data-dir DIR [--profile NAME] [--count]`
//!
//! Signs in with the profile, from the files that AWS's own variables name. Prints one JSON object:
//! the sorted key ARNs (or with `--count` their number), refusals, outcome, seconds, and the
//! process's peak memory up to the end of the synchronisation.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what it is for"
)]

use std::{collections::HashMap, process::ExitCode, sync::Arc, time::Instant};

use ownkey_aws::{Aws, AwsParts};
use ownkey_material::{Vault, WorkFactor};
use ownkey_model::{
    Clock, Combine, ConnectionDraft, ConnectionKindDraft, KeyProperty, KeyQuery, KeyView, Region,
    RegistrationDraft, Result, RoleDraft, Scope, Sort, Timestamp,
};
use ownkey_store::{Keychain, Store};
use ownkey_usecases::{
    Context, KeychainProbe, add_connection, list_keys, register_account, synchronise,
};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        words
            .iter()
            .position(|word| word == name)
            .and_then(|at| words.get(at + 1))
            .cloned()
    };
    let (Some(endpoint), Some(regions), Some(folder)) = (
        option("--endpoint"),
        option("--regions"),
        option("--data-dir"),
    ) else {
        eprintln!(
            "sync_peer --endpoint URL --regions a,b --data-dir DIR [--profile NAME] [--count]"
        );
        return ExitCode::from(2);
    };
    let profile = option("--profile").unwrap_or_else(|| "default".into());
    let count = words.iter().any(|word| word == "--count");
    match run(endpoint, &regions, &folder, profile, count).await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", serde_json::json!({ "error": error }));
            ExitCode::FAILURE
        }
    }
}

async fn run(
    endpoint: String,
    regions: &str,
    folder: &str,
    profile: String,
    count: bool,
) -> Result<serde_json::Value> {
    let keychain = Arc::new(Keychain::new("dev.ownkey.desktop.peer"));
    let cx = Context {
        store: Store::open(folder.as_ref())?,
        aws: Aws::new(AwsParts {
            sandbox: None,
            vault: Arc::clone(&keychain) as Arc<dyn Vault>,
            clock: Arc::new(ComputerClock),
            announce: Arc::new(|_| {}),
        }),
        keychain: keychain as Arc<dyn KeychainProbe>,
        clock: Arc::new(ComputerClock),
        announce: Arc::new(|_| {}),
        proposed_backup_folder: folder.to_owned(),
        backup_work: WorkFactor::FULL,
        in_hand: Arc::default(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let connection = ConnectionDraft {
        name: "Peer".into(),
        kind: ConnectionKindDraft::Profile { profile },
        role: RoleDraft::default(),
        region: String::new(),
        endpoint_url: endpoint,
        fips: false,
    };
    let connection = add_connection(&cx, "peer".into(), &connection).await?;
    let draft = RegistrationDraft {
        name: "Peer".into(),
        connection: connection.id,
        role: RoleDraft::default(),
        regions: regions
            .split(',')
            .map(Region::parse)
            .collect::<Result<_>>()?,
    };
    let registration = register_account(&cx, "peer".into(), &draft).await?;
    let began = Instant::now();
    let report = synchronise(&cx, registration.id, &|_| {}, &CancellationToken::new()).await?;
    let seconds = began.elapsed().as_secs_f64();
    // Listing everything for the comparison is no part of synchronising.
    let peak_rss_mib = peak_rss_mib();
    let keys = all_keys(&cx).await?;
    Ok(serde_json::json!({
        "keys": if count { serde_json::json!(keys.len()) } else { serde_json::json!(keys) },
        "account": registration.account,
        "refusals": report.refusals,
        "outcome": report.outcome,
        "regions": report.regions,
        "seconds": seconds,
        "peak_rss_mib": peak_rss_mib,
    }))
}

async fn all_keys(cx: &Context) -> Result<Vec<String>> {
    let mut arns = Vec::new();
    loop {
        let page = list_keys(
            cx,
            KeyQuery {
                scope: Scope::default(),
                view: KeyView::All,
                combine: Combine::And,
                filters: vec![],
                sort: Sort {
                    by: KeyProperty::KeyId,
                    descending: false,
                },
                skip: u32::try_from(arns.len()).unwrap_or(u32::MAX),
                limit: 500,
            },
        )
        .await?;
        if page.rows.is_empty() {
            arns.sort();
            return Ok(arns);
        }
        arns.extend(page.rows.into_iter().map(|row| row.arn.to_string()));
    }
}

/// The kernel's own high-water mark; absent where there is no `/proc`.
fn peak_rss_mib() -> Option<f64> {
    let status: HashMap<String, String> = procfs_status()?;
    let kib: f64 = status
        .get("VmHWM")?
        .trim_end_matches(" kB")
        .trim()
        .parse()
        .ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}

#[allow(
    clippy::disallowed_methods,
    reason = "a measurement of this process, not of a use case"
)]
fn procfs_status() -> Option<HashMap<String, String>> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    Some(
        lines
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
    )
}

struct ComputerClock;

impl Clock for ComputerClock {
    #[allow(clippy::disallowed_methods, reason = "this program is its own shell")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
