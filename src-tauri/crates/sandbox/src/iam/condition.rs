//! The `Condition` element: operators, and the keys that the sandbox knows.
//!
//! Three answers are possible. A condition whose operator or key the sandbox does not know is
//! neither met nor unmet: it never lets an Allow apply and always lets a Deny apply, so that what
//! was not understood never grants.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::wildcards::{Pattern, Sign};
pub(crate) use super::wildcards::{arn_like, like, like_ignoring_case};

/// One operator applied to one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    quantifier: Quantifier,
    /// `None` for an operator that the sandbox does not know.
    operator: Option<Operator>,
    if_exists: bool,
    /// Lower case, since condition keys are compared without case.
    key: String,
    values: Vec<String>,
    /// Whether `${…}` in the values is a policy variable.
    variables: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Single,
    ForAnyValue,
    ForAllValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Text { negated: bool, test: Test },
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    EqualIgnoringCase,
    Like,
    Arn,
    Bool,
    Binary,
    Ip,
    Number(Order),
    Date(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    Yes,
    No,
    /// The sandbox cannot tell.
    Unknown,
}

/// The keys of one request with their values.
#[derive(Debug, Default, Clone)]
pub(crate) struct Context {
    values: BTreeMap<String, Vec<String>>,
    /// Whether a key that is not here is absent; else the sandbox may only not know it.
    complete: bool,
    /// The same for the keys that begin so, in lower case.
    understood: &'static [&'static str],
}

/// Keys that the sandbox understands although this request may lack them. Every other key that is
/// absent is unknown, not absent.
const KNOWN: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:sourcevpceaccount",
    "aws:sourcevpceorgid",
    "aws:sourcevpceorgpaths",
    "aws:tokenissuetime",
    "aws:username",
    "aws:vpcsourceip",
    "kms:viaservice",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
];

impl Context {
    /// One to which nothing belongs but what is added.
    pub(crate) fn given() -> Self {
        Self {
            complete: true,
            ..Self::default()
        }
    }

    /// Says that all keys that begin so (in lower case) are here, or absent from the request.
    pub(crate) fn understanding(mut self, beginnings: &'static [&'static str]) -> Self {
        self.understood = beginnings;
        self
    }

    /// Adds a key with one value.
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.values
            .insert(key.to_ascii_lowercase(), vec![value.into()]);
        self
    }

    /// Adds a key with several values.
    pub(crate) fn with_all(mut self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.values.insert(key.to_ascii_lowercase(), values);
        self
    }

    /// The same with values that were made for it.
    pub(crate) fn with_list(mut self, key: &str, values: Vec<String>) -> Self {
        self.values.insert(key.to_ascii_lowercase(), values);
        self
    }

    /// The same without a key.
    pub(super) fn without(mut self, key: &str) -> Self {
        self.values.remove(&key.to_ascii_lowercase());
        self
    }

    /// `text` with the policy variables (`${aws:username}`, `${aws:username, 'nobody'}`) filled in;
    /// `None` if one has neither a value nor a default.
    fn fill_in<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        if !text.contains("${") {
            return Some(Cow::Borrowed(text));
        }
        let pieces = self.pieces(text)?;
        Some(pieces.into_iter().map(|(_, piece)| piece).collect())
    }

    /// The same for what has wildcards: those that come out of a variable are none.
    pub(super) fn pattern<'t>(&self, text: &'t str) -> Option<Pattern<'t>> {
        if !text.contains("${") {
            return Some(Pattern::Said(text));
        }
        let signs = self.pieces(text)?.into_iter().flat_map(|(is_said, piece)| {
            let sign = if is_said { Sign::said } else { Sign::Byte };
            piece.bytes().map(sign)
        });
        Some(Pattern::Filled(signs.collect()))
    }

    /// What the text says itself, and what comes out of its variables, in order.
    fn pieces<'t>(&'t self, text: &'t str) -> Option<Vec<(bool, &'t str)>> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let end = rest[start..].find('}')? + start;
            pieces.push((true, &rest[..start]));
            let name = &rest[start + 2..end];
            let value = match name {
                // How a policy says these characters without their special meaning.
                "*" | "?" | "$" => name,
                _ => {
                    let (name, default) = match name.split_once(',') {
                        Some((name, default)) => (name.trim(), Some(default.trim())),
                        None => (name, None),
                    };
                    let value = self.values.get(&name.to_ascii_lowercase());
                    let value = value.and_then(|values| values.first()).map(String::as_str);
                    value.or_else(|| default?.strip_prefix('\'')?.strip_suffix('\''))?
                }
            };
            pieces.push((false, value));
            rest = &rest[end + 1..];
        }
        pieces.push((true, rest));
        Some(pieces)
    }

    /// The first value of a key, which is said in lower case.
    pub(super) fn value_of(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.first().map(String::as_str)
    }

    fn knows(&self, key: &str) -> bool {
        self.complete
            || KNOWN.contains(&key)
            || key.starts_with("aws:principaltag/")
            || self.understood.iter().any(|begin| key.starts_with(begin))
    }
}

