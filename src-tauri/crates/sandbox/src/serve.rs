//! The sandbox on loopback: HTTP/1.1 on 127.0.0.1, nothing else.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::body_limits::{LEAST_BODY, largest_body};
use crate::{Dropped, Sandbox, StateFile};

/// A request head beyond this is refused by hyper with status 431.
const LARGEST_HEAD: usize = 64 * 1024;

const MOST_HEADERS: usize = 100;

/// How long open requests may take to finish once the end was asked for.
const PATIENCE_AT_END: Duration = Duration::from_secs(2);

/// A sandbox that listens.
pub struct Listener {
    served: Arc<Served>,
    socket: TcpListener,
}

struct Served {
    sandbox: Sandbox,
    file: Option<StateFile>,
}

impl Listener {
    /// Listens on 127.0.0.1; port 0 takes any free one.
    pub async fn bind(sandbox: Sandbox, port: u16) -> io::Result<Self> {
        Self::bind_keeping(sandbox, None, port).await
    }

    /// The same; no answer leaves before the state that it speaks of is in `file`.
    pub async fn bind_keeping(
        sandbox: Sandbox,
        file: Option<StateFile>,
        port: u16,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let served = Arc::new(Served { sandbox, file });
        Ok(Self { served, socket })
    }

    /// The address with the port that was taken.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Answers requests until `end` is ready, then lets open requests finish for a moment.
    pub async fn run(self, end: impl Future<Output = ()>) {
        let mut http1 = hyper::server::conn::http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(60))
            .max_buf_size(LARGEST_HEAD)
            .max_headers(MOST_HEADERS);
        let graceful = GracefulShutdown::new();
        let mut end = std::pin::pin!(end);
        loop {
            let stream = tokio::select! {
                () = &mut end => break,
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of file descriptors, most likely: accepting again at once would
                        // only burn processor time.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps its small packets back");
            }
            let served = Arc::clone(&self.served);
            let answer = service_fn(move |request| answer(Arc::clone(&served), request));
            let connection = graceful.watch(http1.serve_connection(TokioIo::new(stream), answer));
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
            });
        }
        drop(self.socket);
        if tokio::time::timeout(PATIENCE_AT_END, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::debug!("requests were still open at the end");
        }
    }
}

/// An error of this function makes hyper close the connection without an answer, which is what a
/// dropped call looks like on the network.
async fn answer(
    served: Arc<Served>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let (head, body) = request.into_parts();
    let told = told_length(&head);
    let most = match told {
        Some(length) if length <= LEAST_BODY => LEAST_BODY,
        _ => largest_body(&head),
    };
    // Before it is read, so that a client that asks first whether to go on gets an answer.
    if let Some(length) = told.filter(|length| *length > most) {
        return Ok(too_large(&served, &head, length));
    }
    let body = match Limited::new(body, most).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(too_large(&served, &head, most + 1));
        }
        Err(_) => {
            return Ok(refused(
                StatusCode::BAD_REQUEST,
                "the body could not be read",
            ));
        }
    };
    let response = served.sandbox.handle(Request::from_parts(head, body)).await;
    if served.file.is_some() && !keep(served).await {
        return Ok(refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the sandbox's state could not be written",
        ));
    }
    Ok(response?.map(Full::new))
}

/// Writes the state; a failure is logged and answered `false`.
async fn keep(served: Arc<Served>) -> bool {
    let written = tokio::task::spawn_blocking(move || match &served.file {
        Some(file) => file.keep(&served.sandbox),
        None => Ok(()),
    });
    match written.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "the state could not be written");
            false
        }
        Err(_) => false,
    }
}

fn told_length(head: &Parts) -> Option<usize> {
    let length = head.headers.get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// In the words of who is asked.
fn too_large(served: &Served, head: &Parts, size: usize) -> Response<Full<Bytes>> {
    ended(served.sandbox.0.refuse_body(head, size))
}

fn refused(status: StatusCode, sentence: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Bytes::from_static(sentence.as_bytes()));
    *response.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    ended(response)
}

/// An answer after which the connection ends.
fn ended(mut response: Response<Bytes>) -> Response<Full<Bytes>> {
    let close = http::HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response.map(Full::new)
}

