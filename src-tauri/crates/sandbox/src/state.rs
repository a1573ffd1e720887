//! The state as bytes: everything that AWS would remember, so that a sandbox can end and go on.
//!
//! One line that names the format, its version and the digest of the rest, then JSON. The JSON is
//! what the state's own types derive: whoever changes one of them in a way that older states do not
//! fit raises [`VERSION`]. The bytes contain key material and credentials in clear.

use std::io::{self, Write};

use aws_lc_rs::digest;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::encoding::hex;
use crate::random::Position;

/// Of the format that is written, and the only one that is read.
const VERSION: u32 = 1;

const NAME: &str = "ownkey-sandbox-state";

/// No first line is longer.
const FIRST_LINE_MAX: usize = 200;

/// Why bytes are not taken for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRefused {
    /// It is something else.
    NotAState,
    /// A newer version of the sandbox has written it.
    Newer {
        /// The version of its format.
        version: u32,
    },
    /// It was a state, and is not whole any more.
    Damaged,
}

impl std::fmt::Display for StateRefused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAState => out.write_str("this is not the state of a sandbox"),
            Self::Newer { version } => write!(
                out,
                "this state has format {version}, which a newer version of the sandbox has written \
                 (this one knows {VERSION})"
            ),
            Self::Damaged => out.write_str("this state is damaged"),
        }
    }
}

impl std::error::Error for StateRefused {}

/// What is kept. Written from references, read into values.
#[derive(Serialize, Deserialize)]
pub(crate) struct Contents<Iam, World, Seal, Sso, Signin, CloudHsm, Neighbours> {
    /// How far the clock is ahead of the real time: whole seconds, and nanoseconds.
    pub(crate) clock: (i64, i32),
    /// Where a seeded randomness was, so that no id comes twice.
    pub(crate) random: Option<Position>,
    pub(crate) iam: Iam,
    pub(crate) kms: World,
    pub(crate) tokens: Seal,
    /// Of Identity Center; older states have none.
    #[serde(default)]
    pub(crate) sso: Sso,
    /// Of the console's sign-in; older states have none.
    #[serde(default)]
    pub(crate) signin: Signin,
    /// Older states have none.
    #[serde(default)]
    pub(crate) cloudhsm: CloudHsm,
    /// Of the services around KMS; older states have none.
    #[serde(default)]
    pub(crate) neighbours: Neighbours,
}

/// The bytes of a state. They are wiped when dropped.
pub(crate) fn write(contents: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut out = Growing(Zeroizing::new(Vec::with_capacity(1 << 16)));
    let unsigned = first_line(VERSION, &[]).len();
    out.0.resize(unsigned, b' ');
    serde_json::to_writer(&mut out, contents)
        .expect("memory takes it, names are text and years have four digits");
    let mut bytes = out.0;
    let line = first_line(VERSION, &bytes[unsigned..]);
    bytes[..unsigned].copy_from_slice(line.as_bytes());
    bytes
}

/// What [`write()`] wrote.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StateRefused> {
    let end = bytes
        .iter()
        .take(FIRST_LINE_MAX)
        .position(|byte| *byte == b'\n')
        .ok_or(StateRefused::NotAState)?;
    let line = std::str::from_utf8(&bytes[..=end]).map_err(|_| StateRefused::NotAState)?;
    let body = &bytes[end + 1..];
    let mut words = line.split_whitespace();
    if words.next() != Some(NAME) {
        return Err(StateRefused::NotAState);
    }
    let version = words.next().and_then(|word| word.parse().ok());
    match version {
        Some(VERSION) => {}
        Some(version) if version > VERSION => return Err(StateRefused::Newer { version }),
        _ => return Err(StateRefused::Damaged),
    }
    if line != first_line(VERSION, body) {
        return Err(StateRefused::Damaged);
    }
    serde_json::from_slice(body).map_err(|_| StateRefused::Damaged)
}

/// Always as long, whatever the body.
fn first_line(version: u32, body: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, body);
    format!("{NAME} {version} {}\n", hex(digest.as_ref()))
}

/// A buffer that leaves no unwiped copy behind when it grows.
struct Growing(Zeroizing<Vec<u8>>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.capacity() - self.0.len() < bytes.len() {
            let room = (self.0.len() + bytes.len()) * 2;
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
