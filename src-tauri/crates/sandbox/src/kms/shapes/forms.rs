//! The patterns of AWS's model: the words in which a violation tells them, and what they mean.
//!
//! Each is small enough to be said in code, so no pattern language is needed here.

/// A pattern that the whole of a text has to match.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) pattern: &'static str,
    pub(super) holds: fn(&str) -> bool,
}

pub(super) const FREE: Form = Form {
    pattern: "",
    holds: |_| true,
};

pub(super) const NAME: Form = Form {
    pattern: "^[a-zA-Z0-9:/_-]+$",
    holds: |text| {
        each(text, |letter| {
            is_alphanumeric(letter) || ":/_-".contains(letter)
        })
    },
};

pub(super) const DOCUMENT: Form = Form {
    pattern: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    holds: |text| {
        each(text, |letter| {
            matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}')
        })
    },
};

pub(super) const MARKER: Form = Form {
    pattern: r"[\u0020-\u00FF]*",
    holds: |text| text.chars().all(|letter| matches!(letter, ' '..='\u{ff}')),
};

pub(super) const WORD: Form = Form {
    pattern: r"[\w]+",
    holds: |text| each(text, is_word),
};

pub(super) const HEX: Form = Form {
    pattern: "^[a-f0-9]+$",
    holds: |text| each(text, |letter| matches!(letter, 'a'..='f' | '0'..='9')),
};

pub(super) const WORDS: Form = Form {
    pattern: r"^[a-zA-Z0-9:/_\s.-]+$",
    holds: |text| {
        each(text, |letter| {
            is_alphanumeric(letter) || is_space(letter) || ":/_.-".contains(letter)
        })
    },
};

pub(super) const REGION: Form = Form {
    pattern: r"^([a-z]+-){2,3}\d+$",
    holds: is_region,
};

pub(super) const PRINCIPAL: Form = Form {
    pattern: r"^[\w+=,.@:/-]+$",
    holds: |text| {
        each(text, |letter| {
            is_word(letter) || "+=,.@:/-".contains(letter)
        })
    },
};

pub(super) const SERVICE_PRINCIPAL: Form = Form {
    pattern: r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$",
    holds: |text| {
        let labels: Vec<_> = text.split('.').collect();
        labels.len() > 2
            && labels
                .iter()
                .all(|label| each(label, |letter| is_alphanumeric(letter) || letter == '-'))
    },
};

pub(super) const SOURCE_ARN: Form = Form {
    pattern: "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
    holds: is_source_arn,
};

pub(super) const CLUSTER_ID: Form = Form {
    pattern: "cluster-[2-7a-zA-Z]{11,16}",
    holds: |text| {
        text.strip_prefix("cluster-").is_some_and(|id| {
            (11..=16).contains(&id.len())
                && each(
                    id,
                    |letter| matches!(letter, '2'..='7' | 'a'..='z' | 'A'..='Z'),
                )
        })
    },
};

pub(super) const PROXY_ENDPOINT: Form = Form {
    pattern: "^https://[a-zA-Z0-9.-]+$",
    holds: |text| {
        text.strip_prefix("https://").is_some_and(|host| {
            each(host, |letter| {
                is_alphanumeric(letter) || ".-".contains(letter)
            })
        })
    },
};

pub(super) const PROXY_PATH: Form = Form {
    pattern: r"^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$",
    holds: is_proxy_path,
};

pub(super) const ENDPOINT_SERVICE: Form = Form {
    pattern: r"^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$",
    holds: |text| {
        let parts: Vec<_> = text.split('.').collect();
        let ["com" | "eu", "amazonaws", "vpce", region, service] = parts[..] else {
            return false;
        };
        is_region(region)
            && service
                .strip_prefix("vpce-svc-")
                .is_some_and(|id| each(id, |letter| matches!(letter, '0'..='9' | 'a'..='z')))
    },
};

/// The same where an empty text takes the name away, as the text of `UpdateCustomKeyStore` has it.
pub(super) const ENDPOINT_SERVICE_OR_NONE: Form = Form {
    pattern: ENDPOINT_SERVICE.pattern,
    holds: |text| text.is_empty() || text.len() >= 20 && (ENDPOINT_SERVICE.holds)(text),
};

pub(super) const ACCOUNT: Form = Form {
    pattern: "[0-9]{12}",
    holds: |text| text.len() == 12 && each(text, |letter| letter.is_ascii_digit()),
};

