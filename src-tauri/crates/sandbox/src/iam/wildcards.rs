//! Wildcards of policies: `*` for any characters, `?` for one.
//!
//! A pattern is text as a policy says it, or, where variables were filled in, a row of [`Sign`]s: what
//! came out of a variable has no special meaning.

use std::collections::BTreeSet;

/// Parts of an ARN; the last one may have colons itself.
const PARTS: usize = 6;

/// One place of a pattern.
trait Glyph: Copy {
    /// The byte that stands there, unless it is a wildcard.
    fn byte(self) -> Option<u8>;
    fn is_star(self) -> bool;
}

impl Glyph for u8 {
    fn byte(self) -> Option<u8> {
        (!matches!(self, b'*' | b'?')).then_some(self)
    }

    fn is_star(self) -> bool {
        self == b'*'
    }
}

/// A byte of a pattern, which is a wildcard only if the policy itself says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Byte(u8),
    Star,
    Any,
}

impl Sign {
    /// A byte as a policy says it.
    pub(super) fn said(byte: u8) -> Self {
        match byte {
            b'*' => Self::Star,
            b'?' => Self::Any,
            byte => Self::Byte(byte),
        }
    }
}

impl Glyph for Sign {
    fn byte(self) -> Option<u8> {
        match self {
            Self::Byte(byte) => Some(byte),
            Self::Star | Self::Any => None,
        }
    }

    fn is_star(self) -> bool {
        self == Self::Star
    }
}

/// A pattern as a policy says it, or with its variables filled in.
#[derive(Debug, Clone)]
pub(super) enum Pattern<'t> {
    Said(&'t str),
    Filled(Vec<Sign>),
}

impl Pattern<'_> {
    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Said(pattern) => fits(pattern.as_bytes(), text.as_bytes()),
            Self::Filled(signs) => fits(signs, text.as_bytes()),
        }
    }

    /// Whether an ARN is like one of a condition, whose wildcards stay within their part.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
    pub(super) fn is_like_arn(&self, arn: &str) -> bool {
        match self {
            Self::Said(pattern) => is_like_arn(pattern.as_bytes(), arn.as_bytes()),
            Self::Filled(signs) => is_like_arn(signs, arn.as_bytes()),
        }
    }

    /// Whether an ARN is one that the element `Resource` reaches: as [`Self::is_like_arn`], but a star
    /// that ends a part also stands for the parts behind it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub(super) fn reaches(&self, arn: &str) -> bool {
        match self {
            Self::Said(pattern) => reaches(pattern.as_bytes(), arn.as_bytes()),
            Self::Filled(signs) => reaches(signs, arn.as_bytes()),
        }
    }
}

/// Whether a text is like a pattern.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    fits(pattern.as_bytes(), text.as_bytes())
}

/// The same for the names of actions.
pub(crate) fn like_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(pattern.as_bytes(), text.as_bytes(), |one, other| {
        one.eq_ignore_ascii_case(&other)
    })
}

/// [`Pattern::is_like_arn`] of a pattern that is said.
pub(crate) fn arn_like(pattern: &str, arn: &str) -> bool {
    is_like_arn(pattern.as_bytes(), arn.as_bytes())
}

fn fits<G: Glyph>(pattern: &[G], text: &[u8]) -> bool {
    matches(pattern, text, |one, other| one == other)
}

fn is_like_arn<G: Glyph>(pattern: &[G], arn: &[u8]) -> bool {
    if let [only] = pattern
        && only.is_star()
    {
        return true;
    }
    let mut patterns = pattern.splitn(PARTS, |glyph| glyph.byte() == Some(b':'));
    let mut parts = arn.splitn(PARTS, |byte| *byte == b':');
    loop {
        match (patterns.next(), parts.next()) {
            (Some(pattern), Some(part)) if fits(pattern, part) => {}
            (None, None) => return true,
            _ => return false,
        }
    }
}

fn reaches<G: Glyph>(pattern: &[G], arn: &[u8]) -> bool {
    is_like_arn(pattern, arn) || reaches_beyond(pattern, arn)
}

