//! What no user and no account has here, since nothing gives it out: console passwords, SSH keys,
//! certificates, credentials of single services. Whoever cleans up before a deletion asks for them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html>

use super::answers::{Asked, no_entity};
use super::holders::Kind;
use crate::api::ApiError;
use crate::xml::Xml;

impl Asked<'_> {
    pub(super) fn login_profile(&self) -> Result<Xml, ApiError> {
        self.no_login_profile("iam:GetLoginProfile")
    }

    pub(super) fn delete_login_profile(&self) -> Result<Xml, ApiError> {
        self.no_login_profile("iam:DeleteLoginProfile")
    }

    pub(super) fn ssh_public_keys(&self) -> Result<Xml, ApiError> {
        self.none_of_user("iam:ListSSHPublicKeys", "SSHPublicKeys")
    }

    pub(super) fn signing_certificates(&self) -> Result<Xml, ApiError> {
        self.none_of_user("iam:ListSigningCertificates", "Certificates")
    }

    pub(super) fn service_credentials(&self) -> Result<Xml, ApiError> {
        const ACTION: &str = "iam:ListServiceSpecificCredentials";
        const LIST: &str = "ServiceSpecificCredentials";
        if self.params.one("AllUsers") == Some("true") {
            self.allow(ACTION, "*")?;
            return self.empty(LIST);
        }
        self.none_of_user(ACTION, LIST)
    }

    pub(super) fn server_certificates(&self) -> Result<Xml, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let resource = self.arn(&format!("server-certificate{prefix}"));
        self.allow("iam:ListServerCertificates", &resource)?;
        self.empty("ServerCertificateMetadataList")
    }

    fn no_login_profile(&self, action: &str) -> Result<Xml, ApiError> {
        let user = self.user_or_caller()?;
        self.read_named(Kind::User, user, action, |_, _| {
            Err(no_entity(format!(
                "Login Profile for User {user} cannot be found."
            )))
        })
    }

    fn none_of_user(&self, action: &str, list: &str) -> Result<Xml, ApiError> {
        let user = self.user_or_caller()?;
        self.read_named(Kind::User, user, action, |_, _| self.empty(list))
    }

    fn empty(&self, list: &str) -> Result<Xml, ApiError> {
        let none = self.page()?.cut(Vec::<(String, Xml)>::new());
        Ok(none.show(list, |entry| entry))
    }
}
