//! Whether bytes arrived as they were sent, and the checksums that S3 keeps with an object.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::digests::{Crc, md5};
use super::errors::{invalid_request, not_implemented};
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::xml::Xml;

/// The algorithms by their words. That of objects which come without a checksum is the last.
const ALGORITHMS: &[&str] = &[
    "CRC32",
    "CRC32C",
    "SHA1",
    "SHA256",
    "SHA512",
    "MD5",
    "CRC64NVME",
];

/// Those that AWS has and the sandbox has not.
const UNKNOWN: &[&str] = &["XXHASH64", "XXHASH3", "XXHASH128"];

/// Operations whose body nobody may change on its way.
const CHECKED: &[&str] = &["DeleteObjects"];

pub(super) const FULL_OBJECT: &str = "FULL_OBJECT";
pub(super) const COMPOSITE: &str = "COMPOSITE";

/// A checksum of an object or a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    /// Such as `CRC32`.
    pub(super) algorithm: String,
    /// In base 64; of a composite one with the number of parts.
    pub(super) value: String,
    pub(super) kind: String,
}

impl Checksum {
    /// That of all these bytes.
    pub(super) fn of(algorithm: &str, bytes: &[u8]) -> Self {
        Self::full(algorithm, &sum(algorithm, bytes))
    }

    fn full(algorithm: &str, sum: &[u8]) -> Self {
        Self {
            algorithm: algorithm.to_owned(),
            value: STANDARD.encode(sum),
            kind: FULL_OBJECT.to_owned(),
        }
    }

    /// That of an object whose parts have these checksums and sizes.
    pub(super) fn of_parts(algorithm: &str, kind: &str, parts: &[(&Self, usize)]) -> Option<Self> {
        let sums = parts
            .iter()
            .map(|(checksum, size)| Some((STANDARD.decode(&checksum.value).ok()?, *size)))
            .collect::<Option<Vec<_>>>()?;
        if kind == FULL_OBJECT {
            let crc = Crc::of(algorithm)?;
            let mut sums = sums.into_iter();
            let (first, _) = sums.next()?;
            let all = sums.try_fold(first, |all, (sum, size)| crc.joined(&all, &sum, size))?;
            return Some(Self::full(algorithm, &all));
        }
        let sums: Vec<u8> = sums.into_iter().flat_map(|(sum, _)| sum).collect();
        Some(Self {
            algorithm: algorithm.to_owned(),
            value: format!("{}-{}", STANDARD.encode(sum(algorithm, &sums)), parts.len()),
            kind: COMPOSITE.to_owned(),
        })
    }

    /// The header that tells it.
    pub(super) fn header(&self) -> String {
        format!("x-amz-checksum-{}", self.algorithm.to_ascii_lowercase())
    }

    pub(super) fn told(&self, rest: Rest) -> Rest {
        rest.with(&self.header(), &self.value)
            .with("x-amz-checksum-type", &self.kind)
    }

    pub(super) fn written(&self, xml: Xml) -> Xml {
        xml.text(&format!("Checksum{}", self.algorithm), &self.value)
    }
}

