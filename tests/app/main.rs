//! The application as a whole, without a window: the bindings are current, every command can be
//! reached over the real IPC, crates use only what they may, secrets stay where they belong.

mod bindings;
mod commands;
mod dependency_rule;
mod desk;
mod elsewhere;
mod kill_sweep;
mod never_seen;
mod running;
mod signing_in;
mod uploads;
