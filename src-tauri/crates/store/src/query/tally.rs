//! The most frequent of many values.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ownkey_model::Suggestion;

/// The values with the most keys, as many as are wanted; no others are held.
pub(super) struct Tally {
    most: usize,
    best: BTreeSet<(Reverse<u32>, String)>,
}

impl Tally {
    /// Of at most so many values.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most: most as usize,
            best: BTreeSet::new(),
        }
    }

    /// Adds a value, each only once, with the keys that have it; without any it does not occur.
    pub(super) fn add(&mut self, value: &str, keys: u32) {
        let full = self.best.len() >= self.most;
        let beaten = |(worst, last): &(Reverse<u32>, String)| {
            (*worst, last.as_str()) < (Reverse(keys), value)
        };
        if keys == 0 || full && self.best.last().is_none_or(beaten) {
            return;
        }
        self.best.insert((Reverse(keys), value.to_owned()));
        if full {
            self.best.pop_last();
        }
    }

    /// The most frequent first, then by value.
    pub(super) fn suggestions(self) -> Vec<Suggestion> {
        self.best
            .into_iter()
            .map(|(Reverse(keys), value)| Suggestion { value, keys })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_are_kept_and_ties_go_by_value() {
        let of = |most| {
            let mut tally = Tally::new(most);
            for (value, keys) in [
                ("b", 1),
                ("d", 2),
                ("none", 0),
                ("a", 1),
                ("c", 1),
                ("e", 3),
            ] {
                tally.add(value, keys);
            }
            let found = tally.suggestions().into_iter();
            found.map(|one| one.value).collect::<String>()
        };
        assert_eq!([of(0), of(1), of(3), of(9)], ["", "e", "eda", "edabc"]);
    }
}