impl Condition {
    /// Reads the whole element; `None` if its shape is wrong.
    pub(super) fn parse_all(operators: &Map<String, Value>, variables: bool) -> Option<Vec<Self>> {
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            for (key, values) in keys.as_object()? {
                let values = match values {
                    Value::Array(list) => list.iter().map(scalar).collect::<Option<Vec<_>>>()?,
                    single => vec![scalar(single)?],
                };
                conditions.push(Self::parse(name, key, values, variables));
            }
        }
        Some(conditions)
    }

    fn parse(name: &str, key: &str, values: Vec<String>, variables: bool) -> Self {
        let (quantifier, name) = match name.split_once(':') {
            Some(("ForAnyValue", name)) => (Quantifier::ForAnyValue, name),
            Some(("ForAllValues", name)) => (Quantifier::ForAllValues, name),
            _ => (Quantifier::Single, name),
        };
        let (if_exists, name) = match name.strip_suffix("IfExists") {
            Some(name) => (true, name),
            None => (false, name),
        };
        let operator = Operator::named(name);
        Self {
            quantifier,
            operator,
            if_exists,
            key: key.to_ascii_lowercase(),
            values,
            variables,
        }
    }

    pub(super) fn has_unknown_operator(&self) -> bool {
        self.operator.is_none()
    }

    /// The key that it asks for, if `context` has not got it.
    pub(super) fn missing_key<'c>(&'c self, context: &Context) -> Option<&'c str> {
        (!context.values.contains_key(&self.key)).then_some(self.key.as_str())
    }

    /// Whether `context` meets it.
    pub(crate) fn met(&self, context: &Context) -> Met {
        let Some(operator) = self.operator else {
            return Met::Unknown;
        };
        let present = context.values.get(&self.key);
        if present.is_none() && !context.knows(&self.key) {
            return Met::Unknown;
        }
        let (negated, test) = match operator {
            Operator::Null => {
                let wanted_absent = self.values.iter().any(|value| value == "true");
                return yes(wanted_absent == present.is_none());
            }
            Operator::Text { negated, test } => (negated, test),
        };
        let Some(present) = present else {
            let without = self.if_exists || self.quantifier == Quantifier::ForAllValues;
            return yes(without || (negated && self.quantifier == Quantifier::Single));
        };
        let one = |is: &String| {
            let any = self.values.iter().any(|wanted| {
                if !self.variables {
                    return test.holds(is, wanted);
                }
                match test {
                    Test::Like => {
                        let pattern = context.pattern(wanted);
                        pattern.is_some_and(|pattern| pattern.fits(is))
                    }
                    Test::Arn => {
                        let pattern = context.pattern(wanted);
                        pattern.is_some_and(|pattern| pattern.is_like_arn(is))
                    }
                    _ => {
                        let wanted = context.fill_in(wanted);
                        wanted.is_some_and(|wanted| test.holds(is, &wanted))
                    }
                }
            });
            any != negated
        };
        yes(match self.quantifier {
            Quantifier::ForAllValues => present.iter().all(one),
            Quantifier::Single | Quantifier::ForAnyValue => present.iter().any(one),
        })
    }
}

