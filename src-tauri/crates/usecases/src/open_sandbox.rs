//! First start: the sandbox account is there without a question asked.

use ownkey_model::{ConnectionDraft, ConnectionKind, Preference, RegistrationDraft, Result};

use crate::{Context, register_account, test_connection};

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
        kind: ConnectionKind::Sandbox,
        // Where the made-up company has most of its keys.
        region: "eu-central-1".into(),
        endpoint_url: String::new(),
    };
    let report = test_connection(cx, &connection).await?;
    let draft = RegistrationDraft {
        name: "Sandbox".into(),
        regions: report
            .regions
            .into_iter()
            .map(|entry| entry.region)
            .collect(),
    };
    register_account(cx, "sandbox".into(), &connection, &draft).await?;
    cx.blocking(|cx| {
        cx.store.remember(&Preference {
            name: OFFERED.into(),
            value: "true".into(),
        })
    })
    .await
}

const OFFERED: &str = "sandbox.offered";