/// What `ownkey-sandbox` waits for: SIGTERM or Ctrl-C (on Windows Ctrl-C only).
pub async fn asked_to_end() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<Infallible>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;
    use crate::random::Random;
    use crate::{Fault, FaultKind, Options, Seed};

    async fn listening() -> (Sandbox, SocketAddr, oneshot::Sender<()>) {
        let sandbox = Sandbox::new(Options {
            seed: Seed::Empty,
            ..Options::default()
        });
        let listener = Listener::bind(sandbox.clone(), 0).await.unwrap();
        let address = listener.address().unwrap();
        let (end, ended) = oneshot::channel();
        tokio::spawn(listener.run(async {
            let _ = ended.await;
        }));
        (sandbox, address, end)
    }

    /// Sends bytes and answers all that comes back until the connection ends.
    async fn exchange(address: SocketAddr, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The other side may end the connection while it is still being written to.
        let _ = stream.write_all(sent).await;
        let _ = stream.shutdown().await;
        let mut back = Vec::new();
        let _ = stream.read_to_end(&mut back).await;
        String::from_utf8_lossy(&back).into_owned()
    }

    const CLOCK: &str = "POST /_sandbox/clock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

    #[tokio::test]
    async fn answers_on_loopback_whatever_the_framing() {
        let (_, address, _end) = listening().await;
        assert!(address.ip().is_loopback());
        let plain = format!("{CLOCK}Content-Length: 15\r\n\r\n{{\"advance_s\":5}}");
        let chunked = format!(
            "{CLOCK}Transfer-Encoding: chunked\r\n\r\n7\r\n{{\"advan\r\n8\r\nce_s\":5}}\r\n0\r\n\r\n"
        );
        for request in [plain, chunked] {
            let back = exchange(address, request.as_bytes()).await;
            assert!(back.starts_with("HTTP/1.1 200"), "{back}");
        }
    }

    #[tokio::test]
    async fn limits_are_refused_in_words() {
        let (_, address, _end) = listening().await;
        let mut large = format!("{CLOCK}Content-Length: 72000000\r\n\r\n").into_bytes();
        large.resize(large.len() + 72_000_000, b' ');
        // The refusal may be lost when the connection ends on a client that is still writing;
        // what counts is that nothing but a refusal comes back.
        let back = exchange(address, &large).await;
        assert!(
            back.is_empty() || back.starts_with("HTTP/1.1 413"),
            "{back}"
        );
        // Refused before it is sent, so that the words arrive.
        let told = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: TrentService.ListKeys\r\n\
                    Content-Length: 3000000\r\n\r\n";
        let back = exchange(address, told.as_bytes()).await;
        assert!(back.starts_with("HTTP/1.1 413"), "{back}");
        assert!(back.contains("RequestEntityTooLargeException"), "{back}");
        assert!(back.contains("connection: close"), "{back}");
        let head = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(1_000_000));
        let back = exchange(address, head.as_bytes()).await;
        assert!(
            back.is_empty() || back.starts_with("HTTP/1.1 431"),
            "{back}"
        );
    }

    #[tokio::test]
    async fn garbage_and_faults_end_one_connection_and_not_the_listener() {
        let (sandbox, address, _end) = listening().await;
        let random = Random::seeded(3);
        for _ in 0..50 {
            exchange(address, &random.bytes::<300>()).await;
        }
        sandbox.inject(Fault::every("*", "*", FaultKind::Close));
        let back = exchange(address, b"POST / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(back, "");
        let back = exchange(address, b"GET /_sandbox/health HTTP/1.0\r\n\r\n").await;
        assert!(back.starts_with("HTTP/1.0 200"), "{back}");
    }

    #[tokio::test]
    async fn ends_when_asked() {
        let sandbox = Sandbox::new(Options {
            seed: Seed::Empty,
            ..Options::default()
        });
        let listener = Listener::bind(sandbox, 0).await.unwrap();
        let idle = TcpStream::connect(listener.address().unwrap())
            .await
            .unwrap();
        let run = listener.run(tokio::time::sleep(Duration::from_millis(50)));
        tokio::time::timeout(Duration::from_secs(4), run)
            .await
            .expect("it ends");
        drop(idle);
    }
}
