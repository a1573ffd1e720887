//! The XML that clients of S3 send, read strictly: elements and text. Attributes are read over,
//! but for the type of a grantee nothing depends on them; document types, and so entities of one's
//! own, are refused.

use serde::{Deserialize, Serialize};

use super::errors::malformed_xml;
use crate::api::ApiError;
use crate::xml::Xml;

/// No document of the API nests deeper.
const DEEPEST: usize = 20;

/// No document of the API is larger: a thousand keys with their longest names.
const LARGEST: usize = 2 * 1024 * 1024;

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
        let mut reader = Reader {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        };
        let read = reader.prologue().and_then(|()| reader.element(0));
        match read {
            Some(root) if root.name == name && reader.epilogue() => Ok(root),
            _ => Err(malformed_xml()),
        }
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

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn prologue(&mut self) -> Option<()> {
        if self.rest.starts_with("<?xml") {
            self.rest = self.rest.split_once("?>")?.1;
        }
        self.skip_comments()
    }

    fn epilogue(&mut self) -> bool {
        self.skip_comments().is_some() && self.rest.is_empty()
    }

    fn skip_comments(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("<!--") {
                Some(comment) => self.rest = comment.split_once("-->")?.1,
                None => return Some(()),
            }
        }
    }

    fn element(&mut self, depth: usize) -> Option<Element> {
        let tag = self.rest.strip_prefix('<')?;
        let (name, tag) = tag.split_at(tag.find(|letter: char| !is_of_name(letter))?);
        if name.is_empty() || depth > DEEPEST {
            return None;
        }
        let closed = self.attributes(tag)?;
        let mut element = Element {
            name: name.rsplit(':').next().unwrap_or(name).to_owned(),
            ..Element::default()
        };
        if !closed {
            self.content(name, &mut element, depth)?;
        }
        if !element.inner.is_empty() {
            if !element.text.trim().is_empty() {
                return None;
            }
            element.text.clear();
        }
        Some(element)
    }

    /// Reads to the end tag of an element of this name.
    fn content(&mut self, name: &str, element: &mut Element, depth: usize) -> Option<()> {
        loop {
            let (text, rest) = self.rest.split_at(self.rest.find('<')?);
            element.text.push_str(&unescaped(text)?);
            self.rest = rest;
            if let Some(comment) = rest.strip_prefix("<!--") {
                self.rest = comment.split_once("-->")?.1;
            } else if let Some(section) = rest.strip_prefix("<![CDATA[") {
                let (text, rest) = section.split_once("]]>")?;
                element.text.push_str(text);
                self.rest = rest;
            } else if let Some(end) = rest.strip_prefix("</") {
                let end = end.strip_prefix(name)?.trim_start();
                self.rest = end.strip_prefix('>')?;
                return Some(());
            } else {
                element.inner.push(self.element(depth + 1)?);
            }
        }
    }

    /// Reads to the end of a start tag; answers whether the element ends with it.
    fn attributes(&mut self, tag: &'t str) -> Option<bool> {
        let mut rest = tag;
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>") {
                self.rest = after;
                return Some(true);
            }
            if let Some(after) = rest.strip_prefix('>') {
                self.rest = after;
                return Some(false);
            }
            let (name, value) = rest.split_once('=')?;
            if name.trim().is_empty() || !name.trim().chars().all(is_of_name) {
                return None;
            }
            let value = value.trim_start();
            let quote = value.chars().next().filter(|mark| "\"'".contains(*mark))?;
            let (value, after) = value[1..].split_once(quote)?;
            if value.contains('<') {
                return None;
            }
            rest = after;
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.:".contains(letter)
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';')?;
        out.push_str(before);
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                };
                char::from_u32(code.ok()?)?
            }
        });
        rest = after;
    }
    out.push_str(rest);
    Some(out)
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
            "<!DOCTYPE T><T/>",
            "<Other/>",
            "<T",
            "< T/>",
            deep.as_str(),
        ] {
            assert!(Element::document(text.as_bytes(), "T").is_err(), "{text}");
        }
        assert!(Element::document(b"<T>\xff</T>", "T").is_err());
    }
}
