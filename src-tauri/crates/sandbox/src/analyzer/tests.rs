//! Findings: which there are, and where they stand.

use super::checks::{Kind, of_text};
use super::finding::Impact;
use crate::lines::Lines;

fn codes(text: &str, kind: Kind) -> Vec<&'static str> {
    let mut codes: Vec<_> = of_text(text, kind)
        .into_iter()
        .map(|finding| finding.code)
        .collect();
    codes.sort_unstable();
    codes
}

fn of_statement(inner: &str, kind: Kind) -> Vec<&'static str> {
    codes(
        &format!(r#"{{"Version":"2012-10-17","Statement":[{{{inner}}}]}}"#),
        kind,
    )
}

#[test]
fn a_sound_policy_has_no_findings() {
    let key = r#""Effect":"Allow","Action":["kms:Encrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:eu-west-1:111111111111:key/*""#;
    assert!(of_statement(key, Kind::Identity).is_empty());
    let conditions = r#""Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"s3.amazonaws.com"},"Bool":{"aws:SecureTransport":"true"},"IpAddress":{"aws:SourceIp":["203.0.113.0/24"]},"ForAnyValue:StringLike":{"aws:TagKeys":"a*"},"DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"},"StringLike":{"aws:PrincipalTag/team":"${aws:username}"}}"#;
    assert!(of_statement(conditions, Kind::Identity).is_empty());
    let resource =
        r#""Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"kms:*","Resource":"*""#;
    assert!(of_statement(resource, Kind::Resource).is_empty());
    let trust =
        r#""Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole""#;
    assert!(of_statement(trust, Kind::Trust).is_empty());
}

