//! The program without its window: the only place here that knows how it is put together.

use std::{path::Path, sync::Arc};

use ownkey_aws::{Aws, AwsParts};
use ownkey_model::{
    ConnectionDraft, ConnectionKindDraft, Registration, RegistrationDraft, Result, RoleDraft,
};
use ownkey_store::Store;
use ownkey_usecases::{Context, add_connection, register_account};

use crate::Case;
use crate::computer::{ComputerClock, MemoryVault};

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
