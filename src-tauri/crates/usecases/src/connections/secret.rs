//! The secret of an access key, on its way from the window to the keychain.

use base64::{Engine, engine::general_purpose::STANDARD};
use ownkey_material::Secret;
use ownkey_model::{
    AppError, Connection, ConnectionDraft, ConnectionKind, ConnectionKindDraft, Field, Result,
    SealedText,
};

use crate::Context;

/// The secret that was typed into a draft, if one was.
pub(super) fn typed_secret(cx: &Context, draft: &ConnectionDraft) -> Result<Option<Secret>> {
    match &draft.kind {
        ConnectionKindDraft::AccessKey {
            secret: Some(sealed),
            ..
        } => open_text(cx, sealed, Field::SecretAccessKey).map(Some),
        _ => Ok(None),
    }
}

/// Whether a connection signs in with a secret that the keychain keeps.
pub(super) fn has_secret(connection: &Connection) -> bool {
    matches!(connection.kind, ConnectionKind::AccessKey { .. })
}

/// Refuses an access key without a secret, typed or kept under the connection.
pub(super) async fn must_have_secret(
    cx: &Context,
    connection: &Connection,
    typed: bool,
) -> Result<()> {
    if !has_secret(connection) || typed || cx.aws.keeps_access_key(connection).await? {
        return Ok(());
    }
    Err(AppError::invalid(
        Field::SecretAccessKey,
        "Type the secret access key that belongs to this access key ID.",
    ))
}

/// A secret as it was typed, without surrounding blanks. What cannot be opened has to be typed once
/// more.
pub(super) fn open_text(cx: &Context, sealed: &SealedText, field: Field) -> Result<Secret> {
    let refused = || AppError::invalid(field, "Type it once more.");
    let envelope = cx
        .in_hand
        .take_envelope(&sealed.envelope)
        .ok_or_else(refused)?;
    let ciphertext = STANDARD.decode(&sealed.ciphertext).map_err(|_| refused())?;
    let secret = envelope.open(&ciphertext).map_err(|_| refused())?;
    let typed = secret.expose().trim_ascii();
    if typed.is_empty() || !typed.is_ascii() {
        return Err(AppError::invalid(
            field,
            "This has letters, digits and signs of ASCII only.",
        ));
    }
    Ok(Secret::new(typed.to_vec()))
}