#[test]
fn each_check_finds_what_it_is_for() {
    use Kind::{Bucket, Identity, Resource, ServiceControl, Trust};
    let rest = r#""Effect":"Allow","Resource":"*""#;
    for (inner, kind, code) in [
        (
            format!(r#"{rest},"Action":"kms:Encript""#),
            Identity,
            "INVALID_ACTION",
        ),
        (
            format!(r#"{rest},"Action":"Encrypt""#),
            Identity,
            "INVALID_ACTION",
        ),
        (
            format!(r#"{rest},"Action":"kmss:Encrypt""#),
            Identity,
            "INVALID_SERVICE_IN_ACTION",
        ),
        (
            format!(r#"{rest},"Action":"k*:Encrypt""#),
            Identity,
            "WILDCARD_IN_SERVICE_NAME",
        ),
        (
            format!(r#"{rest},"Action":[]"#),
            Identity,
            "EMPTY_ARRAY_ACTION",
        ),
        (
            format!(r#"{rest},"Action":["kms:*","kms:Encrypt"]"#),
            Identity,
            "REDUNDANT_ACTION",
        ),
        (
            format!(r#"{rest},"Action":7"#),
            Identity,
            "DATA_TYPE_MISMATCH",
        ),
        (
            format!(r#"{rest},"Action":"kms:${{x}}""#),
            Identity,
            "INVALID_ACTION VARIABLE_UNSUPPORTED_IN_ELEMENT",
        ),
        (rest.to_owned(), Identity, "MISSING_ACTION"),
        (
            format!(r#"{rest},"Action":"kms:*","NotAction":"s3:*""#),
            Identity,
            "UNSUPPORTED_ELEMENT_COMBINATION",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Colour":"red""#),
            Identity,
            "INVALID_POLICY_ELEMENT",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Sid":"a-b""#),
            Identity,
            "UNSUPPORTED_SID",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Sid":"""#),
            Identity,
            "EMPTY_SID_VALUE",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":"*""#),
            Identity,
            "UNSUPPORTED_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":"*""#),
            ServiceControl,
            "SCP_SYNTAX_ERROR_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*""#),
            Resource,
            "MISSING_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":{{"AWS":[]}}"#),
            Resource,
            "EMPTY_ARRAY_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":{{}}"#),
            Resource,
            "EMPTY_OBJECT_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":{{"User":"x"}}"#),
            Resource,
            "INVALID_PRINCIPAL_KEY",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":"x""#),
            Resource,
            "INVALID_PRINCIPAL_FORMAT",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":{{"Service":"*.amazonaws.com"}}"#),
            Resource,
            "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","NotPrincipal":{{"AWS":"111111111111"}}"#),
            Resource,
            "ALLOW_WITH_NOT_PRINCIPAL",
        ),
        (
            format!(r#"{rest},"Action":"kms:*","Principal":"*""#),
            Bucket,
            "UNSUPPORTED_ACTION_IN_POLICY",
        ),
        (
            r#""Effect":"Allow","Action":"kms:Encrypt","Principal":{"AWS":"111111111111"}"#.into(),
            Trust,
            "UNSUPPORTED_ACTION_IN_POLICY",
        ),
        (
            format!(r#"{rest},"Action":"iam:PassRole""#),
            Identity,
            "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        ),
        (
            format!(r#"{rest},"Action":"iam:*""#),
            Identity,
            "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        ),
        (
            format!(r#"{rest},"NotAction":"kms:*""#),
            Identity,
            "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        ),
        (
            r#""Effect":"Allow","NotAction":"iam:Pass*","NotResource":"arn:aws:iam::*:role/x""#
                .into(),
            Identity,
            "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        ),
        (
            r#""Effect":"${x}","Action":"kms:*","Resource":"*""#.into(),
            Identity,
            "INVALID_EFFECT VARIABLE_UNSUPPORTED_IN_ELEMENT",
        ),
        (
            format!(r#"{rest},"Action":"sts:AssumeRole","Principal":{{"AWS":"111111111111"}}"#),
            Trust,
            "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        ),
        (
            r#""Effect":"Allow","Action":"sts:AssumeRole","Principal":"*""#.into(),
            Trust,
            "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        ),
        (
            r#""Effect":"Deny","Action":"sts:AssumeRole","NotPrincipal":{"AWS":"111111111111"}"#
                .into(),
            Trust,
            "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        ),
        (
            r#""Effect":"Allow","Action":["sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity"],"Principal":{"Federated":"arn:aws:iam::111111111111:saml-provider/x"}"#
                .into(),
            Trust,
            "MISMATCHED_ACTION_FOR_PRINCIPAL",
        ),
        (
            r#""Effect":"Perhaps","Action":"kms:*","Resource":"*""#.into(),
            Identity,
            "INVALID_EFFECT",
        ),
        (
            r#""Action":"kms:*","Resource":"*""#.into(),
            Identity,
            "MISSING_EFFECT",
        ),
        (
            r#""Effect":"Deny","Action":"kms:*""#.into(),
            Identity,
            "MISSING_RESOURCE",
        ),
    ] {
        assert_eq!(of_statement(&inner, kind).join(" "), code, "{inner}");
    }
    for (arn, code) in [
        ("key/1", "INVALID_ARN_PREFIX"),
        ("arn:aws:kms", "MISSING_ARN_FIELD"),
        (
            "arn:amazon:kms:eu-west-1:111111111111:key/1",
            "INVALID_PARTITION",
        ),
        (
            "arn:aws:KMS:eu-west-1:111111111111:key/1",
            "INVALID_ARN_SERVICE_CASE",
        ),
        (
            "arn:aws:kmss:eu-west-1:111111111111:key/1",
            "INVALID_SERVICE",
        ),
        (
            "arn:aws:kms:eu-west-9:111111111111:key/1",
            "INVALID_ARN_REGION",
        ),
        ("arn:aws:kms::111111111111:key/1", "MISSING_ARN_REGION"),
        ("arn:aws:kms:eu-west-1:1:key/1", "INVALID_ARN_ACCOUNT"),
        (
            "arn:aws:kms:eu-west-1:111111111111:",
            "INVALID_ARN_RESOURCE",
        ),
        (
            "arn:aws:kms:eu-west-1:111111111111:keys/*",
            "INVALID_ARN_RESOURCE",
        ),
        ("arn:aws:iam::111111111111:role", "INVALID_ARN_RESOURCE"),
        ("arn:aws:iam::111111111111:usr*", "INVALID_ARN_RESOURCE"),
        ("arn:aws:s3:::/object", "INVALID_ARN_RESOURCE"),
        ("arn:aws:s3:eu-west-1::bucket", "ARN_REGION_NOT_ALLOWED"),
        ("arn:aws:s3::111111111111:bucket", "ARN_ACCOUNT_NOT_ALLOWED"),
    ] {
        let inner = format!(r#""Effect":"Deny","Action":"kms:*","Resource":"{arn}""#);
        assert_eq!(of_statement(&inner, Kind::Identity), [code], "{arn}");
    }
}

#[test]
fn conditions_are_looked_through() {
    for (condition, code) in [
        (r#"{}"#, "EMPTY_OBJECT_CONDITION"),
        (r#"{"StringEquals":{}}"#, "EMPTY_OBJECT_CONDITION"),
        (
            r#"{"StringSounds":{"aws:userid":"x"}}"#,
            "INVALID_CONDITION_OPERATOR",
        ),
        (
            r#"{"NullIfExists":{"aws:userid":"true"}}"#,
            "NULL_WITH_IF_EXISTS",
        ),
        (
            r#"{"StringEquals":{"aws:userid":[]}}"#,
            "EMPTY_ARRAY_CONDITION",
        ),
        (
            r#"{"StringEquals":{"userid":"x"}}"#,
            "INVALID_CONDITION_KEY_FORMAT",
        ),
        (
            r#"{"StringEquals":{"aws:shoe":"x"}}"#,
            "INVALID_GLOBAL_CONDITION_KEY",
        ),
        (
            r#"{"StringEquals":{"aws:ARN":"x"}}"#,
            "UNSUPPORTED_GLOBAL_CONDITION_KEY",
        ),
        (
            r#"{"StringEquals":{"kmss:x":"x"}}"#,
            "INVALID_SERVICE_CONDITION_KEY",
        ),
        (
            r#"{"StringEquals":{"kms:ViaServise":"x"}}"#,
            "INVALID_SERVICE_CONDITION_KEY",
        ),
        (
            r#"{"StringEquals":{"kmss:x:y":"x"}}"#,
            "INVALID_SERVICE_CONDITION_KEY",
        ),
        (
            r#"{"StringEquals":{"kms:MultiRegion":"true"}}"#,
            "TYPE_MISMATCH",
        ),
        (
            r#"{"StringLike":{"kms:GrantOperations":"Decrypt"}}"#,
            "MISSING_QUALIFIER",
        ),
        (
            r#"{"StringLike":{"iam:PolicyARN":"arn:aws:iam::*:policy/x"}}"#,
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
        ),
        (r#"{"BinaryEquals":{"ec2:x":"ä"}}"#, "TYPE_MISMATCH_STRING"),
        (
            r#"{"StringEquals":{"aws:TagKeys":"x"}}"#,
            "MISSING_QUALIFIER",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:userid":"x"}}"#,
            "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        ),
        (
            r#"{"StringEquals":{"aws:SourceIp":"10.0.0.1"}}"#,
            "TYPE_MISMATCH",
        ),
        (
            r#"{"Bool":{"aws:SecureTransport":"perhaps"}}"#,
            "TYPE_MISMATCH_BOOLEAN",
        ),
        (
            r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"old"}}"#,
            "TYPE_MISMATCH_NUMBER",
        ),
        (
            r#"{"DateLessThan":{"aws:CurrentTime":"soon"}}"#,
            "TYPE_MISMATCH_DATE",
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}"#,
            "TYPE_MISMATCH_IP_RANGE",
        ),
        (
            r#"{"StringEquals":{"aws:userid":"x*"}}"#,
            "WILDCARD_WITHOUT_LIKE_OPERATOR",
        ),
        (
            r#"{"StringLike":{"aws:userid":"${aws:x"}}"#,
            "MISSING_BRACE_IN_VARIABLE",
        ),
        (r#"{"StringLike":{"aws:userid":"${}"}}"#, "EMPTY_VARIABLE"),
        (
            r#"{"StringLike":{"aws:userid":"${aws:PrincipalTag/team, x'}"}}"#,
            "MISSING_QUOTE_IN_VARIABLE",
        ),
        (
            r#"{"StringLike":{"aws:userid":"${aws:user id}"}}"#,
            "UNSUPPORTED_SPACE_IN_VARIABLE",
        ),
        (
            r#"{"NumericEquals":{"aws:MultiFactorAuthAge":"${aws:userid}"}}"#,
            "INVALID_VARIABLE_FOR_OPERATOR",
        ),
        (
            r#"{"StringEquals":{"AWS:ResourceTag/":"x"}}"#,
            "MISSING_TAG_KEY_IN_CONDITION",
        ),
        (
            r#"{"StringEquals":{"aws:RequestTag":"x"}}"#,
            "MISSING_TAG_KEY_IN_CONDITION",
        ),
        (
            r#"{"StringEquals":{"iam:ResourceTag/":"x"}}"#,
            "MISSING_TAG_KEY_IN_CONDITION",
        ),
        (
            r#"{"DateLessThan":{"aws:CurrentTime":"1893456000"}}"#,
            "INVALID_DATE_VALUE",
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":["10.1.0.0/16","192.168.7.7"]}}"#,
            "PRIVATE_IP_ADDRESS",
        ),
        (
            r#"{"NotIpAddress":{"aws:SourceIp":"172.31.0.0/16"}}"#,
            "PRIVATE_NOT_IP_ADDRESS",
        ),
        (
            r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","172.32.0.0/16"]}}"#,
            "PRIVATE_IP_ADDRESS_SUBSET",
        ),
        (
            r#"{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","8.0.0.0/6"]}}"#,
            "PRIVATE_NOT_IP_ADDRESS_SUBSET",
        ),
        (
            r#"{"StringEquals":{"aws:SourceVpc":["vpc-12345678","vpc-1234567"]}}"#,
            "INVALID_VPC_FORMAT",
        ),
        (
            r#"{"StringEquals":{"aws:SourceVpce":["vpce-11223344556677889","vpc-12345678"]}}"#,
            "INVALID_VPCE_FORMAT",
        ),
        (
            r#"{"StringLike":{"aws:userid":"x","AWS:UserId":"y"}}"#,
            "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        ),
    ] {
        let inner =
            format!(r#""Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{condition}"#);
        assert_eq!(of_statement(&inner, Kind::Identity), [code], "{condition}");
    }
}

#[test]
fn keys_of_services_and_of_identity_providers_are_known() {
    let inner = r#""Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:viaservice":"s3.eu-west-1.amazonaws.com","kms:EncryptionContext:Department":"IT","s3:ExistingObjectTag/team":"x","SAML:aud":"x","token.actions.githubusercontent.com:sub":"x","ec2:InstanceType":"x"},"NumericLessThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":"9"},"DateLessThan":{"kms:ValidTo":"2030-01-01"},"Bool":{"kms:GrantIsForAWSResource":true},"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":"x"}}"#;
    let found = of_statement(inner, Kind::Identity);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_wrong_type_is_no_error() {
    for condition in [
        r#"{"Bool":{"kms:KeySpec":"true"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}"#,
    ] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"kms:*","Resource":"*","Condition":{condition}}}}}"#
        );
        let found = of_text(&text, Kind::Identity);
        let impacts: Vec<_> = found.iter().map(|finding| finding.impact).collect();
        assert_eq!(impacts, [Impact::Warning], "{condition}");
    }
}

#[test]
fn the_same_statement_twice_is_found_whatever_its_order() {
    let one =
        r#"{"Sid":"a","Effect":"Deny","Action":["s3:GetObject","kms:Encrypt"],"Resource":"*"}"#;
    let other = r#"{"Resource":["*"],"Action":["kms:encrypt","s3:getobject"],"Effect":"Deny"}"#;
    let third = r#"{"Effect":"Deny","Action":"kms:Encrypt","Resource":"*"}"#;
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{one},{third},{other}]}}"#);
    let found = of_text(&text, Kind::Identity);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code, found[0].places.len()),
        ("REDUNDANT_STATEMENT", 2)
    );
}

#[test]
fn a_document_longer_than_its_quota_is_found() {
    let rest = r#""Effect":"Deny","Action":"sts:AssumeRole""#;
    let long = |length: usize| format!(r#"{rest},"Sid":"{}""#, "a".repeat(length));
    let identity = |length| format!(r#"{},"Resource":"*""#, long(length));
    let principal = |length| format!(r#"{},"Principal":{{"AWS":"111111111111"}}"#, long(length));
    for (inner, kind, code) in [
        (
            identity(6_144),
            Kind::Identity,
            "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        ),
        (identity(5_500) + &" ".repeat(5_000), Kind::Identity, ""),
        (identity(6_144), Kind::ServiceControl, ""),
        (
            identity(10_240),
            Kind::ServiceControl,
            "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
        ),
        (
            principal(2_048),
            Kind::Trust,
            "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        ),
    ] {
        assert_eq!(of_statement(&inner, kind).join(" "), code);
    }
}

#[test]
fn the_longest_lists_take_no_time() {
    let many = |entry: fn(usize) -> String| (0..12_000).map(entry).collect::<Vec<_>>().join(",");
    let actions = many(|turn| format!(r#""a{turn:x}*""#));
    let places = many(|_| r#""*""#.to_owned());
    let found = of_statement(
        &format!(r#""Effect":"Deny","Action":[{actions}],"Resource":[{places}]"#),
        Kind::Identity,
    );
    assert!(found.contains(&"REDUNDANT_RESOURCE"));
}

#[test]
fn documents_as_a_whole() {
    for (text, kind, expected) in [
        ("", Kind::Identity, "JSON_SYNTAX_ERROR"),
        (r#"{"Statement":[}"#, Kind::Identity, "JSON_SYNTAX_ERROR"),
        ("[]", Kind::Identity, "DATA_TYPE_MISMATCH"),
        ("{}", Kind::Identity, "MISSING_STATEMENT MISSING_VERSION"),
        (
            r#"{"Version":"2020-01-01","Statement":[]}"#,
            Kind::Identity,
            "INVALID_VERSION MISSING_STATEMENT",
        ),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            Kind::Identity,
            "REDUNDANT_STATEMENT UNIQUE_SIDS_REQUIRED",
        ),
        (
            r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"arn:aws:iam::111111111111:user/${aws:username}"}}"#,
            Kind::Identity,
            "MISSING_VERSION VARIABLE_UNSUPPORTED_IN_VERSION",
        ),
    ] {
        assert_eq!(codes(text, kind).join(" "), expected, "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(codes(&deep, Kind::Identity), ["JSON_SYNTAX_ERROR"]);
}

#[test]
fn places_are_those_of_the_text() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \"Effect\": \"Allow\", \"Resource\": \"*\",\n    \"Action\": [\"s3:GetObject\", \"kms:\u{e4}x\"]\n  }]\n}";
    let findings = of_text(text, Kind::Identity);
    let shown = findings[0].show(&Lines::of(text));
    let place = &shown["locations"][0];
    let path: Vec<_> = place["path"].as_array().unwrap().iter().collect();
    assert_eq!(
        serde_json::to_string(&path).unwrap(),
        r#"[{"value":"Statement"},{"index":0},{"value":"Action"},{"index":1}]"#
    );
    let (start, end) = (&place["span"]["start"], &place["span"]["end"]);
    assert_eq!((&start["line"], &start["column"]), (&5.into(), &31.into()));
    assert_eq!((&end["line"], &end["column"]), (&5.into(), &39.into()));
    let offset = text.chars().position(|letter| letter == '\u{e4}').unwrap() - 5;
    assert_eq!(start["offset"], offset);
    let link = shown["learnMoreLink"].as_str().unwrap();
    assert!(
        link.ends_with("policy-checks-error-invalid-action"),
        "{link}"
    );
}
