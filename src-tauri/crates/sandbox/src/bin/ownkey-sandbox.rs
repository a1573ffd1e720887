//! `ownkey-sandbox`: the simulated AWS on a loopback port, for programs that others wrote.

#![forbid(unsafe_code)]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ownkey_sandbox::serve::{self, Listener};
use ownkey_sandbox::{Options, Sandbox, Seed, SeedRegion, StateFile};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Who can sign in to the seeded company.
const WHO_IS_THERE: &str = "\
Secrets are all `test`. Access key ids:
  test                  administrator of 111111111111 (000000000000 with other seeds)
  any 12 digits         administrator of that account, in the partition of the region first asked:
                        222222222222 (commercial), 555555555555 (AWS GovCloud), 666666666666 (China)
  AKIASANDBOXAUDITOR00  user auditor: reads, but no key policies, and nothing in eu-central-1
  AKIASANDBOXMFAUSER00  user priya.nair, MFA device arn:aws:iam::111111111111:mfa/priya.nair
                        (base 32 secret OWNKEYSANDBOXMFAOWNKEYSANDBOXMFA, each code is good once)
Roles: arn:aws:iam::111111111111:role/BreakGlass needs MFA;
  arn:aws:iam::222222222222:role/OwnKeyAdministrator needs the external id ownkey-sandbox.
Identity Center: https://sandbox.awsapps.com/start, any sso_region, device codes approved at once;
  permission sets AdministratorAccess and ReadOnly in both commercial accounts, KeyCustodians in
  the first. POST /_sandbox/sso {\"approve\": \"at_once\" | \"never\" | \"deny\" | {\"after_polls\": N}}
  changes that for all codes, {\"user_code\": \"ABCD-EFGH\", \"approve\": true | false} decides one.
A session of `aws login`: POST /_sandbox/login {\"user\": \"arn:aws:iam::111111111111:user/test\"} gives
  what the command's cache holds, without a dpopKey, which may be any P-256 key.";

/// A simulated AWS on 127.0.0.1. Credentials: access key id `test`, secret `test`.
#[derive(Parser)]
#[command(name = "ownkey-sandbox", version, after_long_help = WHO_IS_THERE, after_help = WHO_IS_THERE)]
struct Arguments {
    /// The port to listen on; 0 takes any free one.
    #[arg(long, value_name = "N")]
    port: u16,
    /// What it contains: `empty`, `company`, or a number of keys in one account and region.
    #[arg(long, value_name = "empty|company|KEYS", default_value = "company")]
    seed: Seed,
    /// The regions that each get that number of keys; us-east-1 if left out.
    #[arg(long, value_name = "a,b,…", value_delimiter = ',')]
    seed_regions: Vec<SeedRegion>,
    /// How long every answer takes at least.
    #[arg(long, value_name = "L", default_value_t = 0)]
    latency_ms: u64,
    /// Throttle as AWS KMS does with its default request quotas.
    #[arg(long)]
    quotas: bool,
    /// How many milliseconds late changes in KMS are seen, as they may be in AWS.
    #[arg(long, value_name = "C", default_value_t = 0)]
    consistency_ms: u64,
    /// Take the stricter reading where AWS's documentation is unsettled.
    #[arg(long)]
    strict: bool,
    /// Where the sandbox's clock starts; the real time if left out.
    #[arg(long, value_name = "RFC3339", value_parser = rfc3339)]
    clock: Option<OffsetDateTime>,
    /// Goes on with the state in this file and keeps it there, key material in clear; the seed and
    /// the clock then count only if there is no such file yet, and after a reset.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed("the runtime did not start", &error),
    };
    let code = runtime.block_on(run(arguments));
    // Work in the background (wrapping keys in the making) is not worth waiting for.
    runtime.shutdown_background();
    code
}

async fn run(arguments: Arguments) -> ExitCode {
    let Arguments {
        port,
        seed,
        seed_regions,
        latency_ms,
        quotas,
        consistency_ms,
        strict,
        clock,
        state,
    } = arguments;
    let options = Options {
        seed,
        seed_regions,
        latency: Duration::from_millis(latency_ms),
        quotas,
        consistency: Duration::from_millis(consistency_ms),
        strict,
        clock,
        ..Options::default()
    };
    let (file, sandbox) = match state {
        None => (None, Sandbox::new(options)),
        Some(path) => match StateFile::open(path.clone(), options) {
            Ok((file, sandbox)) => {
                let path = path.display();
                say(&format!(
                    "warning: {path} holds key material and credentials in clear"
                ));
                (Some(file), sandbox)
            }
            Err(error) => return failed(&path.display().to_string(), &error),
        },
    };
    let listener = match Listener::bind_keeping(sandbox, file, port).await {
        Ok(listener) => listener,
        Err(error) => return failed("the port could not be opened", &error),
    };
    let address = match listener.address() {
        Ok(address) => address,
        Err(error) => return failed("the port is not known", &error),
    };
    let mut out = std::io::stdout();
    if writeln!(out, "listening on http://{address}")
        .and_then(|()| out.flush())
        .is_err()
    {
        // Whoever started it closed the pipe; it still serves.
        tracing::debug!("nobody reads the standard output");
    }
    listener.run(serve::asked_to_end()).await;
    ExitCode::SUCCESS
}

fn rfc3339(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

fn failed(what: &str, error: &dyn std::error::Error) -> ExitCode {
    say(&format!("{what}: {error}"));
    ExitCode::FAILURE
}

fn say(words: &str) {
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(std::io::stderr(), "ownkey-sandbox: {words}");
}
