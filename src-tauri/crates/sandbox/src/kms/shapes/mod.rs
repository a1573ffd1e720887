//! The first thing that AWS does with a request: every member against AWS's model, all violations in
//! one refusal. What an operation then makes of its input is not decided here.

mod forms;
mod model;
mod words;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use self::forms::Form;
use super::refusals::validation;
use crate::api::ApiError;

/// No upper limit.
const ANY: usize = usize::MAX;

/// What one member has to look like.
enum Shape {
    Text {
        min: usize,
        max: usize,
        form: Form,
        /// A violation does not repeat the value.
        secret: bool,
    },
    Word(&'static [&'static str]),
    Flag,
    Whole {
        min: i64,
        max: i64,
    },
    Blob {
        min: usize,
        max: usize,
    },
    Moment,
    /// Any text to any text.
    TextMap,
    List {
        min: usize,
        max: usize,
        of: &'static Shape,
    },
    Structure(&'static [Member]),
}

/// A member of an input or of a structure in it.
struct Member {
    name: &'static str,
    is_required: bool,
    shape: Shape,
}

/// Refuses an input that is not as the model has it: `SerializationException` for another JSON type,
/// else one `ValidationException` that tells every violation. An operation that AWS does not have is
/// not judged.
pub(super) fn check(operation: &str, input: &Map<String, Value>) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    if let Some(members) = model::input_of(operation) {
        check_members(members, input, "", &mut violations)?;
    }
    let errors = match violations.len() {
        0 => return Ok(()),
        1 => "1 validation error detected: ".to_owned(),
        count => format!("{count} validation errors detected: "),
    };
    Err(validation(errors + &violations.join("; ")))
}

fn check_members(
    members: &[Member],
    values: &Map<String, Value>,
    path: &str,
    violations: &mut Vec<String>,
) -> Result<(), ApiError> {
    for member in members {
        let place = format!("{path}{}", with_small_initial(member.name));
        match values.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => member.shape.check(value, &place, violations)?,
            None if member.is_required => {
                violations.push(told("null", &place, "Member must not be null"));
            }
            None => {}
        }
    }
    Ok(())
}

impl Shape {
    fn check(
        &self,
        value: &Value,
        place: &str,
        violations: &mut Vec<String>,
    ) -> Result<(), ApiError> {
        let wrong_type = || {
            ApiError::new(
                "SerializationException",
                format!("{place} is not of the expected type"),
            )
        };
        match self {
            Self::Text {
                min,
                max,
                form,
                secret,
            } => {
                let text = value.as_str().ok_or_else(wrong_type)?;
                let shown = if *secret {
                    String::new()
                } else {
                    format!("'{text}'")
                };
                check_size(text.chars().count(), *min, *max, &shown, place, violations);
                if !(form.holds)(text) {
                    let rule = format!(
                        "Member must satisfy regular expression pattern: {}",
                        form.pattern
                    );
                    violations.push(told(&shown, place, &rule));
                }
            }
            Self::Word(words) => {
                let word = value.as_str().ok_or_else(wrong_type)?;
                if !words.contains(&word) {
                    let rule =
                        format!("Member must satisfy enum value set: [{}]", words.join(", "));
                    violations.push(told(&format!("'{word}'"), place, &rule));
                }
            }
            Self::Flag => {
                value.as_bool().ok_or_else(wrong_type)?;
            }
            Self::Whole { min, max } => {
                let number = value.as_i64().ok_or_else(wrong_type)?;
                let shown = format!("'{number}'");
                if number < *min {
                    let rule = format!("Member must have value greater than or equal to {min}");
                    violations.push(told(&shown, place, &rule));
                }
                if number > *max {
                    let rule = format!("Member must have value less than or equal to {max}");
                    violations.push(told(&shown, place, &rule));
                }
            }
            Self::Blob { min, max } => {
                let text = value.as_str().ok_or_else(wrong_type)?;
                let bytes = STANDARD
                    .decode(text)
                    .map(Zeroizing::new)
                    .map_err(|_| wrong_type())?;
                check_size(bytes.len(), *min, *max, "", place, violations);
            }
            Self::Moment => {
                value.as_f64().ok_or_else(wrong_type)?;
            }
            Self::TextMap => {
                let members = value.as_object().ok_or_else(wrong_type)?;
                if !members.values().all(Value::is_string) {
                    return Err(wrong_type());
                }
            }
            Self::List { min, max, of } => {
                let items = value.as_array().ok_or_else(wrong_type)?;
                check_size(items.len(), *min, *max, "", place, violations);
                for (number, item) in items.iter().enumerate() {
                    of.check(item, &format!("{place}.{}.member", number + 1), violations)?;
                }
            }
            Self::Structure(members) => {
                let values = value.as_object().ok_or_else(wrong_type)?;
                check_members(members, values, &format!("{place}."), violations)?;
            }
        }
        Ok(())
    }
}

