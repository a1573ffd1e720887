//! What users and accounts may bring of their own: SSH public keys, signing certificates, credentials
//! for single services, server certificates. None can be brought here, so lists are empty and nothing
//! is found; who asks is told so as AWS would.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html>

use super::answers::{Asked, no_entity};
use crate::api::ApiError;
use crate::xml::Xml;

/// The services with credentials of their own.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html>
const SERVICES: [&str; 3] = [
    "bedrock.amazonaws.com",
    "cassandra.amazonaws.com",
    "codecommit.amazonaws.com",
];

/// What belongs to a user.
#[derive(Clone, Copy)]
pub(super) enum Brought {
    SshKey,
    SigningCertificate,
    ServiceCredential,
}

impl Brought {
    /// As AWS calls it, and the member with its id.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::SshKey => ("Public Key", "SSHPublicKeyId"),
            Self::SigningCertificate => ("Certificate", "CertificateId"),
            Self::ServiceCredential => {
                ("Service Specific Credential", "ServiceSpecificCredentialId")
            }
        }
    }
}

impl Asked<'_> {
    /// Whatever is to be done with the one that the request names.
    pub(super) fn brought(&self, what: Brought, action: &str) -> Result<Xml, ApiError> {
        self.permit_user(self.user_or_caller()?, action)?;
        let (kind, member) = what.words();
        let id = self.need(member)?;
        Err(no_entity(format!(
            "The {kind} with id {id} cannot be found."
        )))
    }

    pub(super) fn brought_by_user(&self, list: &str, action: &str) -> Result<Xml, ApiError> {
        self.permit_user(self.user_or_caller()?, action)?;
        self.show_none(list)
    }

    pub(super) fn service_credentials(&self) -> Result<Xml, ApiError> {
        let action = "iam:ListServiceSpecificCredentials";
        if self.says("AllUsers") {
            self.allow(action, &self.arn("user/*"))?;
        } else {
            self.permit_user(self.user_or_caller()?, action)?;
        }
        let service = self.params.one("ServiceName");
        if let Some(unknown) = service.filter(|service| !SERVICES.contains(service)) {
            let sentence = format!("No such service {unknown} is supported for this operation.");
            return Err(ApiError::new("NotSupportedService", sentence).with_status(404));
        }
        self.show_none("ServiceSpecificCredentials")
    }

    /// Whatever is to be done with the server certificate that the request names.
    pub(super) fn server_certificate(&self, action: &str) -> Result<Xml, ApiError> {
        let name = self.need("ServerCertificateName")?;
        self.allow(action, &self.arn(&format!("server-certificate/{name}")))?;
        Err(no_entity(format!(
            "The Server Certificate with name {name} cannot be found."
        )))
    }

    pub(super) fn server_certificates(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListServerCertificates", "*")?;
        self.show_none("ServerCertificateMetadataList")
    }

    fn show_none(&self, list: &str) -> Result<Xml, ApiError> {
        let none = self.page()?.cut(Vec::<(String, Xml)>::new());
        Ok(none.show(list, |entry| entry))
    }
}
