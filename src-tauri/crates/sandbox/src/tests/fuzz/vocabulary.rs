//! What the sandbox can be asked: found in its own sources and by asking it, so that an operation
//! that is added is covered without anybody thinking of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::super::Client;
use super::values::{flattened, plausible};
use crate::encoding::percent_encode;
use crate::services::{Form, SERVICES};

/// One operation that the sandbox answers, and the members without which it does not.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) service: &'static str,
    pub(super) form: Form,
    pub(super) name: String,
    pub(super) members: Vec<String>,
}

/// Everything that requests are made of.
pub(super) struct Vocabulary {
    pub(super) operations: Vec<Operation>,
    /// Words in the sources that begin with a capital: members, operations, error codes, enum words.
    pub(super) words: Vec<String>,
    /// Those of them that a function is asked for, by the folder of the source: most are members.
    pub(super) members: BTreeMap<String, Vec<String>>,
    /// Words that begin with a small letter, as the members of Identity Center do.
    pub(super) small_words: Vec<String>,
    /// What AWS says that a member may be.
    pub(super) choices: BTreeMap<String, Vec<String>>,
    /// Words that stand where operations are told apart.
    candidates: Vec<String>,
    /// Headers of AWS's own.
    pub(super) headers: Vec<String>,
    /// Methods and paths in the sources.
    pub(super) paths: Vec<(String, String)>,
}

impl Vocabulary {
    /// Asks a sandbox that is thrown away afterwards.
    pub(super) async fn learn(client: &Client) -> Self {
        let mut vocabulary = Self::of_sources();
        for (_, service, form) in SERVICES {
            if !matches!(form, Form::Json(_) | Form::Query { .. }) {
                continue;
            }
            for name in vocabulary.candidates.clone() {
                // Nearly every operation of KMS is about a key, and hardly one minds being told of it.
                let mut members = Vec::new();
                if *service == "kms" {
                    members.push("KeyId".to_owned());
                }
                let more = HINTS.iter().find(|(operation, _)| *operation == name);
                members.extend(
                    more.into_iter()
                        .flat_map(|(_, more)| more.split(' ').map(str::to_owned)),
                );
                let mut operation = Operation {
                    service,
                    form: *form,
                    name,
                    members,
                };
                if vocabulary.learn_members(client, &mut operation).await {
                    vocabulary.operations.push(operation);
                }
            }
        }
        vocabulary
    }

    /// Adds what is said to be missing until nothing is; `false` if there is no such operation.
    async fn learn_members(&mut self, client: &Client, operation: &mut Operation) -> bool {
        for turn in 0..8 {
            let text = ask(client, operation, &self.choices).await;
            let text = text.replace("&apos;", "'").replace("&#39;", "'");
            let is_unknown = ["UnknownOperationException", "InvalidAction"];
            if turn == 0 && is_unknown.iter().any(|code| text.contains(code)) {
                return false;
            }
            let mut has_learnt = false;
            for (member, rule) in complaints(&text) {
                if let Some((_, set)) = rule.split_once("enum value set: [") {
                    let words = set.split(']').next().unwrap_or_default();
                    let words = words.split(", ").map(str::to_owned).collect();
                    has_learnt |= self.choices.insert(member, words).is_none();
                } else if rule.contains("not be null") && !operation.members.contains(&member) {
                    operation.members.push(member);
                    has_learnt = true;
                }
            }
            if !has_learnt {
                break;
            }
        }
        true
    }
}

/// Asks with the members that are known by now, and answers the text that comes back.
async fn ask(
    client: &Client,
    operation: &Operation,
    choices: &BTreeMap<String, Vec<String>>,
) -> String {
    let first = |member: &String| match choices.get(member) {
        Some(words) => Value::String(words[0].clone()),
        None => plausible(member, "alias/fuzz"),
    };
    let mut request = Request::post("https://localhost/");
    let body = match operation.form {
        Form::Json(prefix) => {
            request = request.header("x-amz-target", format!("{prefix}.{}", operation.name));
            let members = operation.members.iter();
            let members = members.map(|member| (member.clone(), first(member)));
            Value::Object(members.collect()).to_string()
        }
        _ => {
            let mut form = format!("Action={}&Version={}", operation.name, operation.version());
            for member in &operation.members {
                for (name, value) in flattened(member, &first(member)) {
                    form.push_str(&format!("&{name}={}", percent_encode(value.as_bytes())));
                }
            }
            form
        }
    };
    let request = request.body(Bytes::from(body)).unwrap();
    let answer = client.send(operation.service, request).await.unwrap();
    String::from_utf8_lossy(answer.body()).into_owned()
}

impl Operation {
    /// The version of the Query protocols.
    pub(super) fn version(&self) -> &'static str {
        match self.form {
            Form::Query { version, .. } => version,
            _ => "",
        }
    }

    /// The folder of the sources that it is in.
    pub(super) fn folder(&self) -> &str {
        match self.service {
            "monitoring" => "cloudwatch",
            service => service,
        }
    }
}

