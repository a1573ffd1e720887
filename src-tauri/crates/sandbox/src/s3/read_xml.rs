//! The XML that clients of S3 send, read strictly: elements and text. Attributes are read over,
//! but for the type of a grantee nothing depends on them; document types, and so entities of one's
//! own, are refused.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html> for what XML makes of keys.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};

use super::errors::malformed_xml;
use crate::api::ApiError;
use crate::xml::Xml;

/// No document of the API nests deeper.
const DEEPEST: usize = 20;

/// No document of the API is larger: a thousand keys with their longest names, every byte escaped.
const LARGEST: usize = 8 * 1024 * 1024;

/// No document of the API has more elements: ten thousand parts with all that is said of each.
const MOST_ELEMENTS: usize = 100_000;

/// One element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Element {
    /// Without its namespace.
    pub(super) name: String,
    /// Its text, if it has no elements.
    pub(super) text: String,
    pub(super) inner: Vec<Element>,
}

impl Element {
    /// Reads a document whose outermost element has this name.
    pub(super) fn document(bytes: &[u8], name: &str) -> Result<Self, ApiError> {
        if bytes.len() > LARGEST {
            return Err(malformed_xml());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed_xml())?;
        let root = read(text).filter(|root| root.name == name);
        root.ok_or_else(malformed_xml)
    }

    /// Refuses elements other than these.
    pub(super) fn only(&self, names: &[&str]) -> Result<&Self, ApiError> {
        let fine = self
            .inner
            .iter()
            .all(|element| names.contains(&element.name.as_str()));
        fine.then_some(self).ok_or_else(malformed_xml)
    }

    /// The element of this name, of which there is one at most.
    pub(super) fn one(&self, name: &str) -> Result<Option<&Self>, ApiError> {
        let mut named = self.inner.iter().filter(|element| element.name == name);
        match (named.next(), named.next()) {
            (found, None) => Ok(found),
            _ => Err(malformed_xml()),
        }
    }

    pub(super) fn need(&self, name: &str) -> Result<&Self, ApiError> {
        self.one(name)?.ok_or_else(malformed_xml)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.inner
            .iter()
            .filter(move |element| element.name == name)
    }

    /// The text of the element of this name.
    pub(super) fn text_of(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.one(name)? {
            Some(element) if !element.inner.is_empty() => Err(malformed_xml()),
            found => Ok(found.map(|element| element.text.as_str())),
        }
    }

    pub(super) fn need_text(&self, name: &str) -> Result<&str, ApiError> {
        self.text_of(name)?.ok_or_else(malformed_xml)
    }

    /// The text of the element of this name, which is one of these words.
    pub(super) fn word<'w>(
        &self,
        name: &str,
        words: &[&'w str],
    ) -> Result<Option<&'w str>, ApiError> {
        let Some(text) = self.text_of(name)? else {
            return Ok(None);
        };
        let known = words.iter().find(|word| **word == text);
        known.copied().map(Some).ok_or_else(malformed_xml)
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text_of(name)?.map(str::trim) {
            None => Ok(None),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(malformed_xml()),
        }
    }

    /// The same element, to be sent.
    pub(super) fn written(&self, into: Xml) -> Xml {
        if self.inner.is_empty() {
            return into.text(&self.name, &self.text);
        }
        let inner = self
            .inner
            .iter()
            .fold(Xml::new(), |xml, element| element.written(xml));
        into.inside(&self.name, inner)
    }
}

