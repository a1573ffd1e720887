//! Ways to sign in: made, tried, changed, removed, and signed in over.

mod add_connection;
mod change_connection;
mod list_connections;
mod list_profiles;
mod remove_connection;
mod secret;
mod sign_in;
mod test_connection;

pub use add_connection::add_connection;
pub use change_connection::change_connection;
pub use list_connections::list_connections;
pub use list_profiles::list_profiles;
pub use remove_connection::remove_connection;
pub use sign_in::{
    answer_mfa_request, cancel_sign_in_request, list_sign_in_requests, open_sign_in_page, sign_in,
};
pub use test_connection::test_connection;
