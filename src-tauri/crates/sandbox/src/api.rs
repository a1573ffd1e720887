//! What every simulated service shares: one authenticated call, and AWS's form of an error.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::iam::caller::Caller;

/// One authenticated request to one service, as its operations see it.
pub(crate) struct Call {
    /// The account of the caller, 12 digits.
    pub(crate) account: String,
    /// The region of the credential scope.
    pub(crate) region: String,
    /// Who asks: the ARN of the IAM user, the assumed role's session, or the account's root.
    pub(crate) principal: String,
    /// The same with the policies that decide what may be done.
    pub(crate) caller: Arc<Caller>,
    /// The service of AWS through which the principal asks, such as `s3`, if it does.
    pub(crate) via: Option<&'static str>,
    /// AWS's id of this request, repeated in the answer's headers.
    pub(crate) request_id: String,
    /// The sandbox's clock when the request arrived.
    pub(crate) now: OffsetDateTime,
}

/// A refusal in AWS's terms; each protocol renders it in its own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// The error code a client matches on, such as `NotFoundException`.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// AWS's sentence.
    pub(crate) message: String,
    /// What is told beside it: in JSON members, of S3 elements, and headers (in lower case).
    pub(crate) about: Vec<(&'static str, String)>,
}

impl ApiError {
    /// A refusal that the caller can mend (HTTP 400).
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            status: 400,
            message: message.into(),
            about: Vec::new(),
        }
    }

    /// The same with another HTTP status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same with something more to tell.
    pub(crate) fn about(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.about.push((name, text.into()));
        self
    }
}

/// What an operation answers: the JSON body (KMS) before rendering, or a refusal.
pub(crate) type ApiResult = Result<serde_json::Value, ApiError>;
