//! Policy variables, `${…}`.

use super::{Found, Part};

/// In an element that knows variables.
pub(super) fn check(found: &mut Found, text: &str, part: &Part<'_>) {
    let Some((_, mut rest)) = text.split_once("${") else {
        return;
    };
    if !found.variables {
        let details =
            "To include variables in your policy, use the policy version 2012-10-17 or later.";
        found.error("VARIABLE_UNSUPPORTED_IN_VERSION", details, part);
        return;
    }
    loop {
        let Some((variable, after)) = rest.split_once('}') else {
            let details = "The policy variable is missing a closing curly brace. Add } after the \
                           variable text.";
            return found.error("MISSING_BRACE_IN_VARIABLE", details, part);
        };
        one(found, variable, part);
        match after.split_once("${") {
            Some((_, next)) => rest = next,
            None => return,
        }
    }
}

/// What stands between the braces: a name, and perhaps a default value.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-default-values>
fn one(found: &mut Found, variable: &str, part: &Part<'_>) {
    if variable.trim().is_empty() {
        let details = "Empty policy variable. Remove the ${ } variable structure or provide a \
                       variable within the structure.";
        return found.error("EMPTY_VARIABLE", details, part);
    }
    let (name, default) = match variable.split_once(',') {
        Some((name, default)) => (name, Some(default.trim())),
        None => (variable, None),
    };
    if name.contains(' ') {
        let details = "A space is not supported within the policy variable text. Remove the space.";
        found.error("UNSUPPORTED_SPACE_IN_VARIABLE", details, part);
    }
    let is_quoted = |text: &str| text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    if default.is_some_and(|text| !is_quoted(text)) {
        let details = "The policy variable default value must begin and end with a single quote. \
                       Add the missing quote.";
        found.error("MISSING_QUOTE_IN_VARIABLE", details, part);
    }
}

/// In one that knows none.
pub(super) fn refuse(found: &mut Found, text: &str, part: &Part<'_>) {
    let variable = text.find("${").map(|start| &text[start..]);
    if let Some(variable) = variable {
        let variable = match variable.split_once('}') {
            Some((inside, _)) => format!("{inside}}}"),
            None => variable.to_owned(),
        };
        let details = format!(
            "Policy variables are supported in the Resource and Condition elements. Remove the \
             policy variable {variable} from this element."
        );
        found.error("VARIABLE_UNSUPPORTED_IN_ELEMENT", details, part);
    }
}
