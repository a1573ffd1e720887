//! Filter patterns about the members of a JSON message: `{ ($.eventName = "CreateKey") && … }`.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use serde_json::Value;

use super::pattern::{is_like, read_quoted};
use super::regular::Regular;

/// Parentheses may not be deeper.
const DEEPEST: usize = 32;

/// A condition on a message, which must be JSON.
pub(super) struct JsonPattern(Condition);

enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Member(Vec<Step>, Test),
}

enum Step {
    Name(String),
    Index(usize),
    /// `[*]`.
    Each,
}

enum Test {
    Exists(bool),
    Null,
    Flag(bool),
    Text(Comparison, String),
    Regular(Comparison, Regular),
    Number(Comparison, f64),
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl JsonPattern {
    /// `None` if it is no pattern.
    pub(super) fn read(text: &str) -> Option<Self> {
        let inside = text.strip_prefix('{')?.strip_suffix('}')?;
        let mut reader = Reader(inside);
        let condition = reader.any(0)?;
        reader.0.trim().is_empty().then_some(Self(condition))
    }

    pub(super) fn expressions(&self) -> Vec<&Regular> {
        let mut found = Vec::new();
        self.0.collect_into(&mut found);
        found
    }

    pub(super) fn fits(&self, message: &str) -> bool {
        let value: Result<Value, _> = serde_json::from_str(message);
        value.is_ok_and(|value| value.is_object() && self.0.holds(&value))
    }
}

impl Condition {
    fn collect_into<'c>(&'c self, found: &mut Vec<&'c Regular>) {
        match self {
            Self::All(list) | Self::Any(list) => {
                list.iter().for_each(|one| one.collect_into(found));
            }
            Self::Member(_, Test::Regular(_, regular)) => found.push(regular),
            Self::Member(..) => {}
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(value)),
            Self::Any(any) => any.iter().any(|one| one.holds(value)),
            Self::Member(path, test) => {
                let found = follow(vec![value], path);
                match test {
                    Test::Exists(wanted) => found.is_empty() != *wanted,
                    test => found.iter().any(|value| test.holds(value)),
                }
            }
        }
    }
}

fn follow<'v>(mut values: Vec<&'v Value>, path: &[Step]) -> Vec<&'v Value> {
    for step in path {
        values = values
            .into_iter()
            .flat_map(|value| -> Vec<&Value> {
                match step {
                    Step::Name(name) => value.get(name).into_iter().collect(),
                    Step::Index(index) => value.get(index).into_iter().collect(),
                    Step::Each => value.as_array().into_iter().flatten().collect(),
                }
            })
            .collect();
    }
    values
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Exists(wanted) => *wanted,
            Self::Null => value.is_null(),
            Self::Flag(flag) => value.as_bool() == Some(*flag),
            Self::Text(comparison, pattern) => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    Value::Bool(flag) => flag.to_string(),
                    _ => return false,
                };
                is_like(pattern, &text) == (*comparison == Comparison::Equal)
            }
            Self::Regular(comparison, regular) => value
                .as_str()
                .is_some_and(|text| regular.is_in(text) == (*comparison == Comparison::Equal)),
            Self::Number(comparison, number) => {
                let known = match value {
                    Value::String(text) => text.parse().ok(),
                    value => value.as_f64(),
                };
                known.is_some_and(|known: f64| comparison.holds(known, *number))
            }
        }
    }
}

impl Comparison {
    pub(super) fn read(text: &str) -> Option<(Self, &str)> {
        let signs = [
            ("!=", Self::Unequal),
            ("<=", Self::AtMost),
            (">=", Self::AtLeast),
            ("=", Self::Equal),
            ("<", Self::Less),
            (">", Self::More),
        ];
        signs
            .into_iter()
            .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))
    }

    pub(super) fn holds(self, known: f64, asked: f64) -> bool {
        match self {
            Self::Equal => known == asked,
            Self::Unequal => known != asked,
            Self::Less => known < asked,
            Self::AtMost => known <= asked,
            Self::More => known > asked,
            Self::AtLeast => known >= asked,
        }
    }
}

/// What is left to be read.
struct Reader<'t>(&'t str);