fn check_size(
    size: usize,
    min: usize,
    max: usize,
    shown: &str,
    place: &str,
    violations: &mut Vec<String>,
) {
    if size < min {
        let rule = format!("Member must have length greater than or equal to {min}");
        violations.push(told(shown, place, &rule));
    }
    if size > max {
        let rule = format!("Member must have length less than or equal to {max}");
        violations.push(told(shown, place, &rule));
    }
}

/// One violation in AWS's words.
fn told(shown: &str, place: &str, rule: &str) -> String {
    let space = if shown.is_empty() { "" } else { " " };
    format!("Value{space}{shown} at '{place}' failed to satisfy constraint: {rule}")
}

fn with_small_initial(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

const fn required(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        is_required: true,
        shape,
    }
}

const fn optional(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        is_required: false,
        shape,
    }
}

const fn text(min: usize, max: usize) -> Shape {
    text_of(min, max, forms::FREE)
}

const fn text_of(min: usize, max: usize, form: Form) -> Shape {
    Shape::Text {
        min,
        max,
        form,
        secret: false,
    }
}

const fn secret(min: usize, max: usize, form: Form) -> Shape {
    Shape::Text {
        min,
        max,
        form,
        secret: true,
    }
}

const fn whole(min: i64, max: i64) -> Shape {
    Shape::Whole { min, max }
}

const fn blob(min: usize, max: usize) -> Shape {
    Shape::Blob { min, max }
}

const fn list(min: usize, max: usize, of: &'static Shape) -> Shape {
    Shape::List { min, max, of }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(operation: &str, input: Value) -> ApiError {
        check(operation, input.as_object().unwrap()).unwrap_err()
    }

    #[test]
    fn all_violations_are_told_at_once() {
        let error = refusal(
            "CreateKey",
            json!({
                "KeySpec": "DES", "CustomKeyStoreId": "",
                "Tags": [{"TagKey": "a", "TagValue": ""}, {"TagValue": "b"}],
            }),
        );
        assert_eq!(error.code, "ValidationException");
        let (count, rest) = error.message.split_once(": ").unwrap();
        assert_eq!(count, "3 validation errors detected");
        assert!(rest.starts_with("Value 'DES' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: ["));
        assert!(rest.contains("; Value '' at 'customKeyStoreId' failed to satisfy constraint: Member must have length greater than or equal to 1; "));
        assert!(rest.ends_with("Value null at 'tags.2.member.tagKey' failed to satisfy constraint: Member must not be null"));
    }

    #[test]
    fn a_secret_is_not_repeated_and_a_blob_is_counted_in_bytes() {
        let error = refusal(
            "CreateCustomKeyStore",
            json!({"CustomKeyStoreName": "s", "KeyStorePassword": "short"}),
        );
        assert_eq!(
            error.message,
            "1 validation error detected: Value at 'keyStorePassword' failed to satisfy constraint: \
             Member must have length greater than or equal to 7"
        );
        let error = refusal("Encrypt", json!({"KeyId": "k", "Plaintext": ""}));
        assert!(
            error.message.contains("Value at 'plaintext' failed"),
            "{}",
            error.message
        );
        let full = json!({"KeyId": "k", "Plaintext": STANDARD.encode([0; 4096])});
        assert!(check("Encrypt", full.as_object().unwrap()).is_ok());
    }

    #[test]
    fn another_json_type_is_not_a_violation_but_unreadable() {
        for input in [
            json!({"KeyId": 7}),
            json!({"KeyId": "k", "EncryptionContext": {"a": 1}, "Plaintext": "eA=="}),
            json!({"KeyId": "k", "Plaintext": "%"}),
            json!({"KeyId": "k", "Plaintext": "eA==", "DryRun": "yes"}),
            json!({"KeyId": "k", "Plaintext": "eA==", "GrantTokens": "x"}),
        ] {
            assert_eq!(refusal("Encrypt", input).code, "SerializationException");
        }
    }

    #[test]
    fn null_is_absent_and_what_nobody_knows_is_passed_over() {
        let input = json!({"KeyId": "k", "GrantTokens": null, "Surprise": 1});
        assert!(check("DescribeKey", input.as_object().unwrap()).is_ok());
        assert!(check("MakeCoffee", &Map::new()).is_ok());
    }
}
