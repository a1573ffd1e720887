//! Paging for every list operation, and `ListKeys`.

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Kms;
use super::parse::Input;
use super::refusals::{constraint, validation};
use super::world::key_arn;
use crate::api::{ApiError, ApiResult, Call};

/// `ListKeys`. Keys come in the order of their ids, so a page costs what it holds.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>
pub(super) fn list_keys(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let whose = key_arn(&call.account, &call.region, "");
    let page = Page::parse(input, &format!("ListKeys {whose}"), 100, 1000)?;
    let world = kms.read(call.now);
    let own = includes_own_keys(input)?;
    let keys = world
        .room(&call.account, &call.region)
        .filter(|_| own)
        .into_iter()
        .flat_map(|room| {
            room.keys
                .range::<str, _>((page.start(), Bound::Unbounded))
                .map(|(id, _)| id)
        });
    page.answer(
        "Keys",
        keys,
        |id| id,
        |id| json!({ "KeyId": &***id, "KeyArn": key_arn(&call.account, &call.region, id) }),
    )
}

/// Which slice of a list is asked for.
pub(super) struct Page {
    limit: usize,
    /// How the markers of this list begin.
    list: String,
    after: Option<String>,
}

impl Page {
    /// Reads `Limit` and `Marker`. `list` names what is listed (the operation, and of what): the marker
    /// of another list is refused as one that was never given out.
    pub(super) fn parse(
        input: Input<'_>,
        list: &str,
        default: u32,
        max: u32,
    ) -> Result<Self, ApiError> {
        let list = format!("{list}\n");
        let limit = input.whole("Limit", 1, max)?.unwrap_or(default) as usize;
        let after = input
            .text("Marker", 1, 1024)?
            .map(|marker| {
                let read = URL_SAFE_NO_PAD.decode(marker).ok();
                let read = read.and_then(|read| String::from_utf8(read).ok());
                let name = read.and_then(|read| Some(read.strip_prefix(&list)?.to_owned()));
                name.ok_or_else(|| {
                    ApiError::new(
                        "InvalidMarkerException",
                        format!("Invalid marker: {marker}"),
                    )
                })
            })
            .transpose()?;
        Ok(Self { limit, list, after })
    }

    /// Where in a sorted map the page starts.
    pub(super) fn start(&self) -> Bound<&str> {
        self.after
            .as_deref()
            .map_or(Bound::Unbounded, Bound::Excluded)
    }

    /// The same for a list that is not a map.
    pub(super) fn is_after(&self, name: &str) -> bool {
        self.after.as_deref().is_none_or(|after| name > after)
    }

    /// Renders the page. `rest` starts after the marker; the name of an item is its marker.
    pub(super) fn answer<'a, T>(
        &self,
        member: &str,
        rest: impl Iterator<Item = T>,
        name: impl Fn(&T) -> &'a str,
        render: impl Fn(&T) -> Value,
    ) -> ApiResult
    where
        T: 'a,
    {
        let mut rest = rest.peekable();
        let mut items = Vec::new();
        let mut last = None;
        while items.len() < self.limit
            && let Some(item) = rest.next()
        {
            items.push(render(&item));
            last = Some(URL_SAFE_NO_PAD.encode(format!("{}{}", self.list, name(&item))));
        }
        let truncated = rest.peek().is_some();
        let mut answer = Map::new();
        answer.insert(member.to_owned(), Value::Array(items));
        answer.insert("Truncated".to_owned(), Value::Bool(truncated));
        if let Some(marker) = last.filter(|_| truncated) {
            answer.insert("NextMarker".to_owned(), Value::String(marker));
        }
        Ok(Value::Object(answer))
    }
}

