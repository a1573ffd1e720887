//! OpenID Connect identity providers, and what both kinds of providers share.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html>

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::Tags;
use super::answers::{Asked, no_entity, over_quota, wrong_input};
use super::tags;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of providers of each kind.
pub(super) const MOST_PROVIDERS: usize = 100;
const MOST_CLIENTS: usize = 100;
const MOST_THUMBPRINTS: usize = 5;

/// An OpenID Connect provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct OidcProvider {
    clients: Vec<String>,
    thumbprints: Vec<String>,
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    pub(super) tags: Tags,
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

    /// The ARN in a member, and what it names of this kind; nothing that is here in another account.
    pub(super) fn provider_of(&self, member: &str, kind: &str) -> Result<(&str, &str), ApiError> {
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

pub(super) fn known_provider(what: &str) -> ApiError {
    let sentence = format!("Provider with {what} already exists.");
    ApiError::new("EntityAlreadyExists", sentence).with_status(409)
}

pub(super) fn no_provider(kind: &str, arn: &str) -> ApiError {
    no_entity(format!("{kind} not found for arn {arn}"))
}