/// The members that are not as they must be, as they are sent, each with the rule in AWS's words.
fn complaints(text: &str) -> Vec<(String, &str)> {
    let pieces = text.split(" at '").skip(1);
    let complaint = |piece: &'_ str| {
        let (member, _) = piece.split_once('\'')?;
        // The name in front of the first full stop is the member of the request.
        let mut letters = member.split('.').next()?.chars();
        let first = letters.next()?.to_ascii_uppercase();
        Some(format!("{first}{}", letters.as_str()))
    };
    pieces
        .filter_map(|piece| Some((complaint(piece)?, piece)))
        .collect()
}

impl Vocabulary {
    /// The words and paths that stand between quotation marks in the crate's sources.
    fn of_sources() -> Self {
        let (mut words, mut small_words) = (BTreeSet::new(), BTreeSet::new());
        let (mut candidates, mut headers) = (BTreeSet::new(), BTreeSet::new());
        let mut paths = BTreeSet::new();
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (folder, source) in sources() {
            // Every second piece is inside; where a quote is quoted, it is the other ones.
            let pieces: Vec<&str> = source.split('"').collect();
            for (place, piece) in pieces.iter().enumerate().skip(1) {
                let before = pieces[place - 1];
                let is_of = |more: &str| {
                    let mut letters = piece.chars();
                    letters.all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter))
                };
                let is_argument = before.trim_end().ends_with('(');
                match piece.chars().next() {
                    _ if piece.len() > 60 => false,
                    Some('A'..='Z') if is_of("_") => {
                        if is_argument {
                            let folder = members.entry(folder.clone()).or_default();
                            folder.push((*piece).to_owned());
                        }
                        let after = pieces.get(place + 1).map_or("", |after| after.trim_start());
                        if after.starts_with("=>")
                            || after.starts_with('|')
                            || before.ends_with("== ")
                        {
                            candidates.insert((*piece).to_owned());
                        }
                        words.insert((*piece).to_owned())
                    }
                    Some('x') if piece.starts_with("x-amz-") && is_of("-") => {
                        headers.insert((*piece).to_owned())
                    }
                    Some('a'..='z') if is_of("_") => small_words.insert((*piece).to_owned()),
                    // Behind a method.
                    Some('/') if is_of("/_.-") && before == ", " => {
                        paths.insert((pieces[place - 2].to_owned(), (*piece).to_owned()))
                    }
                    _ => false,
                };
            }
        }
        let listed = |set: BTreeSet<String>| set.into_iter().collect();
        let choices = CHOICES.map(|(member, choices)| {
            (
                member.to_owned(),
                choices.split(' ').map(str::to_owned).collect(),
            )
        });
        Self {
            operations: Vec::new(),
            candidates: listed(candidates),
            headers: listed(headers),
            words: listed(words),
            members,
            small_words: listed(small_words),
            choices: choices.into(),
            paths: paths.into_iter().collect(),
        }
    }
}

/// Members that are needed although no refusal says so.
const HINTS: [(&str, &str); 6] = [
    ("GenerateDataKey", "NumberOfBytes"),
    ("GenerateDataKeyWithoutPlaintext", "NumberOfBytes"),
    (
        "ImportKeyMaterial",
        "ImportToken EncryptedKeyMaterial ExpirationModel",
    ),
    ("PutKeyPolicy", "Policy"),
    ("ReEncrypt", "CiphertextBlob"),
    ("UpdateAlias", "TargetKeyId"),
];

/// Choices that no refusal lists, because the members can be left out.
const CHOICES: [(&str, &str); 7] = [
    (
        "EncryptionAlgorithm",
        "SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256",
    ),
    (
        "ExpirationModel",
        "KEY_MATERIAL_DOES_NOT_EXPIRE KEY_MATERIAL_EXPIRES",
    ),
    ("ImportType", "NEW_KEY_MATERIAL EXISTING_KEY_MATERIAL"),
    (
        "KeySpec",
        "AES_256 SYMMETRIC_DEFAULT HMAC_256 ECC_NIST_P256 RSA_2048 ML_DSA_44",
    ),
    (
        "KeyUsage",
        "ENCRYPT_DECRYPT SIGN_VERIFY GENERATE_VERIFY_MAC KEY_AGREEMENT",
    ),
    ("MessageType", "RAW DIGEST EXTERNAL_MU"),
    ("Origin", "AWS_KMS EXTERNAL AWS_CLOUDHSM EXTERNAL_KEY_STORE"),
];

/// The crate's sources, each with the folder below `src` that it is in.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let below = folder.strip_prefix(&root).unwrap().iter().next();
        let below = below.unwrap_or_default().to_string_lossy().into_owned();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push((below.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    // The order of a folder is nobody's promise, and the words are drawn by their places.
    found.sort();
    found
}