/// Wider than its pattern by four digits: the example of `CreateCustomKeyStore` is
/// `ABCDE12345670EXAMPLE`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html>
pub(super) const PROXY_KEY_ID: Form = Form {
    pattern: "^[A-Z2-7]+$",
    holds: |text| {
        each(text, |letter| {
            letter.is_ascii_uppercase() || letter.is_ascii_digit()
        })
    },
};

pub(super) const PROXY_SECRET: Form = Form {
    pattern: r"^[a-zA-Z0-9\/+=]+$",
    holds: |text| {
        each(text, |letter| {
            is_alphanumeric(letter) || "/+=".contains(letter)
        })
    },
};

pub(super) const EXTERNAL_KEY_ID: Form = Form {
    pattern: "^[a-zA-Z0-9-_.]+$",
    holds: |text| {
        each(text, |letter| {
            is_alphanumeric(letter) || "-_.".contains(letter)
        })
    },
};

/// At least one letter, and all of this kind.
fn each(text: &str, kind: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(kind)
}

fn is_alphanumeric(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
}

/// `\w`.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// `\s`.
fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

fn is_region(text: &str) -> bool {
    let labels: Vec<_> = text.split('-').collect();
    let Some((number, words)) = labels.split_last() else {
        return false;
    };
    matches!(words.len(), 2 | 3)
        && each(number, |letter| letter.is_ascii_digit())
        && words
            .iter()
            .all(|word| each(word, |letter| letter.is_ascii_lowercase()))
}

fn is_source_arn(text: &str) -> bool {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts[..] else {
        return false;
    };
    let is_label = |letter: char| matches!(letter, 'a'..='z' | '0'..='9' | '-');
    partition.starts_with("aws")
        && partition.chars().all(is_label)
        && each(service, is_label)
        && region.chars().all(is_label)
        && (ACCOUNT.holds)(account)
        && !resource.is_empty()
}

fn is_proxy_path(text: &str) -> bool {
    let Some((before, version)) = text.rsplit_once("/kms/xks/v") else {
        return false;
    };
    let is_prefix = before.is_empty()
        || before.strip_prefix('/').is_some_and(|rest| {
            each(rest, |letter| {
                is_alphanumeric(letter) || "/_-".contains(letter)
            })
        });
    is_prefix && matches!(version.len(), 1 | 2) && each(version, |letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_takes_what_its_pattern_takes() {
        for (form, good, bad) in [
            (NAME, "alias/My-key_1:x", "alias/my key"),
            (DOCUMENT, "{\n\t\"a\": \"\u{ff}\"}", "{\"\u{100}\"}"),
            (MARKER, "", "\n"),
            (WORD, "default_1", "a-b"),
            (HEX, "09af", "09AF"),
            (WORDS, "2026: a/b_c.d-e", "caf\u{e9}"),
            (REGION, "us-gov-west-1", "nowhere"),
            (PRINCIPAL, "arn:aws:iam::111111111111:user/a+b@c", "a b"),
            (
                SERVICE_PRINCIPAL,
                "s3.eu-west-1.amazonaws.com",
                "amazonaws.com",
            ),
            (
                SOURCE_ARN,
                "arn:aws:sns:eu-west-1:111111111111:topic",
                "arn:aws:s3:::bucket",
            ),
            (CLUSTER_ID, "cluster-abcdefg2345", "cluster-abc"),
            (
                PROXY_ENDPOINT,
                "https://xks.example.com",
                "http://xks.example.com",
            ),
            (PROXY_PATH, "/kms/xks/v1", "/kms/xks/v100"),
            (PROXY_PATH, "/a/b-c/kms/xks/v12", "kms/xks/v1"),
            (
                ENDPOINT_SERVICE,
                "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b",
                "com.amazonaws.vpce.x.vpce-svc-0",
            ),
            (ACCOUNT, "111111111111", "11111111111"),
            (PROXY_KEY_ID, "ABCDEFGHIJKLMNOPQRST", "abc"),
            (PROXY_KEY_ID, "ABCDE12345670EXAMPLE", "A-1"),
            (PROXY_SECRET, "abc/+=", "a b"),
            (EXTERNAL_KEY_ID, "key-1_2.3", "key/1"),
        ] {
            assert!((form.holds)(good), "{} {good}", form.pattern);
            assert!(!(form.holds)(bad), "{} {bad}", form.pattern);
        }
    }
}
