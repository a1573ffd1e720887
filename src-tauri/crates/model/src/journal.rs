//! What is kept in the precious database besides connections and registrations.

use serde::{Deserialize, Serialize};

use crate::{AppError, Field};

/// Something the window remembers between starts, such as the chosen columns: a name and a JSON
/// text that only the window understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Preference {
    /// Its name.
    pub name: String,
    /// The JSON text.
    pub value: String,
}

impl Preference {
    /// A preference with a name of at most 64 and a value of at most 64 Ki characters of JSON.
    pub fn parse(name: String, value: String) -> crate::Result<Self> {
        let well_formed = (1..=64).contains(&name.len())
            && value.len() <= 65_536
            && serde_json::from_str::<serde_json::Value>(&value).is_ok();
        if well_formed {
            Ok(Self { name, value })
        } else {
            Err(AppError::invalid(
                Field::Preference,
                "A preference is a short name and JSON.",
            ))
        }
    }
}