impl Operator {
    fn named(name: &str) -> Option<Self> {
        if name == "Null" {
            return Some(Self::Null);
        }
        let (negated, test) = match name {
            "StringEquals" => (false, Test::Equal),
            "StringNotEquals" => (true, Test::Equal),
            "StringEqualsIgnoreCase" => (false, Test::EqualIgnoringCase),
            "StringNotEqualsIgnoreCase" => (true, Test::EqualIgnoringCase),
            "StringLike" => (false, Test::Like),
            "StringNotLike" => (true, Test::Like),
            "ArnEquals" | "ArnLike" => (false, Test::Arn),
            "ArnNotEquals" | "ArnNotLike" => (true, Test::Arn),
            "Bool" => (false, Test::Bool),
            "BinaryEquals" => (false, Test::Binary),
            "IpAddress" => (false, Test::Ip),
            "NotIpAddress" => (true, Test::Ip),
            "NumericEquals" => (false, Test::Number(Order::Equal)),
            "NumericNotEquals" => (true, Test::Number(Order::Equal)),
            "NumericLessThan" => (false, Test::Number(Order::Less)),
            "NumericLessThanEquals" => (false, Test::Number(Order::LessOrEqual)),
            "NumericGreaterThan" => (false, Test::Number(Order::Greater)),
            "NumericGreaterThanEquals" => (false, Test::Number(Order::GreaterOrEqual)),
            "DateEquals" => (false, Test::Date(Order::Equal)),
            "DateNotEquals" => (true, Test::Date(Order::Equal)),
            "DateLessThan" => (false, Test::Date(Order::Less)),
            "DateLessThanEquals" => (false, Test::Date(Order::LessOrEqual)),
            "DateGreaterThan" => (false, Test::Date(Order::Greater)),
            "DateGreaterThanEquals" => (false, Test::Date(Order::GreaterOrEqual)),
            _ => return None,
        };
        Some(Self::Text { negated, test })
    }
}

impl Test {
    fn holds(self, is: &str, wanted: &str) -> bool {
        match self {
            // Bytes are compared as the base 64 that both sides are given in.
            Self::Equal | Self::Binary => is == wanted,
            Self::EqualIgnoringCase => is.to_lowercase() == wanted.to_lowercase(),
            Self::Like => like(wanted, is),
            Self::Arn => arn_like(wanted, is),
            Self::Bool => is.eq_ignore_ascii_case(wanted),
            Self::Ip => in_network(is, wanted),
            Self::Number(order) => match (is.parse::<f64>(), wanted.parse::<f64>()) {
                (Ok(is), Ok(wanted)) => order.holds(&is, &wanted),
                _ => false,
            },
            Self::Date(order) => match (moment(is), moment(wanted)) {
                (Some(is), Some(wanted)) => order.holds(&is, &wanted),
                _ => false,
            },
        }
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, is: &T, wanted: &T) -> bool {
        match self {
            Self::Equal => is == wanted,
            Self::Less => is < wanted,
            Self::LessOrEqual => is <= wanted,
            Self::Greater => is > wanted,
            Self::GreaterOrEqual => is >= wanted,
        }
    }
}

