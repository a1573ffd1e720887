//! What a request asked and what it was answered, in CloudTrail's form: names that begin in lower
//! case, and no secrets.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::query::Params;

/// Members that no event shows: secrets, and what was encrypted, signed or imported. The token of a
/// session is shown, as it is in AWS; without the secret key it is good for nothing.
const HIDDEN: &[&str] = &[
    "authenticationcode1",
    "authenticationcode2",
    "base32stringseed",
    "ciphertextblob",
    "ciphertextforrecipient",
    "encryptedkeymaterial",
    "granttoken",
    "granttokens",
    "importtoken",
    "keystorepassword",
    "mac",
    "message",
    "newpassword",
    "oldpassword",
    "password",
    "plaintext",
    "privatekeyciphertextblob",
    "privatekeyplaintext",
    "privatekey",
    "publickey",
    "qrcodepng",
    "recipient",
    "samlassertion",
    "secretaccesskey",
    "sharedsecret",
    "signature",
    "tokencode",
    "webidentitytoken",
    "xksproxyauthenticationcredential",
];

/// Parameters of forms that are numbers.
const NUMBERS: [&str; 3] = ["durationSeconds", "maxItems", "maxSessionDuration"];

/// The members of a JSON request or answer as text; empty if there are none.
pub(super) fn of_json(input: &Map<String, Value>) -> Box<str> {
    text(members(input, false))
}

/// The parameters of a form, whose names say how they are nested.
pub(super) fn of_form(params: &Params) -> Box<str> {
    let mut tree = Map::new();
    for (name, value) in params.all() {
        if !matches!(name, "Action" | "Version") {
            let path: Vec<&str> = name.split('.').filter(|part| *part != "member").collect();
            // A tree as deep as somebody likes could not be walked.
            if path.len() <= DEEPEST {
                put(&mut tree, &path, value);
            }
        }
    }
    tree.values_mut().for_each(unfold);
    let mut tree = members(&tree, false);
    for (name, value) in &mut tree {
        let number = value.as_str().filter(|_| NUMBERS.contains(&name.as_str()));
        if let Some(number) = number.and_then(|text| text.parse::<i64>().ok()) {
            *value = number.into();
        }
    }
    text(tree)
}

/// The elements of an answer in XML.
pub(super) fn of_xml(xml: &str) -> Box<str> {
    match elements(&mut { xml }, 0) {
        Value::Object(inner) => text(members(&inner, false)),
        _ => "".into(),
    }
}

/// What a request says about a bucket.
pub(super) fn of_bucket(host: &str, bucket: &str, query: &Params) -> Box<str> {
    let mut shown = json!({ "Host": host });
    if !bucket.is_empty() {
        shown["bucketName"] = bucket.into();
    }
    for (name, value) in query.all().filter(|(name, _)| !name.starts_with("X-Amz-")) {
        shown[name] = value.into();
    }
    shown.to_string().into()
}

/// A date as KMS writes it into events.
pub(super) fn date(at: OffsetDateTime) -> String {
    let format = format_description!(
        "[month repr:short] [day padding:none], [year], [hour repr:12 padding:none]:[minute]:[second] [period]"
    );
    at.format(format).unwrap_or_default()
}

/// `Thing` as `thing`.
pub(super) fn lowered(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

fn text(members: Map<String, Value>) -> Box<str> {
    match members.is_empty() {
        true => "".into(),
        false => Value::Object(members).to_string().into(),
    }
}

/// Names that somebody made up stay as they are.
fn members(input: &Map<String, Value>, verbatim: bool) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in input {
        if !verbatim && (value.is_null() || HIDDEN.contains(&name.to_lowercase().as_str())) {
            continue;
        }
        let name = match verbatim {
            true => name.clone(),
            false => lowered(name),
        };
        let made_up = verbatim
            || name.starts_with("encryptionContext")
            || (name == "tags" && value.is_object());
        let is_date = name.ends_with("Date") || name == "validTo";
        let value = match value.as_f64().filter(|_| is_date) {
            Some(seconds) => read_date(seconds).map_or(Value::Null, |at| date(at).into()),
            None => lower(value, made_up),
        };
        shown.insert(name, value);
    }
    shown
}

