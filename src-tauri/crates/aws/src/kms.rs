//! KMS in one region of one account. Each call is a file of `calls`.

use aws_sdk_kms::Client;
use ownkey_model::{
    Alias, AppError, KeyArn, Material, Partition, Region, Result, Rotation, Tag, Waiting,
};

use crate::{
    KeyIds,
    asked::Asked,
    calls::{self, Described},
    pacing::{Pacer, Where},
};

/// KMS in one region of one account; cheap to clone. Every call waits for its turn below AWS's
/// quota and is repeated while AWS throttles it.
#[derive(Clone)]
pub struct Kms {
    client: Client,
    pacer: Pacer,
    at: Where,
    endpoint: String,
}

impl Kms {
    pub(crate) fn new(client: Client, pacer: Pacer, at: Where, endpoint: String) -> Self {
        Self {
            client,
            pacer,
            at,
            endpoint,
        }
    }

    /// One page of at most 1,000 key ids, from the marker on.
    pub async fn list_keys(&self, marker: Option<String>) -> Result<KeyIds> {
        let asked = self.asked("kms:ListKeys", "*");
        self.paced("kms:ListKeys", || {
            calls::list_keys(&self.client, marker.clone(), &asked)
        })
        .await
    }

    /// One page of at most 100 aliases, from the marker on, of one key or of all.
    pub async fn list_aliases(
        &self,
        of: Option<&KeyArn>,
        marker: Option<String>,
    ) -> Result<(Vec<Alias>, calls::Next)> {
        let asked = self.asked("kms:ListAliases", of.map_or("*", KeyArn::as_str));
        self.paced("kms:ListAliases", || {
            calls::list_aliases(&self.client, of, marker.clone(), &asked)
        })
        .await
    }

    /// What AWS says about a key. A key that AWS manages for itself is `Described::ManagedByAws`.
    pub async fn describe_key(&self, id: &str) -> Result<Described> {
        let asked = self.asked("kms:DescribeKey", self.arn_like(id));
        self.paced("kms:DescribeKey", || {
            calls::describe_key(&self.client, id, &asked)
        })
        .await
    }

    /// The key policy's text.
    pub async fn key_policy(&self, id: &str) -> Result<String> {
        let asked = self.asked("kms:GetKeyPolicy", self.arn_like(id));
        self.paced("kms:GetKeyPolicy", || {
            calls::key_policy(&self.client, id, &asked)
        })
        .await
    }

    /// All tags, sorted by key.
    pub async fn tags(&self, id: &str) -> Result<Vec<Tag>> {
        let asked = self.asked("kms:ListResourceTags", self.arn_like(id));
        let mut tags = Vec::new();
        let mut next = calls::Next::Start;
        while let Some(marker) = next.marker() {
            let (page, following) = self
                .paced("kms:ListResourceTags", || {
                    calls::tags(&self.client, id, marker.clone(), &asked)
                })
                .await?;
            tags.extend(page);
            next = following.after(marker.as_deref());
        }
        tags.sort();
        whole(tags, &next)
    }

    /// Automatic rotation; `None` if this kind of key has none.
    pub async fn rotation(&self, id: &str) -> Result<Option<Rotation>> {
        let asked = self.asked("kms:GetKeyRotationStatus", self.arn_like(id));
        self.paced("kms:GetKeyRotationStatus", || {
            calls::rotation(&self.client, id, &asked)
        })
        .await
    }

    /// The materials of a key with imported material.
    pub async fn materials(&self, id: &str) -> Result<Vec<Material>> {
        let asked = self.asked("kms:ListKeyRotations", self.arn_like(id));
        let mut materials = Vec::new();
        let mut next = calls::Next::Start;
        while let Some(marker) = next.marker() {
            let (page, following) = self
                .paced("kms:ListKeyRotations", || {
                    calls::materials(&self.client, id, marker.clone(), &asked)
                })
                .await?;
            materials.extend(page);
            next = following.after(marker.as_deref());
        }
        whole(materials, &next)
    }

    /// What requests to this region wait for at present, if it is worth a word.
    pub fn waiting(&self) -> Option<Waiting> {
        self.pacer.waiting(&self.at)
    }

    async fn paced<T, F: Future<Output = Result<T>>>(
        &self,
        action: &'static str,
        request: impl FnMut() -> F,
    ) -> Result<T> {
        self.pacer.patiently(&self.at, action, request).await
    }

    fn asked(&self, action: &'static str, resource: impl Into<String>) -> Asked {
        Asked {
            action,
            resource: resource.into(),
            endpoint: self.endpoint.clone(),
        }
    }

    /// The ARN of a key of this region and account by its id, or the ARN itself.
    pub fn key_arn(&self, id: &str) -> Result<KeyArn> {
        KeyArn::parse(&self.arn_like(id))
    }

    fn arn_like(&self, id: &str) -> String {
        if id.starts_with("arn:") {
            return id.to_owned();
        }
        let Where {
            region, account, ..
        } = &self.at;
        let partition = Region::parse(region).map_or(Partition::Aws, |region| region.partition());
        format!("arn:{}:kms:{region}:{account}:key/{id}", partition.as_str())
    }
}

/// Part of a list is not shown as the list.
fn whole<T>(list: Vec<T>, ended: &calls::Next) -> Result<Vec<T>> {
    if *ended == calls::Next::CutShort {
        Err(AppError::ListCutShort)
    } else {
        Ok(list)
    }
}