impl<'t> Reader<'t> {
    fn any(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.all(depth)?];
        while self.take("||") {
            parts.push(self.all(depth)?);
        }
        Some(match parts.len() {
            1 => parts.pop()?,
            _ => Condition::Any(parts),
        })
    }

    fn all(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.one(depth)?];
        while self.take("&&") {
            parts.push(self.one(depth)?);
        }
        Some(match parts.len() {
            1 => parts.pop()?,
            _ => Condition::All(parts),
        })
    }

    fn one(&mut self, depth: usize) -> Option<Condition> {
        if self.take("(") {
            let inner = self.any((depth < DEEPEST).then_some(depth + 1)?)?;
            return self.take(")").then_some(inner);
        }
        let path = self.path()?;
        Some(Condition::Member(path, self.test()?))
    }

    fn path(&mut self) -> Option<Vec<Step>> {
        if !self.take("$") {
            return None;
        }
        let mut path = Vec::new();
        loop {
            if let Some(rest) = self.0.strip_prefix('.') {
                let named = |is: char| !(is.is_alphanumeric() || "_-:/@#".contains(is));
                let end = rest.find(named).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(end);
                if name.is_empty() {
                    return None;
                }
                path.push(Step::Name(name.to_owned()));
                self.0 = rest;
            } else if let Some(rest) = self.0.strip_prefix('[') {
                let (index, rest) = rest.split_once(']')?;
                let index = index.trim();
                path.push(match index {
                    "*" => Step::Each,
                    quoted if quoted.len() > 2 && quoted.starts_with(['\'', '"']) => {
                        Step::Name(quoted.trim_matches(['\'', '"']).to_owned())
                    }
                    index => Step::Index(index.parse().ok()?),
                });
                self.0 = rest;
            } else {
                return Some(path);
            }
        }
    }

    fn test(&mut self) -> Option<Test> {
        let words: [(&[&str], Test); 5] = [
            (&["IS", "NULL"], Test::Null),
            (&["IS", "TRUE"], Test::Flag(true)),
            (&["IS", "FALSE"], Test::Flag(false)),
            (&["NOT", "EXISTS"], Test::Exists(false)),
            (&["EXISTS"], Test::Exists(true)),
        ];
        for (words, test) in words {
            if self.words(words) {
                return Some(test);
            }
        }
        let (comparison, rest) = Comparison::read(self.0.trim_start())?;
        let (value, rest) = Operand::read(rest.trim_start())?;
        self.0 = rest;
        let about_text = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        match value {
            Operand::Number(number) => Some(Test::Number(comparison, number)),
            Operand::Text(text) if about_text => Some(Test::Text(comparison, text)),
            Operand::Regular(regular) if about_text => Some(Test::Regular(comparison, regular)),
            _ => None,
        }
    }

    fn words(&mut self, words: &[&str]) -> bool {
        let mut rest = self.0;
        for word in words {
            rest = rest.trim_start();
            match rest.get(..word.len()) {
                Some(start) if start.eq_ignore_ascii_case(word) => rest = &rest[word.len()..],
                _ => return false,
            }
        }
        let ends = rest.chars().next().is_none_or(|is| !is.is_alphanumeric());
        if ends {
            self.0 = rest;
        }
        ends
    }

    fn take(&mut self, sign: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(sign);
        if let Some(rest) = rest {
            self.0 = rest;
        }
        rest.is_some()
    }
}

/// What a member is compared with.
pub(super) enum Operand {
    Number(f64),
    Text(String),
    Regular(Regular),
}

impl Operand {
    /// The value, and what is behind it.
    pub(super) fn read(text: &str) -> Option<(Self, &str)> {
        match text.as_bytes() {
            [b'"', ..] => {
                let (text, rest) = read_quoted(text)?;
                Some((Self::Text(text), rest))
            }
            [b'%', ..] => {
                let (expression, rest) = text[1..].split_once('%')?;
                Some((Self::Regular(Regular::read(expression)?), rest))
            }
            _ => {
                let ends = |is: char| is.is_whitespace() || "()&|,]".contains(is);
                let end = text.find(ends).unwrap_or(text.len());
                let (word, rest) = text.split_at(end);
                let value = match word.parse::<f64>() {
                    Ok(number) if number.is_finite() => Self::Number(number),
                    _ if word.is_empty() => return None,
                    _ => Self::Text(word.to_owned()),
                };
                Some((value, rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"eventName":"ScheduleKeyDeletion","sourceIPAddress":"123.123.4.5",
        "n":5,"ok":true,"nothing":null,"list":[{"a":1},{"a":2}],
        "userIdentity":{"type":"IAMUser","sessionContext":{"mfa":"false"}}}"#;

    #[test]
    fn members_are_compared() {
        for (pattern, fits) in [
            (r#"{ $.eventName = "ScheduleKeyDeletion" }"#, true),
            (
                r#"{ ($.eventName = "ScheduleKeyDeletion") && ($.errorCode NOT EXISTS) }"#,
                true,
            ),
            (r#"{ $.eventName = "Schedule*" && $.n > 4.5 }"#, true),
            (r#"{ $.eventName != ScheduleKeyDeletion }"#, false),
            (r#"{ $.absent != "x" }"#, false),
            (r#"{ $.sourceIPAddress = 123.123.* }"#, true),
            (r#"{ $.sourceIPAddress = %123\.123\.\d+\.\d+% }"#, true),
            (r#"{ $.n >= 6 || $.ok IS TRUE }"#, true),
            (r#"{ ($.n = 5 || $.n = 6) && $.ok IS FALSE }"#, false),
            (r#"{ $.nothing IS NULL }"#, true),
            (r#"{ $.list[1].a = 2 }"#, true),
            (r#"{ $.list[*].a = 2 }"#, true),
            (r#"{ $.list[0].a = 2 }"#, false),
            (r#"{ $.userIdentity.sessionContext.mfa = "false" }"#, true),
            (r#"{ $.userIdentity.type exists }"#, true),
        ] {
            let read = JsonPattern::read(pattern).expect(pattern);
            assert_eq!(read.fits(EVENT), fits, "{pattern}");
            assert!(!read.fits("no JSON"));
        }
        for pattern in [
            "{ }",
            "{ $.a }",
            "{ $.a = }",
            "{ ($.a = 1 }",
            "{ a = 1 }",
            "{ $.a < b }",
        ] {
            assert!(JsonPattern::read(pattern).is_none(), "{pattern}");
        }
        assert!(JsonPattern::read(&format!("{{{}", "(".repeat(5_000))).is_none());
        assert!(JsonPattern::read(&format!("{{{}}}", "(".repeat(5_000))).is_none());
    }
}
