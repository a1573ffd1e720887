//! The store from outside: what it promises at the start, of the journal, of the cache.

mod cache;
mod connections;
mod journal;
mod materials;
mod operations;
mod queries;
mod registrations;
mod start;
mod support;
