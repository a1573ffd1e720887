//! What a person does at the window: typing secrets, filling in forms, answering for an MFA device.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use ownkey_model::{
    Connection, ConnectionDraft, ConnectionId, ConnectionKindDraft, Region, RegistrationDraft,
    Result, RoleDraft, SealedText, SignInRequest,
};
use ownkey_sandbox::{SECRET_ACCESS_KEY, mfa_code, serve::Listener};
use ownkey_usecases::{add_connection, answer_mfa_request, list_sign_in_requests, make_envelope};

use crate::world::World;

/// The role of the second account that may be assumed from the first one, with an external id.
pub(crate) const OTHER_ROLE: &str = "arn:aws:iam::222222222222:role/OwnKeyAdministrator";

impl World {
    /// What the window makes of a text that was typed.
    pub(crate) async fn typed(&self, text: &str) -> SealedText {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Relaxed);
        let envelope = make_envelope(&self.cx, format!("envelope {number}"))
            .await
            .expect("made");
        let key = STANDARD.decode(envelope.public_key).expect("base64");
        let key = PublicEncryptingKey::from_der(&key).expect("a public key");
        let key = OaepPublicEncryptingKey::new(key).expect("a public key");
        let mut room = vec![0; key.ciphertext_size()];
        let sealed = key
            .encrypt(&OAEP_SHA256_MGF1SHA256, text.as_bytes(), &mut room, None)
            .expect("it fits");
        SealedText {
            envelope: envelope.envelope,
            ciphertext: STANDARD.encode(sealed),
        }
    }

    /// The same AWS on loopback, for as long as the test lasts: access keys need an endpoint.
    pub(crate) async fn listening(&self) -> String {
        let listener = Listener::bind(self.sandbox.clone(), 0)
            .await
            .expect("a free port");
        let address = listener.address().expect("an address");
        tokio::spawn(listener.run(std::future::pending()));
        format!("http://{address}")
    }

    /// A kept connection with an access key whose secret is every sandbox key's.
    pub(crate) async fn connected(&self, name: &str, url: &str, access_key_id: &str) -> Connection {
        let secret = self.typed(SECRET_ACCESS_KEY).await;
        let draft = access_key_draft(name, url, access_key_id, Some(secret));
        self.added(&draft).await.expect("kept")
    }

    /// Keeps a connection under its own name.
    pub(crate) async fn added(&self, draft: &ConnectionDraft) -> Result<Connection> {
        add_connection(&self.cx, draft.name.clone(), draft).await
    }

    /// Waits until a person is asked for something.
    pub(crate) async fn asked(&self) -> SignInRequest {
        loop {
            if let Some(request) = list_sign_in_requests(&self.cx).into_iter().next() {
                return request;
            }
            self.told.notified().await;
        }
    }

    /// Types a code for a request.
    pub(crate) async fn answer(&self, request: &SignInRequest, code: &str) -> Result<()> {
        let code = self.typed(code).await;
        answer_mfa_request(&self.cx, &request.id, &code).await
    }

    /// The operations that were asked for, each once, as `service:Operation`, sorted.
    pub(crate) fn operations_asked(&self) -> Vec<String> {
        let calls = self.sandbox.calls().into_iter();
        let mut asked: Vec<String> = calls
            .map(|call| format!("{}:{}", call.service, call.operation))
            .collect();
        asked.sort();
        asked.dedup();
        asked
    }
}

/// The code that every seeded MFA device shows now.
pub(crate) fn shown_code() -> String {
    code_shown_in(0)
}

/// The code that it will show so many seconds from now.
#[allow(
    clippy::disallowed_methods,
    reason = "devices know nothing of the sandbox's clock"
)]
pub(crate) fn code_shown_in(seconds: u64) -> String {
    let by = std::time::Duration::from_secs(seconds);
    mfa_code((std::time::SystemTime::now() + by).into())
}

/// A code that it shows at no time near.
pub(crate) fn wrong_code() -> String {
    let near: Vec<String> = (0..6).map(|turn| code_shown_in(30 * turn)).collect();
    let mut codes = (0..20).map(|number| format!("{number:06}"));
    codes
        .find(|code| !near.contains(code))
        .expect("one of twenty")
}

pub(crate) fn sandbox_draft(name: &str) -> ConnectionDraft {
    ConnectionDraft {
        name: name.into(),
        kind: ConnectionKindDraft::Sandbox,
        role: RoleDraft::default(),
        region: String::new(),
        endpoint_url: String::new(),
        fips: false,
    }
}

pub(crate) fn access_key_draft(
    name: &str,
    url: &str,
    access_key_id: &str,
    secret: Option<SealedText>,
) -> ConnectionDraft {
    ConnectionDraft {
        kind: ConnectionKindDraft::AccessKey {
            access_key_id: access_key_id.into(),
            secret,
            mfa_serial: String::new(),
        },
        endpoint_url: url.into(),
        ..sandbox_draft(name)
    }
}

pub(crate) fn role_draft(arn: &str, external_id: &str) -> RoleDraft {
    RoleDraft {
        arn: arn.into(),
        external_id: external_id.into(),
    }
}

pub(crate) fn regions(codes: &[&str]) -> Vec<Region> {
    let parsed = codes.iter().map(|code| Region::parse(code));
    parsed.collect::<Result<_>>().expect("regions")
}

/// An account that is registered over a connection without a role.
pub(crate) fn registration_draft(
    name: &str,
    connection: &ConnectionId,
    codes: &[&str],
) -> RegistrationDraft {
    RegistrationDraft {
        name: name.into(),
        connection: connection.clone(),
        role: RoleDraft::default(),
        regions: regions(codes),
    }
}
