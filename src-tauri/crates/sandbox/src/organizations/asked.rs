//! One authenticated question to Organizations: who may ask it, and of which organization.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::input::Input;
use super::record::{Organization, State};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

pub(super) struct Asked<'a> {
    pub(super) around: &'a Around<'a>,
    pub(super) call: &'a Call,
    pub(super) input: Input<'a>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        around: &'a Around<'a>,
        call: &'a Call,
        input: &'a Map<String, Value>,
    ) -> Self {
        let input = Input(input);
        Self {
            around,
            call,
            input,
        }
    }

    /// Looks into the organization that the caller's account manages. `on` is the id of what the
    /// permission is about, if it is about one thing.
    pub(super) fn look<T>(
        &self,
        action: &str,
        on: Option<&str>,
        look: impl FnOnce(&Organization) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let state = self.around.neighbours.organizations.read();
        look(self.managed(&state, action, on)?)
    }

    /// The same, to change it.
    pub(super) fn change<T>(
        &self,
        action: &str,
        on: Option<&str>,
        change: impl FnOnce(&mut Organization) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let kept = &self.around.neighbours.organizations;
        let mut state = kept.write(self.around.revision);
        self.managed(&state, action, on)?;
        let organization = state
            .of_mut(&self.call.account)
            .ok_or_else(no_organization)?;
        change(organization)
    }

    /// The organization that the caller's account manages, if the caller may do this to it.
    pub(super) fn managed<'s>(
        &self,
        state: &'s State,
        action: &str,
        on: Option<&str>,
    ) -> Result<&'s Organization, ApiError> {
        self.allow(state, action, on)?;
        let organization = state.of(&self.call.account).ok_or_else(no_organization)?;
        self.refuse_member(organization)?;
        Ok(organization)
    }

    /// A change that can concern what accounts may do.
    pub(super) fn change_controls<T>(
        &self,
        action: &str,
        on: Option<&str>,
        change: impl FnOnce(&mut Organization) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let changed = self.change(action, on, change)?;
        self.enforce();
        Ok(changed)
    }

    pub(super) fn enforce(&self) {
        let kept = &self.around.neighbours.organizations;
        kept.write(self.around.revision).version += 1;
        super::enforce(self.around.iam, kept);
    }

    fn refuse_member(&self, organization: &Organization) -> Result<(), ApiError> {
        if organization.management == self.call.account {
            return Ok(());
        }
        Err(ApiError::new(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ))
    }
}

pub(super) fn no_organization() -> ApiError {
    ApiError::new(
        "AWSOrganizationsNotInUseException",
        "Your account is not a member of an organization.",
    )
}

/// A change for which AWS has a constraint, with its word.
pub(super) fn violation(reason: &'static str, sentence: &str) -> ApiError {
    ApiError::new("ConstraintViolationException", sentence).about("Reason", reason)
}

/// Of the operations that answer nothing.
pub(super) fn nothing() -> ApiResult {
    Ok(Value::Null)
}

/// A moment as the JSON protocols write it.
pub(super) fn moment(at: OffsetDateTime) -> Value {
    json!(at.unix_timestamp())
}
