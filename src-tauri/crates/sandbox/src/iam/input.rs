//! Whether a request has the members that its operation takes (`members`). One that does not fit is
//! refused before anything else is asked.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

use std::ops::RangeInclusive;

use super::answers::invalid;
use super::members::Shape::{
    Alias, Arn, Code, Description, Document, Flag, Id, List, LongId, MaybeList, Name, Number, Path,
    PolicyPath, Prefix, Tags, Text, Version, Word,
};
use super::members::{Member, Shape, members};
use crate::api::ApiError;
use crate::query::Params;

/// Refuses a request that the operation's shape does not allow.
pub(super) fn check(operation: &str, params: &Params) -> Result<(), ApiError> {
    let mut problems = Vec::new();
    for member in members(operation) {
        let label = label(member.name);
        match member.shape {
            Tags => check_tags(params, member, &mut problems),
            List(least, most) | MaybeList(least, most) => {
                let values = params.list(&format!("{}.member", member.name));
                if member.required && values.is_empty() {
                    problems.push(unmet(&label, "Member must not be null"));
                }
                for (turn, value) in values.iter().enumerate() {
                    let label = format!("{label}.{}.member", turn + 1);
                    check_length(&label, value, least..=most, &mut problems);
                }
            }
            shape => match params.one(member.name) {
                None if member.required => {
                    problems.push(unmet(&label, "Member must not be null"));
                }
                None => {}
                Some(value) => shape.check(&label, value, &mut problems)?,
            },
        }
    }
    let detected = match problems.len() {
        0 => return Ok(()),
        1 => "1 validation error detected".to_owned(),
        many => format!("{many} validation errors detected"),
    };
    Err(invalid(&format!("{detected}: {}", problems.join("; "))))
}

