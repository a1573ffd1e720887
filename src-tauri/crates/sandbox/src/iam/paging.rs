//! Lists in pages: `MaxItems`, `Marker`, `IsTruncated`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answers::{Asked, invalid};
use crate::api::ApiError;
use crate::xml::Xml;

/// Which entries of a sorted list are asked for.
pub(super) struct Page {
    /// How the markers of this list begin.
    list: String,
    after: Option<String>,
    length: usize,
}

/// One page.
pub(super) struct Cut<T> {
    pub(super) entries: Vec<T>,
    /// Where the next one begins, if there is one.
    marker: Option<String>,
}

impl Asked<'_> {
    /// The marker of another operation's list is refused as one that was never given out.
    pub(super) fn page(&self) -> Result<Page, ApiError> {
        let list = format!("{}\n", self.params.one("Action").unwrap_or_default());
        let length = match self.params.one("MaxItems").map(str::parse) {
            None => 100,
            Some(Ok(length @ 1..=1_000)) => length,
            Some(_) => return Err(invalid("Invalid MaxItems.")),
        };
        let after = match self.params.one("Marker") {
            None => None,
            Some(marker) => {
                let read = read_marker(marker);
                let name = read.and_then(|read| Some(read.strip_prefix(&list)?.to_owned()));
                Some(name.ok_or_else(|| invalid("Invalid Marker."))?)
            }
        };
        Ok(Page {
            list,
            after,
            length,
        })
    }
}

impl Page {
    /// One page of `all`, in the order of their keys. A marker names the last entry shown, so that
    /// what is added or removed in between neither doubles nor hides another entry.
    pub(super) fn cut<T>(&self, all: impl IntoIterator<Item = (String, T)>) -> Cut<T> {
        let mut rest: Vec<_> = all
            .into_iter()
            .filter(|(key, _)| self.after.as_ref().is_none_or(|after| key > after))
            .collect();
        rest.sort_by(|left, right| left.0.cmp(&right.0));
        let more = rest.len() > self.length;
        rest.truncate(self.length);
        let last = rest.last().filter(|_| more);
        let marker = last.map(|(key, _)| STANDARD.encode(format!("{}{key}", self.list)));
        Cut {
            entries: rest.into_iter().map(|(_, entry)| entry).collect(),
            marker,
        }
    }
}

impl<T> Cut<T> {
    /// The entries as the members of a list, and where it goes on.
    pub(super) fn show(self, name: &str, show: impl Fn(T) -> Xml) -> Xml {
        let members = self
            .entries
            .into_iter()
            .fold(Xml::new(), |list, entry| list.inside("member", show(entry)));
        Xml::new().inside(name, members).append(ending(self.marker))
    }

    /// The same for entries that are texts.
    pub(super) fn show_texts(self, name: &str) -> Xml
    where
        T: std::fmt::Display,
    {
        let members = self
            .entries
            .into_iter()
            .fold(Xml::new(), |list, entry| list.text("member", entry));
        Xml::new().inside(name, members).append(ending(self.marker))
    }

    /// The entries, and the end of the answer.
    pub(super) fn apart(self) -> (Vec<T>, Xml) {
        (self.entries, ending(self.marker))
    }
}

fn ending(marker: Option<String>) -> Xml {
    Xml::new()
        .text("IsTruncated", marker.is_some())
        .maybe("Marker", marker)
}

fn read_marker(marker: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(marker).ok()?).ok()
}
