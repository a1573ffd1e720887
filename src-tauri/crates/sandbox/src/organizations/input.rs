//! Reads requests, and cuts lists into pages. What does not fit is refused with AWS's word for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult};
use crate::iam::account::{Tags, is_account_id};

/// AWS's limit of entries on a page, and how many there are if a request does not say.
const PAGE: u64 = 20;

/// AWS's limit of tags on anything.
const MOST_TAGS: usize = 50;

#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Input<'a> {
    fn given(self, member: &str) -> Option<&'a Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    /// A text of so many characters, if it is there.
    pub(super) fn text(
        self,
        member: &str,
        least: usize,
        most: usize,
    ) -> Result<Option<&'a str>, ApiError> {
        let Some(value) = self.given(member) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| not_a(member, "string"))?;
        let length = text.chars().count();
        if length < least {
            return Err(invalid("MIN_LENGTH_EXCEEDED"));
        }
        if length > most {
            return Err(invalid("MAX_LENGTH_EXCEEDED"));
        }
        Ok(Some(text))
    }

    /// One that has to be there.
    pub(super) fn need(self, member: &str, most: usize) -> Result<&'a str, ApiError> {
        self.text(member, 1, most)?
            .ok_or_else(|| invalid("INPUT_REQUIRED"))
    }

    /// One of these words, if it is there.
    pub(super) fn word(self, member: &str, words: &[&str]) -> Result<Option<&'a str>, ApiError> {
        match self.text(member, 0, usize::MAX)? {
            Some(word) if !words.contains(&word) => Err(invalid("INVALID_ENUM")),
            word => Ok(word),
        }
    }

    /// An id that has to be there, of which `fits` tells whether it has the right form.
    pub(super) fn id(self, member: &str, fits: fn(&str) -> bool) -> Result<&'a str, ApiError> {
        let id = self.need(member, 130)?;
        fits(id)
            .then_some(id)
            .ok_or_else(|| invalid("INVALID_PATTERN"))
    }

    /// The tags, each key once.
    pub(super) fn tags(self) -> Result<Option<Tags>, ApiError> {
        let Some(list) = self.given("Tags") else {
            return Ok(None);
        };
        let list = list.as_array().ok_or_else(|| not_a("Tags", "list"))?;
        let mut tags = Tags::new();
        for tag in list {
            let tag = Input(tag.as_object().ok_or_else(|| not_a("Tags", "list"))?);
            let key = tag.need("Key", 128)?;
            let value = tag
                .text("Value", 0, 256)?
                .ok_or_else(|| invalid("INPUT_REQUIRED"))?;
            check_tag(key)?;
            check_tag(value)?;
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER"));
            }
            if tags.iter().any(|(known, _)| known == key) {
                return Err(invalid("DUPLICATE_TAG_KEY"));
            }
            tags.push((key.to_owned(), value.to_owned()));
        }
        if tags.len() > MOST_TAGS {
            return Err(too_many_tags());
        }
        Ok(Some(tags))
    }

    /// A list of texts, if it is there.
    pub(super) fn texts(self, member: &str) -> Result<Option<Vec<&'a str>>, ApiError> {
        let Some(list) = self.given(member) else {
            return Ok(None);
        };
        let list = list.as_array().ok_or_else(|| not_a(member, "list"))?;
        let texts = list
            .iter()
            .map(|text| text.as_str().ok_or_else(|| not_a(member, "string")));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// The page that is asked for.
    pub(super) fn page(self) -> Result<Page, ApiError> {
        let length = match self.given("MaxResults") {
            None => PAGE,
            Some(number) => match number.as_i64() {
                None => return Err(not_a("MaxResults", "number")),
                Some(..1) => return Err(invalid("MIN_VALUE_EXCEEDED")),
                Some(number) => u64::try_from(number)
                    .ok()
                    .filter(|number| *number <= PAGE)
                    .ok_or_else(|| invalid("MAX_VALUE_EXCEEDED"))?,
            },
        };
        let after = self.text("NextToken", 0, 100_000)?.map(|token| {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
            String::from_utf8(bytes).ok()
        });
        let after = match after {
            Some(None) => return Err(invalid("INVALID_NEXT_TOKEN")),
            Some(after) => after,
            None => None,
        };
        Ok(Page { length, after })
    }
}

/// A part of a list whose entries are sorted by their ids.
pub(super) struct Page {
    length: u64,
    after: Option<String>,
}

impl Page {
    /// The answer with this part under `member`, and the token of the next one.
    pub(super) fn cut<I: AsRef<str>>(
        self,
        member: &str,
        entries: impl IntoIterator<Item = (I, Value)>,
    ) -> ApiResult {
        let after = self.after.as_deref();
        let mut rest = entries
            .into_iter()
            .filter(|(id, _)| after.is_none_or(|after| id.as_ref() > after))
            .peekable();
        let (mut shown, mut last, mut left) = (Vec::new(), String::new(), self.length);
        while let Some((id, entry)) = rest.next_if(|_| left > 0) {
            left -= 1;
            id.as_ref().clone_into(&mut last);
            shown.push(entry);
        }
        let mut answer = Map::new();
        answer.insert(member.to_owned(), Value::Array(shown));
        if rest.peek().is_some() {
            let token = URL_SAFE_NO_PAD.encode(last);
            answer.insert("NextToken".to_owned(), token.into());
        }
        Ok(Value::Object(answer))
    }
}

/// `r-` and letters.
pub(super) fn is_root(id: &str) -> bool {
    id.strip_prefix("r-").is_some_and(|id| is_word(id, 4, 32))
}

/// `ou-`, those of the root, and its own.
pub(super) fn is_unit(id: &str) -> bool {
    let parts = id.strip_prefix("ou-").and_then(|id| id.split_once('-'));
    parts.is_some_and(|(root, own)| is_word(root, 4, 32) && is_word(own, 8, 32))
}

pub(super) fn is_parent(id: &str) -> bool {
    is_root(id) || is_unit(id)
}

pub(super) fn is_child(id: &str) -> bool {
    is_account_id(id) || is_unit(id)
}

pub(super) fn is_target(id: &str) -> bool {
    is_parent(id) || is_account_id(id)
}

pub(super) fn is_policy(id: &str) -> bool {
    id.strip_prefix("p-").is_some_and(|id| {
        (8..=128).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

pub(super) fn is_taggable(id: &str) -> bool {
    is_target(id) || is_policy(id)
}

fn is_word(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

fn check_tag(text: &str) -> Result<(), ApiError> {
    let fits = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
    };
    if text.chars().all(fits) {
        return Ok(());
    }
    Err(invalid("INVALID_PATTERN"))
}

pub(super) fn too_many_tags() -> ApiError {
    super::asked::violation(
        "MAX_TAG_LIMIT_EXCEEDED",
        "You have exceeded the number of tags allowed on this resource.",
    )
}

/// The refusal of a request with a wrong member, with AWS's word for what is wrong.
pub(super) fn invalid(reason: &'static str) -> ApiError {
    let sentence = match reason {
        "INVALID_NEXT_TOKEN" => "You specified an invalid value for NextToken.",
        "INPUT_REQUIRED" => "You must specify a value for a required parameter.",
        "IMMUTABLE_POLICY" => "You specified a policy that is managed by AWS.",
        _ => "You specified an invalid value.",
    };
    ApiError::new("InvalidInputException", sentence).about("Reason", reason)
}

fn not_a(member: &str, kind: &str) -> ApiError {
    ApiError::new(
        "SerializationException",
        format!("{member} is not a {kind}."),
    )
}