fn lower(value: &Value, verbatim: bool) -> Value {
    match value {
        Value::Object(inner) => members(inner, verbatim).into(),
        Value::Array(list) => list.iter().map(|value| lower(value, verbatim)).collect(),
        value => value.clone(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a date of AWS is far from the end"
)]
fn read_date(seconds: f64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds as i64).ok()
}

/// Puts a value where its path says. What contradicts itself is left out.
fn put(tree: &mut Map<String, Value>, path: &[&str], value: &str) {
    match path {
        [] => {}
        [last] => {
            tree.insert((*last).to_owned(), value.into());
        }
        [first, rest @ ..] => {
            let inner = tree
                .entry((*first).to_owned())
                .or_insert_with(|| Map::new().into());
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Makes lists of what is numbered.
fn unfold(value: &mut Value) {
    let Value::Object(inner) = value else { return };
    inner.values_mut().for_each(unfold);
    let numbered: Option<Vec<u32>> = inner.keys().map(|key| key.parse().ok()).collect();
    if let Some(mut numbers) = numbered.filter(|numbers| !numbers.is_empty()) {
        numbers.sort_unstable();
        let list = numbers
            .iter()
            .filter_map(|number| inner.remove(&number.to_string()));
        *value = list.collect();
    }
}

/// No request and no answer is nested deeper.
const DEEPEST: usize = 32;

/// The elements up to the end tag around them: members, a list, or a text.
fn elements(rest: &mut &str, depth: usize) -> Value {
    let (mut list, mut inner, mut text) = (Vec::new(), Map::new(), "");
    while let Some(start) = rest.find('<') {
        let before = &rest[..start];
        let Some(end) = rest[start..].find('>') else {
            break;
        };
        let tag = &rest[start + 1..start + end];
        *rest = &rest[start + end + 1..];
        if tag.starts_with('/') || depth > DEEPEST {
            text = before;
            break;
        }
        let empty = tag.strip_suffix('/');
        let name = empty.unwrap_or(tag).split(' ').next().unwrap_or_default();
        let value = match empty {
            Some(_) => Value::String(String::new()),
            None => elements(rest, depth + 1),
        };
        if name == "member" {
            list.push(value);
        } else {
            inner.insert(name.to_owned(), value);
        }
    }
    if !list.is_empty() {
        list.into()
    } else if !inner.is_empty() {
        inner.into()
    } else {
        let plain = text.replace("&lt;", "<").replace("&gt;", ">");
        let plain = plain.replace("&quot;", "\"").replace("&apos;", "'");
        plain.replace("&amp;", "&").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn names_may_be_nested_but_not_without_end() {
        let deep = format!("Action=X&a{}=1&Tags.member.1.Key=k", ".a".repeat(200_000));
        let told = of_form(&Params::read(None, deep.as_bytes()));
        assert_eq!(shown(&told), json!({"tags": [{"key": "k"}]}));
    }

    #[test]
    fn names_are_lowered_and_secrets_left_out() {
        let input = json!({
            "KeyId": "k", "Plaintext": "c2VjcmV0", "EncryptionContext": {"Plaintext": "A"},
            "Tags": [{"TagKey": "A", "TagValue": "B"}], "ValidTo": 1_660_170_000.5,
        });
        assert_eq!(
            shown(&of_json(input.as_object().unwrap())),
            json!({
                "keyId": "k", "encryptionContext": {"Plaintext": "A"},
                "tags": [{"tagKey": "A", "tagValue": "B"}],
                "validTo": "Aug 10, 2022, 10:20:00 PM",
            })
        );
        assert_eq!(&*of_json(&Map::new()), "");
    }

    #[test]
    fn forms_and_elements_are_nested() {
        let form = b"Action=X&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.2.Key=b&TokenCode=1&a=1&a.b=2";
        assert_eq!(
            shown(&of_form(&Params::read(None, form))),
            json!({"durationSeconds": 900, "tags": [{"key": "a"}, {"key": "b"}], "a": "1"})
        );
        let xml = "<AccessKey><UserName>a&amp;b</UserName><SecretAccessKey>s</SecretAccessKey>\
                   </AccessKey><Tags><member><Key>k</Key></member></Tags>";
        assert_eq!(
            shown(&of_xml(xml)),
            json!({"accessKey": {"userName": "a&b"}, "tags": [{"key": "k"}]})
        );
        for broken in ["", "<", "<a", "</a>", "<a><b></a>", &"<a>".repeat(9_000)] {
            of_xml(broken);
        }
    }
}
