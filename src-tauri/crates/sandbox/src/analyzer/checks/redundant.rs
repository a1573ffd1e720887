//! What a list says twice.

use std::collections::HashMap;

/// More wildcards than any policy has. With more of them in one list, the others are only compared
/// with what is equal to them, so that no list takes long.
const MOST_PATTERNS: usize = 500;

/// The turns of those entries that an earlier one repeats, or that another one's wildcards mean.
pub(super) fn among<T: AsRef<str>>(
    entries: &[T],
    means: impl Fn(&str, &str) -> bool,
) -> Vec<usize> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut patterns = Vec::new();
    for (turn, entry) in entries.iter().enumerate() {
        let entry = entry.as_ref();
        let is_new = *first.entry(entry).or_insert(turn) == turn;
        if is_new && entry.contains(['*', '?']) && patterns.len() < MOST_PATTERNS {
            patterns.push(entry);
        }
    }
    let is_meant = |entry: &str| {
        let mut others = patterns.iter().filter(|pattern| **pattern != entry);
        others.any(|pattern| means(pattern, entry))
    };
    (0..entries.len())
        .filter(|turn| {
            let entry = entries[*turn].as_ref();
            first.get(entry) != Some(turn) || is_meant(entry)
        })
        .collect()
}
