//! What the settings say about this computer.

use ownkey_model::{Result, ThisComputer};

use crate::Context;

/// Where OwnKey keeps things here, and whether the keychain can keep secrets.
pub async fn describe_this_computer(cx: &Context, sandbox_kept: bool) -> Result<ThisComputer> {
    cx.blocking(move |cx| {
        Ok(ThisComputer {
            version: cx.version.to_owned(),
            data_folder: cx.store.folder().display().to_string(),
            cache_bytes: cx.store.cache_bytes()?,
            keychain: cx.keychain.probe(),
            sandbox_kept,
        })
    })
    .await
}
