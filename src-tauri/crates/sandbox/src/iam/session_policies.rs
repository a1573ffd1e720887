//! The managed policies that may narrow a session.

use std::sync::Arc;

use super::State;
use super::policy::Policy;

impl State {
    /// The default version of a managed policy of this account, or of AWS.
    pub(crate) fn managed_policy(&self, account: &str, arn: &str) -> Option<Arc<Policy>> {
        let owner = arn.split(':').nth(4)?;
        let home = self.accounts.get(account)?;
        let managed = home
            .managed(arn)
            .filter(|_| owner == account || owner == "aws")?;
        managed.policy().cloned()
    }

    /// The account of an access key, be it active or not.
    pub(crate) fn account_of_key(&self, key_id: &str) -> Option<&str> {
        let long_term = self.access_keys.get(key_id).map(|key| &key.account);
        let session = self.sessions.get(key_id).map(|session| &session.account);
        long_term.or(session).map(String::as_str)
    }
}