fn in_network(is: &str, network: &str) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (network, None),
    };
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let (Ok(is), Ok(base)) = (is.parse(), base.parse()) else {
        return false;
    };
    let ((is, is_width), (base, width)) = (bits(is), bits(base));
    let length = match length.map(str::parse::<u32>) {
        None => width,
        Some(Ok(length)) if length <= width => length,
        Some(_) => return false,
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    is_width == width && is & mask == base & mask
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    if let Ok(seconds) = text.parse::<f64>() {
        // The cast saturates, so an absurd number is refused below.
        let nanos = (seconds * 1e3).round() as i128 * 1_000_000;
        return OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    }
    let long = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    OffsetDateTime::parse(&long, &Rfc3339).ok()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn yes(met: bool) -> Met {
    if met { Met::Yes } else { Met::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(operator: &str, key: &str, wanted: &str) -> Met {
        let context = Context::default()
            .with("aws:RequestedRegion", "eu-west-1")
            .with("aws:SourceIp", "127.0.0.1")
            .with("aws:SecureTransport", "true")
            .with("aws:CurrentTime", "2026-05-01T00:00:00Z")
            .with("aws:EpochTime", "1777593600")
            .with(
                "aws:PrincipalArn",
                "arn:aws:iam::111111111111:role/eng/Platform",
            )
            .with("aws:userid", "AIDAX");
        Condition::parse(operator, key, vec![wanted.to_owned()], true).met(&context)
    }

    #[test]
    fn the_table_of_operators() {
        use Met::{No, Unknown, Yes};
        for (operator, key, wanted, expected) in [
            ("StringEquals", "AWS:requestedregion", "eu-west-1", Yes),
            ("StringEquals", "aws:RequestedRegion", "EU-WEST-1", No),
            (
                "StringEqualsIgnoreCase",
                "aws:RequestedRegion",
                "EU-WEST-1",
                Yes,
            ),
            ("StringNotEquals", "aws:RequestedRegion", "eu-west-1", No),
            ("StringLike", "aws:RequestedRegion", "eu-*", Yes),
            ("StringNotLike", "aws:RequestedRegion", "eu-*", No),
            ("StringEquals", "aws:userid", "${aws:userid}", Yes),
            ("StringEquals", "aws:userid", "${aws:username}", No),
            (
                "StringEquals",
                "aws:userid",
                "${aws:username, 'AIDAX'}",
                Yes,
            ),
            (
                "ArnLike",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/eng/*",
                Yes,
            ),
            (
                "ArnEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::*Platform",
                No,
            ),
            (
                "ArnNotLike",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/ops/*",
                Yes,
            ),
            ("Bool", "aws:SecureTransport", "true", Yes),
            ("Bool", "aws:MultiFactorAuthPresent", "true", No),
            ("BoolIfExists", "aws:MultiFactorAuthPresent", "true", Yes),
            ("Null", "aws:MultiFactorAuthPresent", "true", Yes),
            ("Null", "aws:SecureTransport", "false", Yes),
            ("IpAddress", "aws:SourceIp", "127.0.0.0/8", Yes),
            ("IpAddress", "aws:SourceIp", "10.0.0.0/8", No),
            ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", Yes),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/0", Yes),
            ("IpAddress", "aws:SourceIp", "nonsense/99", No),
            ("NumericLessThan", "aws:EpochTime", "1777593601", Yes),
            ("NumericGreaterThanEquals", "aws:EpochTime", "x", No),
            ("DateGreaterThan", "aws:CurrentTime", "2026-04-30", Yes),
            (
                "DateLessThan",
                "aws:CurrentTime",
                "2026-04-30T23:59:59Z",
                No,
            ),
            ("StringNotEquals", "sts:ExternalId", "x", Yes),
            ("ForAnyValue:StringNotEquals", "sts:ExternalId", "x", No),
            ("ForAllValues:StringEquals", "sts:ExternalId", "x", Yes),
            ("StringSounds", "aws:RequestedRegion", "eu-west-1", Unknown),
            ("StringNotEquals", "aws:ResourceTag/team", "x", Unknown),
            ("StringEqualsIfExists", "aws:ResourceTag/team", "x", Unknown),
        ] {
            assert_eq!(
                met(operator, key, wanted),
                expected,
                "{operator} {key} {wanted}"
            );
        }
    }
}
