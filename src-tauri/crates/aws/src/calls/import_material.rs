//! `kms:ImportKeyMaterial`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>

use aws_sdk_kms::{
    Client,
    operation::RequestId,
    primitives::Blob,
    types::{self, ExpirationModelType},
};
use aws_smithy_types::DateTime;
use ownkey_model::{Expiry, ImportType, KeyArn, Result};

use super::{Answered, once};
use crate::asked::Asked;

/// Wrapped material on its way to AWS.
#[derive(Debug, Clone)]
pub struct MaterialImport<'a> {
    /// The wrapped material.
    pub blob: &'a [u8],
    /// The import token of the same set of parameters.
    pub token: &'a [u8],
    /// Whether and when the material expires.
    pub expiry: Expiry,
    /// Whether AWS is to see new or known material; symmetric keys only.
    pub import_type: Option<ImportType>,
    /// AWS's id of the known material; never together with new material.
    pub kms_material_id: Option<&'a str>,
}

pub(crate) async fn import_material(
    client: &Client,
    key: &KeyArn,
    import: &MaterialImport<'_>,
    asked: &Asked,
) -> Result<Answered<Option<String>>> {
    // Said every time: AWS's default depends on what else is given.
    let model = match import.expiry {
        Expiry::Never => ExpirationModelType::KeyMaterialDoesNotExpire,
        Expiry::At(_) => ExpirationModelType::KeyMaterialExpires,
    };
    let valid_to = import.expiry.at();
    let answer = client
        .import_key_material()
        .key_id(key.as_str())
        .encrypted_key_material(Blob::new(import.blob))
        .import_token(Blob::new(import.token))
        .expiration_model(model)
        .set_valid_to(valid_to.map(|at| DateTime::from_secs(at.unix_seconds())))
        .set_import_type(
            import
                .import_type
                .map(|one| types::ImportType::from(one.as_str())),
        )
        .set_key_material_id(import.kms_material_id.map(str::to_owned))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered {
        request_id: answer.request_id().map(str::to_owned),
        value: answer.key_material_id,
    })
}
