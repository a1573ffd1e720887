//! Shows operations.

use ownkey_model::{Operation, OperationId, OperationPage, OperationQuery, Result};

use super::undo::undo_offer;
use crate::Context;

const MOST: u32 = 200;

/// Operations, the latest first.
pub async fn list_operations(cx: &Context, query: OperationQuery) -> Result<OperationPage> {
    cx.blocking(move |cx| {
        let page = cx.store.operations(&OperationQuery {
            limit: query.limit.min(MOST),
            ..query
        })?;
        Ok(OperationPage {
            operations: page
                .operations
                .into_iter()
                .map(|one| shown(cx, one))
                .collect(),
            total: page.total,
        })
    })
    .await
}

/// One operation with its steps.
pub async fn describe_operation(cx: &Context, id: OperationId) -> Result<Operation> {
    cx.blocking(move |cx| cx.store.operation(&id).map(|one| shown(cx, one)))
        .await
}

/// Whether any operation is being worked on now.
pub fn works(cx: &Context) -> bool {
    cx.in_hand.works()
}

/// The operation with what only this program knows now: whether it runs, and what undoing would do.
pub(super) fn shown(cx: &Context, operation: Operation) -> Operation {
    Operation {
        running: cx.in_hand.works_on(&operation.id),
        undo: undo_offer(&operation, cx.clock.now()),
        ..operation
    }
}
