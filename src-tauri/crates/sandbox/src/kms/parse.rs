//! Takes parameters out of a request: present or absent, of the right JSON type, within limits.
//!
//! Nothing here knows an operation. Limits are given by the caller, who links the page they are from.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::refusals::{constraint, missing, validation};
use crate::api::ApiError;

/// The input of one request.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(&'a Map<String, Value>);

impl<'a> Input<'a> {
    pub(super) fn new(members: &'a Map<String, Value>) -> Self {
        Self(members)
    }

    /// Whether a member was sent (`null` counts as not sent).
    pub(super) fn has(self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// An optional string of `min` to `max` characters.
    pub(super) fn text(
        self,
        name: &str,
        min: usize,
        max: usize,
    ) -> Result<Option<&'a str>, ApiError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| wrong_type(name))?;
        within(text, text.chars().count(), name, min, max)?;
        Ok(Some(text))
    }

    /// The same where it must be there.
    pub(super) fn required_text(
        self,
        name: &str,
        min: usize,
        max: usize,
    ) -> Result<&'a str, ApiError> {
        self.text(name, min, max)?.ok_or_else(|| missing(name))
    }

    /// An optional member of a fixed set of words.
    pub(super) fn choice(self, name: &str, words: &[&str]) -> Result<Option<&'a str>, ApiError> {
        let Some(text) = self.text(name, 0, usize::MAX)? else {
            return Ok(None);
        };
        if words.contains(&text) {
            return Ok(Some(text));
        }
        let set = words.join(", ");
        Err(constraint(
            text,
            name,
            &format!("Member must satisfy enum value set: [{set}]"),
        ))
    }

    /// An optional boolean; absent is `false`.
    pub(super) fn flag(self, name: &str) -> Result<bool, ApiError> {
        match self.raw(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| wrong_type(name)),
        }
    }

    /// An optional whole number between `min` and `max`.
    pub(super) fn whole(self, name: &str, min: u32, max: u32) -> Result<Option<u32>, ApiError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let number = value.as_i64().ok_or_else(|| wrong_type(name))?;
        match u32::try_from(number) {
            Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ if number > i64::from(max) => Err(constraint(
                &number.to_string(),
                name,
                &format!("Member must have value less than or equal to {max}"),
            )),
            _ => Err(constraint(
                &number.to_string(),
                name,
                &format!("Member must have value greater than or equal to {min}"),
            )),
        }
    }

    /// An optional base64 blob of 1 to `max` bytes. Blobs may carry plaintext, so all are wiped.
    pub(super) fn blob(
        self,
        name: &str,
        max: usize,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ApiError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| wrong_type(name))?;
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| wrong_type(name))?);
        within("", bytes.len(), name, 1, max)?;
        Ok(Some(bytes))
    }

    /// The same where it must be there.
    pub(super) fn required_blob(
        self,
        name: &str,
        max: usize,
    ) -> Result<Zeroizing<Vec<u8>>, ApiError> {
        self.blob(name, max)?.ok_or_else(|| missing(name))
    }

    /// An optional timestamp: seconds since 1970, whole or with a fraction.
    pub(super) fn moment(self, name: &str) -> Result<Option<OffsetDateTime>, ApiError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let seconds = value.as_f64().ok_or_else(|| wrong_type(name))?;
        // A double holds today's seconds to the microsecond; the cast saturates, so an absurd number
        // is refused below.
        let nanos = (seconds * 1e6).round() as i128 * 1000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .map(Some)
            .map_err(|_| validation(format!("{name} is not a valid timestamp")))
    }

    /// An optional array.
    pub(super) fn list(self, name: &str) -> Result<Option<&'a [Value]>, ApiError> {
        match self.raw(name) {
            None => Ok(None),
            Some(value) => value
                .as_array()
                .map(|items| Some(items.as_slice()))
                .ok_or_else(|| wrong_type(name)),
        }
    }

    /// An optional array of strings.
    pub(super) fn texts(self, name: &str) -> Result<Option<Vec<&'a str>>, ApiError> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_str().ok_or_else(|| wrong_type(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// An optional map of string to string, sorted by key; absent is empty.
    pub(super) fn pairs(self, name: &str) -> Result<BTreeMap<&'a str, &'a str>, ApiError> {
        let Some(value) = self.raw(name) else {
            return Ok(BTreeMap::new());
        };
        let members = value.as_object().ok_or_else(|| wrong_type(name))?;
        members
            .iter()
            .map(|(key, value)| {
                Ok((
                    key.as_str(),
                    value.as_str().ok_or_else(|| wrong_type(name))?,
                ))
            })
            .collect()
    }

    /// An optional structure.
    pub(super) fn structure(self, name: &str) -> Result<Option<Self>, ApiError> {
        match self.raw(name) {
            None => Ok(None),
            Some(value) => value
                .as_object()
                .map(|members| Some(Self(members)))
                .ok_or_else(|| wrong_type(name)),
        }
    }

    fn raw(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// A timestamp as KMS puts it on the wire: seconds since 1970, to the millisecond.
pub(super) fn epoch(moment: OffsetDateTime) -> Value {
    let millis = moment.unix_timestamp_nanos() / 1_000_000;
    let seconds = millis as f64 / 1000.0;
    json!(seconds)
}

/// Bytes as KMS puts them on the wire.
pub(super) fn base64(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

fn within(value: &str, length: usize, name: &str, min: usize, max: usize) -> Result<(), ApiError> {
    if length < min {
        let rule = format!("Member must have length greater than or equal to {min}");
        return Err(constraint(value, name, &rule));
    }
    if length > max {
        let rule = format!("Member must have length less than or equal to {max}");
        return Err(constraint(value, name, &rule));
    }
    Ok(())
}

fn wrong_type(name: &str) -> ApiError {
    ApiError::new(
        "SerializationException",
        format!("{name} is not of the expected type"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn limits_are_refused_in_awss_words() {
        let sent = members(json!({"Limit": 1001, "KeyId": "", "KeySpec": "DES"}));
        let input = Input::new(&sent);
        assert_eq!(
            input.whole("Limit", 1, 1000).unwrap_err().message,
            "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: \
             Member must have value less than or equal to 1000"
        );
        assert_eq!(
            input.text("KeyId", 1, 10).unwrap_err().code,
            "ValidationException"
        );
        assert!(
            input
                .choice("KeySpec", &["RSA_2048"])
                .unwrap_err()
                .message
                .contains("[RSA_2048]")
        );
        assert_eq!(
            input.required_text("Other", 1, 10).unwrap_err().message,
            "1 validation error detected: Value null at 'other' failed to satisfy constraint: \
             Member must not be null"
        );
    }

    #[test]
    fn null_is_absent_and_a_wrong_type_is_a_serialization_error() {
        let sent = members(json!({"Tags": null, "MultiRegion": "yes"}));
        let input = Input::new(&sent);
        assert!(!input.has("Tags"));
        assert_eq!(
            input.flag("MultiRegion").unwrap_err().code,
            "SerializationException"
        );
    }

    #[test]
    fn timestamps_keep_milliseconds_both_ways() {
        let sent = members(json!({"ValidTo": 1_763_764_912.123_f64, "Whole": 1_763_764_912}));
        let input = Input::new(&sent);
        let moment = input.moment("ValidTo").unwrap().unwrap();
        assert_eq!(epoch(moment), json!(1_763_764_912.123_f64));
        assert_eq!(
            input.moment("Whole").unwrap().unwrap().unix_timestamp(),
            1_763_764_912
        );
    }
}
