//! The metadata with which an identity provider describes itself, as far as IAM looks at it: that
//! it is the XML of one entity, and until when.
//!
//! <https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf>, section 2.3.2.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What the metadata of an entity says of its validity.
pub(super) struct Metadata {
    pub(super) valid_until: Option<OffsetDateTime>,
}

impl Metadata {
    /// Reads a document through; `None` if it is not well-formed or describes no entity. A document
    /// type, and so entities of one's own, is refused.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        let (mut found, mut depth) = (None, 0_usize);
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) if tag.attributes().all(|attribute| attribute.is_ok()) => {
                    match (&found, depth) {
                        (None, _) => found = Some(Self::described(&tag)?),
                        (Some(_), 0) => return None,
                        (Some(_), _) => {}
                    }
                    depth += 1;
                }
                Event::End(_) if depth > 0 => depth -= 1,
                Event::Text(text) if depth > 0 || text.trim().is_empty() => {}
                Event::CData(_) | Event::GeneralRef(_) if depth > 0 => {}
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof if depth == 0 => return found,
                _ => return None,
            }
        }
    }

    fn described(outermost: &BytesStart<'_>) -> Option<Self> {
        let attribute = |name| outermost.try_get_attribute(name).ok().flatten();
        let is_entity = outermost.local_name().as_ref() == "EntityDescriptor";
        attribute("entityID").filter(|_| is_entity)?;
        let said = attribute("validUntil");
        let valid_until = said.and_then(|said| OffsetDateTime::parse(&said.value, &Rfc3339).ok());
        Some(Self { valid_until })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_outermost_element_describes_the_entity_and_says_until_when() {
        let until = |text: &str| Metadata::read(text).map(|metadata| metadata.valid_until);
        let dated = "<?xml version='1.0'?><!-- validUntil=\"2031-01-01T00:00:00Z\" -->
            <m:EntityDescriptor xmlns:m='urn:x' validUntil = '2030-01-02T03:04:05Z' entityID='x'>
            <a validUntil=\"2032-01-01T00:00:00Z\">&amp;</a></m:EntityDescriptor> ";
        assert_eq!(until(dated), Some(Some(datetime!(2030-01-02 03:04:05 UTC))));
        assert_eq!(until("<EntityDescriptor entityID='x'/>"), Some(None));
        for wrong in [
            "",
            "<EntityDescriptor/>",
            "<EntityDescriptor entityID='x'>",
            "<EntityDescriptor entityID='x'><a></b></EntityDescriptor>",
            "<EntityDescriptor entityID='x'><a b/></EntityDescriptor>",
            "<EntityDescriptor entityID='x'/><EntityDescriptor entityID='x'/>",
            "<EntityDescriptor entityID='x'/>x>",
            "<!DOCTYPE a><EntityDescriptor entityID='x'/>",
            "<a>EntityDescriptor entityID</a>",
        ] {
            assert!(Metadata::read(wrong).is_none(), "{wrong}");
        }
    }
}
