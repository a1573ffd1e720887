//! The program without its window: the only place here that knows how it is put together.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use ownkey_aws::{Aws, AwsParts};
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    Clock, ConnectionDraft, ConnectionKindDraft, Registration, RegistrationDraft, Result,
    RoleDraft, Timestamp, VaultState,
};
use ownkey_store::Store;
use ownkey_usecases::{Context, KeychainProbe, add_connection, register_account};

use crate::Case;

/// A fresh data folder with the account behind the endpoint registered, as the window would have it.
pub(crate) async fn open(case: &Case) -> Result<(Context, Registration)> {
    let folder = Path::new(&case.folder);
    let (keychain, clock) = (Arc::<MemoryVault>::default(), Arc::new(ComputerClock));
    let cx = Context {
        store: Store::open(folder)?,
        aws: Aws::new(AwsParts {
            sandbox: None,
            vault: keychain.clone(),
            clock: clock.clone(),
            announce: Arc::new(|_| {}),
        }),
        keychain,
        clock,
        announce: Arc::new(|_| {}),
        proposed_backup_folder: folder.join("backups").display().to_string(),
        backup_work: case.backup_work,
        in_hand: Arc::default(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let connection = ConnectionDraft {
        name: "Bench".into(),
        kind: ConnectionKindDraft::Profile {
            profile: "bench".into(),
        },
        role: RoleDraft::default(),
        region: String::new(),
        endpoint_url: case.endpoint.clone(),
        fips: false,
    };
    let connection = add_connection(&cx, "bench".into(), &connection).await?;
    let draft = RegistrationDraft {
        name: "Bench".into(),
        connection: connection.id,
        role: RoleDraft::default(),
        regions: case.regions.clone(),
    };
    let registration = register_account(&cx, "bench".into(), &draft).await?;
    Ok((cx, registration))
}

/// A keychain that ends with the process.
#[derive(Default)]
struct MemoryVault(Mutex<HashMap<String, Vec<u8>>>);

impl MemoryVault {
    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        let bytes = secret.expose().to_vec();
        self.kept().insert(entry.to_owned(), bytes);
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        Ok(self.kept().get(entry).cloned().map(Secret::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.kept().remove(entry);
        Ok(())
    }
}

impl KeychainProbe for MemoryVault {
    fn probe(&self) -> VaultState {
        VaultState::Works
    }
}

struct ComputerClock;

impl Clock for ComputerClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
