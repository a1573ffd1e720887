//! The password policy of an account.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>

use serde::{Deserialize, Serialize};

use super::answers::{Asked, no_entity};
use crate::api::ApiError;
use crate::xml::Xml;

/// How many passwords of a user a policy can keep from coming back.
pub(super) const MOST_REMEMBERED: usize = 24;

/// What AWS counts as symbols.
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";

/// What passwords have to be like.
#[derive(Serialize, Deserialize)]
pub(crate) struct PasswordPolicy {
    shortest: u32,
    symbols: bool,
    numbers: bool,
    upper_case: bool,
    lower_case: bool,
    pub(super) users_may_change: bool,
    pub(super) oldest_days: Option<u32>,
    pub(super) reuse_prevention: Option<u32>,
    hard_expiry: bool,
}

/// Refuses a password that the policy does not allow; an account without one has AWS's default, under
/// which it may not be the account's alias either.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>
pub(super) fn check(
    policy: Option<&PasswordPolicy>,
    alias: Option<&str>,
    password: &str,
) -> Result<(), ApiError> {
    let has = |is: fn(char) -> bool| password.chars().any(is);
    let kinds = [
        (has(|is| is.is_ascii_uppercase()), "uppercase letter"),
        (has(|is| is.is_ascii_lowercase()), "lowercase letter"),
        (has(|is| is.is_ascii_digit()), "number"),
        (has(|is| SYMBOLS.contains(is)), "symbol"),
    ];
    let shortest = policy.map_or(8, |policy| policy.shortest);
    if password.chars().count() < shortest as usize {
        return Err(violation(format!(
            "Password should have a minimum length of {shortest}"
        )));
    }
    let Some(policy) = policy else {
        if kinds.iter().filter(|(is_there, _)| *is_there).count() < 3 {
            return Err(violation(
                "Password should have at least three of: uppercase letters, lowercase letters, \
                 numbers, symbols",
            ));
        }
        if alias == Some(password) {
            return Err(violation("Password should not be the account's name"));
        }
        return Ok(());
    };
    let wanted = [
        policy.upper_case,
        policy.lower_case,
        policy.numbers,
        policy.symbols,
    ];
    let mut lacking = kinds.iter().zip(wanted);
    match lacking.find(|((is_there, _), wanted)| *wanted && !is_there) {
        None => Ok(()),
        Some(((_, kind), _)) => Err(violation(format!(
            "Password should have at least one {kind}"
        ))),
    }
}

fn violation(sentence: impl Into<String>) -> ApiError {
    ApiError::new("PasswordPolicyViolation", sentence)
}

impl Asked<'_> {
    /// What the request does not say takes AWS's default, whatever it was before.
    pub(super) fn update_password_policy(&self) -> Result<Xml, ApiError> {
        self.allow("iam:UpdateAccountPasswordPolicy", "*")?;
        let number = |name: &str| self.params.one(name).and_then(|text| text.parse().ok());
        let policy = PasswordPolicy {
            shortest: number("MinimumPasswordLength").unwrap_or(6),
            symbols: self.says("RequireSymbols"),
            numbers: self.says("RequireNumbers"),
            upper_case: self.says("RequireUppercaseCharacters"),
            lower_case: self.says("RequireLowercaseCharacters"),
            users_may_change: self.says("AllowUsersToChangePassword"),
            oldest_days: number("MaxPasswordAge"),
            reuse_prevention: number("PasswordReusePrevention"),
            hard_expiry: self.says("HardExpiry"),
        };
        self.change(|account, _| {
            account.password_policy = Some(policy);
            Ok(Xml::new())
        })
    }

    pub(super) fn password_policy(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetAccountPasswordPolicy", "*")?;
        let state = self.iam.read();
        let account = self.account(&state);
        let policy = account.and_then(|account| account.password_policy.as_ref());
        let policy = policy.ok_or_else(|| self.no_password_policy())?;
        let shown = Xml::new()
            .text("MinimumPasswordLength", policy.shortest)
            .text("RequireSymbols", policy.symbols)
            .text("RequireNumbers", policy.numbers)
            .text("RequireUppercaseCharacters", policy.upper_case)
            .text("RequireLowercaseCharacters", policy.lower_case)
            .text("AllowUsersToChangePassword", policy.users_may_change)
            .text("ExpirePasswords", policy.oldest_days.is_some())
            .maybe("MaxPasswordAge", policy.oldest_days)
            .maybe("PasswordReusePrevention", policy.reuse_prevention)
            .text("HardExpiry", policy.hard_expiry);
        Ok(Xml::new().inside("PasswordPolicy", shown))
    }

    pub(super) fn delete_password_policy(&self) -> Result<Xml, ApiError> {
        self.allow("iam:DeleteAccountPasswordPolicy", "*")?;
        self.change(|account, _| {
            let taken = account.password_policy.take();
            taken
                .map(|_| Xml::new())
                .ok_or_else(|| self.no_password_policy())
        })
    }

    fn no_password_policy(&self) -> ApiError {
        let account = &self.call.account;
        no_entity(format!(
            "The Password Policy with domain name {account} cannot be found."
        ))
    }
}
