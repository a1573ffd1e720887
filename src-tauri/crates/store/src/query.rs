//! Finding cached keys: filters, sorting, paging and counting, all inside SQLite.
//!
//! Here live the questions; the tables they are asked of are in `cache`. What a user typed
//! reaches SQLite only as a bound value; the words of a statement come from this code alone.

mod condition;
mod filter;
mod order;
mod overview;
mod page;
mod palette;
mod row;
mod sql;
mod suggestions;
mod tally;
