//! What credentials may do, found out without changing anything.

use ownkey_model::{ConnectionId, PermissionReport, Region, Result, RoleDraft};

use crate::Context;

/// Tries what only reads, and has IAM simulate the rest.
pub async fn probe_permissions(
    cx: &Context,
    connection: ConnectionId,
    role: &RoleDraft,
    region: Region,
) -> Result<PermissionReport> {
    todo!("{cx:p} {connection:?} {role:?} {region}")
}
