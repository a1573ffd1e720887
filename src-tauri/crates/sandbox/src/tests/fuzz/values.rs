//! Values that no honest client sends, and some that one would.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::dice::Dice;
use crate::START_URL;

/// What an honest client might send for a member of this name; `key` names a key.
pub(super) fn plausible(member: &str, key: &str) -> Value {
    let root = "arn:aws:iam::111111111111:root";
    match member {
        "advance_s" | "nth" | "delay_ms" => json!(16),
        "approve" => json!(true),
        "clientType" => json!("public"),
        "grantType" => json!("urn:ietf:params:oauth:grant-type:device_code"),
        "startUrl" => json!(START_URL),
        "scopes" => json!(["sso:account:access"]),
        "user" => json!("arn:aws:iam::111111111111:user/test"),
        "AliasName" => json!("alias/fuzz"),
        "BypassPolicyLockoutSafetyCheck" | "DryRun" | "MultiRegion" => json!(true),
        "EncryptionContext" | "SourceEncryptionContext" | "DestinationEncryptionContext" => {
            json!({"a": "b"})
        }
        "GrantOperations" | "Operations" => json!(["Decrypt", "Encrypt"]),
        "KeySpec" => json!("AES_256"),
        "Limit" | "MaxItems" | "NumberOfBytes" => json!(16),
        "PendingWindowInDays" => json!(7),
        "Policy" | "PolicyDocument" | "AssumeRolePolicyDocument" => json!(policy(root)),
        "RotationPeriodInDays" => json!(90),
        "Tags" => json!([{"TagKey": "a", "TagValue": "b"}]),
        "TagKeys" => json!(["a"]),
        "ActionNames" => json!(["kms:Encrypt", "s3:*"]),
        "AWSServiceName" => json!("mrk.kms.amazonaws.com"),
        "CloudHsmClusterId" => json!("cluster-abcdefghijk"),
        "CustomKeyStoreId" => json!("cks-1234567890abcdef0"),
        "KeyPairSpec" => json!("ECC_NIST_P256"),
        "PermissionsBoundary" | "PolicyArn" => json!("arn:aws:iam::aws:policy/ReadOnlyAccess"),
        "PolicyInputList" => json!([policy(root)]),
        "PolicySourceArn" | "Arn" => json!("arn:aws:iam::111111111111:user/test"),
        "OpenIDConnectProviderArn" => {
            json!("arn:aws:iam::111111111111:oidc-provider/a.example.com")
        }
        "SAMLProviderArn" => json!("arn:aws:iam::111111111111:saml-provider/fuzz"),
        "SAMLMetadataDocument" => json!("<a/>".repeat(300)),
        "SerialNumber" => json!("arn:aws:iam::111111111111:mfa/priya.nair"),
        "ThumbprintList" => json!(["a".repeat(40)]),
        "Url" => json!("https://a.example.com"),
        "RoleArn" => json!("arn:aws:iam::222222222222:role/OwnKeyAdministrator"),
        "RoleName" => json!("OwnKeyAdministrator"),
        "UserName" => json!("test"),
        name if name.ends_with("KeyId") => json!(key),
        name if name.ends_with("Principal") => json!(root),
        name if name.ends_with("Region") => json!("us-west-2"),
        "CiphertextBlob"
        | "EncryptedKeyMaterial"
        | "ImportToken"
        | "Mac"
        | "Message"
        | "Plaintext"
        | "PublicKey"
        | "Signature" => {
            json!(STANDARD.encode([7; 32]))
        }
        _ => json!("fuzz"),
    }
}

/// A value as the parameters of a form.
pub(super) fn flattened(name: &str, value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(items) => (1..)
            .zip(items)
            .flat_map(|(place, item)| flattened(&format!("{name}.member.{place}"), item))
            .collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(member, value)| {
                flattened(
                    &format!("{name}.{}", member.trim_start_matches("Tag")),
                    value,
                )
            })
            .collect(),
        Value::String(text) => vec![(name.to_owned(), text.clone())],
        value => vec![(name.to_owned(), value.to_string())],
    }
}

