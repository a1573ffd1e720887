//! What `npm run bench` measures of the application: its own synchronisation and its own uploads
//! without a window, against any server that speaks KMS's protocol.
//!
//! ```text
//! bench sync   --endpoint URL --regions a,b --data-dir DIR
//! bench upload --endpoint URL --regions a,b --data-dir DIR --keys-per-region N [--light-backups]
//! ```
//!
//! With `--light-backups` the passphrase of backups is as easy to try out as in the sandbox account;
//! else as hard as the program makes it, which takes most of the time of an upload.
//!
//! Signs in with the profile `bench`, from the files that AWS's own variables name. Prints one JSON
//! object; the names and bounds of the cases are `npm run bench`'s own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "this program is its own shell: it prints, tells the time and reads /proc"
)]

mod app;
#[path = "../computer/mod.rs"]
mod computer;
mod counting;
mod sync;
mod upload;

use std::process::ExitCode;

use ownkey_material::WorkFactor;
use ownkey_model::{Region, Result};
use serde_json::{Value, json};

const USAGE: &str = "bench sync|upload --endpoint URL --regions a,b --data-dir DIR [--keys-per-region N] \
     [--light-backups]";

/// Where to measure, and with what.
struct Case {
    endpoint: String,
    regions: Vec<Region>,
    folder: String,
    keys_per_region: u32,
    backup_work: WorkFactor,
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(case) = case(&words) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let counts = counting::install();
    let measured = match words[0].as_str() {
        "sync" => sync::measure(&case, &counts).await,
        "upload" => upload::measure(&case, &counts).await,
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match measured {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", json!({ "error": error }));
            ExitCode::FAILURE
        }
    }
}

fn case(words: &[String]) -> Option<Case> {
    let option = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let regions = option("--regions")?
        .split(',')
        .map(Region::parse)
        .collect::<Result<_>>()
        .ok()?;
    Some(Case {
        endpoint: option("--endpoint")?,
        regions,
        folder: option("--data-dir")?,
        keys_per_region: option("--keys-per-region").map_or(Some(20), |n| n.parse().ok())?,
        backup_work: if words.iter().any(|word| word == "--light-backups") {
            WorkFactor::REDUCED
        } else {
            WorkFactor::FULL
        },
    })
}

/// What every case tells beside its own findings.
fn told(seconds: f64, counts: &counting::Counts, own: Value) -> Value {
    let mut told = json!({
        "seconds": seconds,
        "requests": counts.requests(),
        "throttled": counts.throttled(),
        "peak_in_flight": counts.peak_in_flight(),
        "peak_rss_mib": peak_rss_mib(),
    });
    if let (Some(told), Value::Object(own)) = (told.as_object_mut(), own) {
        told.extend(own);
    }
    told
}

/// The kernel's own high-water mark; absent where there is no `/proc`.
fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}
