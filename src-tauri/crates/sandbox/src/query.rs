//! The parameters of AWS's Query protocol: `Action=…&Version=…&Thing.member.1=…`.

use std::collections::BTreeMap;

/// How many parameters a form may have: far more than any operation takes, and few enough to be kept before
/// it is known who sends them. AWS's own limit is not documented.
const MOST_PARAMETERS: usize = 100_000;

/// The parameters of one request, decoded. Of a repeated name the last value counts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads the query string and the form in the body, unless the form is [overfull](is_overfull).
    pub(crate) fn read(query: Option<&str>, body: &[u8]) -> Self {
        let body = if is_overfull(body) { b"" } else { body };
        let places = [query.unwrap_or_default().as_bytes(), body];
        let pairs = places.map(|text| form_urlencoded::parse(text).into_owned());
        Self(pairs.into_iter().flatten().collect())
    }

    /// The value of a parameter; an empty one counts as absent, as AWS treats it.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All names and values, sorted by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `Name.1`, `Name.2` and so on, in order, until one is missing.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        (1..)
            .map_while(|turn| self.one(&format!("{name}.{turn}")))
            .collect()
    }

    /// Whether a parameter is there, be it empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// `Tags.member.1.Key`, `Tags.member.1.Value` and so on, in order, until one is missing.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        (1..)
            .map(|turn| format!("Tags.member.{turn}."))
            .take_while(|entry| self.any_below(entry))
            .map(|entry| {
                let part = |name: &str| self.one(&format!("{entry}{name}")).unwrap_or_default();
                (part("Key").to_owned(), part("Value").to_owned())
            })
            .collect()
    }

    /// Whether anything begins with `prefix`.
    pub(crate) fn any_below(&self, prefix: &str) -> bool {
        self.0
            .range(prefix.to_owned()..)
            .next()
            .is_some_and(|(name, _)| name.starts_with(prefix))
    }
}

/// Whether a form has so many parameters that it is not read: who is asked refuses it as too large.
pub(crate) fn is_overfull(form: &[u8]) -> bool {
    form.iter().filter(|byte| **byte == b'&').count() >= MOST_PARAMETERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_places_and_decodes() {
        let params = Params::read(
            Some("Action=DescribeRegions&Version=1"),
            b"RegionName.1=eu-west-1&RegionName.2=us+east%2B1&RegionName.4=x&&Empty=&Flag&%C3%BC=%FF\
              &Odd=%zz=%4&Version=2",
        );
        assert_eq!(params.one("Action"), Some("DescribeRegions"));
        assert_eq!(params.list("RegionName"), ["eu-west-1", "us east+1"]);
        assert_eq!(params.one("Empty"), None);
        assert_eq!(params.one("Flag"), None);
        assert_eq!(params.one("\u{fc}"), Some("\u{fffd}"));
        assert_eq!(params.one("Odd"), Some("%zz=%4"));
        assert_eq!(params.one("Version"), Some("2"));
        assert!(!params.has(""));
        assert!(params.any_below("RegionName."));
        assert!(!params.any_below("Filter."));
    }
}
