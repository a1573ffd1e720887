//! Signing in: how a connection stands, and what a person is asked for.

use serde::{Deserialize, Serialize};

use crate::{AppError, Timestamp};

/// How a connection stands since the program was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum SignInState {
    /// Nobody has signed in over it yet.
    NotYet,
    /// Signed in.
    SignedIn {
        /// Until when; absent if the credentials do not run out. They are renewed before.
        until: Option<Timestamp>,
    },
    /// The last sign-in failed, or ran out and could not be renewed.
    Failed {
        /// Why.
        error: AppError,
    },
}

/// Names a sign-in in the browser that a connection needs: derived from what is signed in to, so that
/// all profiles of one Identity Center session share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
#[specta(transparent)]
pub struct SignInId(pub String);

/// Who signs a person in in the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "way", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SignInWay {
    /// IAM Identity Center.
    Sso {
        /// Its start URL.
        start_url: String,
    },
    /// The `aws login` command.
    Login {
        /// The profile it is run for.
        profile: String,
    },
}

/// Names something that a person is asked for while somebody waits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(transparent)]
#[specta(transparent)]
pub struct SignInRequestId(pub String);

/// Something that a person is asked for while somebody waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInRequest {
    /// Its identity.
    pub id: SignInRequestId,
    /// The connection that asked first, by name; empty for a connection that is only tried.
    pub connection: String,
    /// What is asked for.
    pub wanted: Wanted,
}

/// What a person is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "what",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Wanted {
    /// The code that an MFA device shows.
    MfaCode {
        /// The device's serial number or ARN.
        serial: String,
    },
    /// To sign in in the browser, where the same code has to be seen.
    Browser {
        /// The page.
        url: String,
        /// The code that the page shows.
        user_code: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// To sign in in the browser that `aws login` has opened.
    Login {
        /// The profile.
        profile: String,
    },
}
