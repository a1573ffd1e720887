//! The part of an object that a `Range` header asks for.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-range>

use std::ops::Range;

use crate::api::ApiError;

/// The bytes that are asked for; `None` if that is all of them, or nothing that S3 understands.
pub(super) fn of(header: Option<&str>, size: usize) -> Result<Option<Range<usize>>, ApiError> {
    let Some(header) = header else {
        return Ok(None);
    };
    let asked = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'));
    let Some((first, last)) = asked.filter(|(_, last)| !last.contains(',')) else {
        return Ok(None);
    };
    let range = match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..size.min(last.saturating_add(1)),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(last)) if first.trim().is_empty() => size.saturating_sub(last)..size,
        _ => return Ok(None),
    };
    if range.is_empty() {
        return Err(
            ApiError::new("InvalidRange", "The requested range is not satisfiable")
                .with_status(416)
                .about("RangeRequested", header)
                .about("ActualObjectSize", size.to_string())
                .about("content-range", format!("bytes */{size}")),
        );
    }
    Ok(Some(range))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn ranges_are_cut_to_the_size() {
        for (header, expected) in [
            ("bytes=0-3", Some(0..4)),
            ("bytes=5-", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-30", Some(0..10)),
            ("bytes=8-99", Some(8..10)),
            ("bytes=3-1", None),
            ("bytes=0-1,3-4", None),
            ("lines=1-2", None),
            ("bytes=9-18446744073709551615", Some(9..10)),
        ] {
            assert_eq!(of(Some(header), 10), Ok(expected), "{header}");
        }
        for header in ["bytes=10-", "bytes=10-11", "bytes=-0"] {
            assert_eq!(of(Some(header), 10).unwrap_err().status, 416, "{header}");
        }
        assert!(of(Some("bytes=0-"), 0).is_err());
        assert_eq!(of(None, 0), Ok(None));
    }
}
