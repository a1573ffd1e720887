//! `ownkey-sandbox`: the simulated AWS on a loopback port, for programs that others wrote.

#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use ownkey_sandbox::serve::{self, Listener};
use ownkey_sandbox::{Options, Sandbox, Seed};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A simulated AWS on 127.0.0.1. Credentials: access key id `test`, secret `test`.
#[derive(Parser)]
#[command(name = "ownkey-sandbox", version)]
struct Arguments {
    /// The port to listen on; 0 takes any free one.
    #[arg(long, value_name = "N")]
    port: u16,
    /// What it contains: `empty`, `company`, or a number of keys in one account and region.
    #[arg(long, value_name = "empty|company|KEYS", default_value = "company")]
    seed: Seed,
    /// How long every answer takes at least.
    #[arg(long, value_name = "L", default_value_t = 0)]
    latency_ms: u64,
    /// Throttle as AWS KMS does with its default request quotas.
    #[arg(long)]
    quotas: bool,
    /// Where the sandbox's clock starts; the real time if left out.
    #[arg(long, value_name = "RFC3339", value_parser = rfc3339)]
    clock: Option<OffsetDateTime>,
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
        latency_ms,
        quotas,
        clock,
    } = arguments;
    let sandbox = Sandbox::new(Options {
        seed,
        latency: Duration::from_millis(latency_ms),
        quotas,
        clock,
        ..Options::default()
    });
    let listener = match Listener::bind(sandbox, port).await {
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
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(std::io::stderr(), "ownkey-sandbox: {what}: {error}");
    ExitCode::FAILURE
}
