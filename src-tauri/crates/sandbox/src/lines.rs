//! Lines and columns of a text, told for any number of places without reading it anew for each.

/// So many bytes share one count of the characters before them.
const BLOCK: usize = 128;

/// A text that was looked through once.
pub(crate) struct Lines<'a> {
    text: &'a str,
    /// Where each line begins, in bytes.
    starts: Vec<usize>,
    /// How many characters begin before each block.
    before: Vec<usize>,
}

/// A place in a text, counted from 0 in lines and characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) line: usize,
    pub(crate) column: usize,
    /// How many characters are before it.
    pub(crate) offset: usize,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        let mut before = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            before.push(before.last().copied().unwrap_or_default() + characters(block));
        }
        Self {
            text,
            starts,
            before,
        }
    }

    /// Where the byte `at` is; the end for whatever is behind it.
    pub(crate) fn spot(&self, at: usize) -> Spot {
        let at = at.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= at) - 1;
        let offset = self.offset(at);
        Spot {
            line,
            column: offset - self.offset(self.starts[line]),
            offset,
        }
    }

    fn offset(&self, at: usize) -> usize {
        let block = at / BLOCK;
        self.before[block] + characters(&self.text.as_bytes()[block * BLOCK..at])
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
    bytes.iter().filter(begins).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_where_counting_puts_it() {
        let text = "a\u{e4}\u{20ac}\n\n\u{1f511}b".repeat(60) + "end";
        let lines = Lines::of(&text);
        for (at, _) in text.char_indices().chain([(text.len(), 'x')]) {
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            let counted = Spot {
                line: before.matches('\n').count(),
                column: before[start..].chars().count(),
                offset: before.chars().count(),
            };
            assert_eq!(lines.spot(at), counted, "{at}");
        }
        assert_eq!(lines.spot(usize::MAX), lines.spot(text.len()));
        assert_eq!(Lines::of("").spot(0).offset, 0);
    }
}
