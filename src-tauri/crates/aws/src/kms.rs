//! KMS in one region of one account. Each call is a file of `calls`.

use aws_sdk_kms::Client;
use ownkey_model::{
    Alias, AliasName, KeyArn, Material, Partition, Region, Result, Rotation, Tag, Timestamp,
    Waiting,
};

use crate::{
    Answered, ImportParameters, KeyIds, MaterialImport, NewKey,
    asked::Asked,
    calls::{self, Described},
    pacing::{Pacer, Where},
    sign_in::SignedIn,
};

/// KMS in one region of one account; cheap to clone. Every call waits for its turn below AWS's
/// quota and is repeated while AWS throttles it.
#[derive(Clone)]
pub struct Kms {
    client: Client,
    signed_in: SignedIn,
    pacer: Pacer,
    at: Where,
    endpoint: String,
}

impl Kms {
    pub(crate) fn new(
        client: Client,
        signed_in: SignedIn,
        pacer: Pacer,
        at: Where,
        endpoint: String,
    ) -> Self {
        Self {
            client,
            signed_in,
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
        calls::whole(tags, &next)
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
        calls::whole(materials, &next)
    }

    /// The key that an alias leads to; `None` if the region has no such alias.
    pub async fn alias_target(&self, alias: &AliasName) -> Result<Option<KeyArn>> {
        let asked = self.asked("kms:DescribeKey", alias.as_str());
        self.paced("kms:DescribeKey", || {
            calls::alias_target(&self.client, alias, &asked)
        })
        .await
    }

    /// The public key of an RSA or ECC key, DER (SubjectPublicKeyInfo).
    pub async fn public_key(&self, key: &KeyArn) -> Result<Vec<u8>> {
        let asked = self.asked("kms:GetPublicKey", key.as_str());
        self.paced("kms:GetPublicKey", || {
            calls::public_key(&self.client, key, &asked)
        })
        .await
    }

    /// The MAC of a message of at most 4,096 bytes, by an algorithm as AWS spells it, such as
    /// `HMAC_SHA_256`.
    pub async fn generate_mac(
        &self,
        key: &KeyArn,
        message: &[u8],
        algorithm: &str,
    ) -> Result<Vec<u8>> {
        let asked = self.asked("kms:GenerateMac", key.as_str());
        self.paced("kms:GenerateMac", || {
            calls::generate_mac(&self.client, key, message, algorithm, &asked)
        })
        .await
    }

    /// A wrapping key and its import token for a key; algorithm and key spec as AWS spells them.
    /// Any number of such sets may exist, so a lost answer is asked for again.
    pub async fn import_parameters(
        &self,
        key: &KeyArn,
        wrapping_algorithm: &str,
        wrapping_key_spec: &str,
    ) -> Result<Answered<ImportParameters>> {
        let asked = self.asked("kms:GetParametersForImport", key.as_str());
        self.paced("kms:GetParametersForImport", || {
            calls::import_parameters(
                &self.client,
                key,
                wrapping_algorithm,
                wrapping_key_spec,
                &asked,
            )
        })
        .await
    }

    /// What requests to this region wait for at present, if it is worth a word.
    pub fn waiting(&self) -> Option<Waiting> {
        self.pacer.waiting(&self.at)
    }

    /// The ARN of a key of this region and account by its id, or the ARN itself.
    pub fn key_arn(&self, id: &str) -> Result<KeyArn> {
        KeyArn::parse(&self.arn_like(id))
    }
}

/// Calls that change something. Each is sent once: if the answer is lost the error
/// [leaves doubt](ownkey_model::AppError::leaves_doubt), and whoever asked looks before asking
/// again. A request that AWS throttles was not carried out, and is repeated like any other.
impl Kms {
    /// Makes a key that waits for its material. `PolicyLocksOut` or `PolicyRefused` if AWS does not
    /// take the policy.
    pub async fn create_key(&self, new: &NewKey<'_>) -> Result<Answered<KeyArn>> {
        let asked = self.asked("kms:CreateKey", "*");
        self.paced("kms:CreateKey", || {
            calls::create_key(&self.client, new, &asked)
        })
        .await
    }

    /// Imports material; gives AWS's id of it, which only symmetric keys' material has.
    /// `ImportTokenExpired` if fresh parameters are needed; `OtherMaterial` if the key had other
    /// bytes.
    pub async fn import_material(
        &self,
        key: &KeyArn,
        import: &MaterialImport<'_>,
    ) -> Result<Answered<Option<String>>> {
        let asked = self.asked("kms:ImportKeyMaterial", key.as_str());
        self.paced("kms:ImportKeyMaterial", || {
            calls::import_material(&self.client, key, import, &asked)
        })
        .await
    }

    /// Takes material out of AWS at once: the one that is named, or else the key's current one.
    pub async fn delete_material(
        &self,
        key: &KeyArn,
        kms_material_id: Option<&str>,
    ) -> Result<Answered<()>> {
        let asked = self.asked("kms:DeleteImportedKeyMaterial", key.as_str());
        self.paced("kms:DeleteImportedKeyMaterial", || {
            calls::delete_material(&self.client, key, kms_material_id, &asked)
        })
        .await
    }

    /// Gives a key tags; the values of those that it has already are replaced.
    pub async fn tag_key(&self, key: &KeyArn, tags: &[Tag]) -> Result<Answered<()>> {
        let asked = self.asked("kms:TagResource", key.as_str());
        self.paced("kms:TagResource", || {
            calls::tag_key(&self.client, key, tags, &asked)
        })
        .await
    }

    /// Takes tags from a key. That it has none of such a name is no error.
    pub async fn untag_key(&self, key: &KeyArn, names: &[&str]) -> Result<Answered<()>> {
        let asked = self.asked("kms:UntagResource", key.as_str());
        self.paced("kms:UntagResource", || {
            calls::untag_key(&self.client, key, names, &asked)
        })
        .await
    }

    /// Gives a key an alias. `AliasTaken` if the region has it already.
    pub async fn create_alias(&self, alias: &AliasName, key: &KeyArn) -> Result<Answered<()>> {
        let asked = self.asked("kms:CreateAlias", key.as_str());
        self.paced("kms:CreateAlias", || {
            calls::create_alias(&self.client, alias, key, &asked)
        })
        .await
    }

    /// Removes an alias, whichever key it leads to. `NotFound` if there is none.
    pub async fn delete_alias(&self, alias: &AliasName) -> Result<Answered<()>> {
        let asked = self.asked("kms:DeleteAlias", alias.as_str());
        self.paced("kms:DeleteAlias", || {
            calls::delete_alias(&self.client, alias, &asked)
        })
        .await
    }

    /// Has AWS delete a key after so many days, 7 to 30; gives the time, if AWS names one.
    pub async fn schedule_key_deletion(
        &self,
        key: &KeyArn,
        days: u32,
    ) -> Result<Answered<Option<Timestamp>>> {
        let asked = self.asked("kms:ScheduleKeyDeletion", key.as_str());
        self.paced("kms:ScheduleKeyDeletion", || {
            calls::schedule_key_deletion(&self.client, key, days, &asked)
        })
        .await
    }
}

impl Kms {
    async fn paced<T, F: Future<Output = Result<T>>>(
        &self,
        action: &'static str,
        request: impl FnMut() -> F,
    ) -> Result<T> {
        self.signed_in
            .paced(&self.pacer, &self.at, action, request)
            .await
    }

    fn asked(&self, action: &'static str, resource: impl Into<String>) -> Asked {
        Asked {
            action,
            resource: resource.into(),
            endpoint: self.endpoint.clone(),
        }
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
