//! The alias of an account, which is unique in all of AWS.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html>

use super::answers::{Asked, no_entity};
use crate::api::ApiError;
use crate::xml::Xml;

impl Asked<'_> {
    pub(super) fn create_alias(&self) -> Result<Xml, ApiError> {
        self.allow("iam:CreateAccountAlias", "*")?;
        let alias = self.need("AccountAlias")?;
        let taken = {
            let state = self.iam.read();
            let mut accounts = state.accounts.values();
            accounts.any(|account| account.alias.as_deref() == Some(alias))
        };
        if taken {
            let sentence = format!("The account alias {alias} already exists.");
            return Err(ApiError::new("EntityAlreadyExists", sentence).with_status(409));
        }
        self.change(|account, _| {
            // There is one at most: another one takes its place.
            account.alias = Some(alias.to_owned());
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_alias(&self) -> Result<Xml, ApiError> {
        self.allow("iam:DeleteAccountAlias", "*")?;
        let alias = self.need("AccountAlias")?;
        self.change(|account, _| {
            if account.alias.as_deref() != Some(alias) {
                return Err(no_entity(format!(
                    "The account alias {alias} cannot be found."
                )));
            }
            account.alias = None;
            Ok(Xml::new())
        })
    }

    pub(super) fn aliases(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListAccountAliases", "*")?;
        let page = self.page()?;
        let state = self.iam.read();
        let alias = self
            .account(&state)
            .and_then(|account| account.alias.clone());
        let all = alias.map(|alias| (alias.clone(), alias));
        Ok(page.cut(all).show_texts("AccountAliases"))
    }
}
