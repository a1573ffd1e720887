//! A piece of SQL with the values bound to its question marks.

use rusqlite::types::Value;

/// SQL text, whose every `?` has a value, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Sql {
    /// Text of this program, with the values of its question marks.
    pub(super) fn new(text: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            text: text.into(),
            values: values.into_iter().collect(),
        }
    }

    /// Adds text of this program.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds a piece.
    pub(super) fn sql(mut self, other: &Sql) -> Self {
        self.text.push_str(&other.text);
        self.values.extend_from_slice(&other.values);
        self
    }

    /// The pieces in parentheses with a word between them; `otherwise` if there are none.
    pub(super) fn join(pieces: &[Sql], word: &str, otherwise: &str) -> Self {
        let Some((first, rest)) = pieces.split_first() else {
            return Self::new(otherwise, []);
        };
        rest.iter()
            .fold(Self::default().text("(").sql(first), |all, piece| {
                all.text(") ").text(word).text(" (").sql(piece)
            })
            .text(")")
    }
}

/// A bound text.
pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}
