//! Journeys over the use cases, on the sandbox: the real SDK, the real databases, no window.

// A journey awaits the whole program, down into the SDK: deeper than the compiler follows unasked.
#![recursion_limit = "256"]

mod connect;
mod connections;
mod faults;
mod imports;
mod operations;
mod permissions;
mod registrations;
mod sign_in;
mod sources;
mod synchronise;
mod typing;
mod uploads;
mod world;
