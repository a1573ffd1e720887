//! Filter patterns about messages whose columns are parted by spaces: `[ip, user, ..., status=4*]`.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use super::json_pattern::{Comparison, Operand};
use super::pattern::is_like;
use super::regular::Regular;

/// The columns before `...`, and those behind it, if there is one.
pub(super) struct Columns {
    head: Vec<Column>,
    tail: Option<Vec<Column>>,
}

/// What one column has to be: any of these lists of comparisons holds.
struct Column(Vec<Vec<(Comparison, Operand)>>);

impl Columns {
    /// `None` if it is no pattern.
    pub(super) fn read(text: &str) -> Option<Self> {
        let inside = text.strip_prefix('[')?.strip_suffix(']')?;
        let mut columns = Self {
            head: Vec::new(),
            tail: None,
        };
        for part in inside.split(',').map(str::trim) {
            match (part, &mut columns.tail) {
                ("...", tail @ None) => *tail = Some(Vec::new()),
                ("...", Some(_)) => return None,
                (part, Some(tail)) => tail.push(Column::read(part)?),
                (part, None) => columns.head.push(Column::read(part)?),
            }
        }
        Some(columns)
    }

    pub(super) fn expressions(&self) -> impl Iterator<Item = &Regular> {
        let columns = self.head.iter().chain(self.tail.iter().flatten());
        let compared = columns.flat_map(|column| column.0.iter().flatten());
        compared.filter_map(|(_, operand)| match operand {
            Operand::Regular(regular) => Some(regular),
            _ => None,
        })
    }

    pub(super) fn fit(&self, message: &str) -> bool {
        let words = words(message);
        let (head, tail) = (self.head.len(), self.tail.as_ref().map_or(0, Vec::len));
        let fits_length = match self.tail {
            Some(_) => words.len() >= head + tail,
            None => words.len() == head,
        };
        fits_length
            && self
                .head
                .iter()
                .zip(&words)
                .all(|(column, word)| column.fits(word))
            && self
                .tail
                .iter()
                .flatten()
                .rev()
                .zip(words.iter().rev())
                .all(|(column, word)| column.fits(word))
    }
}

impl Column {
    fn read(text: &str) -> Option<Self> {
        let name_end = text.find(|is: char| !(is.is_alphanumeric() || is == '_'));
        let (name, mut rest) = text.split_at(name_end.unwrap_or(text.len()));
        if rest.trim().is_empty() {
            return Some(Self(Vec::new()));
        }
        let mut any = vec![Vec::new()];
        loop {
            let (comparison, behind) = Comparison::read(rest.trim_start())?;
            let (operand, behind) = Operand::read(behind.trim_start())?;
            any.last_mut()?.push((comparison, operand));
            rest = behind.trim_start();
            if let Some(behind) = rest.strip_prefix("&&") {
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix("||") {
                any.push(Vec::new());
                rest = behind;
            } else {
                return rest.is_empty().then_some(Self(any));
            }
            let behind = rest.trim_start();
            rest = behind.strip_prefix(name).unwrap_or(behind);
        }
    }

    fn fits(&self, word: &str) -> bool {
        let holds = |(comparison, operand): &(Comparison, Operand)| match operand {
            Operand::Number(number) => word
                .parse()
                .is_ok_and(|known: f64| comparison.holds(known, *number)),
            Operand::Text(text) => is_like(text, word) == (*comparison == Comparison::Equal),
            Operand::Regular(regular) => regular.is_in(word) == (*comparison == Comparison::Equal),
        };
        self.0.is_empty() || self.0.iter().any(|all| all.iter().all(holds))
    }
}

/// Words, where quotes and brackets hold together what is inside them.
fn words(message: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = message.trim_start();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let held = close.and_then(|close| rest[1..].split_once(close));
        let (word, behind) = match held {
            Some(halves) => halves,
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_compared() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /x HTTP/1.0" 404 1534"#;
        for (pattern, fits) in [
            ("[ip, id, user, time, request, status, bytes]", true),
            ("[ip, id, user, time, request, status=4*, bytes]", true),
            ("[ip=127.*, ..., status_code=4*, bytes>1000]", true),
            ("[ip, ..., status=404 || status=410, bytes]", true),
            (
                "[ip, id, user, time, request=\"*html*\", status, bytes]",
                false,
            ),
            ("[ip, id]", false),
            ("[ip, user!=frank, ...]", true),
        ] {
            assert_eq!(Columns::read(pattern).unwrap().fit(line), fits, "{pattern}");
        }
        for pattern in ["[a, ..., b, ...]", "[a=]", "[a b]"] {
            assert!(Columns::read(pattern).is_none(), "{pattern}");
        }
    }
}
