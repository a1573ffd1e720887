//! `kms:DescribeKey`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>

use aws_sdk_kms::{
    Client,
    types::{self, KeyManagerType, KeyMetadata},
};
use ownkey_model::{
    ExpirationModel, Key, KeyArn, KeyState, MultiRegion, MultiRegionRole, Origin, Reading, Result,
    Timestamp,
};

use super::timestamp;
use crate::asked::Asked;

/// What AWS says about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Described {
    /// A key of the customer's. What other calls tell (tags, policy, rotation, materials) is
    /// empty in it.
    CustomerManaged(Box<Key>),
    /// A key that an AWS service manages for the account, such as `alias/aws/s3`.
    ManagedByAws,
}

pub(crate) async fn describe_key(client: &Client, id: &str, asked: &Asked) -> Result<Described> {
    let answer = client
        .describe_key()
        .key_id(id)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let metadata = answer
        .key_metadata
        .ok_or_else(|| asked.malformed("The answer has no key metadata.", None))?;
    if metadata.key_manager == Some(KeyManagerType::Aws) {
        return Ok(Described::ManagedByAws);
    }
    key(metadata, asked)
        .map(Box::new)
        .map(Described::CustomerManaged)
}

fn key(metadata: KeyMetadata, asked: &Asked) -> Result<Key> {
    let arn = KeyArn::parse(metadata.arn.as_deref().unwrap_or_default())
        .map_err(|_| asked.malformed("The answer has no usable key ARN.", None))?;
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Ok(Key {
        description: metadata.description.clone().unwrap_or_default(),
        state: metadata
            .key_state
            .as_ref()
            .map_or(KeyState::Other, |s| KeyState::parse(s.as_str())),
        origin: metadata
            .origin
            .as_ref()
            .map_or(Origin::Other, |o| Origin::parse(o.as_str())),
        spec: text(metadata.key_spec.as_ref().map(types::KeySpec::as_str)),
        usage: text(metadata.key_usage.as_ref().map(types::KeyUsageType::as_str)),
        algorithms: algorithms(&metadata),
        created_at: metadata
            .creation_date
            .as_ref()
            .map_or(Timestamp::from_unix_seconds(0), timestamp),
        deletion_at: metadata.deletion_date.as_ref().map(timestamp),
        valid_to: metadata.valid_to.as_ref().map(timestamp),
        expiration_model: match metadata
            .expiration_model
            .as_ref()
            .map(|model| model.as_str())
        {
            Some("KEY_MATERIAL_EXPIRES") => Some(ExpirationModel::KeyMaterialExpires),
            Some("KEY_MATERIAL_DOES_NOT_EXPIRE") => Some(ExpirationModel::KeyMaterialDoesNotExpire),
            _ => None,
        },
        multi_region: multi_region(&metadata),
        custom_key_store_id: metadata.custom_key_store_id,
        current_material_id: metadata.current_key_material_id,
        tags: Reading::Known(Vec::new()),
        policy: Reading::Known(String::new()),
        rotation: Reading::Known(None),
        materials: Reading::Known(Vec::new()),
        arn,
    })
}

fn algorithms(metadata: &KeyMetadata) -> Vec<String> {
    let encryption = metadata
        .encryption_algorithms()
        .iter()
        .map(|one| one.as_str());
    let signing = metadata.signing_algorithms().iter().map(|one| one.as_str());
    let mac = metadata.mac_algorithms().iter().map(|one| one.as_str());
    let agreement = metadata
        .key_agreement_algorithms()
        .iter()
        .map(|one| one.as_str());
    encryption
        .chain(signing)
        .chain(mac)
        .chain(agreement)
        .map(str::to_owned)
        .collect()
}

fn multi_region(metadata: &KeyMetadata) -> Option<MultiRegion> {
    let configuration = metadata.multi_region_configuration.as_ref()?;
    let arn = |key: &types::MultiRegionKey| KeyArn::parse(key.arn()?).ok();
    let role = match configuration.multi_region_key_type()?.as_str() {
        "PRIMARY" => MultiRegionRole::Primary,
        "REPLICA" => MultiRegionRole::Replica,
        _ => return None,
    };
    Some(MultiRegion {
        role,
        primary: configuration.primary_key().and_then(arn)?,
        replicas: configuration
            .replica_keys()
            .iter()
            .filter_map(arn)
            .collect(),
    })
}
