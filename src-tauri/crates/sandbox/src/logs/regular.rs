//! Regular expressions as filter patterns know them: no groups, so that one pass over the text is
//! enough for each alternative.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

/// Steps of one expression, repetitions written out. AWS tells no limit; here one keeps every search
/// short, whatever is repeated how often.
const MOST_STEPS: usize = 1_000;

/// What stands for itself beside letters and digits. Anything else has to be escaped.
const PLAIN: &str = ":_#=@/;,-";

/// An expression between percent signs.
pub(super) struct Regular(Vec<Sequence>);

/// One of its alternatives.
struct Sequence {
    from_start: bool,
    to_end: bool,
    steps: Vec<(Atom, Times)>,
}

#[derive(Clone)]
struct Atom {
    excludes: bool,
    ranges: Vec<(char, char)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Times {
    Once,
    Perhaps,
    Any,
}

type Letters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

impl Regular {
    /// `None` if it is no expression.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut letters = text.chars().peekable();
        let mut sequences = Vec::new();
        loop {
            sequences.push(Sequence::read(&mut letters)?);
            let read = Self(sequences);
            if read.steps() > MOST_STEPS {
                return None;
            }
            sequences = read.0;
            match letters.next() {
                None => return Some(Self(sequences)),
                Some('|') => {}
                Some(_) => return None,
            }
        }
    }

    /// How many steps it takes, which is what a search of one letter costs at most.
    pub(super) fn steps(&self) -> usize {
        self.0.iter().map(|sequence| sequence.steps.len() + 1).sum()
    }

    /// Whether any part of the text is what it says.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|sequence| sequence.is_in(text))
    }
}

impl Sequence {
    fn read(letters: &mut Letters<'_>) -> Option<Self> {
        let from_start = letters.next_if_eq(&'^').is_some();
        let (mut steps, mut to_end) = (Vec::new(), false);
        while let Some(&letter) = letters.peek() {
            if letter == '|' {
                break;
            }
            if to_end {
                return None;
            }
            letters.next();
            let atom = match letter {
                '$' => {
                    to_end = true;
                    continue;
                }
                '.' => Atom::of(true, &[]),
                '[' => Atom::read_class(letters)?,
                '\\' => Atom::escaped(letters.next()?),
                letter if letter.is_ascii_alphanumeric() || PLAIN.contains(letter) => {
                    Atom::of(false, &[(letter, letter)])
                }
                _ => return None,
            };
            repeat(&mut steps, atom, letters)?;
            if steps.len() > MOST_STEPS {
                return None;
            }
        }
        Some(Self {
            from_start,
            to_end,
            steps,
        })
    }

    /// Follows all ways through the steps at once.
    fn is_in(&self, text: &str) -> bool {
        let end = self.steps.len();
        let (mut places, mut next) = (vec![false; end + 1], vec![false; end + 1]);
        self.enter(&mut places, 0);
        if places[end] && !self.to_end {
            return true;
        }
        for letter in text.chars() {
            next.fill(false);
            for (place, (atom, times)) in self.steps.iter().enumerate() {
                if places[place] && atom.takes(letter) {
                    let behind = place + usize::from(*times != Times::Any);
                    self.enter(&mut next, behind);
                }
            }
            if !self.from_start {
                self.enter(&mut next, 0);
            }
            std::mem::swap(&mut places, &mut next);
            if places[end] && !self.to_end {
                return true;
            }
        }
        places[end]
    }

    fn enter(&self, places: &mut [bool], from: usize) {
        for (place, reached) in places.iter_mut().enumerate().skip(from) {
            *reached = true;
            let step = self.steps.get(place);
            if step.is_none_or(|(_, times)| *times == Times::Once) {
                return;
            }
        }
    }
}