fn reaches_beyond<G: Glyph>(pattern: &[G], arn: &[u8]) -> bool {
    let parts: Vec<&[G]> = pattern
        .splitn(PARTS, |glyph| glyph.byte() == Some(b':'))
        .collect();
    let (Some((last, before)), true) = (parts.split_last(), parts.iter().any(|part| ends(part)))
    else {
        return false;
    };
    // Where what is left of the ARN may begin, after so many parts of the pattern.
    let mut starts = BTreeSet::from([0]);
    for part in before {
        let mut next = BTreeSet::new();
        for start in starts {
            let Some(colon) = colon_from(arn, start) else {
                continue;
            };
            if !fits(part, &arn[start..colon]) {
                continue;
            }
            next.insert(colon + 1);
            if ends(part) {
                // Every later start leads no further than this one.
                next.extend(
                    (colon + 1..arn.len()).filter_map(|at| (arn[at] == b':').then_some(at + 1)),
                );
                break;
            }
        }
        starts = next;
    }
    starts.into_iter().any(|start| {
        if parts.len() == PARTS {
            return fits(last, &arn[start..]);
        }
        let end = colon_from(arn, start).unwrap_or(arn.len());
        (end == arn.len() || ends(last)) && fits(last, &arn[start..end])
    })
}

fn ends<G: Glyph>(part: &[G]) -> bool {
    part.last().is_some_and(|glyph| glyph.is_star())
}

fn colon_from(arn: &[u8], start: usize) -> Option<usize> {
    let rest = arn.get(start..)?;
    rest.iter()
        .position(|byte| *byte == b':')
        .map(|at| start + at)
}

/// Linear: the last star is the only place to go back to.
fn matches<G: Glyph>(pattern: &[G], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut retry = None;
    while at_text < text.len() {
        let glyph = pattern.get(at_pattern);
        if glyph.is_some_and(|glyph| glyph.is_star()) {
            retry = Some((at_pattern + 1, at_text));
            at_pattern += 1;
        } else if glyph
            .is_some_and(|glyph| glyph.byte().is_none_or(|byte| same(byte, text[at_text])))
        {
            at_pattern += 1;
            at_text += 1;
        } else if let Some((after_star, eaten)) = retry {
            at_pattern = after_star;
            at_text = eaten + 1;
            retry = Some((after_star, eaten + 1));
        } else {
            return false;
        }
    }
    pattern[at_pattern..].iter().all(|glyph| glyph.is_star())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcdx", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**x", "aax", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
        assert!(!like(&"*a".repeat(200), &"b".repeat(5_000)));
        let literal = [Sign::Byte(b'*'), Sign::Star];
        assert!(fits(&literal, b"*a") && !fits(&literal, b"ba"));
    }

    #[test]
    fn a_star_that_ends_a_part_reaches_beyond_it() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
        for (pattern, arn, expected) in [
            ("arn:aws:kms:*", key, true),
            ("arn:aws:kms:*:*", key, true),
            ("arn:aws:kms:eu*", key, true),
            ("arn:aws:kms:eu-west-1:*", key, true),
            ("arn:aws:kms:us*", key, false),
            ("arn:aws:kms:*:key/1", key, true),
            ("arn:aws:kms:*:key/2", key, false),
            ("arn:aws:kms:*-1", key, false),
            ("arn:aws:kms:eu-west-1", key, false),
            ("arn:aws:s3:*", key, false),
            ("arn:aws:s3:*", "arn:aws:s3:::bucket/a:b", true),
            ("arn:aws:s3:::*x", "arn:aws:s3:::bucket/a:bx", true),
            ("arn:aws:kms:*:*:*:*", key, false),
        ] {
            assert_eq!(
                reaches(pattern.as_bytes(), arn.as_bytes()),
                expected,
                "{pattern} {arn}"
            );
        }
        assert!(!arn_like("arn:aws:kms:*", key));
        let colons = ":".repeat(2_000);
        assert!(!reaches(b"*:*:*:*:*:x", colons.as_bytes()));
    }
}
