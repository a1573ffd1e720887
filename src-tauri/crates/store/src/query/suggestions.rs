//! Values that occur, for completing what is typed into a filter.

use ownkey_model::{KeyProperty, KeyView, Result, Scope, Suggestion, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::condition::Conditions;
use super::filter::{containing, facet_column};
use super::sql::{Sql, text};
use crate::Store;
use crate::cache::fold;
use crate::failure::Outcome;

impl Store {
    /// The values that a property has among the keys of a scope that are not gone, if they contain
    /// a text, ignoring case: the most frequent first, then by value, at most `limit`. Of a
    /// property that can only be sorted by there are none.
    pub fn suggestions(
        &self,
        scope: &Scope,
        property: KeyProperty,
        text: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Suggestion>> {
        let present = Conditions::of_view(scope, KeyView::All, now);
        let folded = fold(text.trim());
        self.parts.cache.read(|snapshot| {
            let Some(values) = values(snapshot, &present, property, &folded, now)? else {
                return Ok(Vec::new());
            };
            let mut sql = Sql::new("SELECT value, sum(keys) AS n FROM (", [])
                .sql(&values)
                .text(") GROUP BY value ORDER BY n DESC, value LIMIT ?");
            sql.values.push(Value::Integer(limit.into()));
            let mut statement = snapshot.prepare_cached(&sql.text)?;
            let found = statement.query_map(params_from_iter(&sql.values), |row| {
                Ok(Suggestion {
                    value: row.get(0)?,
                    keys: row.get(1)?,
                })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// A statement that gives `value` and `keys`, not yet grouped.
fn values(
    snapshot: &Transaction<'_>,
    present: &Conditions,
    property: KeyProperty,
    folded: &str,
    now: Timestamp,
) -> Outcome<Option<Sql>> {
    use KeyProperty as P;
    if let Some(column) = facet_column(property) {
        let like = Sql::new(
            format!("f.keys > 0 AND instr(lower(f.{column}), ?) > 0"),
            [text(folded)],
        );
        return Ok(Some(
            Sql::new(
                format!("SELECT f.{column} AS value, f.keys AS keys FROM facets f WHERE "),
                [],
            )
            .sql(&present.clone().with_facet(like).facets()),
        ));
    }
    // If the scope is everything, whether a key lies in it need not be looked up.
    let everything = is_everything(snapshot, present)?;
    let in_scope = |key: &str| {
        if everything {
            Sql::new("1", [])
        } else {
            Sql::new(format!("{key} IN (SELECT k.id FROM keys k WHERE "), [])
                .sql(&present.all())
                .text(")")
        }
    };
    Ok(match property {
        P::Alias => {
            let bare = folded.strip_prefix("alias/").unwrap_or(folded);
            Some(
                Sql::new(
                    "SELECT a.name AS value, 1 AS keys FROM aliases a JOIN keys k ON k.arn = a.arn
                     WHERE instr(a.folded, ?) > 0 AND ",
                    [text(bare)],
                )
                .sql(&present.all()),
            )
        }
        P::Tag => Some(
            Sql::new(
                "SELECT g.name AS value, 1 AS keys FROM tags g JOIN key_tags kt ON kt.tag = g.id
                 WHERE instr(g.folded_name, ?) > 0 AND ",
                [text(folded)],
            )
            .sql(&in_scope("kt.key"))
            .text(
                " UNION ALL SELECT g.name || '=' || g.value, 1 FROM tags g
                  JOIN key_tags kt ON kt.tag = g.id WHERE instr(g.folded_pair, ?) > 0 AND ",
            )
            .sql(&Sql::new("", [text(folded)]))
            .sql(&in_scope("kt.key")),
        ),
        P::KeyId => Some(
            Sql::new("SELECT k.key_id AS value, 1 AS keys FROM keys k WHERE ", [])
                .sql(&present.clone().with_key(containing(Some("key_id"), folded)).all()),
        ),
        P::Description => Some(
            Sql::new(
                "SELECT r.description AS value, 1 AS keys FROM keys k JOIN key_rows r ON r.id = k.id
                 WHERE r.description <> '' AND ",
                [],
            )
            .sql(
                &present
                    .clone()
                    .with_key(containing(Some("description"), folded))
                    .all(),
            ),
        ),
        P::ExpiresInDays => Some(days("(k.valid_to - ? + 86399) / 86400", "valid_to", present, folded, now)),
        P::AgeInDays => Some(days("(? - k.created_at) / 86400", "created_at", present, folded, now)),
        _ => None,
    })
}

/// Numbers of days, by an expression with one question mark for the present.
fn days(expression: &str, column: &str, present: &Conditions, folded: &str, now: Timestamp) -> Sql {
    Sql::new(
        format!(
            "SELECT value, 1 AS keys FROM (SELECT CAST({expression} AS TEXT) AS value FROM keys k
             WHERE k.{column} IS NOT NULL AND "
        ),
        [Value::Integer(now.unix_seconds())],
    )
    .sql(&present.all())
    .sql(&Sql::new(") WHERE instr(value, ?) > 0", [text(folded)]))
}

fn is_everything(snapshot: &Transaction<'_>, present: &Conditions) -> Outcome<bool> {
    let all = Conditions::default().count_facets(snapshot)?;
    Ok(present.count_facets(snapshot)? == all)
}
