//! The synchronisation, from the click to the last key in SQLite.

use std::{collections::BTreeMap, time::Instant};

use ownkey_model::{Combine, KeyProperty, KeyQuery, KeyView, Origin, Result, Scope, Sort};
use ownkey_usecases::{Context, list_keys, synchronise};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{Case, app, counting::Counts, told};

/// Synchronises once and tells what the cache then holds.
pub(crate) async fn measure(case: &Case, counts: &Counts) -> Result<Value> {
    let (cx, registration) = app::open(case).await?;
    counts.start();
    let began = Instant::now();
    let never = CancellationToken::new();
    let report = synchronise(&cx, registration.id, &|_| {}, &never).await?;
    let seconds = began.elapsed().as_secs_f64();
    // Listing everything for the comparison is no part of synchronising.
    let measured = told(seconds, counts, json!({}));
    let mut cached = BTreeMap::<String, Vec<String>>::new();
    let mut imported = BTreeMap::<String, u32>::new();
    for row in all_keys(&cx).await? {
        let region = row.arn.region().to_string();
        *imported.entry(region.clone()).or_default() += u32::from(row.origin == Origin::External);
        cached.entry(region).or_default().push(row.arn.to_string());
    }
    let mut measured = measured;
    measured["keys"] = json!(cached);
    measured["imported"] = json!(imported);
    measured["outcome"] = json!(report.outcome);
    measured["refusals"] = json!(report.refusals);
    Ok(measured)
}

async fn all_keys(cx: &Context) -> Result<Vec<ownkey_model::KeyRow>> {
    let mut rows = Vec::new();
    loop {
        let query = KeyQuery {
            scope: Scope::default(),
            view: KeyView::All,
            combine: Combine::And,
            filters: vec![],
            sort: Sort {
                by: KeyProperty::KeyId,
                descending: false,
            },
            skip: u32::try_from(rows.len()).unwrap_or(u32::MAX),
            limit: 500,
        };
        let page = list_keys(cx, query).await?;
        if page.rows.is_empty() {
            return Ok(rows);
        }
        rows.extend(page.rows);
    }
}
