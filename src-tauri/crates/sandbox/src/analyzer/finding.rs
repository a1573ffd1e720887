//! One finding, and the places in the text that it is about.

use serde_json::{Value, json};

use crate::lines::Lines;

/// Where all checks are explained.
const REFERENCE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks";

/// What a finding means for the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Impact {
    /// A part does not work.
    Error,
    /// It allows more than it should.
    SecurityWarning,
    /// It does not follow the practice.
    Warning,
    /// It could be said better.
    Suggestion,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) impact: Impact,
    /// AWS's word for it, such as `MISSING_EFFECT`.
    pub(super) code: &'static str,
    pub(super) details: String,
    pub(super) places: Vec<Place>,
}

/// A part of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Vec<Step>,
    /// Where it begins and ends, in bytes.
    pub(super) span: (usize, usize),
}

/// One step from the outside of the document to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Finding {
    pub(super) fn show(&self, lines: &Lines<'_>) -> Value {
        let places = self.places.iter().map(|place| place.show(lines));
        let (kind, word) = match self.impact {
            Impact::Error => ("ERROR", "error"),
            Impact::SecurityWarning => ("SECURITY_WARNING", "security-warning"),
            Impact::Warning => ("WARNING", "general-warning"),
            Impact::Suggestion => ("SUGGESTION", "suggestion"),
        };
        let anchor = self.code.to_ascii_lowercase().replace('_', "-");
        json!({
            "findingDetails": self.details,
            "findingType": kind,
            "issueCode": self.code,
            "learnMoreLink": format!("{REFERENCE}-{word}-{anchor}"),
            "locations": places.collect::<Vec<_>>(),
        })
    }
}

impl Place {
    fn show(&self, lines: &Lines<'_>) -> Value {
        let path = self.path.iter().map(|step| match step {
            Step::Key(key) => json!({ "value": key }),
            Step::Index(index) => json!({ "index": index }),
        });
        json!({
            "path": path.collect::<Vec<_>>(),
            "span": {
                "start": position(lines, self.span.0),
                "end": position(lines, self.span.1),
            },
        })
    }
}

/// Lines count from 1, columns and offsets from 0.
fn position(lines: &Lines<'_>, at: usize) -> Value {
    let spot = lines.spot(at);
    json!({
        "line": spot.line + 1,
        "column": spot.column,
        "offset": spot.offset,
    })
}
