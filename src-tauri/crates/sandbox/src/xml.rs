//! XML as AWS's Query protocols answer it. Every text is escaped here, and only here.

use std::fmt::Write;

/// A growing document.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Xml(String);

impl Xml {
    /// An empty fragment.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `<name>text</name>`.
    pub(crate) fn text(mut self, name: &str, text: impl std::fmt::Display) -> Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        // Writing into a string cannot fail.
        let _ = write!(Escaping(&mut self.0), "{text}");
        self.close(name)
    }

    /// Text alone, for an outermost element that has no other inside.
    pub(crate) fn plain(text: impl std::fmt::Display) -> Self {
        let mut plain = Self::new();
        // Writing into a string cannot fail.
        let _ = write!(Escaping(&mut plain.0), "{text}");
        plain
    }

    /// `<name>text</name>`, if there is a text.
    pub(crate) fn maybe(self, name: &str, text: Option<impl std::fmt::Display>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// `<name>…</name>` with elements inside.
    pub(crate) fn inside(mut self, name: &str, inner: Self) -> Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        self.0.push_str(&inner.0);
        self.close(name)
    }

    /// The same with attributes: `start` is all that the start tag says.
    pub(crate) fn inside_with(mut self, name: &str, start: &str, inner: Self) -> Self {
        self.0.push('<');
        self.0.push_str(start);
        self.0.push('>');
        self.0.push_str(&inner.0);
        self.close(name)
    }

    /// The elements as they are written so far.
    pub(crate) fn inner(&self) -> &str {
        &self.0
    }

    /// Whether there are no elements.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements of `more` after these.
    pub(crate) fn append(mut self, more: Self) -> Self {
        self.0.push_str(&more.0);
        self
    }

    /// The outermost element, with AWS's namespace.
    pub(crate) fn root(name: &str, namespace: &str, inner: Self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"{namespace}\">{}</{name}>\n",
            inner.0
        )
    }

    /// The outermost element without a namespace (EC2's errors).
    pub(crate) fn bare_root(name: &str, inner: Self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}>{}</{name}>\n",
            inner.0
        )
    }

    fn close(mut self, name: &str) -> Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&apos;"),
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(character),
                // XML 1.0 cannot say these at all.
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(character),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_element() {
        let inner = Xml::new()
            .text("Message", "</Message><x a=\"1\">&\u{1}'")
            .maybe("No", None::<&str>);
        let document = Xml::root("R", "urn:x", Xml::new().inside("Error", inner));
        assert!(document.ends_with(
            "<R xmlns=\"urn:x\"><Error><Message>&lt;/Message&gt;&lt;x a=&quot;1&quot;&gt;&amp;\
             \u{fffd}&apos;</Message></Error></R>\n"
        ));
    }
}
