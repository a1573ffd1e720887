//! A key's page.

use ownkey_model::{KeyArn, KeyDetails, MultiRegionRole, NextAction, Related, Result};

use crate::{
    Context,
    console::{aws_command, console_url},
};

/// All that the cache knows of a key; AWS is not asked.
pub async fn describe_key(cx: &Context, arn: KeyArn) -> Result<KeyDetails> {
    let now = cx.clock.now();
    cx.blocking(move |cx| {
        let (row, key, aliases) = cx.store.key(&arn)?;
        let registration = cx.store.registration(&row.registration)?;
        let mut others: Vec<(KeyArn, MultiRegionRole)> = Vec::new();
        if let Some(multi_region) = &key.multi_region {
            others.push((multi_region.primary.clone(), MultiRegionRole::Primary));
            others.extend(
                multi_region
                    .replicas
                    .iter()
                    .cloned()
                    .map(|arn| (arn, MultiRegionRole::Replica)),
            );
            others.retain(|(other, _)| *other != arn);
        }
        let arns: Vec<KeyArn> = others.iter().map(|(arn, _)| arn.clone()).collect();
        let rows = cx.store.key_rows(&arns)?;
        let related = others
            .into_iter()
            .map(|(arn, role)| Related {
                region: arn.region(),
                role,
                row: rows.iter().find(|row| row.arn == arn).cloned(),
                arn,
            })
            .collect();
        Ok(KeyDetails {
            next_action: NextAction::of(&key, row.gone_at.is_some(), now),
            aws_command: aws_command(&arn, &registration),
            console_url: console_url(&arn, &registration),
            row,
            key,
            aliases,
            related,
        })
    })
    .await
}
