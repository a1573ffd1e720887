//! Finding a key by whatever is pasted or typed into the palette.

use ownkey_model::{KeyArn, KeyHit, Region, RegistrationId, Result};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::filter::after_prefix;
use super::sql::{Sql, text};
use crate::Store;
use crate::cache::{exact_match, fold};
use crate::failure::{Outcome, stored};

impl Store {
    /// The keys that a text may mean, the likeliest first: an alias begins with it, an alias
    /// contains it, the id begins with it, it is the ARN of the key or of an alias, the
    /// description contains it. Each key once, under what matched. A key that is gone is found by
    /// its whole ARN only.
    pub fn find_keys(&self, text: &str, limit: u32) -> Result<Vec<KeyHit>> {
        let typed = text.trim();
        if typed.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        self.parts.cache.read(|snapshot| {
            let mut hits = Vec::new();
            for question in questions(typed) {
                if hits.len() < limit as usize {
                    ask(snapshot, question, limit, &mut hits)?;
                }
            }
            Ok(hits)
        })
    }
}

/// The joins keep to their order, in which the first rows are the hits: with the limit, no more
/// than these are looked at.
const FROM_ALIAS: &str = "SELECT k.arn, a.name, f.region, f.registration FROM aliases a
     CROSS JOIN keys k ON k.id = a.key CROSS JOIN facets f ON f.id = k.facet
     WHERE f.gone = 0 AND ";
const FROM_KEY: &str = "SELECT k.arn, k.key_id, f.region, f.registration FROM keys k
     CROSS JOIN facets f ON f.id = k.facet WHERE f.gone = 0 AND ";
const FROM_DESCRIPTION: &str = "CROSS JOIN keys k ON k.id = t.rowid
     CROSS JOIN facets f ON f.id = k.facet CROSS JOIN key_rows r ON r.id = k.id
     WHERE f.gone = 0 AND ";

fn questions(typed: &str) -> Vec<Sql> {
    let folded = fold(typed);
    let bare = folded.strip_prefix("alias/").unwrap_or(&folded);
    if let Ok(arn) = KeyArn::parse(typed) {
        let whole = "SELECT k.arn, k.arn, f.region, f.registration FROM keys k
             JOIN facets f ON f.id = k.facet WHERE k.arn = ?";
        return vec![Sql::new(whole, [text(arn.as_str())])];
    }
    if let Some((region, account, name)) = alias_arn(typed) {
        return vec![Sql::new(
            format!("{FROM_ALIAS} a.region = ? AND a.account = ? AND a.name = ?"),
            [text(region), text(account), text(name)],
        )];
    }
    vec![
        Sql::new(
            format!("{FROM_ALIAS} a.folded >= ? AND a.folded < ? ORDER BY a.folded, k.arn"),
            [text(bare), after_prefix(bare)],
        ),
        Sql::new(
            format!("{FROM_ALIAS} instr(a.folded, ?) > 1 ORDER BY a.folded, k.arn"),
            [text(bare)],
        ),
        Sql::new(
            format!("{FROM_KEY} k.key_id >= ? AND k.key_id < ? ORDER BY k.key_id, k.arn"),
            [text(&*folded), after_prefix(&folded)],
        ),
        described(&folded),
    ]
}

fn described(folded: &str) -> Sql {
    let shown = "SELECT k.arn, r.description, f.region, f.registration";
    match exact_match(Some("description"), folded) {
        Some(expression) => Sql::new(
            format!("{shown} FROM search t {FROM_DESCRIPTION} search MATCH ? ORDER BY t.rowid"),
            [text(expression)],
        ),
        None => Sql::new(
            format!(
                "{shown} FROM texts t {FROM_DESCRIPTION} instr(t.description, ?) > 0 ORDER BY t.rowid"
            ),
            [text(folded)],
        ),
    }
}

/// Region, account and name with prefix from `arn:PARTITION:kms:REGION:ACCOUNT:alias/NAME`.
fn alias_arn(typed: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = typed.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "kms", region, account, name] if name.starts_with("alias/") => {
            Some((region, account, name))
        }
        _ => None,
    }
}

fn ask(
    snapshot: &Transaction<'_>,
    question: Sql,
    limit: u32,
    hits: &mut Vec<KeyHit>,
) -> Outcome<()> {
    let mut sql = question.text(" LIMIT ?");
    // What an earlier question found does not count, so that many more may have to be looked at.
    sql.values.push(Value::Integer(i64::from(limit) * 2));
    let mut statement = snapshot.prepare_cached(&sql.text)?;
    let mut rows = statement.query(params_from_iter(&sql.values))?;
    while let Some(row) = rows.next()? {
        if hits.len() >= limit as usize {
            break;
        }
        let arn = stored(KeyArn::parse(&row.get::<_, String>(0)?))?;
        if hits.iter().all(|hit| hit.arn != arn) {
            hits.push(KeyHit {
                arn,
                label: row.get(1)?,
                region: stored(Region::parse(&row.get::<_, String>(2)?))?,
                registration: RegistrationId(row.get(3)?),
            });
        }
    }
    Ok(())
}
