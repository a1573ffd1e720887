//! The commands: parse, call the use case, return. Every one of them answers with the failure of
//! the start if OwnKey could not start.

pub(crate) mod computer;
pub(crate) mod connections;
pub(crate) mod keys;
pub(crate) mod operations;
pub(crate) mod registrations;
pub(crate) mod sources;
pub(crate) mod synchronise;
pub(crate) mod uploads;
