//! Condition operators, and the types of global condition keys.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::super::condition_keys::{ConditionKey, Type};

/// An operator as it is written, taken apart.
pub(super) struct Operator<'a> {
    /// `ForAllValues` or `ForAnyValue`.
    pub(super) qualifier: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) if_exists: bool,
    pub(super) compares: Type,
}

impl<'a> Operator<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (qualifier, name) = match text.split_once(':') {
            Some((qualifier @ ("ForAllValues" | "ForAnyValue"), name)) => (Some(qualifier), name),
            Some(_) => return None,
            None => (None, text),
        };
        let bare = name.strip_suffix("IfExists");
        let (name, if_exists) = bare.map_or((name, false), |name| (name, true));
        let compares = match name {
            "StringEquals"
            | "StringNotEquals"
            | "StringEqualsIgnoreCase"
            | "StringNotEqualsIgnoreCase"
            | "StringLike"
            | "StringNotLike" => Type::Text,
            "NumericEquals"
            | "NumericNotEquals"
            | "NumericLessThan"
            | "NumericLessThanEquals"
            | "NumericGreaterThan"
            | "NumericGreaterThanEquals" => Type::Number,
            "DateEquals"
            | "DateNotEquals"
            | "DateLessThan"
            | "DateLessThanEquals"
            | "DateGreaterThan"
            | "DateGreaterThanEquals" => Type::Date,
            "Bool" => Type::Boolean,
            "BinaryEquals" => Type::Binary,
            "IpAddress" | "NotIpAddress" => Type::Address,
            "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => Type::Arn,
            "Null" => Type::Presence,
            _ => return None,
        };
        Some(Self {
            qualifier,
            name,
            if_exists,
            compares,
        })
    }

    pub(super) fn is_like(&self) -> bool {
        self.name.ends_with("Like") || self.compares == Type::Arn
    }
}

/// A key that begins with `aws:`; `None` if there is none of this name.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub(super) fn global_key(key: &str) -> Option<ConditionKey> {
    let key = key.to_ascii_lowercase();
    let key = key.strip_prefix("aws:")?;
    let one = |of| {
        let has_many = false;
        Some(ConditionKey { of, has_many })
    };
    let many = |of| {
        let has_many = true;
        Some(ConditionKey { of, has_many })
    };
    match key {
        "currenttime" | "tokenissuetime" | "assumedroot-time" => one(Type::Date),
        "epochtime" | "multifactorauthage" => one(Type::Number),
        "securetransport"
        | "multifactorauthpresent"
        | "principalisawsservice"
        | "viaawsservice" => one(Type::Boolean),
        "sourceip" | "vpcsourceip" => one(Type::Address),
        "principalarn" | "sourcearn" | "sourcevpcarn" | "ec2instancesourceprivateipv4-arn" => {
            one(Type::Arn)
        }
        "calledvia"
        | "principalorgpaths"
        | "principalservicenameslist"
        | "resourceorgpaths"
        | "sourceorgpaths"
        | "tagkeys"
        | "vpceorgpaths" => many(Type::Text),
        "assumedroot"
        | "calledviafirst"
        | "calledvialast"
        | "chatbotsourcearn"
        | "ec2instancesourceprivateipv4"
        | "ec2instancesourcevpc"
        | "federatedprovider"
        | "ismcpserviceaction"
        | "principalaccount"
        | "principalorgid"
        | "principalservicename"
        | "principaltype"
        | "referer"
        | "requestedregion"
        | "resourceaccount"
        | "resourceorgid"
        | "signinsessionarn"
        | "sourceaccount"
        | "sourceidentity"
        | "sourceorgid"
        | "sourcevpc"
        | "sourcevpce"
        | "useragent"
        | "userid"
        | "username"
        | "vpceaccount"
        | "vpceorgid" => one(Type::Text),
        _ if ["principaltag/", "requesttag/", "resourcetag/"]
            .iter()
            .any(|begin| key.len() > begin.len() && key.starts_with(begin)) =>
        {
            one(Type::Text)
        }
        _ => None,
    }
}
