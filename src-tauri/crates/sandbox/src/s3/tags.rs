//! Tags of buckets and objects: read, checked, written.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use std::collections::BTreeSet;

use super::errors::invalid_argument;
use super::read_xml::Element;
use super::state::Tags;
use crate::api::ApiError;
use crate::encoding::percent_decode;
use crate::xml::Xml;

pub(super) const MOST_OF_OBJECT: usize = 10;
pub(super) const MOST_OF_BUCKET: usize = 50;

/// Reads `<Tagging><TagSet>…`.
pub(super) fn of_document(root: &Element, most: usize) -> Result<Tags, ApiError> {
    of_set(root.only(&["TagSet"])?.need("TagSet")?, most)
}

/// Reads a set of tags.
pub(super) fn of_set(set: &Element, most: usize) -> Result<Tags, ApiError> {
    let tags = set
        .only(&["Tag"])?
        .inner
        .iter()
        .map(|tag| {
            let tag = tag.only(&["Key", "Value"])?;
            let (key, value) = (tag.need_text("Key")?, tag.need_text("Value")?);
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect::<Result<Tags, ApiError>>()?;
    check(tags, most)
}

/// Reads the header `x-amz-tagging`, which is written like a query.
pub(super) fn of_header(text: &str) -> Result<Tags, ApiError> {
    let malformed = || {
        let sentence = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query \
                        parameters without tag name duplicates.";
        invalid_argument(sentence, "x-amz-tagging", text)
    };
    let decoded = |text: &str| {
        let bytes = percent_decode(text.replace('+', " ").as_bytes());
        String::from_utf8(bytes).map_err(|_| malformed())
    };
    let tags = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(key)?, decoded(value)?))
        })
        .collect::<Result<Tags, ApiError>>()?;
    let mut seen = BTreeSet::new();
    if !tags.iter().all(|(key, _)| seen.insert(key)) {
        return Err(malformed());
    }
    check(tags, MOST_OF_OBJECT)
}

pub(super) fn written(tags: &Tags) -> Xml {
    tags.iter().fold(Xml::new(), |set, (key, value)| {
        set.inside("Tag", Xml::new().text("Key", key).text("Value", value))
    })
}

fn check(tags: Tags, most: usize) -> Result<Tags, ApiError> {
    let invalid = |sentence: &str| Err(ApiError::new("InvalidTag", sentence));
    if tags.len() > most {
        return Err(ApiError::new(
            "BadRequest",
            if most == MOST_OF_OBJECT {
                "Object tags cannot be greater than 10"
            } else {
                "Bucket tag count cannot be greater than 50"
            },
        ));
    }
    let is_allowed = |letter: char| letter.is_alphanumeric() || " +-=._:/@".contains(letter);
    for (place, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_allowed) {
            return invalid("The TagKey you have provided is invalid");
        }
        if value.chars().count() > 256 || !value.chars().all(is_allowed) {
            return invalid("The TagValue you have provided is invalid");
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        if tags[..place].iter().any(|(known, _)| known == key) {
            return invalid("Cannot provide multiple Tags with the same key");
        }
    }
    Ok(tags)
}
