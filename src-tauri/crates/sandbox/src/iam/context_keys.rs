//! Which context keys policies ask for: in conditions, and as policy variables.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::Asked;
use crate::api::ApiError;
use crate::xml::Xml;

impl Asked<'_> {
    pub(super) fn context_keys_of_custom_policy(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetContextKeysForCustomPolicy", "*")?;
        let given = self.input_policies("PolicyInputList")?;
        Ok(show(given.iter().map(|source| source.policy.text.as_str())))
    }

    pub(super) fn context_keys_of_principal(&self) -> Result<Xml, ApiError> {
        let arn = self.need("PolicySourceArn")?;
        self.allow("iam:GetContextKeysForPrincipalPolicy", arn)?;
        let mut sources = self.principal(arn)?.sources;
        sources.extend(self.input_policies("PolicyInputList")?);
        Ok(show(
            sources.iter().map(|source| source.policy.text.as_str()),
        ))
    }
}

/// The keys of a document, written as it writes them.
pub(super) fn of(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if let Ok(document) = serde_json::from_str::<Value>(text) {
        collect(&document, &mut keys);
    }
    keys
}

fn show<'a>(texts: impl Iterator<Item = &'a str>) -> Xml {
    let keys: BTreeSet<_> = texts.flat_map(of).collect();
    let list = keys
        .into_iter()
        .fold(Xml::new(), |list, key| list.text("member", key));
    Xml::new().inside("ContextKeyNames", list)
}

fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => variables(text, keys),
        Value::Array(list) => list.iter().for_each(|item| collect(item, keys)),
        Value::Object(map) => {
            for (name, inner) in map {
                if name == "Condition" {
                    let operators = inner.as_object().into_iter().flat_map(|all| all.values());
                    let asked = operators.filter_map(Value::as_object);
                    keys.extend(asked.flat_map(|asked| asked.keys().cloned()));
                }
                collect(inner, keys);
            }
        }
        _ => {}
    }
}

/// `${aws:username}`, `${aws:username, 'nobody'}`; not `${*}`, which only says a star.
fn variables(text: &str, keys: &mut BTreeSet<String>) {
    for rest in text.split("${").skip(1) {
        let Some((name, _)) = rest.split_once('}') else {
            continue;
        };
        let name = name.split(',').next().unwrap_or_default().trim();
        if name.len() >= 5 {
            keys.insert(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn conditions_and_variables_have_keys() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:1:table/${aws:username}/${*}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"x"},"StringLike":{"s3:prefix":["${aws:userid, 'x'}"]}}}}"#;
        let keys: Vec<_> = of(text).into_iter().collect();
        assert_eq!(
            keys,
            ["aws:CurrentTime", "aws:userid", "aws:username", "s3:prefix"]
        );
    }
}
