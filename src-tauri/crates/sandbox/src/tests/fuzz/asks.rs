//! The requests: each kind is made of chance, of what the sandbox understands, and of what it
//! answered before.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Request};
use serde_json::Value;
use time::OffsetDateTime;

use super::super::dice::Dice;
use super::values::{flattened, hostile, hostile_text, mutate, plausible};
use super::vocabulary::{Operation, Vocabulary};
use super::wire::written;
use crate::encoding::percent_encode;
use crate::services::{Form, SERVICES};
use crate::sigv4::testing::signed;

/// What one client knows.
pub(super) struct Asker<'a> {
    pub(super) dice: Dice,
    pub(super) vocabulary: &'a Vocabulary,
    /// Whether this request is as good as the client can make it: else nothing behind the first
    /// check would ever be reached.
    is_honest: bool,
    /// Strings of the answers by the name of their member, the latest few of each.
    heard: BTreeMap<String, Vec<String>>,
}

/// What Identity Center and the console's sign-in ask for.
const SIGN_IN_MEMBERS: [&str; 12] = [
    "clientName",
    "clientType",
    "clientId",
    "clientSecret",
    "startUrl",
    "grantType",
    "deviceCode",
    "refreshToken",
    "scopes",
    "code",
    "role_name",
    "account_id",
];

/// What the name of a parameter may end with, and some that it may not.
const SUFFIXES: [&str; 6] = [
    ".member.1",
    ".1",
    ".member.1.Key",
    ".member.99999999999",
    ".member.",
    ".Filter.1.Value.1",
];

/// Mostly one, so that keys are found again.
const REGIONS: [&str; 8] = [
    "eu-west-1",
    "eu-west-1",
    "eu-west-1",
    "eu-west-1",
    "eu-west-1",
    "eu-west-1",
    "us-west-2",
    "cn-north-1",
];

impl<'a> Asker<'a> {
    pub(super) fn new(seed: u64, vocabulary: &'a Vocabulary) -> Self {
        Self {
            dice: Dice::new(seed),
            vocabulary,
            is_honest: false,
            heard: BTreeMap::new(),
        }
    }

