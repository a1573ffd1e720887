//! Where the statements of a policy document stand in its text, as the simulation shows it.
//!
//! A statement begins where the one before it ended, or behind the bracket of the list; one that is
//! in no list begins behind its own brace. It ends behind its brace. So it is in AWS's examples.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Statement.html>

use crate::lines::Lines;
use crate::xml::Xml;

/// Line and column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// The beginning and the end of each statement, in order. Of a text that is no policy, nothing.
pub(super) fn of_statements(text: &str) -> Vec<(Position, Position)> {
    let mut reader = Reader { text, at: 0 };
    let spans = reader.statements().unwrap_or_default();
    let lines = Lines::of(text);
    spans
        .into_iter()
        .map(|(start, end)| (position(&lines, start), position(&lines, end)))
        .collect()
}

impl Position {
    pub(super) fn show(self) -> Xml {
        Xml::new()
            .text("Line", self.line)
            .text("Column", self.column)
    }
}

fn position(lines: &Lines<'_>, at: usize) -> Position {
    let spot = lines.spot(at);
    Position {
        line: spot.line + 1,
        column: spot.column + 1,
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The byte offsets of the statements.
    fn statements(&mut self) -> Option<Vec<(usize, usize)>> {
        self.take(b'{')?;
        loop {
            let key = self.string()?;
            self.take(b':')?;
            if key == "Statement" {
                break;
            }
            self.skip_value()?;
            self.take(b',')?;
        }
        let mut spans = Vec::new();
        if self.peek()? == b'{' {
            let start = self.at + 1;
            self.skip_value()?;
            spans.push((start, self.at));
            return Some(spans);
        }
        self.take(b'[')?;
        while self.peek()? == b'{' || self.take(b',').is_some() {
            let start = match spans.last() {
                Some((_, end)) => *end,
                None => self.text[..self.at].rfind('[')? + 1,
            };
            self.peek()?;
            self.skip_value()?;
            spans.push((start, self.at));
        }
        Some(spans)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let skipped = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.at += skipped;
        Some(rest[skipped])
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn string(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at;
        let text = self.text;
        let bytes = text.as_bytes();
        loop {
            match bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        text.get(start..self.at - 1)
    }

    /// Passes over one value. Nesting is counted, not followed, so that no depth is too deep.
    fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.skip_word(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_word(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let ends = |byte: &u8| b",:]}".contains(byte) || byte.is_ascii_whitespace();
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Vec<((usize, usize), (usize, usize))> {
        let pair = |position: Position| (position.line, position.column);
        of_statements(text)
            .into_iter()
            .map(|(start, end)| (pair(start), pair(end)))
            .collect()
    }

    #[test]
    fn the_examples_of_aws() {
        let single = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
        assert_eq!(at(single), [((1, 38), (1, 167))]);
        let listed = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n            \"Effect\": \"Allow\",\n            \"Action\": \"codecommit:ListRepositories\",\n            \"Resource\": \"*\",\n            \"Condition\": {}\n        }\n    ]\n}";
        assert_eq!(at(listed), [((3, 19), (9, 10))]);
    }

    #[test]
    fn several_statements_and_what_is_none() {
        let text = r#"{"Statement":[{"Sid":"]}\"","N":[1,{"a":[]}]}, {"Sid":"b"}],"Version":"x"}"#;
        let (first, second) = (
            text.find("},").unwrap() + 1,
            text.find("}],\"V").unwrap() + 1,
        );
        let end = text[..first].rfind('}').unwrap() + 1;
        assert_eq!(end, first);
        assert_eq!(
            at(text),
            [((1, 15), (1, first + 1)), ((1, first + 1), (1, second + 1))]
        );
        for text in [
            "",
            "{",
            "[]",
            "{\"Statement\":",
            "{\"Statement\":[{",
            "{\"a\":1}",
            "{\"Statement\":[}",
        ] {
            assert!(at(text).len() <= 1, "{text}");
        }
    }
}
