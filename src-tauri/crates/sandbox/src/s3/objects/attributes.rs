//! `GetObjectAttributes`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html>

use super::read::Found;
use crate::api::ApiError;
use crate::protocol::{Rest, http_date};
use crate::s3::asked::Asked;
use crate::s3::encryption::check_reader;
use crate::s3::errors::{invalid_argument, invalid_request};
use crate::s3::state::Object;
use crate::xml::Xml;

const ATTRIBUTES: &[&str] = &[
    "ETag",
    "Checksum",
    "ObjectParts",
    "StorageClass",
    "ObjectSize",
];

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let of_version = asked.query.one("versionId").is_some();
    let actions = if of_version {
        ["s3:GetObjectVersion", "s3:GetObjectVersionAttributes"]
    } else {
        ["s3:GetObject", "s3:GetObjectAttributes"]
    };
    for action in actions {
        asked.allow_object(action)?;
    }
    let mut wanted = Vec::new();
    for value in asked.head.headers.get_all("x-amz-object-attributes") {
        let words = value.to_str().unwrap_or_default().split(',').map(str::trim);
        wanted.extend(words.map(str::to_owned));
    }
    if wanted.is_empty() {
        return Err(invalid_request(
            "Missing required header for this request: x-amz-object-attributes",
        ));
    }
    if let Some(unknown) = wanted
        .iter()
        .find(|word| !ATTRIBUTES.contains(&word.as_str()))
    {
        let sentence = "Invalid attribute name specified.";
        return Err(invalid_argument(
            sentence,
            "x-amz-object-attributes",
            unknown,
        ));
    }
    let found = Found::of(asked)?;
    check_reader(asked)?;
    let object = &found.object;
    let wants = |name: &str| wanted.iter().any(|word| word == name);
    let mut xml = Xml::new().maybe("ETag", wants("ETag").then_some(&object.etag));
    if let Some(checksum) = object.checksum.as_ref().filter(|_| wants("Checksum")) {
        let inner = checksum.written(Xml::new());
        xml = xml.inside("Checksum", inner.text("ChecksumType", &checksum.kind));
    }
    if wants("ObjectParts") && object.in_parts {
        xml = xml.inside("ObjectParts", parts(asked, object)?);
    }
    xml = xml
        .maybe(
            "StorageClass",
            wants("StorageClass").then(|| object.storage_class()),
        )
        .maybe("ObjectSize", wants("ObjectSize").then(|| object.size()));
    let rest = asked.xml("GetObjectAttributesResponse", xml);
    let rest = rest.with("last-modified", http_date(found.version.modified));
    let version = asked.query.one("versionId").is_some() || found.version.id != "null";
    Ok(rest.maybe("x-amz-version-id", version.then_some(&found.version.id)))
}

fn parts(asked: &Asked<'_>, object: &Object) -> Result<Xml, ApiError> {
    let header = |name: &str| {
        let text = asked.header(name);
        text.and_then(|text| text.parse::<usize>().ok())
    };
    let most = header("x-amz-max-parts").unwrap_or(1_000).min(1_000);
    let marker = header("x-amz-part-number-marker").unwrap_or(0);
    let rest = object.parts.iter().enumerate().skip(marker);
    let shown: Vec<_> = rest.take(most).collect();
    let last = shown.last().map_or(marker, |(place, _)| place + 1);
    let xml = Xml::new()
        .text("PartsCount", object.parts.len())
        .text("PartNumberMarker", marker)
        .text("NextPartNumberMarker", last)
        .text("MaxParts", most)
        .text("IsTruncated", last < object.parts.len());
    // Without checksums of their own the parts are not told.
    let told = shown
        .into_iter()
        .filter(|(_, part)| part.checksum.is_some());
    Ok(told.fold(xml, |xml, (place, part)| {
        let inner = Xml::new()
            .text("PartNumber", place + 1)
            .text("Size", part.size);
        let inner = part
            .checksum
            .iter()
            .fold(inner, |inner, sum| sum.written(inner));
        xml.inside("Part", inner)
    }))
}
