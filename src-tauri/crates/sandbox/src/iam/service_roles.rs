//! Roles that services of AWS assume, to do what they were set up for.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html>

use super::Iam;
use super::caller::Caller;

impl Iam {
    /// The session of a role that a service has assumed, and the text of the role's trust policy,
    /// which has to let it; `None` if there is no such role.
    pub(crate) fn role_of_service(
        &self,
        role_arn: &str,
        session_name: &str,
    ) -> Option<(Caller, String)> {
        let parts: Vec<_> = role_arn.splitn(6, ':').collect();
        let &[_, _, _, _, account, resource] = &parts[..] else {
            return None;
        };
        let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
        let state = self.read();
        let caller = state.role_caller(account, name, session_name, None)?;
        let role = state.accounts.get(account)?.roles.get(name)?;
        let found = caller.role_arn.as_deref() == Some(role_arn);
        found.then(|| (caller, role.trust.text.clone()))
    }
}
