//! The other side of the socket: sends bytes as they are, and reads what comes back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// An answer takes longer only if the sandbox hangs: the slowest thing that it does is making an
/// RSA-4096 pair.
const PATIENCE: Duration = Duration::from_secs(60);

/// No answer is anywhere near this.
const LARGEST_ANSWER: u64 = 32 * 1024 * 1024;

/// The status of an answer; 0 for a connection that ended without one.
pub(super) type Status = u16;

/// Sends `bytes` over a connection of their own and then nothing more; answers the first status.
pub(super) fn send_raw(address: SocketAddr, bytes: &[u8]) -> Status {
    let mut stream = connect(address);
    // The other side may end the connection while it is still being written to.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut back = Vec::new();
    if let Err(error) = stream.take(LARGEST_ANSWER).read_to_end(&mut back) {
        assert!(
            !is_timeout(&error),
            "no end of the connection after {}",
            shown(bytes)
        );
    }
    assert!(
        (back.len() as u64) < LARGEST_ANSWER,
        "an endless answer to {}",
        shown(bytes)
    );
    status_of(&back)
}

/// A connection that is used again as long as the other side keeps it.
pub(super) struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    /// Sends one well-framed request and answers its status and body.
    pub(super) fn exchange(&mut self, bytes: &[u8]) -> (Status, Vec<u8>) {
        let mut stream = self
            .stream
            .take()
            .unwrap_or_else(|| BufReader::new(connect(self.address)));
        if stream.get_mut().write_all(bytes).is_err() {
            return (0, Vec::new());
        }
        match read_answer(&mut stream, bytes.starts_with(b"HEAD ")) {
            Ok((status, body, keeps)) => {
                self.stream = keeps.then_some(stream);
                (status, body)
            }
            Err(error) => {
                assert!(!is_timeout(&error), "no answer to {}", shown(bytes));
                (0, Vec::new())
            }
        }
    }
}

/// Writes a request down as HTTP/1.1, with a length if it has none.
pub(super) fn written(request: &http::Request<bytes::Bytes>) -> Vec<u8> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let mut out = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if !request.headers().contains_key("host") {
        out.extend_from_slice(b"host: localhost\r\n");
    }
    out.extend_from_slice(format!("content-length: {}\r\n\r\n", request.body().len()).as_bytes());
    out.extend_from_slice(request.body());
    out
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the sandbox listens");
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn read_answer(
    stream: &mut BufReader<TcpStream>,
    is_head_only: bool,
) -> std::io::Result<(Status, Vec<u8>, bool)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.trim())
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    let mut body = match is_head_only {
        true => Vec::new(),
        false => vec![0; length.unwrap_or_default()],
    };
    stream.read_exact(&mut body)?;
    let keeps = length.is_some() && header("connection") != Some("close");
    Ok((status_of(head.as_bytes()), body, keeps))
}

fn status_of(answer: &[u8]) -> Status {
    let line = answer
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let word = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    std::str::from_utf8(word)
        .ok()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default()
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
    )
}

fn shown(bytes: &[u8]) -> String {
    let start = &bytes[..bytes.len().min(2_000)];
    start.escape_ascii().to_string()
}
