//! Console passwords. Nobody signs in with one here; a user has one or not, and changes it as the
//! account's password policy (`password_policy`) wants it. Of a password no more is kept than a salted
//! hash.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_admin-change-user.html>

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::{Account, User};
use super::answers::{Asked, exists, invalid, missing, no_entity};
use super::authorise::{Own, context, refusal};
use super::evaluate::Question;
use super::holders::Kind;
use super::password_policy::MOST_REMEMBERED;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// Few: these passwords open nothing, but somebody may have typed one that does elsewhere.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

/// The password of a user.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LoginProfile {
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(super) changed: OffsetDateTime,
    reset_required: bool,
    /// One for all passwords of the user, so that a new one is compared with the former ones at once.
    salt: [u8; 16],
    /// The latest last.
    hashes: Vec<[u8; 32]>,
}

impl LoginProfile {
    fn derive(&self, password: &str) -> [u8; 32] {
        derive_hash(self.salt, password)
    }

    fn is(&self, hash: &[u8; 32]) -> bool {
        self.hashes.last() == Some(hash)
    }

    fn replace(&mut self, hash: [u8; 32], now: OffsetDateTime) {
        self.hashes.push(hash);
        let forgotten = self.hashes.len().saturating_sub(MOST_REMEMBERED);
        self.hashes.drain(..forgotten);
        self.changed = now;
    }
}

fn derive_hash(salt: [u8; 16], password: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        &salt,
        password.as_bytes(),
        &mut hash,
    );
    hash
}