impl Asked<'_> {
    /// Compares the body with what the client says of it; answers the checksum that it gave, if it
    /// gave one.
    pub(super) fn check_body(&self) -> Result<Option<Checksum>, ApiError> {
        if let Some(told) = self.header("content-md5") {
            let told = STANDARD.decode(told.as_bytes()).ok();
            let told = told.filter(|digest| digest.len() == 16).ok_or_else(|| {
                ApiError::new(
                    "InvalidDigest",
                    "The Content-MD5 you specified was invalid.",
                )
            })?;
            if told != md5(&self.body) {
                let sentence = "The Content-MD5 you specified did not match what we received.";
                return Err(ApiError::new("BadDigest", sentence)
                    .about("ExpectedDigest", STANDARD.encode(told))
                    .about("CalculatedDigest", STANDARD.encode(md5(&self.body))));
            }
        }
        let header = |word: &str| format!("x-amz-checksum-{}", word.to_ascii_lowercase());
        if let Some(word) = UNKNOWN.iter().find(|word| self.has_header(&header(word))) {
            return Err(not_implemented(&header(word)));
        }
        // What comes with the request to put parts together is about all of them.
        if self.operation == "CompleteMultipartUpload" {
            return Ok(None);
        }
        let mut given = ALGORITHMS
            .iter()
            .filter_map(|word| Some((*word, self.header(&header(word))?)));
        let (first, second) = (given.next(), given.next());
        if second.is_some() {
            return Err(invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
            ));
        }
        let Some((algorithm, told)) = first else {
            let lacks = CHECKED.contains(&self.operation) && !self.has_header("content-md5");
            return if lacks {
                Err(invalid_request(
                    "Missing required header for this request: Content-MD5",
                ))
            } else {
                Ok(None)
            };
        };
        let actual = Checksum::of(algorithm, &self.body);
        let decoded = STANDARD.decode(told.as_bytes()).ok();
        let length = STANDARD.decode(&actual.value).map_or(0, |sum| sum.len());
        if decoded.is_none_or(|sum| sum.len() != length) {
            return Err(invalid_request(format!(
                "Value for {} header is invalid.",
                header(algorithm)
            )));
        }
        if *told != *actual.value {
            return Err(ApiError::new(
                "BadDigest",
                format!("The {algorithm} you specified did not match the calculated checksum."),
            ));
        }
        Ok(Some(actual))
    }

    /// The algorithm that the client names, or that of objects which come without one.
    pub(super) fn checksum_algorithm(&self) -> Result<&'static str, ApiError> {
        let named = self
            .header("x-amz-checksum-algorithm")
            .or_else(|| self.header("x-amz-sdk-checksum-algorithm"));
        match named {
            None => Ok("CRC64NVME"),
            Some(named) => {
                let mut known = ALGORITHMS.iter();
                let known = known.find(|word| word.eq_ignore_ascii_case(&named));
                known.copied().ok_or_else(|| {
                    invalid_request(
                        "Checksum algorithm provided is unsupported. Please try again with any of \
                         the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
                    )
                })
            }
        }
    }
}

/// Whether a header, named in lower case, says a checksum.
pub(super) fn is_checksum_header(name: &str) -> bool {
    let word = name.strip_prefix("x-amz-checksum-").unwrap_or_default();
    let mut known = ALGORITHMS.iter().chain(UNKNOWN);
    known.any(|known| known.eq_ignore_ascii_case(word))
}

/// The MD5 of these bytes in hexadecimal.
pub(super) fn md5_hex(bytes: &[u8]) -> String {
    crate::encoding::hex(&md5(bytes))
}

fn sum(algorithm: &str, bytes: &[u8]) -> Vec<u8> {
    let digest = |kind| digest::digest(kind, bytes).as_ref().to_vec();
    match algorithm {
        "SHA1" => digest(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "SHA256" => digest(&digest::SHA256),
        "SHA512" => digest(&digest::SHA512),
        "MD5" => md5(bytes).to_vec(),
        _ => Crc::of(algorithm).map_or_else(Vec::new, |crc| crc.sum(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_parts_is_that_of_the_whole_or_that_of_their_checksums() {
        let (one, two) = (&b"hello "[..], &b"world"[..]);
        for algorithm in ["CRC32", "CRC32C", "CRC64NVME"] {
            let (first, second) = (Checksum::of(algorithm, one), Checksum::of(algorithm, two));
            let parts = [(&first, one.len()), (&second, two.len())];
            let joined = Checksum::of_parts(algorithm, FULL_OBJECT, &parts);
            assert_eq!(joined, Some(Checksum::of(algorithm, b"hello world")));
        }
        let first = Checksum::of("SHA256", one);
        let composite = Checksum::of_parts("SHA256", COMPOSITE, &[(&first, 6)]).unwrap();
        assert!(composite.value.ends_with("=-1"), "{}", composite.value);
        assert_eq!(
            Checksum::of_parts("SHA1", FULL_OBJECT, &[(&first, 6)]),
            None
        );
    }
}
