//! Lists the profiles of the AWS configuration files.

use ownkey_model::{Profile, Result};

use crate::Context;

/// All profiles, sorted by name, those included that cannot be used: each says why.
pub async fn list_profiles(cx: &Context) -> Result<Vec<Profile>> {
    cx.aws.profiles().await
}
