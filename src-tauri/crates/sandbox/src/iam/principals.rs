//! Whether a principal that a policy names exists, as AWS asks when a policy is put.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::State;
use super::account::{Account, User, is_account_id};
use super::named::renamed;
use super::policy::{Policy, PolicyKind};
use crate::regions::Partition;

impl State {
    /// Whether a policy in `partition` may name this principal. Any account exists, since accounts
    /// come into being when they are first used, unless it is one of another partition. Users and roles
    /// exist where the sandbox has them, by their ARN or unique id; so what a deleted one has left
    /// in a policy (`AIDA…`, `AROA…`) cannot be put again, as in AWS.
    pub(crate) fn has_principal(&self, name: &str, partition: Partition) -> bool {
        if name == "*" {
            return true;
        }
        if is_account_id(name) {
            return self.may_be_in(name, partition);
        }
        let Some(arn) = name.strip_prefix("arn:") else {
            let mut within = self
                .accounts
                .values()
                .filter(|account| account.partition == partition);
            return within.any(|account| has_id(account, name));
        };
        let parts: Vec<_> = arn.splitn(5, ':').collect();
        let [word, service, "", account, resource] = parts[..] else {
            return false;
        };
        if word != partition.word() || !self.may_be_in(account, partition) {
            return false;
        }
        if service == "iam" && resource == "root" {
            return is_account_id(account);
        }
        let Some(known) = self.accounts.get(account) else {
            return false;
        };
        let mut parts = resource.split('/');
        match (service, parts.next(), parts.next(), parts.next()) {
            ("sts", Some("assumed-role"), Some(role), Some(_)) => known.roles.contains_key(role),
            ("sts", Some("federated-user"), Some(_), None) => true,
            ("iam", ..) => {
                known
                    .users
                    .values()
                    .any(|user| user.arn(partition, account) == name)
                    || known
                        .roles
                        .values()
                        .any(|role| role.arn(partition, account) == name)
            }
            _ => false,
        }
    }

    /// The user that an ARN names, with its account.
    pub(crate) fn user_of_arn(&self, arn: &str) -> Option<(&str, &User)> {
        self.accounts.iter().find_map(|(id, account)| {
            let mut users = account.users.values();
            let user = users.find(|user| user.arn(account.partition, id) == arn)?;
            Some((id.as_str(), user))
        })
    }

    /// What trust policies say of a principal by its ARN they say by its unique id once it is
    /// deleted, so that nobody who gets the same name later is trusted.
    pub(super) fn principal_deleted(&mut self, arn: &str, id: &str) {
        self.uses.rename(arn, None);
        self.rewrite_trust(arn, id);
    }

    /// What names a user goes on to do so under another name.
    pub(super) fn principal_renamed(&mut self, arn: &str, new_arn: &str) {
        self.uses.rename(arn, Some(new_arn));
        self.rewrite_trust(arn, new_arn);
    }

    fn rewrite_trust(&mut self, name: &str, new_name: &str) {
        let roles = self.accounts.values_mut();
        for role in roles.flat_map(|account| account.roles.values_mut()) {
            let mut principals = role
                .trust
                .statements
                .iter()
                .filter_map(|statement| statement.principals.as_ref());
            if !principals.any(|principals| principals.aws.iter().any(|known| known == name)) {
                continue;
            }
            let by = BTreeMap::from([(name, new_name.to_owned())]);
            let text = renamed(&role.trust.text, &by);
            if let Ok(policy) = Policy::parse(&text, PolicyKind::Trust) {
                role.trust = Arc::new(policy);
            }
        }
    }

    pub(super) fn may_be_in(&self, account: &str, partition: Partition) -> bool {
        let known = self.accounts.get(account);
        known.is_none_or(|known| known.partition == partition)
    }
}

/// Whether the name of a service has the form that all of them have, such as `s3.amazonaws.com`. Which
/// services there are is not known here.
pub(crate) fn is_service_principal(name: &str) -> bool {
    const ENDS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"];
    ENDS.iter().any(|end| {
        name.strip_suffix(end)
            .is_some_and(|service| !service.is_empty())
    })
}

fn has_id(account: &Account, id: &str) -> bool {
    account.users.values().any(|user| user.id == id)
        || account.roles.values().any(|role| role.id == id)
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::iam::company;

    #[test]
    fn who_is_deleted_is_renamed_where_trusted_and_not_in_conditions() {
        let mut state = State::default();
        company::plant(
            &mut state,
            OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000),
        );
        let arn = "arn:aws:iam::111111111111:user/auditor";
        let text = format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole","Condition":{{"ArnEquals":{{"aws:PrincipalArn":"{arn}"}}}}}}}}"#
        );
        let trust = Arc::new(Policy::parse(&text, PolicyKind::Trust).unwrap());
        let mut roles = state
            .accounts
            .values_mut()
            .flat_map(|account| account.roles.values_mut());
        roles.next().unwrap().trust = trust;
        state.principal_deleted(arn, "AIDAGONE");
        let mut roles = state
            .accounts
            .values()
            .flat_map(|account| account.roles.values());
        let expected = text.replacen(arn, "AIDAGONE", 1);
        assert_eq!(roles.next().unwrap().trust.text, expected);
    }

    #[test]
    fn a_service_has_a_domain() {
        for name in ["s3.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn"] {
            assert!(is_service_principal(name), "{name}");
        }
        for name in ["", "s3", ".amazonaws.com", "s3.example.com"] {
            assert!(!is_service_principal(name), "{name}");
        }
    }

    #[test]
    fn only_what_is_there_and_well_formed_exists() {
        let mut state = State::default();
        company::plant(
            &mut state,
            OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000),
        );
        let auditor = state.accounts["111111111111"].users["auditor"].id.clone();
        for name in [
            "*",
            "111111111111",
            "999999999999",
            "arn:aws:iam::999999999999:root",
            "arn:aws:iam::111111111111:user/auditor",
            "arn:aws:iam::111111111111:user/service/terraform",
            "arn:aws:iam::222222222222:role/DataEngineer",
            "arn:aws:sts::222222222222:assumed-role/DataEngineer/me",
            auditor.as_str(),
        ] {
            assert!(state.has_principal(name, Partition::Commercial), "{name}");
        }
        for name in [
            "",
            "auditor",
            "12345",
            "AIDACKCEVSQ6C2EXAMPLE",
            "arn:aws:iam::111111111111:user/nobody",
            "arn:aws:iam::111111111111:user/terraform",
            "arn:aws:iam::111111111111:user/*",
            "arn:aws:iam::111111111111:group/admins",
            "arn:aws:iam::999999999999:user/auditor",
            "arn:aws:iam::12:root",
            "arn:aws:iam:eu-west-1:111111111111:user/auditor",
            "arn:aws:s3:::bucket",
            "arn:aws:sts::222222222222:assumed-role/Nobody/me",
            "arn:aws-cn:iam::111111111111:user/auditor",
            "arn:aws-cn:iam::666666666666:root",
            "arn:aws:iam::666666666666:root",
            "666666666666",
        ] {
            assert!(!state.has_principal(name, Partition::Commercial), "{name}");
        }
    }
}
