//! `kms:DeleteImportedKeyMaterial`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{KeyArn, Result};

use super::{Answered, once};
use crate::asked::Asked;

/// Without an id AWS deletes the key's current material.
pub(crate) async fn delete_material(
    client: &Client,
    key: &KeyArn,
    kms_material_id: Option<&str>,
    asked: &Asked,
) -> Result<Answered<()>> {
    let answer = client
        .delete_imported_key_material()
        .key_id(key.as_str())
        .set_key_material_id(kms_material_id.map(str::to_owned))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered::nothing(answer.request_id()))
}
