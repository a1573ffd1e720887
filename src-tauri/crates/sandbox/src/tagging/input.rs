//! Reads requests; what does not fit is refused.

use serde_json::{Map, Value};

use crate::api::ApiError;

#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Input<'a> {
    pub(super) fn given(self, member: &str) -> Option<&'a Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, member: &str, most: usize) -> Result<Option<&'a str>, ApiError> {
        let Some(value) = self.given(member) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| wrong_type(member))?;
        if text.chars().count() > most {
            return Err(invalid(format!("{member} is too long")));
        }
        Ok(Some(text))
    }

    /// A tag's key, which has to be there.
    pub(super) fn key(self) -> Result<&'a str, ApiError> {
        let key = self.text("Key", 128)?.filter(|key| !key.is_empty());
        key.ok_or_else(|| invalid("Key must have 1 to 128 characters"))
    }

    /// A number in this range, if it is there.
    pub(super) fn number(
        self,
        member: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<usize>, ApiError> {
        let Some(value) = self.given(member) else {
            return Ok(None);
        };
        if !value.is_i64() && !value.is_u64() {
            return Err(wrong_type(member));
        }
        let number = value.as_u64().filter(|number| range.contains(number));
        match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(format!(
                "{member} must be between {} and {}",
                range.start(),
                range.end()
            ))),
        }
    }

    pub(super) fn flag(self, member: &str) -> Result<bool, ApiError> {
        match self.given(member) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| wrong_type(member)),
        }
    }

    pub(super) fn list(self, member: &str) -> Result<Option<&'a [Value]>, ApiError> {
        match self.given(member) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(wrong_type(member)),
        }
    }

    /// A list of so many texts of so many characters, if it is there.
    pub(super) fn texts(
        self,
        member: &str,
        count: std::ops::RangeInclusive<usize>,
        length: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<Vec<&'a str>>, ApiError> {
        let Some(list) = self.list(member)? else {
            return Ok(None);
        };
        if !count.contains(&list.len()) {
            return Err(invalid(format!(
                "{member} must have {} to {} entries",
                count.start(),
                count.end()
            )));
        }
        let texts = list.iter().map(|text| {
            let text = text.as_str().ok_or_else(|| wrong_type(member))?;
            if !length.contains(&text.chars().count()) {
                return Err(invalid(format!(
                    "{member} has an entry of the wrong length"
                )));
            }
            Ok(text)
        });
        texts.collect::<Result<_, _>>().map(Some)
    }
}

pub(super) fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", sentence)
}

fn wrong_type(member: &str) -> ApiError {
    ApiError::new(
        "SerializationException",
        format!("{member} has the wrong type"),
    )
}
