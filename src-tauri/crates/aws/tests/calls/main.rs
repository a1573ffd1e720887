//! Calls from outside: what is sent to AWS, and what its answers mean.
//!
//! The SDK is the real one; below it stands a recorder in place of the network.

mod changing;
mod lost_answers;
mod principals;
mod proving;
mod recorder;