impl Shape {
    /// Adds what is wrong with a value; some things have sentences of their own.
    fn check(self, label: &str, value: &str, problems: &mut Vec<String>) -> Result<(), ApiError> {
        match self {
            Name(most) => {
                check_length(label, value, 1..=most, problems);
                let fine = |is: char| is.is_ascii_alphanumeric() || "_+=,.@-".contains(is);
                if !value.chars().all(fine) {
                    return Err(invalid(&format!(
                        "The specified value for {label} is invalid. It must contain only \
                         alphanumeric characters and/or the following: +=,.@_-"
                    )));
                }
            }
            Path | PolicyPath => {
                check_length(label, value, 1..=512, problems);
                let fine = |byte: u8| match self {
                    Path => byte.is_ascii_graphic(),
                    _ => byte.is_ascii_alphanumeric() || b"/.,+@=_-".contains(&byte),
                };
                let ends = value.starts_with('/') && value.ends_with('/');
                let empty_part = matches!(self, PolicyPath) && value.contains("//");
                if !ends || empty_part || !value.bytes().all(fine) {
                    return Err(invalid(&format!(
                        "The specified value for {label} is invalid. It must begin and end with / \
                         and contain only alphanumeric characters and/or / characters."
                    )));
                }
            }
            Prefix => {
                check_length(label, value, 1..=512, problems);
                let fine = |byte: u8| byte.is_ascii_graphic() || byte == 0x7f;
                if !value.starts_with('/') || !value.bytes().all(fine) {
                    return Err(invalid(
                        "The specified value for pathPrefix is invalid. It must begin with / and \
                         contain only alphanumeric characters and/or /.",
                    ));
                }
            }
            Arn => check_length(label, value, 20..=2_048, problems),
            Document => {
                check_length(label, value, 1..=131_072, problems);
                let fine = |is: char| matches!(is, '\t' | '\n' | '\r' | ' '..='\u{ff}');
                if !value.chars().all(fine) {
                    return Err(invalid(&format!(
                        "The specified value for {label} is invalid. It must contain only \
                         printable ASCII characters."
                    )));
                }
            }
            Text(least, most) => check_length(label, value, least..=most, problems),
            Description => {
                check_length(label, value, 0..=1_000, problems);
                let fine =
                    |is: char| matches!(is, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
                if !value.chars().all(fine) {
                    let pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*";
                    problems.push(mismatch(label, pattern));
                }
            }
            Word(words) => {
                if !words.contains(&value) {
                    let set = words.join(", ");
                    let constraint = format!("Member must satisfy enum value set: [{set}]");
                    problems.push(unmet(label, &constraint));
                }
            }
            Number(least, most) => match value.parse::<i64>() {
                Err(_) => {
                    let sentence = format!("{value} can not be converted to an Integer");
                    return Err(ApiError::new("MalformedInput", sentence));
                }
                Ok(number) if number < i64::from(least) => {
                    let constraint =
                        format!("Member must have value greater than or equal to {least}");
                    problems.push(unmet(label, &constraint));
                }
                Ok(number) if number > i64::from(most) => {
                    let constraint = format!("Member must have value less than or equal to {most}");
                    problems.push(unmet(label, &constraint));
                }
                Ok(_) => {}
            },
            Flag => {
                if !["true", "false"]
                    .iter()
                    .any(|word| value.eq_ignore_ascii_case(word))
                {
                    let sentence = format!("{value} can not be converted to a Boolean");
                    return Err(ApiError::new("MalformedInput", sentence));
                }
            }
            Code => {
                check_length(label, value, 6..=6, problems);
                if !value.bytes().all(|byte| byte.is_ascii_digit()) {
                    problems.push(mismatch(label, "[\\d]+"));
                }
            }
            Id | LongId(_) => {
                let least = if let LongId(least) = self { least } else { 16 };
                check_length(label, value, least..=128, problems);
                let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if !value.bytes().all(fine) {
                    problems.push(mismatch(label, "[\\w]+"));
                }
            }
            Version => {
                let number = value.strip_prefix('v').unwrap_or_default();
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                if number.is_empty() || number.starts_with('0') || !digits {
                    problems.push(mismatch(label, "v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"));
                }
            }
            Alias => {
                check_length(label, value, 3..=63, problems);
                let fine =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                let dashes = value.starts_with('-') || value.ends_with('-') || value.contains("--");
                if dashes || !value.bytes().all(fine) {
                    problems.push(mismatch(label, "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$"));
                }
            }
            Tags | List(..) | MaybeList(..) => {}
        }
        Ok(())
    }
}

fn check_tags(params: &Params, member: &Member, problems: &mut Vec<String>) {
    const KEY: &str = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";
    const VALUE: &str = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*";
    let fine = |is: char| {
        is.is_alphanumeric() || (is.is_whitespace() && !is.is_control()) || "_.:/=+-@".contains(is)
    };
    let tags = params.tags();
    if member.required && tags.is_empty() {
        problems.push(unmet("tags", "Member must not be null"));
    }
    if tags.len() > 50 {
        let constraint = "Member must have length less than or equal to 50";
        problems.push(unmet("tags", constraint));
    }
    for (turn, (key, value)) in tags.iter().enumerate() {
        let label = |part: &str| format!("tags.{}.member.{part}", turn + 1);
        check_length(&label("key"), key, 1..=128, problems);
        check_length(&label("value"), value, 0..=256, problems);
        if !key.chars().all(fine) {
            problems.push(mismatch(&label("key"), KEY));
        }
        if !value.chars().all(fine) {
            problems.push(mismatch(&label("value"), VALUE));
        }
    }
}

fn check_length(
    label: &str,
    value: &str,
    range: RangeInclusive<usize>,
    problems: &mut Vec<String>,
) {
    let length = value.chars().count();
    if length < *range.start() {
        let least = range.start();
        let constraint = format!("Member must have length greater than or equal to {least}");
        problems.push(unmet(label, &constraint));
    } else if length > *range.end() {
        let most = range.end();
        let constraint = format!("Member must have length less than or equal to {most}");
        problems.push(unmet(label, &constraint));
    }
}

fn mismatch(label: &str, pattern: &str) -> String {
    unmet(
        label,
        &format!("Member must satisfy regular expression pattern: {pattern}"),
    )
}

fn unmet(label: &str, constraint: &str) -> String {
    format!("Value at '{label}' failed to satisfy constraint: {constraint}")
}

/// As AWS writes a member in a sentence: `userName`.
pub(super) fn label(name: &str) -> String {
    let mut rest = name.chars();
    rest.next()
        .map(|first| first.to_ascii_lowercase())
        .into_iter()
        .chain(rest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(operation: &str, form: &str) -> Option<(&'static str, String)> {
        let params = Params::read(None, form.as_bytes());
        let error = check(operation, &params).err()?;
        Some((error.code, error.message))
    }

    #[test]
    fn shapes_are_those_of_the_api() {
        for (operation, form) in [
            ("CreateUser", "UserName=anna.b_%2B=,@-9&Path=/a/b/"),
            (
                "CreateUser",
                "UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=",
            ),
            ("ListUsers", "PathPrefix=/&MaxItems=1000&Marker=x"),
            ("CreateAccountAlias", "AccountAlias=my-company-1"),
            (
                "GetPolicyVersion",
                "PolicyArn=arn:aws:iam::aws:policy/X&VersionId=v12",
            ),
            ("Unheard", "Of=x"),
        ] {
            assert_eq!(refused(operation, form), None, "{operation} {form}");
        }
        let long = format!("UserName={}", "a".repeat(65));
        for (operation, form, code, part) in [
            (
                "CreateUser",
                "",
                "ValidationError",
                "'userName' failed to satisfy constraint: Member must not be null",
            ),
            (
                "CreateUser",
                long.as_str(),
                "ValidationError",
                "less than or equal to 64",
            ),
            (
                "CreateUser",
                "UserName=a b",
                "ValidationError",
                "The specified value for userName is invalid.",
            ),
            (
                "CreateUser",
                "UserName=a&Path=x",
                "ValidationError",
                "begin and end with /",
            ),
            (
                "CreatePolicy",
                "PolicyName=p&PolicyDocument=x&Path=/a//b/",
                "ValidationError",
                "begin and end with /",
            ),
            (
                "ListUsers",
                "MaxItems=0",
                "ValidationError",
                "value greater than or equal to 1",
            ),
            ("ListUsers", "MaxItems=many", "MalformedInput", "Integer"),
            ("ListUsers", "PathPrefix=x", "ValidationError", "pathPrefix"),
            (
                "GetPolicy",
                "PolicyArn=arn:x",
                "ValidationError",
                "greater than or equal to 20",
            ),
            (
                "ListPolicies",
                "Scope=Mine",
                "ValidationError",
                "[All, AWS, Local]",
            ),
            (
                "ListPolicies",
                "OnlyAttached=maybe",
                "MalformedInput",
                "Boolean",
            ),
            (
                "CreateAccountAlias",
                "AccountAlias=a--b",
                "ValidationError",
                "regular expression",
            ),
            (
                "EnableMFADevice",
                "UserName=a&SerialNumber=123456789&AuthenticationCode1=12345&AuthenticationCode2=abcdef",
                "ValidationError",
                "2 validation errors detected",
            ),
            ("TagUser", "UserName=a", "ValidationError", "'tags'"),
            (
                "TagUser",
                "UserName=a&Tags.member.1.Key=a%3Bb&Tags.member.1.Value=",
                "ValidationError",
                "tags.1.member.key",
            ),
            (
                "SimulateCustomPolicy",
                "PolicyInputList.member.1=x",
                "ValidationError",
                "'actionNames'",
            ),
            (
                "SetDefaultPolicyVersion",
                "PolicyArn=arn:aws:iam::aws:policy/X&VersionId=v0",
                "ValidationError",
                "versionId",
            ),
        ] {
            let (got, sentence) = refused(operation, form).unwrap();
            assert_eq!(got, code, "{operation} {form}");
            assert!(sentence.contains(part), "{operation} {form}: {sentence}");
        }
    }
}