impl Asked<'_> {
    pub(super) fn create_login_profile(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.permit_user(name, "iam:CreateLoginProfile")?;
        let password = self.need("Password")?;
        self.check_password(password)?;
        // It takes a while, and nobody else has to wait for it.
        let salt = self.iam.change(|_, random| random.bytes::<16>());
        let hash = derive_hash(salt, password);
        self.change_user(name, |user| {
            if user.login.is_some() {
                return Err(exists("Login Profile for user", name));
            }
            let profile = LoginProfile {
                created: self.call.now,
                changed: self.call.now,
                reset_required: self.says("PasswordResetRequired"),
                salt,
                hashes: vec![hash],
            };
            let shown = show_profile(name, &profile);
            user.login = Some(profile);
            Ok(Xml::new().inside("LoginProfile", shown))
        })
    }

    pub(super) fn login_profile(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.read_named(Kind::User, name, "iam:GetLoginProfile", |account, _| {
            let profile = profile_of(account, name)?;
            Ok(Xml::new().inside("LoginProfile", show_profile(name, profile)))
        })
    }

    pub(super) fn update_login_profile(&self) -> Result<Xml, ApiError> {
        let name = self.need("UserName")?;
        let action = "iam:UpdateLoginProfile";
        let known = self.read_named(Kind::User, name, action, |account, _| {
            profile_of(account, name).cloned()
        })?;
        let password = self.params.one("Password");
        password.map_or(Ok(()), |password| self.check_password(password))?;
        let hash = password.map(|password| known.derive(password));
        self.change_profile(name, &known, |profile| {
            if self.params.has("PasswordResetRequired") {
                profile.reset_required = self.says("PasswordResetRequired");
            }
            if let Some(hash) = hash {
                profile.replace(hash, self.call.now);
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_login_profile(&self) -> Result<Xml, ApiError> {
        let name = self.user_or_caller()?;
        self.permit_user(name, "iam:DeleteLoginProfile")?;
        self.change_user(name, |user| {
            let taken = user.login.take();
            taken.map(|_| Xml::new()).ok_or_else(|| no_profile(name))
        })
    }

    /// Of the caller's own, who has to know the old one.
    pub(super) fn change_password(&self) -> Result<Xml, ApiError> {
        let action = "iam:ChangePassword";
        let Some(name) = self.caller.user_name() else {
            let sentence = "Only IAM Users can change their own password";
            return Err(ApiError::new("InvalidUserType", sentence));
        };
        let (known, reuse) = {
            let state = self.iam.read();
            let account = self.account(&state);
            let policy = account.and_then(|account| account.password_policy.as_ref());
            if policy.is_some_and(|policy| policy.users_may_change) {
                self.refuse_denied(action)?;
            } else {
                self.allow_on(account, (Kind::User, name), action, |context| context)?;
            }
            let account = account.ok_or_else(|| missing("user", name))?;
            let reuse = policy.and_then(|policy| policy.reuse_prevention);
            (profile_of(account, name)?.clone(), reuse.unwrap_or(0))
        };
        let (old, new) = (self.need("OldPassword")?, self.need("NewPassword")?);
        if !known.is(&known.derive(old)) {
            let sentence = "The old password was incorrect.";
            return Err(ApiError::new("AccessDenied", sentence).with_status(403));
        }
        self.check_password(new)?;
        let hash = known.derive(new);
        let mut latest = known.hashes.iter().rev().take(reuse as usize);
        if latest.any(|former| *former == hash) {
            return Err(ApiError::new(
                "PasswordPolicyViolation",
                "Password does not conform to the account password policy: it was used before.",
            ));
        }
        self.change_profile(name, &known, |profile| {
            profile.replace(hash, self.call.now);
            profile.reset_required = false;
            Ok(Xml::new())
        })
    }

    /// What the account's password policy allows to every user may still be denied.
    fn refuse_denied(&self, action: &str) -> Result<(), ApiError> {
        let context = context(self.caller, self.call);
        let question = Question {
            action,
            resource: &self.caller.arn,
            context: &context,
        };
        let own = Own::of(self.caller, &question);
        own.denied().and_then(|()| own.limited()).map_err(|reason| {
            let reason = reason.of(action).to_string();
            refusal(self.caller, action, &self.caller.arn, &reason)
        })
    }

    fn check_password(&self, password: &str) -> Result<(), ApiError> {
        let fine = |is: char| matches!(is, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if !password.chars().all(fine) {
            return Err(invalid(
                "The specified value for password is invalid. It must contain only printable \
                 ASCII characters.",
            ));
        }
        let state = self.iam.read();
        let account = self.account(&state);
        let policy = account.and_then(|account| account.password_policy.as_ref());
        let alias = account.and_then(|account| account.alias.as_deref());
        super::password_policy::check(policy, alias, password)
    }

    fn change_user<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut User) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.change(|account, _| {
            let user = account.users.get_mut(name);
            change(user.ok_or_else(|| missing("user", name))?)
        })
    }

    /// Changes a password, unless somebody else did since it was looked at.
    fn change_profile(
        &self,
        name: &str,
        known: &LoginProfile,
        change: impl FnOnce(&mut LoginProfile) -> Result<Xml, ApiError>,
    ) -> Result<Xml, ApiError> {
        self.change_user(name, |user| {
            let profile = user.login.as_mut().ok_or_else(|| no_profile(name))?;
            if profile.salt != known.salt || profile.hashes != known.hashes {
                let sentence = format!("Login Profile for User {name} cannot be modified now.");
                let error = ApiError::new("EntityTemporarilyUnmodifiable", sentence);
                return Err(error.with_status(409));
            }
            change(profile)
        })
    }
}

fn profile_of<'s>(account: &'s Account, name: &str) -> Result<&'s LoginProfile, ApiError> {
    let user = account.users.get(name);
    let user = user.ok_or_else(|| missing("user", name))?;
    user.login.as_ref().ok_or_else(|| no_profile(name))
}

fn no_profile(name: &str) -> ApiError {
    no_entity(format!("Login Profile for User {name} cannot be found."))
}

fn show_profile(name: &str, profile: &LoginProfile) -> Xml {
    Xml::new()
        .text("UserName", name)
        .text("CreateDate", seconds(profile.created))
        .text("PasswordResetRequired", profile.reset_required)
}