/// Reads a document; answers its outermost element.
fn read(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let (mut root, mut count) = (None, 0);
    loop {
        let (at_start, depth) = (reader.buffer_position() == 0, open.len());
        match (reader.read_event().ok()?, open.last_mut()) {
            (Event::Start(tag), _)
                if root.is_none() && depth <= DEEPEST && count < MOST_ELEMENTS =>
            {
                count += 1;
                open.push(begun(&tag)?);
            }
            (Event::End(_), _) => {
                let element = ended(open.pop()?)?;
                match open.last_mut() {
                    Some(outer) => outer.inner.push(element),
                    None => root = Some(element),
                }
            }
            (Event::Text(text), Some(element)) => element.text.push_str(&text.xml10_content()),
            (Event::CData(text), Some(element)) => element.text.push_str(&text.xml10_content()),
            (Event::GeneralRef(name), Some(element)) => match name.resolve_char_ref().ok()? {
                Some(letter) => element.text.push(letter),
                None => element.text.push_str(resolve_xml_entity(&name)?),
            },
            (Event::Text(text), None) if text.trim().is_empty() => {}
            (Event::Decl(_), None) if at_start => {}
            (Event::Comment(_), _) => {}
            (Event::Eof, None) => return root,
            // A document type or an instruction, or what does not belong where it is.
            _ => return None,
        }
    }
}

/// The library looks at neither the letters of names nor the attributes by itself.
fn begun(tag: &BytesStart<'_>) -> Option<Element> {
    let fine = is_name(tag.name().as_ref())
        && tag.attributes().all(|attribute| {
            attribute.is_ok_and(|one| is_name(one.key.as_ref()) && !one.value.contains('<'))
        });
    fine.then(|| Element {
        name: tag.local_name().as_ref().to_owned(),
        ..Element::default()
    })
}

/// Whether this is a name, with a prefix or without.
fn is_name(name: &str) -> bool {
    let is_of_name = |letter: char| letter.is_alphanumeric() || "_-.".contains(letter);
    name.splitn(2, ':')
        .all(|part| !part.is_empty() && part.chars().all(is_of_name))
}

/// Beside elements there is no text but blanks.
fn ended(mut element: Element) -> Option<Element> {
    if !element.inner.is_empty() {
        if !element.text.trim().is_empty() {
            return None;
        }
        element.text.clear();
    }
    Some(element)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_texts_are_read() {
        let text = r#"<?xml version="1.0"?><!-- a --><T xmlns="urn:x" a='b'>
            <Key>a&amp;b&#x41;<![CDATA[<]]></Key><s:E/><L><I>1</I><I>2</I></L></T> "#;
        let root = Element::document(text.as_bytes(), "T").unwrap();
        assert_eq!(root.need_text("Key"), Ok("a&bA<"));
        assert_eq!(root.text_of("E"), Ok(Some("")));
        assert_eq!(root.need("L").unwrap().all("I").count(), 2);
        assert!(root.only(&["Key", "E"]).is_err());
        assert!(root.need("L").unwrap().one("I").is_err());
    }

    #[test]
    fn a_carriage_return_ends_a_line_unless_it_is_referred_to() {
        let root = Element::document(b"<T>a\r\nb\rc&#13;</T>", "T").unwrap();
        assert_eq!(root.text, "a\nb\nc\r");
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let deep = "<T>".repeat(50) + &"</T>".repeat(50);
        for text in [
            "",
            "T",
            "<T>",
            "<T></S>",
            "<T></T>x",
            "<T>a<B/></T>",
            "<T>&x;</T>",
            "<T>&#xd800;</T>",
            "<T a></T>",
            "<T a=\"1></T>",
            "<T a='1' a='2'/>",
            "<T a='<'/>",
            "<T&/>",
            "<T>&#0;</T>",
            "<T/><T/>",
            " <?xml version='1.0'?><T/>",
            "<!DOCTYPE T><T/>",
            "<!DOCTYPE T [<!ENTITY x 'y'>]><T>&x;</T>",
            "<Other/>",
            "<T",
            "< T/>",
            deep.as_str(),
        ] {
            assert!(Element::document(text.as_bytes(), "T").is_err(), "{text}");
        }
        assert!(Element::document(b"<T>\xff</T>", "T").is_err());
    }

    #[test]
    fn the_largest_document_is_taken_and_no_larger_one() {
        let of = |count: usize, inner: &str| format!("<T>{}</T>", inner.repeat(count));
        let keys = of(1_000, &format!("<Key>{}</Key>", "&amp;".repeat(1_024)));
        assert!(Element::document(keys.as_bytes(), "T").is_ok());
        let many = of(MOST_ELEMENTS, "<I/>");
        assert!(Element::document(many.as_bytes(), "T").is_err());
    }
}
