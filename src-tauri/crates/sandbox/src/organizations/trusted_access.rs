//! Services of AWS that may work in all accounts of the organization.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html>

use serde_json::json;

use super::asked::{Asked, moment, nothing};
use super::input::invalid;
use super::record::Trusted;
use crate::api::{ApiError, ApiResult};

impl Asked<'_> {
    pub(super) fn enable_access(&self) -> ApiResult {
        let service = self.service_principal()?;
        self.change("EnableAWSServiceAccess", None, |organization| {
            let since = self.call.now;
            let trusted = organization.trusted.entry(service.to_owned());
            trusted.or_insert(Trusted { since });
            nothing()
        })
    }

    pub(super) fn disable_access(&self) -> ApiResult {
        let service = self.service_principal()?;
        self.change("DisableAWSServiceAccess", None, |organization| {
            organization.trusted.remove(service);
            nothing()
        })
    }

    pub(super) fn list_access(&self) -> ApiResult {
        let page = self.input.page()?;
        let action = "ListAWSServiceAccessForOrganization";
        self.look(action, None, |organization| {
            let shown = organization.trusted.iter().map(|(service, trusted)| {
                let since = moment(trusted.since);
                let entry = json!({ "ServicePrincipal": service, "DateEnabled": since });
                (service, entry)
            });
            page.cut("EnabledServicePrincipals", shown)
        })
    }

    fn service_principal(&self) -> Result<&str, ApiError> {
        let service = self.input.need("ServicePrincipal", 128)?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        if !service.chars().all(fits) {
            return Err(invalid("INVALID_PATTERN"));
        }
        if !service.ends_with(".amazonaws.com") {
            return Err(invalid("UNRECOGNIZED_SERVICE_PRINCIPAL"));
        }
        Ok(service)
    }
}
