//! How keys are sorted, and which index has them in that order.

use ownkey_model::{AppError, Field, KeyProperty, Result, Sort};

use super::filter::facet_column;

/// An order of keys. Ties are broken by ARN, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By a column of `keys k`.
    Column(Column),
    /// By a column of `facets f`.
    Facet {
        /// The column.
        column: &'static str,
        /// The largest first.
        descending: bool,
    },
}

/// A column of `keys`, with the index that is sorted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) index: &'static str,
    pub(super) descending: bool,
    pub(super) absent: Option<Absent>,
}

/// What becomes of the keys that have nothing in the column: they come last.
/// Among themselves, they are sorted upwards in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    ByArn,
    ByKeyId,
}

impl Order {
    /// From what is asked. `InvalidInput` for tags, which have no order.
    pub(super) fn of(sort: Sort) -> Result<Self> {
        use KeyProperty as P;
        if let Some(column) = facet_column(sort.by) {
            return Ok(Self::Facet {
                column,
                descending: sort.descending,
            });
        }
        let column = |name, index| Column {
            name,
            index,
            descending: sort.descending,
            absent: None,
        };
        Ok(Self::Column(match sort.by {
            P::Alias => Column {
                absent: Some(Absent::ByKeyId),
                ..column("alias", "keys_by_alias")
            },
            P::ExpiresInDays => Column {
                absent: Some(Absent::ByArn),
                ..column("valid_to", "keys_by_valid_to")
            },
            // The oldest key was created first.
            P::AgeInDays => Column {
                descending: !sort.descending,
                ..column("created_at", "keys_by_created_at")
            },
            P::KeyId => column("key_id", "keys_by_key_id"),
            P::Description => column("description", "keys_by_description"),
            P::SyncedAt => column("synced_at", "keys_by_synced_at"),
            _ => {
                return Err(AppError::invalid(
                    Field::Filter,
                    "Keys cannot be sorted by their tags.",
                ));
            }
        }))
    }
}
