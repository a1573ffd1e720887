//! Sealing material in the store, and showing what is there.

use ownkey_material::{
    Fingerprint, FingerprintKey, MasterKey, Material, RecordLabel, key_check_value,
    make_material_id, seal,
};
use ownkey_model::{
    AppError, Change, Field, FileReading, KeySpec, MaterialChoice, MaterialId, MaterialOrigin,
    Partition, Result, SourceTier, StoredMaterial,
};
use ownkey_store::NewMaterial;

use super::{choose, open_vault, open_vault_or_make};
use crate::Context;

const LONGEST_NAME: usize = 100;

/// All stored material, the latest first. Refused if the keychain does not give the key for it: what
/// cannot be opened is not shown as if it could.
pub async fn list_materials(cx: &Context) -> Result<Vec<StoredMaterial>> {
    cx.blocking(|cx| {
        open_vault(cx)?;
        cx.store.materials()
    })
    .await
}

/// Makes new material and seals it.
pub async fn make_material(cx: &Context, spec: KeySpec, name: String) -> Result<StoredMaterial> {
    keep(cx, MaterialChoice::Generate, spec, name).await
}

/// Seals what is in a picked file. Material that is there already stays as it is.
pub async fn store_material(
    cx: &Context,
    handle: String,
    reading: Option<FileReading>,
    spec: KeySpec,
    name: String,
) -> Result<StoredMaterial> {
    keep(cx, MaterialChoice::File { handle, reading }, spec, name).await
}

async fn keep(
    cx: &Context,
    choice: MaterialChoice,
    spec: KeySpec,
    name: String,
) -> Result<StoredMaterial> {
    let name = parse_name(&name)?;
    let kept = cx
        .blocking(move |cx| {
            let chosen = choose(cx, &choice, spec, Partition::Aws)?
                .expect("neither choice leaves it for later");
            let id = match chosen.known_as {
                Some(known) => known,
                None => {
                    let new = new_material(cx, &chosen.material, chosen.origin, name)?;
                    cx.store.add_material(&new)?;
                    new.record.label.id
                }
            };
            cx.store.material(&id)
        })
        .await?;
    (cx.announce)(Change::Materials);
    Ok(kept)
}

/// Material sealed under a new id, ready to be kept.
pub(crate) fn new_material(
    cx: &Context,
    material: &Material,
    origin: MaterialOrigin,
    name: String,
) -> Result<NewMaterial> {
    seal_as(cx, None, material, origin, name)
}

/// Material sealed under an id, a new one if none is given.
pub(super) fn seal_as(
    cx: &Context,
    id: Option<MaterialId>,
    material: &Material,
    origin: MaterialOrigin,
    name: String,
) -> Result<NewMaterial> {
    let failed = |error: &dyn std::error::Error| cx.unexpected("seal", error);
    let master = open_vault_or_make(cx)?;
    let label = RecordLabel {
        id: match id {
            Some(id) => id,
            None => make_material_id().map_err(|error| failed(&error))?,
        },
        spec: material.spec(),
        tier: SourceTier::Local,
        created_at: cx.clock.now(),
    };
    let check_value = key_check_value(material).map_err(|error| failed(&error))?;
    Ok(NewMaterial {
        record: seal(&master, label, material).map_err(|error| failed(&error))?,
        name,
        origin,
        fingerprint: fingerprint_of(cx, &master, material)?,
        check_value: check_value
            .map(|bytes| bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
    })
}

/// By what a material is recognised on this computer.
pub(crate) fn fingerprint_of(
    cx: &Context,
    master: &MasterKey,
    material: &Material,
) -> Result<Fingerprint> {
    let key =
        FingerprintKey::derive(master).map_err(|failure| cx.unexpected("fingerprint", &failure))?;
    Ok(key.fingerprint(material))
}

fn parse_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=LONGEST_NAME).contains(&length) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(AppError::invalid(
            Field::Name,
            format!("A name has 1 to {LONGEST_NAME} characters."),
        ))
    }
}
