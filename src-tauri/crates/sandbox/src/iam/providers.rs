//! Identity providers: OpenID Connect and SAML.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use super::account::{Account, Tags};
use super::answers::{Asked, no_entity, over_quota, wrong_input};
use super::tags;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of providers of each kind.
const MOST_PROVIDERS: usize = 100;
const MOST_CLIENTS: usize = 100;
const MOST_THUMBPRINTS: usize = 5;

/// How long a SAML provider lives whose metadata does not say it.
const SAML_LIFE: Duration = Duration::days(36_525);

/// An OpenID Connect provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct OidcProvider {
    clients: Vec<String>,
    thumbprints: Vec<String>,
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    tags: Tags,
}

/// A SAML provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct SamlProvider {
    id: String,
    metadata: String,
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    valid_until: OffsetDateTime,
    tags: Tags,
}

impl Asked<'_> {
    pub(super) fn create_oidc_provider(&self) -> Result<Xml, ApiError> {
        let url = self.need("Url")?;
        let clients = texts(&self.params.list("ClientIDList.member"));
        let thumbprints = texts(&self.params.list("ThumbprintList.member"));
        let tags = self.new_tags()?;
        let host = url
            .strip_prefix("https://")
            .map(|rest| rest.trim_end_matches('/'));
        let host = host.filter(|host| is_host_and_path(host));
        let arn = self.arn(&format!("oidc-provider/{}", host.unwrap_or("*")));
        self.allow_with_tags("iam:CreateOpenIDConnectProvider", &arn, &tags)?;
        let host =
            host.ok_or_else(|| wrong_input(format!("Invalid Open ID Connect Provider URL {url}")))?;
        check_thumbprints(&thumbprints)?;
        if clients.len() > MOST_CLIENTS {
            return Err(over_quota(
                "ClientIdsPerOpenIdConnectProvider",
                MOST_CLIENTS,
            ));
        }
        self.change(|account, _| {
            if account.oidc_providers.contains_key(host) {
                return Err(known_provider(&format!("url {url}")));
            }
            if account.oidc_providers.len() >= MOST_PROVIDERS {
                return Err(over_quota(
                    "OpenIdConnectProvidersPerAccount",
                    MOST_PROVIDERS,
                ));
            }
            let shown = Xml::new()
                .text("OpenIDConnectProviderArn", &arn)
                .append(tags::show(&tags));
            let provider = OidcProvider {
                clients,
                thumbprints,
                created: self.call.now,
                tags,
            };
            account.oidc_providers.insert(host.to_owned(), provider);
            Ok(shown)
        })
    }

    pub(super) fn oidc_provider(&self) -> Result<Xml, ApiError> {
        let (arn, host) = self.provider_of("OpenIDConnectProviderArn", "oidc-provider")?;
        self.allow("iam:GetOpenIDConnectProvider", arn)?;
        let state = self.iam.read();
        let account = self.account(&state);
        let provider = account.and_then(|account| account.oidc_providers.get(host));
        let provider = provider.ok_or_else(|| no_provider("OpenIDConnect Provider", arn))?;
        let list = |texts: &[String]| {
            texts
                .iter()
                .fold(Xml::new(), |list, text| list.text("member", text))
        };
        Ok(Xml::new()
            .text("Url", host)
            .inside("ClientIDList", list(&provider.clients))
            .inside("ThumbprintList", list(&provider.thumbprints))
            .text("CreateDate", seconds(provider.created))
            .append(tags::show(&provider.tags)))
    }

    pub(super) fn oidc_providers(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListOpenIDConnectProviders", "*")?;
        let state = self.iam.read();
        let account = self.account(&state);
        let hosts = account
            .into_iter()
            .flat_map(|account| account.oidc_providers.keys());
        let list = hosts.fold(Xml::new(), |list, host| {
            let arn = self.arn(&format!("oidc-provider/{host}"));
            list.inside("member", Xml::new().text("Arn", arn))
        });
        Ok(Xml::new().inside("OpenIDConnectProviderList", list))
    }

    /// Deleting what is not there is no mistake.
    pub(super) fn delete_oidc_provider(&self) -> Result<Xml, ApiError> {
        let (arn, host) = self.provider_of("OpenIDConnectProviderArn", "oidc-provider")?;
        self.allow("iam:DeleteOpenIDConnectProvider", arn)?;
        self.change(|account, _| {
            account.oidc_providers.remove(host);
            Ok(Xml::new())
        })
    }

    /// Adding what is there already is no mistake either.
    pub(super) fn add_client_id(&self) -> Result<Xml, ApiError> {
        let client = self.need("ClientID")?;
        self.change_oidc("iam:AddClientIDToOpenIDConnectProvider", |provider| {
            if provider.clients.iter().any(|known| known == client) {
                return Ok(());
            }
            if provider.clients.len() >= MOST_CLIENTS {
                return Err(over_quota(
                    "ClientIdsPerOpenIdConnectProvider",
                    MOST_CLIENTS,
                ));
            }
            provider.clients.push(client.to_owned());
            Ok(())
        })
    }

    pub(super) fn remove_client_id(&self) -> Result<Xml, ApiError> {
        let client = self.need("ClientID")?;
        self.change_oidc("iam:RemoveClientIDFromOpenIDConnectProvider", |provider| {
            provider.clients.retain(|known| known != client);
            Ok(())
        })
    }

    pub(super) fn update_thumbprints(&self) -> Result<Xml, ApiError> {
        let thumbprints = texts(&self.params.list("ThumbprintList.member"));
        self.change_oidc("iam:UpdateOpenIDConnectProviderThumbprint", |provider| {
            check_thumbprints(&thumbprints)?;
            provider.thumbprints = thumbprints;
            Ok(())
        })
    }

    pub(super) fn tag_oidc_provider(&self) -> Result<Xml, ApiError> {
        let new = self.new_tags()?;
        self.change_oidc("iam:TagOpenIDConnectProvider", |provider| {
            tags::add(&mut provider.tags, &new)
        })
    }

    pub(super) fn untag_oidc_provider(&self) -> Result<Xml, ApiError> {
        self.change_oidc("iam:UntagOpenIDConnectProvider", |provider| {
            self.remove_tags(&mut provider.tags);
            Ok(())
        })
    }

    pub(super) fn oidc_provider_tags(&self) -> Result<Xml, ApiError> {
        let (arn, host) = self.provider_of("OpenIDConnectProviderArn", "oidc-provider")?;
        self.allow("iam:ListOpenIDConnectProviderTags", arn)?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let provider = account.and_then(|account| account.oidc_providers.get(host));
        let provider = provider.ok_or_else(|| no_provider("OpenIDConnect Provider", arn))?;
        Ok(tags::list(&page, &provider.tags))
    }

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
        let nobody = BTreeMap::new();
        let state = self.iam.read();
        let account = self.account(&state);
        let all = account.map_or(&nobody, |account| &account.saml_providers);
        let list = all.iter().fold(Xml::new(), |list, (name, provider)| {
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

    fn change_oidc(
        &self,
        action: &str,
        change: impl FnOnce(&mut OidcProvider) -> Result<(), ApiError>,
    ) -> Result<Xml, ApiError> {
        let (arn, host) = self.provider_of("OpenIDConnectProviderArn", "oidc-provider")?;
        self.allow(action, arn)?;
        self.change(|account, _| {
            let provider = account.oidc_providers.get_mut(host);
            change(provider.ok_or_else(|| no_provider("OpenIDConnect Provider", arn))?)?;
            Ok(Xml::new())
        })
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

    /// The ARN in a member, and what it names of this kind; nothing that is here in another account.
    fn provider_of(&self, member: &str, kind: &str) -> Result<(&str, &str), ApiError> {
        let arn = self.need(member)?;
        let mut parts = arn.splitn(6, ':');
        let is_arn = parts.next() == Some("arn");
        let resource = parts.nth(4).unwrap_or_default();
        let name = resource
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('/'));
        let Some(name) = name.filter(|name| is_arn && !name.is_empty()) else {
            return Err(wrong_input(format!("Invalid ARN: {arn}")));
        };
        let own = self.resource_of(arn).is_some();
        Ok((arn, if own { name } else { "" }))
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
        let is_metadata = metadata.trim_start().starts_with('<')
            && metadata.contains("EntityDescriptor")
            && metadata.contains("entityID")
            && metadata.trim_end().ends_with('>');
        if !is_metadata {
            return Err(wrong_input("Could not parse metadata"));
        }
        let said = metadata.split_once("validUntil=\"");
        let said = said.and_then(|(_, rest)| rest.split('"').next());
        let said = said.and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
        Ok(said.unwrap_or(self.call.now + SAML_LIFE))
    }
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), ApiError> {
    if thumbprints.len() > MOST_THUMBPRINTS {
        return Err(wrong_input(format!(
            "Thumbprint list must contain fewer than {} entries.",
            MOST_THUMBPRINTS + 1
        )));
    }
    let is_hash =
        |text: &String| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !thumbprints.iter().all(is_hash) {
        return Err(wrong_input("Thumbprint must be 40 hexadecimal digits."));
    }
    Ok(())
}

fn is_host_and_path(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    !host.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"?#@:".contains(&byte))
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn known_provider(what: &str) -> ApiError {
    let sentence = format!("Provider with {what} already exists.");
    ApiError::new("EntityAlreadyExists", sentence).with_status(409)
}

fn no_provider(kind: &str, arn: &str) -> ApiError {
    no_entity(format!("{kind} not found for arn {arn}"))
}
