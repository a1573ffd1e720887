//! Operations: changes of several steps, written down before they begin, and brought to an end
//! whatever happens in between.
//!
//! The order of every step is: written as asked, asked, written as answered. A step that was asked and
//! not answered is looked up before it is asked again.

mod engine;
mod find_made_key;
mod list;
mod resume;
mod steps;
mod undo;

pub(crate) use engine::{Report, open_and_run};
pub use list::{describe_operation, list_operations, works};
pub use resume::{finish_operation, leave_operation, undo_operation};
