//! The secrets of access keys in the operating system's keychain, each beside the id of the key that
//! it belongs to: a connection that was changed and a secret that was not, as a crash in between
//! leaves them, do not fit together and are noticed.

use std::sync::Arc;

use aws_credential_types::Credentials;
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    AccessKeyId, AppError, Connection, ConnectionId, ConnectionKind, Field, Result,
};

/// The access keys in the keychain; cheap to clone.
#[derive(Clone)]
pub(crate) struct AccessKeys {
    vault: Arc<dyn Vault>,
}

impl AccessKeys {
    pub(crate) fn new(vault: Arc<dyn Vault>) -> Self {
        Self { vault }
    }

    /// The credentials of a connection's access key. `AccessKeyMissing` if the keychain has not its
    /// secret.
    pub(crate) async fn credentials(
        &self,
        connection: &Connection,
        id: &AccessKeyId,
    ) -> Result<Credentials> {
        match self.fetch(connection).await? {
            Some(kept) if kept.id() == id.as_str() => credentials(id, kept.secret()),
            _ => Err(AppError::AccessKeyMissing {
                connection: connection.name.clone(),
            }),
        }
    }

    /// Whether the keychain has the secret of the connection's access key.
    pub(crate) async fn keeps(&self, connection: &Connection) -> Result<bool> {
        let ConnectionKind::AccessKey { access_key_id, .. } = &connection.kind else {
            return Ok(false);
        };
        let kept = self.fetch(connection).await?;
        Ok(kept.is_some_and(|kept| kept.id() == access_key_id.as_str()))
    }

    /// Keeps the secret of the connection's access key.
    pub(crate) async fn keep(&self, connection: &Connection, secret: &Secret) -> Result<()> {
        let ConnectionKind::AccessKey { access_key_id, .. } = &connection.kind else {
            return Err(AppError::invalid(
                Field::AccessKeyId,
                "Only an access key has a secret.",
            ));
        };
        let id = access_key_id.as_str().as_bytes();
        let mut entry = Vec::with_capacity(id.len() + 1 + secret.expose().len());
        entry.extend_from_slice(id);
        entry.push(b'\n');
        entry.extend_from_slice(secret.expose());
        let (name, entry) = (name(&connection.id), Secret::new(entry));
        self.ask(move |vault| vault.keep(&name, &entry)).await
    }

    /// Removes the kept secret, if there is one.
    pub(crate) async fn remove(&self, connection: &Connection) -> Result<()> {
        let name = name(&connection.id);
        self.ask(move |vault| vault.remove(&name)).await
    }

    async fn fetch(&self, connection: &Connection) -> Result<Option<Kept>> {
        let name = name(&connection.id);
        self.ask(move |vault| Ok(vault.fetch(&name)?.and_then(Kept::read)))
            .await
    }

    /// The keychain may take its time, and ask a person.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Vault) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let vault = Arc::clone(&self.vault);
        tokio::task::spawn_blocking(move || question(vault.as_ref()))
            .await
            .unwrap_or_else(|panic| {
                tracing::error!(%panic, "the keychain was not asked");
                Err(AppError::KeychainMissing {
                    cause: "internal failure".into(),
                })
            })
    }
}

/// The credentials of an access key whose secret is at hand.
pub(crate) fn credentials(id: &AccessKeyId, secret: &[u8]) -> Result<Credentials> {
    let secret = std::str::from_utf8(secret)
        .map_err(|_| AppError::invalid(Field::SecretAccessKey, "A secret access key is text."))?;
    Ok(Credentials::new(
        id.as_str(),
        secret,
        None,
        None,
        "access-key",
    ))
}

fn name(connection: &ConnectionId) -> String {
    format!("{}/secret-access-key", connection.0)
}

/// What an entry of the keychain holds.
struct Kept {
    entry: Secret,
    line_end: usize,
}

impl Kept {
    fn read(entry: Secret) -> Option<Self> {
        let line_end = entry.expose().iter().position(|byte| *byte == b'\n')?;
        std::str::from_utf8(&entry.expose()[..line_end]).ok()?;
        Some(Self { line_end, entry })
    }

    fn id(&self) -> &str {
        std::str::from_utf8(&self.entry.expose()[..self.line_end]).unwrap_or_default()
    }

    fn secret(&self) -> &[u8] {
        &self.entry.expose()[self.line_end + 1..]
    }
}
