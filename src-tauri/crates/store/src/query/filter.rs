//! From one filter to one condition.

use std::str::FromStr;

use ownkey_model::{AppError, Field, Filter, KeyArn, KeyProperty, Operator, Result, Timestamp};
use rusqlite::types::Value;

use super::condition::{Condition, KeyCondition};
use super::sql::{Sql, text};
use crate::cache::{exact_match, fold};

const DAY: i64 = 86_400;

/// The condition that a filter is. `InvalidInput` if its operator or its value does not fit its
/// property.
pub(super) fn condition(filter: &Filter, now: Timestamp) -> Result<Condition> {
    use KeyProperty as P;
    let Some(property) = filter.property else {
        return anywhere(filter);
    };
    match property {
        P::Account
        | P::Region
        | P::State
        | P::Origin
        | P::Spec
        | P::Usage
        | P::MultiRegion
        | P::Rotation => facet(filter, property),
        P::Alias | P::KeyId | P::Description | P::Tag => {
            let (positive, negated) = positive(filter.operator)?;
            Ok(Condition::Key(KeyCondition {
                negated,
                ..text_condition(property, positive, &filter.value)
            }))
        }
        P::ExpiresInDays => days(filter, &|operator, days| expires(operator, days, now)),
        P::AgeInDays => days(filter, &|operator, days| age(operator, days, now)),
        P::SyncedAt => Err(refused(
            "The time of the last reading cannot be filtered by.",
        )),
    }
}

/// The column of `facets` that holds a coarse property.
pub(super) fn facet_column(property: KeyProperty) -> Option<&'static str> {
    use KeyProperty as P;
    Some(match property {
        P::Account => "account",
        P::Region => "region",
        P::State => "state",
        P::Origin => "origin",
        P::Spec => "spec",
        P::Usage => "usage",
        P::MultiRegion => "multi_region",
        P::Rotation => "rotation",
        P::Alias
        | P::KeyId
        | P::Description
        | P::Tag
        | P::ExpiresInDays
        | P::AgeInDays
        | P::SyncedAt => return None,
    })
}

/// The keys of which `texts` contain a folded text, in one column or in any.
pub(super) fn containing(column: Option<&'static str>, folded: &str) -> KeyCondition {
    if let Some(expression) = exact_match(column, folded) {
        return KeyCondition::new(Sql::new(
            "SELECT rowid FROM search WHERE search MATCH ?",
            [text(expression)],
        ));
    }
    // Too short for the index.
    let columns: &[&str] = match &column {
        Some(column) => &[*column],
        None => &["aliases", "key_id", "description", "tags"],
    };
    let pieces: Vec<Sql> = columns
        .iter()
        .map(|column| Sql::new(format!("instr(t.{column}, ?) > 0"), [text(folded)]))
        .collect();
    let found = Sql::join(&pieces, "OR", "1");
    KeyCondition::new(Sql::new("SELECT t.id FROM texts t WHERE ", []).sql(&found))
}

/// The first text after all that begin with a text: where a search by prefix ends.
pub(super) fn after_prefix(folded: &str) -> Value {
    text(format!("{folded}\u{10ffff}"))
}

/// How a text is compared once its negation is set aside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Positive {
    Equals,
    Contains,
    StartsWith,
}

fn positive(operator: Operator) -> Result<(Positive, bool)> {
    Ok(match operator {
        Operator::Equals => (Positive::Equals, false),
        Operator::NotEquals => (Positive::Equals, true),
        Operator::Contains => (Positive::Contains, false),
        Operator::NotContains => (Positive::Contains, true),
        Operator::StartsWith => (Positive::StartsWith, false),
        Operator::AtMost | Operator::AtLeast => {
            return Err(refused(
                "Only a number of days can be at most or at least something.",
            ));
        }
    })
}

fn facet(filter: &Filter, property: KeyProperty) -> Result<Condition> {
    let (positive, negated) = positive(filter.operator)?;
    let column = facet_column(property).expect("asked of coarse properties only");
    let value = fold(&filter.value);
    let condition = match positive {
        Positive::Equals => Sql::new(format!("lower(f.{column}) = ?"), [text(value)]),
        Positive::Contains => Sql::new(format!("instr(lower(f.{column}), ?) > 0"), [text(value)]),
        Positive::StartsWith => Sql::new(format!("instr(lower(f.{column}), ?) = 1"), [text(value)]),
    };
    Ok(Condition::Facet(if negated {
        Sql::new("NOT ", []).sql(&condition)
    } else {
        condition
    }))
}

fn text_condition(property: KeyProperty, positive: Positive, value: &str) -> KeyCondition {
    use KeyProperty as P;
    let folded = fold(value);
    // Aliases are compared without the prefix that all of them have.
    let bare = folded.strip_prefix("alias/").unwrap_or(&folded).to_owned();
    let column = match property {
        P::Alias => "aliases",
        P::KeyId => "key_id",
        P::Tag => "tags",
        _ => "description",
    };
    match (property, positive) {
        (P::Alias, Positive::Contains) => containing(Some(column), &bare),
        (_, Positive::Contains) => containing(Some(column), &folded),
        (P::Alias, Positive::Equals) => named(&Sql::new("a.folded = ?", [text(bare)])),
        (P::Alias, Positive::StartsWith) => named(&between("a.folded", &bare)),
        (P::KeyId, Positive::Equals) => {
            KeyCondition::on_columns(&Sql::new("k.key_id = ?", [text(folded)]))
        }
        (P::KeyId, Positive::StartsWith) => KeyCondition::on_columns(&between("k.key_id", &folded)),
        (P::Tag, Positive::Equals) => tagged(&Sql::new(
            "g.folded_name = ? OR g.folded_pair = ?",
            [text(&*folded), text(&*folded)],
        )),
        (P::Tag, Positive::StartsWith) => tagged(&between("g.folded_pair", &folded)),
        (_, Positive::Equals) => described("t.description = ?", &folded),
        (_, Positive::StartsWith) => described("instr(t.description, ?) = 1", &folded),
    }
}

