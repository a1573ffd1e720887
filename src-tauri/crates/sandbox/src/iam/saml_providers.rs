//! SAML identity providers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html>

use serde::{Deserialize, Serialize};
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use super::account::{Account, Tags};
use super::answers::{Asked, over_quota, wrong_input};
use super::oidc_providers::{MOST_PROVIDERS, known_provider, no_provider};
use super::saml_metadata::Metadata;
use super::tags;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// How long a SAML provider lives whose metadata does not say it.
const SAML_LIFE: Duration = Duration::days(36_525);

/// A SAML provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct SamlProvider {
    id: String,
    metadata: String,
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    valid_until: OffsetDateTime,
    pub(super) tags: Tags,
}

impl Asked<'_> {
    pub(super) fn create_saml_provider(&self) -> Result<Xml, ApiError> {
        let name = self.need("Name")?;
        let metadata = self.need("SAMLMetadataDocument")?;
        let arn = self.arn(&format!("saml-provider/{name}"));
        let tags = self.new_tags()?;
        self.allow_with_tags("iam:CreateSAMLProvider", &arn, &tags)?;
        self.refuse_encryption()?;
        let valid_until = self.valid_until(metadata)?;
        self.change(|account, random| {
            let mut known = account.saml_providers.keys();
            if known.any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(known_provider(&format!("name {name}")));
            }
            if account.saml_providers.len() >= MOST_PROVIDERS {
                return Err(over_quota("SAMLProvidersPerAccount", MOST_PROVIDERS));
            }
            let shown = Xml::new()
                .text("SAMLProviderArn", &arn)
                .append(tags::show(&tags));
            let provider = SamlProvider {
                id: format!("ASMP{}", random.id(18)),
                metadata: metadata.to_owned(),
                created: self.call.now,
                valid_until,
                tags,
            };
            account.saml_providers.insert(name.to_owned(), provider);
            Ok(shown)
        })
    }

    pub(super) fn saml_provider(&self) -> Result<Xml, ApiError> {
        let (arn, name) = self.provider_of("SAMLProviderArn", "saml-provider")?;
        self.allow("iam:GetSAMLProvider", arn)?;
        let state = self.iam.read();
        let account = self.account(&state);
        let provider = account.and_then(|account| account.saml_providers.get(name));
        let provider = provider.ok_or_else(|| no_provider("SAML Provider", arn))?;
        Ok(Xml::new()
            .text("SAMLProviderUUID", &provider.id)
            .text("SAMLMetadataDocument", &provider.metadata)
            .text("CreateDate", seconds(provider.created))
            .text("ValidUntil", seconds(provider.valid_until))
            .append(tags::show(&provider.tags)))
    }

    pub(super) fn saml_providers(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListSAMLProviders", "*")?;
        let state = self.iam.read();
        let account = self.account(&state);
        let all = account
            .into_iter()
            .flat_map(|account| &account.saml_providers);
        let list = all.fold(Xml::new(), |list, (name, provider)| {
            let shown = Xml::new()
                .text("Arn", self.arn(&format!("saml-provider/{name}")))
                .text("ValidUntil", seconds(provider.valid_until))
                .text("CreateDate", seconds(provider.created));
            list.inside("member", shown)
        });
        Ok(Xml::new().inside("SAMLProviderList", list))
    }

    pub(super) fn update_saml_provider(&self) -> Result<Xml, ApiError> {
        let arn = self.need("SAMLProviderArn")?;
        self.change_saml("iam:UpdateSAMLProvider", |account, name| {
            self.refuse_encryption()?;
            if let (Some(metadata), Some(provider)) = (
                self.params.one("SAMLMetadataDocument"),
                account.saml_providers.get_mut(name),
            ) {
                provider.valid_until = self.valid_until(metadata)?;
                provider.metadata = metadata.to_owned();
            }
            Ok(())
        })?;
        Ok(Xml::new().text("SAMLProviderArn", arn))
    }

    pub(super) fn delete_saml_provider(&self) -> Result<Xml, ApiError> {
        self.change_saml("iam:DeleteSAMLProvider", |account, name| {
            account.saml_providers.remove(name);
            Ok(())
        })
    }

    pub(super) fn tag_saml_provider(&self) -> Result<Xml, ApiError> {
        let new = self.new_tags()?;
        self.change_saml("iam:TagSAMLProvider", |account, name| {
            let provider = account.saml_providers.get_mut(name);
            provider.map_or(Ok(()), |provider| tags::add(&mut provider.tags, &new))
        })
    }

    pub(super) fn untag_saml_provider(&self) -> Result<Xml, ApiError> {
        self.change_saml("iam:UntagSAMLProvider", |account, name| {
            if let Some(provider) = account.saml_providers.get_mut(name) {
                self.remove_tags(&mut provider.tags);
            }
            Ok(())
        })
    }

    pub(super) fn saml_provider_tags(&self) -> Result<Xml, ApiError> {
        let (arn, name) = self.provider_of("SAMLProviderArn", "saml-provider")?;
        self.allow("iam:ListSAMLProviderTags", arn)?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let provider = account.and_then(|account| account.saml_providers.get(name));
        let provider = provider.ok_or_else(|| no_provider("SAML Provider", arn))?;
        Ok(tags::list(&page, &provider.tags))
    }

    fn change_saml(
        &self,
        action: &str,
        change: impl FnOnce(&mut Account, &str) -> Result<(), ApiError>,
    ) -> Result<Xml, ApiError> {
        let (arn, name) = self.provider_of("SAMLProviderArn", "saml-provider")?;
        self.allow(action, arn)?;
        self.change(|account, _| {
            if !account.saml_providers.contains_key(name) {
                return Err(no_provider("SAML Provider", arn));
            }
            change(account, name)?;
            Ok(Xml::new())
        })
    }

    /// The sandbox decrypts no assertions.
    fn refuse_encryption(&self) -> Result<(), ApiError> {
        for member in [
            "AssertionEncryptionMode",
            "AddPrivateKey",
            "RemovePrivateKey",
        ] {
            if self.params.one(member).is_some() {
                return Err(wrong_input(format!(
                    "The sandbox does not know the parameter {member}."
                )));
            }
        }
        Ok(())
    }

    fn valid_until(&self, metadata: &str) -> Result<OffsetDateTime, ApiError> {
        let metadata = Metadata::read(metadata);
        let metadata = metadata.ok_or_else(|| wrong_input("Could not parse metadata"))?;
        Ok(metadata.valid_until.unwrap_or(self.call.now + SAML_LIFE))
    }
}
