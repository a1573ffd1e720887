//! The shell: the only code that knows the window.
//!
//! Here live the composition of the crates, the list of commands and events, and what the desktop
//! asks for. Here must not live: a decision about keys; those are in `usecases`.

#![forbid(unsafe_code)]

mod app;
mod clock;
mod commands;
mod desktop;
mod dialogs;
pub mod ipc;
mod sandbox_account;
mod tasks;

pub use app::{App, Surroundings};
pub use clock::ComputerClock;
pub use desktop::run;
pub use dialogs::{Dialogs, Open, read_key_file};
