//! What the window is told when something it may show has changed.

use serde::{Deserialize, Serialize};

use crate::RegistrationId;

/// Something changed; whoever shows it asks again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "what",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Change {
    /// A registration was added, removed or synchronised.
    Registrations,
    /// A connection was added, changed or removed, signed in, or ran out.
    Connections,
    /// A person is asked for something, or no longer.
    SignIns,
    /// An operation was begun, moved on, or came to its end.
    Operations,
    /// Stored material, its backups, or where backups go.
    Materials,
    /// Cached keys of a registration.
    Keys {
        /// Which one.
        registration: RegistrationId,
    },
}
