//! `kms:ListKeyRotations` with all materials.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>

use aws_sdk_kms::{
    Client,
    types::{ImportState, IncludeKeyMaterial, RotationsListEntry},
};
use ownkey_model::{AppError, Material, MaterialState, Result};

use super::{Next, timestamp};
use crate::asked::Asked;

/// AWS answers `UnsupportedOperationException` for imported keys that are not symmetric: they
/// have one material for life and no list of it.
pub(crate) async fn materials(
    client: &Client,
    id: &str,
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<Material>, Next)> {
    let answer = client
        .list_key_rotations()
        .key_id(id)
        .include_key_material(IncludeKeyMaterial::AllKeyMaterial)
        .set_marker(marker)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok((
            answer
                .rotations
                .unwrap_or_default()
                .into_iter()
                .map(material)
                .collect(),
            Next::of(answer.truncated, answer.next_marker),
        )),
        Err(error) => match asked.refused(error) {
            AppError::Aws { aws_code, .. } if aws_code == "UnsupportedOperationException" => {
                Ok((Vec::new(), Next::End))
            }
            error => Err(error),
        },
    }
}

fn material(entry: RotationsListEntry) -> Material {
    Material {
        id: entry.key_material_id,
        description: entry.key_material_description,
        imported: entry.import_state != Some(ImportState::PendingImport),
        state: entry
            .key_material_state
            .map_or(MaterialState::Other, |state| {
                MaterialState::parse(state.as_str())
            }),
        valid_to: entry.valid_to.as_ref().map(timestamp),
        rotated_at: entry.rotation_date.as_ref().map(timestamp),
    }
}
