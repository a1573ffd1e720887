//! Filter patterns: terms, and what tells the other two kinds from them.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use super::columns::Columns;
use super::json_pattern::JsonPattern;
use super::regular::Regular;

/// Steps of all expressions of one pattern ([`Regular::steps`]).
const MOST_STEPS: usize = 1_000;

/// Expressions of a pattern about JSON or columns.
const MOST_EXPRESSIONS: usize = 2;

/// What a message has to be like.
pub(super) enum Pattern {
    Terms(Terms),
    Json(JsonPattern),
    Columns(Columns),
}

/// Terms that a message must have, of which it must have one, and that it must not have.
#[derive(Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

enum Term {
    Text(String),
    Regular(Regular),
}

impl Pattern {
    /// `None` if it is no pattern.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (pattern, expressions) = match text.as_bytes() {
            [b'{', ..] => (JsonPattern::read(text).map(Self::Json)?, MOST_EXPRESSIONS),
            [b'[', .., b']'] => (Columns::read(text).map(Self::Columns)?, MOST_EXPRESSIONS),
            _ => (Terms::read(text).map(Self::Terms)?, usize::MAX),
        };
        let fine = pattern.expressions().len() <= expressions && pattern.steps() <= MOST_STEPS;
        fine.then_some(pattern)
    }

    /// How many steps of expressions are taken for a letter of a message at most.
    pub(super) fn steps(&self) -> usize {
        let expressions = self.expressions().into_iter();
        expressions.map(Regular::steps).sum()
    }

    /// How many texts are looked for in a message.
    pub(super) fn texts(&self) -> usize {
        match self {
            Self::Terms(terms) => terms.all.len() + terms.any.len() + terms.none.len(),
            Self::Json(_) | Self::Columns(_) => 1,
        }
    }

    fn expressions(&self) -> Vec<&Regular> {
        match self {
            Self::Terms(terms) => terms.expressions().collect(),
            Self::Json(pattern) => pattern.expressions(),
            Self::Columns(columns) => columns.expressions().collect(),
        }
    }

    pub(super) fn fits(&self, message: &str) -> bool {
        match self {
            Self::Terms(terms) => terms.fit(message),
            Self::Json(pattern) => pattern.fits(message),
            Self::Columns(columns) => columns.fit(message),
        }
    }
}

impl Terms {
    fn read(text: &str) -> Option<Self> {
        let mut terms = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (list, behind) = match rest.as_bytes() {
                [b'-', ..] => (&mut terms.none, &rest[1..]),
                [b'?', ..] => (&mut terms.any, &rest[1..]),
                _ => (&mut terms.all, rest),
            };
            let (term, behind) = Term::read(behind)?;
            list.push(term);
            rest = behind.trim_start();
        }
        Some(terms)
    }

    fn expressions(&self) -> impl Iterator<Item = &Regular> {
        let all = self.all.iter().chain(&self.any).chain(&self.none);
        all.filter_map(|term| match term {
            Term::Regular(regular) => Some(regular),
            Term::Text(_) => None,
        })
    }

    /// What may be there means nothing beside what must be.
    fn fit(&self, message: &str) -> bool {
        let fits = |term: &Term| term.fits(message);
        !self.none.iter().any(fits)
            && self.all.iter().all(fits)
            && (self.any.is_empty() || !self.all.is_empty() || self.any.iter().any(fits))
    }
}

impl Term {
    fn read(text: &str) -> Option<(Self, &str)> {
        match text.as_bytes() {
            [b'"', ..] => {
                let (term, rest) = read_quoted(text)?;
                Some((Self::Text(term), rest))
            }
            [b'%', ..] => {
                let (expression, rest) = text[1..].split_once('%')?;
                Some((Self::Regular(Regular::read(expression)?), rest))
            }
            _ => {
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                let (term, rest) = text.split_at(end);
                // What is not letters, digits and underscores has to be quoted.
                let plain = |is: char| is.is_alphanumeric() || is == '_';
                (!term.is_empty() && term.chars().all(plain))
                    .then(|| (Self::Text(term.to_owned()), rest))
            }
        }
    }

    fn fits(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text),
            Self::Regular(regular) => regular.is_in(message),
        }
    }
}

/// What is between quotes, where a backslash takes the next character as it is, and the rest.
pub(super) fn read_quoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.strip_prefix('"')?.char_indices();
    let mut quoted = String::new();
    while let Some((at, is)) = characters.next() {
        match is {
            '"' => return Some((quoted, &text[at + 2..])),
            '\\' => quoted.push(characters.next()?.1),
            is => quoted.push(is),
        }
    }
    None
}

/// Whether a text is like a pattern in which `*` stands for anything.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_in_messages() {
        for (pattern, message, fits) in [
            ("", "anything", true),
            ("ERROR", "[ERROR] no", true),
            ("error", "[ERROR] no", false),
            ("ERROR ARGUMENTS", "ARGUMENTS ERROR", true),
            ("ERROR ARGUMENTS", "ERROR", false),
            ("\"INTERNAL SERVER\"", "an INTERNAL SERVER error", true),
            ("?ERROR ?WARN", "WARN x", true),
            ("?ERROR ?WARN", "INFO x", false),
            ("ERROR -EXIT", "ERROR EXIT", false),
            ("ERROR -\"be quiet\"", "ERROR loud", true),
            (r#""a \"b\"""#, r#"so a "b" c"#, true),
            ("%AUTHORIZED%", "UNAUTHORIZED", true),
            ("%[0-9]{3}$%", "code 404", true),
        ] {
            let read = Pattern::read(pattern).unwrap();
            assert_eq!(read.fits(message), fits, "{pattern} in {message}");
        }
        let many = "%a{100}% ".repeat(11);
        let three = "{ ($.a = %b%) || ($.c = %d%) || ($.e = %f%) }";
        for pattern in [
            "\"open",
            "a:b",
            "%[%",
            "{ $.a",
            "-",
            "%a",
            &many,
            three,
            "[a=%a%, b=%b%, c=%c%]",
        ] {
            assert!(Pattern::read(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(is_like("a*c*e", "abcde"));
        assert!(is_like("*.*", "192.168"));
        assert!(!is_like("a*a", "a"));
        assert!(!is_like("ab", "abc"));
    }
}
