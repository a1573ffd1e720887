//! Passphrases: as they come from the window, and as the keychain keeps them.

use base64::{Engine, engine::general_purpose::STANDARD};
use ownkey_material::{CryptoFailure, Envelope, Passphrase, Secret};
use ownkey_model::{AppError, EnvelopeKey, Field, Result, SealedText};

use crate::Context;

/// A key to encrypt one typed secret to.
pub async fn make_envelope(cx: &Context, name: String) -> Result<EnvelopeKey> {
    cx.blocking(move |cx| {
        let failed = |failure: CryptoFailure| cx.unexpected("envelope", &failure);
        let envelope = Envelope::make().map_err(failed)?;
        let public_key = STANDARD.encode(envelope.public_key_der().map_err(failed)?);
        cx.in_hand.keep_envelope(name.clone(), envelope);
        Ok(EnvelopeKey {
            envelope: name,
            public_key,
        })
    })
    .await
}

/// A passphrase for new backups, typed twice. `WeakPassphrase`, `PassphrasesDiffer`.
pub fn open_new_passphrase(
    cx: &Context,
    typed: &SealedText,
    repeated: &SealedText,
) -> Result<Passphrase> {
    let (typed, repeated) = (open_typed(cx, typed)?, open_typed(cx, repeated)?);
    if !typed.same_as(&repeated) {
        return Err(AppError::PassphrasesDiffer);
    }
    let text = text_of(&typed.to_secret())?;
    Passphrase::choose(text).map_err(|weakness| AppError::WeakPassphrase {
        reason: weakness.to_string(),
    })
}

/// A passphrase as it was typed.
pub(super) fn open_typed(cx: &Context, sealed: &SealedText) -> Result<Passphrase> {
    let refused = || AppError::invalid(Field::Passphrase, "Type the passphrase once more.");
    let envelope = cx
        .in_hand
        .take_envelope(&sealed.envelope)
        .ok_or_else(refused)?;
    let ciphertext = STANDARD.decode(&sealed.ciphertext).map_err(|_| refused())?;
    let secret = envelope.open(&ciphertext).map_err(|_| refused())?;
    text_of(&secret).map(Passphrase::typed)
}

fn text_of(secret: &Secret) -> Result<String> {
    std::str::from_utf8(secret.expose())
        .map(str::to_owned)
        .map_err(|_| AppError::invalid(Field::Passphrase, "A passphrase is text."))
}