/// A JSON text that may not even be one.
pub(super) fn hostile(dice: &mut Dice, words: &[String]) -> Vec<u8> {
    match dice.below(13) {
        0 => dice
            .one_of(&[
                "null",
                "true",
                "false",
                "[]",
                "{}",
                "\"\"",
                "[null]",
                "{\"a\":null}",
            ])
            .into(),
        1 | 2 => dice.one_of(&NUMBERS).into(),
        3 | 4 => quoted(&long_text(dice)),
        5 => {
            let length = dice.one_of(&[
                0, 1, 15, 16, 31, 32, 33, 64, 255, 256, 257, 512, 4_096, 4_097, 6_144, 6_145,
            ]);
            quoted(&STANDARD.encode(dice.bytes(length)))
        }
        6 => dice.one_of(&STRANGE_STRINGS).into(),
        7 => {
            let depth = dice.one_of(&[1, 5, 100, 127, 128, 129, 5_000]);
            let (open, close) = dice.one_of(&[("[", "]"), ("{\"a\":", "}")]);
            format!("{}1{}", open.repeat(depth), close.repeat(depth)).into()
        }
        8 => {
            let item = dice.one_of(&[
                "\"a\"",
                "1",
                "null",
                "{}",
                "{\"TagKey\":\"a\",\"TagValue\":1}",
            ]);
            let count = dice.one_of(&[1, 2, 10, 11, 50, 51, 1_000]);
            format!("[{}]", vec![item; count].join(",")).into()
        }
        9 => {
            let value = dice.one_of(&["\"b\"", "1", "null", "\"\u{0}\""]);
            let pairs: Vec<_> = (0..dice.one_of(&[1, 8, 400]))
                .map(|turn| format!("\"{turn}\":{value}"))
                .collect();
            format!("{{{}}}", pairs.join(",")).into()
        }
        10 => quoted(&mutated_text(
            dice,
            &policy("arn:aws:iam::111111111111:root"),
        )),
        11 => quoted(&arn(dice)),
        _ => quoted(&dice.one_of(words)),
    }
}

/// The same as a parameter of a form, not encoded.
pub(super) fn hostile_text(dice: &mut Dice, words: &[String]) -> String {
    match dice.below(8) {
        0 => dice.one_of(&NUMBERS).to_owned(),
        1 | 2 => long_text(dice),
        3 => mutated_text(dice, &policy("arn:aws:iam::111111111111:root")),
        4 => arn(dice),
        5 => String::from_utf8_lossy(&dice.bytes(20)).into_owned(),
        6 => String::new(),
        _ => dice.one_of(words),
    }
}

/// Flips, cuts, doubles or inserts somewhere.
pub(super) fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>) {
    for _ in 0..=dice.below(3) {
        let place = dice.below(bytes.len() + 1);
        match dice.below(5) {
            0 if place < bytes.len() => bytes[place] ^= 1 << dice.below(8),
            1 => bytes.truncate(place),
            2 => {
                let piece = bytes[place..].to_vec();
                bytes.extend_from_slice(&piece);
            }
            3 if place < bytes.len() => {
                bytes.remove(place);
            }
            _ => {
                let new = dice.one_of(&[
                    b'\0', b'"', b'{', b'}', b'[', b'\\', b'%', b'&', b'=', b'\r', b'\n', 0xff,
                    0xc3, b'9',
                ]);
                bytes.insert(place, new);
            }
        }
    }
}

pub(super) fn policy(principal: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "a", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["kms:*", "sts:AssumeRole"],
            "Resource": "*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"},
                "Bool": {"aws:MultiFactorAuthPresent": "true"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                "NumericLessThan": {"kms:RotationPeriodInDays": "365"}, "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
        }],
    })
    .to_string()
}

fn mutated_text(dice: &mut Dice, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if dice.once_in(3) {
        return text.to_owned();
    }
    mutate(dice, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn long_text(dice: &mut Dice) -> String {
    let length = dice.one_of(&[
        0, 1, 2, 32, 63, 64, 65, 128, 129, 256, 257, 1_024, 2_048, 2_049, 8_192, 8_193, 32_769,
    ]);
    dice.one_of(&[
        "a",
        "\u{e9}",
        "\u{1d11e}",
        "\0",
        "/",
        ":",
        "*",
        " ",
        "\u{202e}",
        "%",
    ])
    .repeat(length)
}

fn arn(dice: &mut Dice) -> String {
    let arn = dice.one_of(&[
        "arn:aws:kms:eu-west-1:111111111111:key/mrk-",
        "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3",
        "arn:aws:iam::111111111111:user/test",
        "arn:aws-cn:iam::111111111111:role/a/b/c",
        "arn:aws:sts::111111111111:assumed-role/a/b",
        "arn:::::",
        "alias/",
        "alias/aws/ebs",
    ]);
    mutated_text(dice, arn)
}

fn quoted(text: &str) -> Vec<u8> {
    Value::String(text.to_owned()).to_string().into_bytes()
}

const NUMBERS: [&str; 20] = [
    "0",
    "-1",
    "1",
    "6",
    "31",
    "365",
    "1000",
    "1001",
    "-0",
    "0.5",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e15",
    "1e400",
    "-1e308",
    "253402300800",
    "1795000000.123456789",
];

const STRANGE_STRINGS: [&[u8]; 10] = [
    b"\"\\ud800\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\u0000\"",
    b"\"\xff\xfe\"",
    b"\"\xc3\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\\x\"",
    b"\"unended",
    b"NaN",
];
