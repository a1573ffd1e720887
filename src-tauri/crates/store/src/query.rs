//! Finding cached keys: filters, orders, pages, counts.
//!
//! Here live the questions; the tables they are asked of are in `cache`. What a user typed
//! reaches SQLite only as a bound value; the words of a statement come from this code alone.

mod bits;
mod condition;
mod filter;
mod found;
mod numbers;
mod order;
mod overview;
mod page;
mod palette;
mod row;
mod sql;
mod suggestions;
mod tally;

pub(crate) use self::numbers::Latest;