fn repeat(steps: &mut Vec<(Atom, Times)>, atom: Atom, letters: &mut Letters<'_>) -> Option<()> {
    match letters.peek() {
        Some('*') => steps.push((atom, Times::Any)),
        Some('?') => steps.push((atom, Times::Perhaps)),
        Some('+') => steps.extend([(atom.clone(), Times::Once), (atom, Times::Any)]),
        Some('{') => {
            letters.next();
            let mut inside = String::new();
            while let Some(letter) = letters.next_if(|letter| *letter != '}') {
                inside.push(letter);
            }
            letters.peek()?;
            let (least, most) = match inside.split_once(',') {
                None => (inside.parse().ok()?, Some(inside.parse().ok()?)),
                Some((least, "")) => (least.parse().ok()?, None),
                Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
            };
            if least > most.unwrap_or(least) || most.unwrap_or(least) > MOST_STEPS {
                return None;
            }
            steps.extend(std::iter::repeat_n((atom.clone(), Times::Once), least));
            match most {
                None => steps.push((atom, Times::Any)),
                Some(most) => {
                    let more = std::iter::repeat_n((atom, Times::Perhaps), most - least);
                    steps.extend(more);
                }
            }
        }
        _ => {
            steps.push((atom, Times::Once));
            return Some(());
        }
    }
    letters.next();
    Some(())
}

impl Atom {
    fn of(excludes: bool, ranges: &[(char, char)]) -> Self {
        Self {
            excludes,
            ranges: ranges.to_vec(),
        }
    }

    fn escaped(letter: char) -> Self {
        match letter {
            'd' | 'D' => Self::of(letter == 'D', &[('0', '9')]),
            'w' | 'W' => Self::of(
                letter == 'W',
                &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
            ),
            's' | 'S' => Self::of(letter == 'S', &[(' ', ' '), ('\t', '\r')]),
            letter => Self::of(false, &[(letter, letter)]),
        }
    }

    fn read_class(letters: &mut Letters<'_>) -> Option<Self> {
        let mut class = Self::of(letters.next_if_eq(&'^').is_some(), &[]);
        loop {
            let start = match letters.next()? {
                ']' => return (!class.ranges.is_empty()).then_some(class),
                '\\' => {
                    let escaped = Self::escaped(letters.next()?);
                    if escaped.excludes {
                        return None;
                    }
                    class.ranges.extend(escaped.ranges);
                    continue;
                }
                letter => letter,
            };
            if letters.next_if_eq(&'-').is_none() {
                class.ranges.push((start, start));
            } else if letters.peek() == Some(&']') {
                class.ranges.extend([(start, start), ('-', '-')]);
            } else {
                class.ranges.push((start, letters.next()?));
            }
        }
    }

    fn takes(&self, letter: char) -> bool {
        let named = self.ranges.iter();
        let named = named
            .clone()
            .any(|(from, to)| (*from..=*to).contains(&letter));
        named != self.excludes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_find_what_they_say() {
        for (expression, text, found) in [
            ("AUTHORIZED", "UNAUTHORIZED", true),
            ("^AUTHORIZED$", "UNAUTHORIZED", false),
            ("^a.c$", "abc", true),
            (r"\d{3}", "a12b345", true),
            (r"^\d{2,3}$", "1234", false),
            ("colou?r", "the color", true),
            ("[^a-c]+$", "abcd", true),
            (r"^10\.10\.\d+\.\d+$", "10.10.3.77", true),
            ("cat|dog", "hotdog", true),
            ("a*b*c", "x", false),
            ("a{2,}", "aa", true),
            ("", "x", true),
        ] {
            let read = Regular::read(expression).unwrap();
            assert_eq!(read.is_in(text), found, "{expression} in {text}");
        }
        for expression in [
            "(a)", "[a", "*", "a{2", "a{9999}", "a{3,2}", "\\", "a$b", "a!", "ä",
        ] {
            assert!(Regular::read(expression).is_none(), "{expression}");
        }
    }

    #[test]
    fn repetitions_add_up() {
        assert!(Regular::read("a{900}").is_some());
        for much in ["a{900}b{900}".to_owned(), ["a{100}"; 11].join("|")] {
            assert!(Regular::read(&much).is_none(), "{much}");
        }
    }

    #[test]
    fn no_expression_takes_for_ever() {
        let expression = Regular::read(&"a*".repeat(200)).unwrap();
        assert!(expression.is_in(&"a".repeat(5_000)));
        let never = Regular::read(&format!("{}b", "a*".repeat(200))).unwrap();
        assert!(!never.is_in(&"a".repeat(2_000)));
    }
}
