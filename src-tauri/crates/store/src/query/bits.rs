//! A set of small numbers.

/// A set of numbers, one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set, with room for the numbers below `size`; it grows if need be.
    pub(super) fn new(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    /// Adds a number.
    pub(super) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    /// Whether a number is in the set.
    pub(super) fn has(&self, number: u32) -> bool {
        self.0
            .get(number as usize / 64)
            .is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// How many numbers are in the set.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Keeps only what is in the other set too.
    pub(super) fn retain(&mut self, other: &Self) {
        for (index, word) in self.0.iter_mut().enumerate() {
            *word &= other.0.get(index).copied().unwrap_or(0);
        }
    }

    /// Adds what is in the other set.
    pub(super) fn add(&mut self, other: &Self) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    /// Turns the set into that of all other numbers for which it has room.
    pub(super) fn invert(&mut self) {
        for word in &mut self.0 {
            *word = !*word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u32]) -> Bits {
        let mut bits = Bits::new(0);
        for number in numbers {
            bits.insert(*number);
        }
        bits
    }

    #[test]
    fn sets_meet_and_join() {
        let mut one = set(&[0, 63, 64, 500]);
        assert_eq!(
            (one.count(), one.has(500), one.has(501), one.has(9_999)),
            (4, true, false, false)
        );
        one.retain(&set(&[63, 64, 65]));
        assert_eq!(one.count(), 2);
        one.add(&set(&[1_000]));
        assert!(one.has(63) && one.has(64) && one.has(1_000) && !one.has(500));
        one.invert();
        assert!(!one.has(63) && one.has(0) && one.has(65));
    }
}
