//! The unique ids of users and roles: what stays of a principal when its name is given to another one.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use super::State;

impl State {
    /// The id behind the ARN of a user or a role, or of a role's session (`AROA…:name`). Accounts have
    /// none.
    pub(crate) fn unique_id(&self, arn: &str) -> Option<String> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, _, account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next()?;
        let home = self.accounts.get(account)?;
        match (service, resource.split_once('/')?) {
            ("iam", ("user", path)) => {
                let user = home.users.get(path.rsplit('/').next()?)?;
                (user.arn(home.partition, account) == arn).then(|| user.id.clone())
            }
            ("iam", ("role", path)) => {
                let role = home.roles.get(path.rsplit('/').next()?)?;
                (role.arn(home.partition, account) == arn).then(|| role.id.clone())
            }
            ("sts", ("assumed-role", session)) => {
                let (role, session) = session.split_once('/')?;
                Some(format!("{}:{session}", home.roles.get(role)?.id))
            }
            _ => None,
        }
    }

    /// The ARN that belongs to an id now; a user can have been renamed.
    pub(crate) fn arn_of_id(&self, id: &str) -> Option<String> {
        let (id, session) = match id.split_once(':') {
            Some((id, session)) => (id, Some(session)),
            None => (id, None),
        };
        self.accounts.iter().find_map(|(account, home)| {
            let user = home.users.values().find(|user| user.id == id);
            let role = || home.roles.values().find(|role| role.id == id);
            match (user, session) {
                (Some(user), _) => Some(user.arn(home.partition, account)),
                (None, None) => Some(role()?.arn(home.partition, account)),
                (None, Some(session)) => {
                    Some(role()?.session_arn(home.partition, account, session))
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::iam::company;

    #[test]
    fn users_roles_and_sessions_have_ids() {
        let mut state = State::default();
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
        company::plant(&mut state, now);
        for arn in [
            "arn:aws:iam::111111111111:user/auditor",
            "arn:aws:iam::111111111111:user/service/terraform",
            "arn:aws:iam::222222222222:role/DataEngineer",
            "arn:aws:sts::222222222222:assumed-role/DataEngineer/me",
        ] {
            let id = state.unique_id(arn).unwrap();
            assert!(id.starts_with("AIDA") || id.starts_with("AROA"), "{id}");
            assert_eq!(state.arn_of_id(&id).as_deref(), Some(arn));
        }
        for arn in [
            "",
            "*",
            "111111111111",
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::111111111111:user/terraform",
            "arn:aws-cn:iam::111111111111:user/auditor",
            "arn:aws:iam::111111111111:user/nobody",
        ] {
            assert_eq!(state.unique_id(arn), None, "{arn}");
        }
        assert_eq!(state.arn_of_id("AIDACKCEVSQ6C2EXAMPLE"), None);
    }
}
