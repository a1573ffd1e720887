//! Journeys over the use cases, on the sandbox: the real SDK, the real databases, no window.

mod connect;
mod faults;
mod imports;
mod operations;
mod sources;
mod synchronise;
mod uploads;
mod world;
