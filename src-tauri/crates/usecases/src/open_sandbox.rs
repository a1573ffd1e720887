//! First start: the sandbox account is there without a question asked.

use ownkey_model::{
    AppError, ConnectionDraft, ConnectionId, ConnectionKindDraft, Preference, RegistrationDraft,
    Result, RoleDraft,
};

use crate::{Context, add_connection, read_account, register_account};

/// Registers the sandbox account with all its regions when nothing was ever registered here. A
/// sandbox that was removed on purpose stays away.
pub async fn open_sandbox(cx: &Context) -> Result<()> {
    let (registrations, preferences) = cx
        .blocking(|cx| Ok((cx.store.registrations()?, cx.store.preferences()?)))
        .await?;
    if !registrations.is_empty() || preferences.iter().any(|one| one.name == OFFERED) {
        return Ok(());
    }
    let connection = ConnectionDraft {
        name: NAME.into(),
        kind: ConnectionKindDraft::Sandbox,
        role: RoleDraft::default(),
        // Where the made-up company has most of its keys.
        region: "eu-central-1".into(),
        endpoint_url: String::new(),
        fips: false,
    };
    match add_connection(cx, ID.into(), &connection).await {
        // Left by a first start that ended in between.
        Ok(_) | Err(AppError::NameTaken { .. }) => {}
        Err(error) => return Err(error),
    }
    let id = ConnectionId(ID.into());
    let report = read_account(cx, id.clone(), &RoleDraft::default()).await?;
    let draft = RegistrationDraft {
        name: NAME.into(),
        connection: id,
        role: RoleDraft::default(),
        regions: report
            .regions
            .into_iter()
            .map(|entry| entry.region)
            .collect(),
    };
    register_account(cx, ID.into(), &draft).await?;
    cx.blocking(|cx| {
        cx.store.remember(&Preference {
            name: OFFERED.into(),
            value: "true".into(),
        })
    })
    .await
}

const ID: &str = "sandbox";
const NAME: &str = "Sandbox";
const OFFERED: &str = "sandbox.offered";