fn between(column: &str, folded: &str) -> Sql {
    Sql::new(
        format!("{column} >= ? AND {column} < ?"),
        [text(folded), after_prefix(folded)],
    )
}

/// A condition on `aliases a`.
fn named(condition: &Sql) -> KeyCondition {
    KeyCondition::new(
        Sql::new(
            "SELECT a.key FROM aliases a WHERE a.key IS NOT NULL AND ",
            [],
        )
        .sql(condition),
    )
}

/// A condition on `tags g`.
fn tagged(condition: &Sql) -> KeyCondition {
    KeyCondition::new(
        Sql::new(
            "SELECT kt.key FROM key_tags kt WHERE kt.tag IN (SELECT g.id FROM tags g WHERE ",
            [],
        )
        .sql(condition)
        .text(")"),
    )
}

/// A condition on the whole description, which the index narrows down first.
fn described(condition: &str, folded: &str) -> KeyCondition {
    // A few characters narrow enough, and keep the search expression short.
    let start: String = folded.chars().take(12).collect();
    let narrowed = match exact_match(Some("description"), &start) {
        Some(expression) => Sql::new(
            "t.id IN (SELECT rowid FROM search WHERE search MATCH ?) AND ",
            [text(expression)],
        ),
        None => Sql::default(),
    };
    KeyCondition::new(
        Sql::new("SELECT t.id FROM texts t WHERE ", [])
            .sql(&narrowed)
            .sql(&Sql::new(condition, [text(folded)])),
    )
}

/// Free text: in any of the texts of a key, or the ARN of the key itself.
fn anywhere(filter: &Filter) -> Result<Condition> {
    let (positive, negated) = positive(filter.operator)?;
    let value = filter.value.as_str();
    let wanted = if let Ok(arn) = KeyArn::parse(value.trim()) {
        KeyCondition::on_columns(&Sql::new("k.arn = ?", [text(arn.as_str())]))
    } else if positive == Positive::Contains {
        let folded = fold(value);
        match folded.strip_prefix("alias/") {
            Some(bare) => containing(Some("aliases"), bare),
            None => containing(None, &folded),
        }
    } else {
        let of = |property| text_condition(property, positive, value);
        let pieces = [
            of(KeyProperty::Alias),
            of(KeyProperty::KeyId),
            of(KeyProperty::Description),
            of(KeyProperty::Tag),
        ];
        let mut sets = pieces.iter().map(|piece| &piece.set);
        let first = sets.next().cloned().unwrap_or_default();
        let set = sets.fold(first, |all, set| all.text(" UNION ALL ").sql(set));
        KeyCondition::new(set)
    };
    Ok(Condition::Key(KeyCondition { negated, ..wanted }))
}

fn days(filter: &Filter, condition: &dyn Fn(Operator, i64) -> Option<Sql>) -> Result<Condition> {
    let days =
        i32::from_str(filter.value.trim()).map_err(|_| refused("Give a whole number of days."))?;
    let wanted = condition(filter.operator, i64::from(days)).ok_or_else(|| {
        refused("A number of days can be equal, not equal, at most or at least something.")
    })?;
    Ok(Condition::Key(KeyCondition::on_columns(&wanted)))
}

/// Days until material runs out are rounded up: what runs out in an hour runs out within one day,
/// and 30 days are at most 30 exactly if the view of expiring keys shows the key.
fn expires(operator: Operator, days: i64, now: Timestamp) -> Option<Sql> {
    let limit = |days: i64| Value::Integer(now.unix_seconds() + days * DAY);
    Some(match operator {
        Operator::AtMost => Sql::new("k.valid_to <= ?", [limit(days)]),
        Operator::AtLeast => Sql::new("k.valid_to > ?", [limit(days - 1)]),
        Operator::Equals => Sql::new(
            "k.valid_to > ? AND k.valid_to <= ?",
            [limit(days - 1), limit(days)],
        ),
        Operator::NotEquals => Sql::new(
            "(k.valid_to <= ? OR k.valid_to > ?)",
            [limit(days - 1), limit(days)],
        ),
        Operator::Contains | Operator::NotContains | Operator::StartsWith => return None,
    })
}

/// Days since creation are rounded down: a key of 23 hours is no day old.
fn age(operator: Operator, days: i64, now: Timestamp) -> Option<Sql> {
    let limit = |days: i64| Value::Integer(now.unix_seconds() - days * DAY);
    Some(match operator {
        Operator::AtMost => Sql::new("k.created_at > ?", [limit(days + 1)]),
        Operator::AtLeast => Sql::new("k.created_at <= ?", [limit(days)]),
        Operator::Equals => Sql::new(
            "k.created_at > ? AND k.created_at <= ?",
            [limit(days + 1), limit(days)],
        ),
        Operator::NotEquals => Sql::new(
            "(k.created_at <= ? OR k.created_at > ?)",
            [limit(days + 1), limit(days)],
        ),
        Operator::Contains | Operator::NotContains | Operator::StartsWith => return None,
    })
}

fn refused(reason: &str) -> AppError {
    AppError::invalid(Field::Filter, reason)
}