    /// Remembers the strings of an answer, JSON or XML.
    pub(super) fn hear(&mut self, body: &[u8]) {
        let mut found = Vec::new();
        match serde_json::from_slice(body) {
            Ok(answer) => strings(&answer, &mut found),
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                let elements = text.split('<').filter_map(|piece| piece.split_once('>'));
                found.extend(elements.map(|(name, text)| (name.to_owned(), text.to_owned())));
            }
        }
        for (name, text) in found {
            if text.is_empty() || text.len() > 10_000 {
                continue;
            }
            let name = match name.as_str() {
                "NextMarker" => "Marker".to_owned(),
                "KeyArn" | "Arn" => "KeyId".to_owned(),
                _ => name,
            };
            let known = self.heard.entry(name).or_default();
            known.push(text);
            if known.len() > 8 {
                known.remove(0);
            }
        }
    }

    /// Bytes that are HTTP at most in part.
    pub(super) fn framing(&mut self) -> Vec<u8> {
        let dice = &mut self.dice;
        let target = dice.one_of(&[
            "/",
            "/_sandbox/clock",
            "/token",
            "//",
            "/%00%zz",
            "*",
            "http://x/",
            "/?a=%ff&&==",
        ]);
        let body = "{\"advance_s\":1}";
        let plain = format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut bytes = match dice.below(14) {
            0 => return { let length = dice.below(600); dice.bytes(length) },
            1 => {
                let length = dice.one_of(&["-1", "+5", "0x10", "99999999999999999999", "18446744073709551615", "5, 5", "5, 6", "", "1e3"]);
                format!("POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
            }
            2 => {
                let size = dice.one_of(&["f", "0", "-1", "ffffffffffffffff", "fffffffffffffffff", "zz", "5;ext=\"", "00000000000000000005"]);
                format!("POST {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{body}\r\n0\r\n\r\n").into_bytes()
            }
            3 => format!("POST {target} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\nTrailer: {}\r\n\r\n", "t".repeat(dice.below(70_000))).into_bytes(),
            4 => format!("GET {target} HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(dice.one_of(&[1, 99, 100, 101, 5_000]))).into_bytes(),
            5 => format!("GET {target} HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(dice.one_of(&[1_000, 65_000, 66_000, 300_000]))).into_bytes(),
            6 => format!("GET /{} HTTP/1.1\r\n\r\n", "p".repeat(dice.one_of(&[1_000, 65_000, 70_000]))).into_bytes(),
            7 => plain.repeat(dice.one_of(&[2, 3, 20])).into_bytes(),
            8 => plain.replace("\r\n", dice.one_of(&["\n", "\r", "\r\r\n", "\n\r"])).into_bytes(),
            9 => {
                let version = dice.one_of(&["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/9", "", "HTTP/1.1 x"]);
                let method = dice.one_of(&["GET", "PRI", "CONNECT", "OPTIONS", "get", "\u{1}", "A".repeat(300).as_str()]).to_owned();
                format!("{method} {target} {version}\r\nExpect: 100-continue\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n").into_bytes()
            }
            10 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            11 => {
                let name = dice.one_of(&["authorization", "x-amz-target", "x-amz-date", "host", "content-type", "x-amz-security-token"]);
                let mut head = format!("POST {target} HTTP/1.1\r\n{name}: ").into_bytes();
                head.extend(dice.bytes(40).into_iter().filter(|byte| !b"\r\n".contains(byte)));
                head.extend_from_slice(b"\r\nContent-Length: 0\r\n\r\n");
                head
            }
            // Larger than what is taken, and not all of it sent.
            12 if dice.once_in(20) => {
                let mut large = format!("POST {target} HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n").into_bytes();
                large.resize(dice.one_of(&[1_000, 8_400_000, 8_999_999]), b' ');
                return large;
            }
            _ => plain.into_bytes(),
        };
        if dice.once_in(2) {
            mutate(dice, &mut bytes);
        }
        bytes
    }

    /// A request with a signature that holds, to an operation that there is; now and then neither.
    pub(super) fn signed(&mut self) -> (String, Vec<u8>) {
        self.is_honest = self.dice.once_in(3);
        if self.dice.once_in(8) {
            return self.rest();
        }
        let mut operation = self.dice.one_of(&self.vocabulary.operations);
        if self.is_rarely(30) {
            operation.name = self.dice.one_of(&self.vocabulary.words);
        }
        let mut body = match operation.form {
            Form::Json(_) => self.json(&operation),
            _ => self.form(&operation),
        };
        if self.is_rarely(12) {
            mutate(&mut self.dice, &mut body);
        }
        let dice = &mut self.dice;
        let path = match dice.below(20) {
            _ if self.is_honest => "/",
            0 => "/?Action=ListKeys&Version=2010-05-08&%ff=%",
            1 => "//a/../%2e%2e/%00",
            2 => "/bucket/key?uploads&x=%2525",
            _ => "/",
        };
        let method = if !self.is_honest && dice.once_in(30) {
            dice.one_of(&["GET", "PUT", "DELETE", "X"])
        } else {
            "POST"
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost");
        request = match operation.form {
            Form::Json(prefix) => {
                let prefix = if dice.once_in(40) { "Trent" } else { prefix };
                request
                    .header("content-type", "application/x-amz-json-1.1")
                    .header("x-amz-target", format!("{prefix}.{}", operation.name))
            }
            _ => request.header("content-type", "application/x-www-form-urlencoded"),
        };
        let request = request.body(Bytes::from(body)).unwrap();
        let key_id = dice.one_of(&[
            "test",
            "test",
            "test",
            "test",
            "test",
            "test",
            "222222222222",
            "AKIASANDBOXAUDITOR00",
        ]);
        let region = dice.one_of(&REGIONS);
        let mut request = signed(
            request,
            key_id,
            "test",
            region,
            operation.service,
            OffsetDateTime::now_utc(),
        );
        if dice.once_in(40) {
            let name = dice.one_of(&["authorization", "x-amz-date", "x-amz-target", "host"]);
            let mut value = request
                .headers()
                .get(name)
                .map(|value| value.as_bytes().to_vec())
                .unwrap_or_default();
            mutate(dice, &mut value);
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request.headers_mut().insert(name, value);
            }
        }
        (
            format!("{}:{}", operation.service, operation.name),
            written(&request),
        )
    }

    /// The same where method and path say the operation: S3, and REST with JSON.
    fn rest(&mut self) -> (String, Vec<u8>) {
        let rest = SERVICES
            .iter()
            .filter(|(_, _, form)| matches!(form, Form::RestJson | Form::RestXml));
        let rest: Vec<_> = rest.map(|(_, name, form)| (*name, *form)).collect();
        let (service, form) = self.dice.one_of(&rest);
        let (method, path) = match form {
            Form::RestXml => {
                let word = self.dice.one_of(&self.vocabulary.small_words);
                let value = self.text(&word);
                let bucket = self
                    .dice
                    .one_of(&["", "bucket", "bucket", "b%00", "..", "a.b-c", "UPPER"]);
                let key = self.dice.one_of(&["", "", "/key", "/a/b//c", "/%ff"]);
                let query = self.dice.one_of(&[
                    "",
                    "&list-type=2&max-keys=-1",
                    "&versionId=x",
                    "&x-id=PutObject",
                ]);
                let path = format!(
                    "/{bucket}{key}?{word}={}{query}",
                    percent_encode(value.as_bytes())
                );
                (
                    self.dice
                        .one_of(&["GET", "PUT", "PUT", "POST", "DELETE", "HEAD"])
                        .to_owned(),
                    path,
                )
            }
            _ => self.dice.one_of(&self.vocabulary.paths),
        };
        let body = match form {
            Form::RestXml => self.xml(),
            _ => {
                let names: Vec<String> = (0..4)
                    .map(|_| self.dice.one_of(&self.vocabulary.small_words))
                    .collect();
                self.object(&names)
            }
        };
        let mut request = Request::builder()
            .method(method.as_str())
            .uri(&path)
            .header("host", "localhost");
        for _ in 0..self.dice.below(4) {
            let name = self.dice.one_of(&self.vocabulary.headers);
            let value = self.text(&name);
            // Signing writes these itself.
            let is_free = !["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]
                .contains(&name.as_str());
            if let (Ok(value), true) = (
                HeaderValue::from_str(&value),
                is_free && !path.contains(&name),
            ) {
                request = request.header(name, value);
            }
        }
        let Ok(request) = request.body(Bytes::from(body)) else {
            return (
                service.to_owned(),
                format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes(),
            );
        };
        let request = signed(
            request,
            "test",
            "test",
            "eu-west-1",
            service,
            OffsetDateTime::now_utc(),
        );
        (format!("{service}:{method}"), written(&request))
    }

    /// Something like XML, sometimes deeper than anybody nests it.
    fn xml(&mut self) -> Vec<u8> {
        let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_vec();
        let depth = self.dice.one_of(&[1, 2, 3, 4, 4, 60_000]);
        let names: Vec<String> = (0..depth.min(8))
            .map(|_| self.dice.one_of(&self.vocabulary.words))
            .collect();
        for level in 0..depth {
            out.extend_from_slice(format!("<{}>", names[level % names.len()]).as_bytes());
        }
        out.extend_from_slice(self.text("Value").as_bytes());
        for level in (0..depth).rev() {
            out.extend_from_slice(format!("</{}>", names[level % names.len()]).as_bytes());
        }
        if self.is_rarely(3) {
            mutate(&mut self.dice, &mut out);
        }
        out
    }

    /// A request to a control path.
    pub(super) fn control(&mut self) -> Vec<u8> {
        self.is_honest = self.dice.once_in(3);
        let words = [
            "health", "calls", "clock", "faults", "sso", "login", "reset", "", "../calls", "\u{1d}",
        ];
        let members = [
            "advance_s",
            "service",
            "operation",
            "region",
            "nth",
            "kind",
            "delay_ms",
            "approve",
            "user_code",
            "user",
        ];
        for kind in [
            "throttle",
            "500",
            "drop_answer",
            "delay_ms",
            "close",
            "*",
            "kms",
        ] {
            self.hear(
                format!("{{\"kind\":\"{kind}\",\"service\":\"{kind}\",\"approve\":\"{kind}\"}}")
                    .as_bytes(),
            );
        }
        let word = percent_encode(self.dice.one_of(&words).as_bytes());
        let method = self
            .dice
            .one_of(&["GET", "POST", "POST", "POST", "DELETE", "PUT"]);
        let names: Vec<String> = (0..3)
            .map(|_| self.dice.one_of(&members).to_owned())
            .collect();
        let body = self.object(&names);
        self.unsigned(
            method,
            &format!("/_sandbox/{word}"),
            body,
            "application/json",
        )
    }

    /// A request to Identity Center or the console's sign-in.
    pub(super) fn sign_in(&mut self) -> Vec<u8> {
        self.is_honest = self.dice.once_in(2);
        let (mut method, mut path) = self.dice.one_of(&self.vocabulary.paths);
        if self.is_rarely(8) {
            method = self.dice.one_of(&["GET", "POST", "PUT"]).to_owned();
        }
        let names: Vec<String> = match self.is_honest {
            true => SIGN_IN_MEMBERS.map(str::to_owned).to_vec(),
            false => (0..self.dice.below(8))
                .map(|_| self.sign_in_member())
                .collect(),
        };
        if method == "GET" {
            let pairs: Vec<String> = names
                .iter()
                .map(|name| format!("{name}={}", percent_encode(self.text(name).as_bytes())))
                .collect();
            path = format!("{path}?{}", pairs.join("&"));
        }
        let body = self.object(&names);
        self.unsigned(&method, &path, body, "application/json")
    }

    fn sign_in_member(&mut self) -> String {
        match self.dice.below(5) {
            0 => self.dice.one_of(&self.vocabulary.small_words),
            _ => self.dice.one_of(&SIGN_IN_MEMBERS).to_owned(),
        }
    }

    fn unsigned(&mut self, method: &str, path: &str, mut body: Vec<u8>, kind: &str) -> Vec<u8> {
        if self.is_rarely(6) {
            mutate(&mut self.dice, &mut body);
        }
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind);
        for name in ["dpop", "authorization", "x-amz-sso_bearer_token", "origin"] {
            let is_token = name.starts_with("x-amz");
            if !self
                .dice
                .once_in(if is_token && self.is_honest { 1 } else { 8 })
            {
                continue;
            }
            let value = self.text(if is_token { "accessToken" } else { name });
            if let Ok(value) = HeaderValue::from_str(&value) {
                request = request.header(name, value);
            }
        }
        match request.body(Bytes::from(body)) {
            Ok(request) => written(&request),
            Err(_) => format!("{method} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
                .into_bytes(),
        }
    }

    /// True once in `times` when the request need not be good.
    fn is_rarely(&mut self, times: usize) -> bool {
        !self.is_honest && self.dice.once_in(times)
    }

    /// The members that the operation needs, most of the time, and some more.
    fn json(&mut self, operation: &Operation) -> Vec<u8> {
        let mut members = self.members(operation);
        if self.is_rarely(50) {
            return hostile(&mut self.dice, &self.vocabulary.words);
        }
        if self.is_rarely(30) {
            members.extend(members.clone());
        }
        let pairs: Vec<Vec<u8>> = members.into_iter().map(|name| self.pair(&name)).collect();
        [b"{", pairs.join(&b","[..]).as_slice(), b"}"].concat()
    }

    fn form(&mut self, operation: &Operation) -> Vec<u8> {
        let mut form = format!("Action={}&Version={}", operation.name, operation.version());
        for name in self.members(operation) {
            let value = match self.is_rarely(4) {
                true => Value::String(self.text(&name)),
                false => self.sensible(&name),
            };
            for (mut name, value) in flattened(&name, &value) {
                if self.is_rarely(8) {
                    name.push_str(self.dice.one_of(&SUFFIXES));
                }
                let value = match self.is_rarely(10) {
                    true => value,
                    false => percent_encode(value.as_bytes()),
                };
                form.push_str(&format!("&{name}={value}"));
            }
        }
        form.into_bytes()
    }

    fn members(&mut self, operation: &Operation) -> Vec<String> {
        let mut members = Vec::new();
        for name in &operation.members {
            if !self.is_rarely(12) {
                members.push(name.clone());
            }
        }
        let more = if self.is_honest { 2 } else { 4 };
        for _ in 0..self.dice.below(more) {
            let folder = self.vocabulary.members.get(operation.folder());
            members.extend(folder.map(|folder| self.dice.one_of(folder)));
        }
        members
    }

    /// A JSON object with most of these members.
    fn object(&mut self, names: &[String]) -> Vec<u8> {
        let wanted: Vec<&String> = names.iter().filter(|_| !self.is_rarely(3)).collect();
        let pairs: Vec<Vec<u8>> = wanted.into_iter().map(|name| self.pair(name)).collect();
        [b"{", pairs.join(&b","[..]).as_slice(), b"}"].concat()
    }

    fn pair(&mut self, name: &str) -> Vec<u8> {
        let value = if self.is_rarely(4) {
            hostile(&mut self.dice, &self.vocabulary.words)
        } else {
            self.sensible(name).to_string().into_bytes()
        };
        let name = Value::String(name.to_owned()).to_string();
        [name.as_bytes(), b":", &value].concat()
    }

    fn text(&mut self, name: &str) -> String {
        if self.is_rarely(4) {
            return hostile_text(&mut self.dice, &self.vocabulary.words);
        }
        let value = self.sensible(name);
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    }

    /// A word that AWS listed for this member, something that was heard under its name, or what one
    /// would send.
    fn sensible(&mut self, name: &str) -> Value {
        if let Some(words) = self.vocabulary.choices.get(name) {
            let word = self.dice.one_of(words);
            // Making these pairs takes seconds each.
            let is_slow = ["RSA_3072", "RSA_4096"].contains(&word.as_str());
            return Value::String(if is_slow && !self.dice.once_in(50) {
                words[0].clone()
            } else {
                word
            });
        }
        let kin = if name.ends_with("KeyId") {
            "KeyId"
        } else {
            name
        };
        match self.heard.get(kin) {
            Some(heard) if !self.dice.once_in(4) => Value::String(self.dice.one_of(heard)),
            heard => plausible(
                name,
                heard
                    .and_then(|heard| heard.last())
                    .map_or("alias/fuzz", String::as_str),
            ),
        }
    }
}

fn strings(value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) => found.push((name.clone(), text.clone())),
                    value => strings(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        _ => {}
    }
}