/// `ResourceOwners`: nothing is shared through RAM here, so only `SELF` has keys.
fn includes_own_keys(input: Input<'_>) -> Result<bool, ApiError> {
    let Some(owners) = input.texts("ResourceOwners")? else {
        return Ok(true);
    };
    if owners.is_empty() || owners.len() > 2 {
        return Err(validation("ResourceOwners must have 1 or 2 members"));
    }
    for owner in &owners {
        if !matches!(*owner, "SELF" | "OTHER_ACCOUNTS_VIA_RAM") {
            let rule = "Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]";
            return Err(constraint(owner, "resourceOwners", rule));
        }
    }
    Ok(owners.contains(&"SELF"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;

    #[tokio::test]
    async fn pages_have_no_gaps_or_doubles_even_when_keys_come_and_go() {
        let mut bench = Bench::new();
        let mut keys = Vec::new();
        for _ in 0..25 {
            keys.push(bench.create(json!({})).await);
        }
        keys.sort();
        let first = bench.ask("ListKeys", json!({ "Limit": 10 })).await;
        assert_eq!(
            (first["Keys"].as_array().unwrap().len(), &first["Truncated"]),
            (10, &json!(true))
        );
        // The key of the marker disappears before the next page is asked for.
        bench
            .ask(
                "ScheduleKeyDeletion",
                json!({"KeyId": keys[9], "PendingWindowInDays": 7}),
            )
            .await;
        bench.days_pass(8);
        let second = bench
            .ask(
                "ListKeys",
                json!({"Limit": 15, "Marker": first["NextMarker"]}),
            )
            .await;
        let ids: Vec<_> = second["Keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["KeyId"].as_str().unwrap())
            .collect();
        assert_eq!(ids, keys[10..]);
        assert_eq!(second["Truncated"], false);
        assert!(second.get("NextMarker").is_none());
    }

    #[tokio::test]
    async fn a_marker_is_good_for_the_list_that_gave_it_only() {
        let mut bench = Bench::new();
        let mut keys = Vec::new();
        for _ in 0..3 {
            let tags = json!([{"TagKey": "a", "TagValue": ""}, {"TagKey": "b", "TagValue": ""}]);
            let key = bench.create(json!({ "Tags": tags })).await;
            for name in ["a", "b"] {
                let name = format!("alias/{name}-{key}");
                let input = json!({"AliasName": name, "TargetKeyId": key});
                bench.ask("CreateAlias", input).await;
            }
            keys.push(key);
        }
        let of = |key: &str| json!({"KeyId": key, "Limit": 1});
        let lists = [
            ("ListKeys", json!({"Limit": 1})),
            ("ListAliases", json!({"Limit": 1})),
            ("ListAliases", of(&keys[0])),
            ("ListResourceTags", of(&keys[0])),
            ("ListResourceTags", of(&keys[1])),
        ];
        let mut markers = Vec::new();
        for (operation, input) in &lists {
            let answer = bench.ask(operation, input.clone()).await;
            markers.push(answer["NextMarker"].clone());
        }
        markers.push(json!("AAAA"));
        for (turn, (operation, input)) in lists.iter().enumerate() {
            for (other, marker) in markers.iter().enumerate() {
                let mut input = input.clone();
                input["Marker"] = marker.clone();
                let code = bench.code(operation, input).await;
                let right = if other == turn {
                    "ok"
                } else {
                    "InvalidMarkerException"
                };
                assert_eq!(code, right, "{operation} {turn} with marker {other}");
            }
        }
        // By another name it is the same list.
        let named = json!({
            "KeyId": format!("arn:aws:kms:eu-west-1:111111111111:key/{}", keys[0]),
            "Limit": 1, "Marker": markers[3],
        });
        assert_eq!(bench.code("ListResourceTags", named).await, "ok");
        bench.account = "222222222222";
        let foreign = json!({"Limit": 1, "Marker": markers[0]});
        let code = bench.code("ListKeys", foreign).await;
        assert_eq!(code, "InvalidMarkerException");
    }

    #[tokio::test]
    async fn limits_markers_and_owners_are_checked() {
        let bench = Bench::new();
        bench.create(json!({})).await;
        for (input, code) in [
            (json!({"Limit": 0}), "ValidationException"),
            (json!({"Limit": 1001}), "ValidationException"),
            (json!({"Limit": 1000}), "ok"),
            (json!({"Marker": "%%"}), "InvalidMarkerException"),
            (json!({"ResourceOwners": ["ME"]}), "ValidationException"),
        ] {
            assert_eq!(bench.code("ListKeys", input).await, code);
        }
        let shared = json!({"ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"]});
        assert_eq!(bench.ask("ListKeys", shared).await["Keys"], json!([]));
        assert_eq!(
            bench.code("ListAliases", json!({"Limit": 101})).await,
            "ValidationException"
        );
    }
}
