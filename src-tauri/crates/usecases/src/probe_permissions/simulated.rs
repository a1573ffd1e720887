//! What IAM says that the caller's own policies permit.

use std::collections::BTreeMap;

use ownkey_aws::{CallerIdentity, Decision, Session};
use ownkey_model::{NotSimulated, Result, Role, Verdict};

/// What a simulation told.
#[derive(Default)]
pub(super) struct Simulated {
    decisions: BTreeMap<String, Decision>,
    /// Why there was none.
    pub(super) refused: Option<NotSimulated>,
}

impl Simulated {
    /// What the simulation says about an action; nothing if it was not simulated. What the caller's
    /// policies do not grant on every key is not known, since a key's own policy, or one for some keys,
    /// may grant it. Neither is what hangs on conditions.
    pub(super) fn verdict(&self, action: &str) -> Option<Verdict> {
        Some(match self.decisions.get(action)? {
            Decision::Allowed => Verdict::Allowed,
            Decision::Denied => Verdict::Refused,
            Decision::NotGranted if is_granted_to_callers_only(action) => Verdict::Refused,
            Decision::NotGranted | Decision::Conditional => Verdict::Unknown,
        })
    }
}

/// Whether an action is about no key or alias in particular: then only the caller's own policies can
/// grant it, on every resource.
fn is_granted_to_callers_only(action: &str) -> bool {
    let of_the_account = ["kms:CreateKey", "kms:ListKeys", "kms:ListAliases"];
    !action.starts_with("kms:") || of_the_account.contains(&action)
}

/// Has IAM simulate actions for the caller. `assumed` is the role that OwnKey itself has assumed, if
/// any. Only a failure of the sign-in is an error.
pub(super) async fn simulate(
    session: &Session,
    caller: &CallerIdentity,
    assumed: Option<&Role>,
    actions: &[&str],
) -> Result<Simulated> {
    if actions.is_empty() {
        return Ok(Simulated::default());
    }
    let asked = async {
        let principal = match Caller::of(&caller.arn) {
            Caller::User => caller.arn.clone(),
            Caller::Role(name) => match assumed.filter(|role| is_named(role, name, caller)) {
                Some(role) => role.arn.as_str().to_owned(),
                None => session.role_arn(name).await?,
            },
            Caller::Neither => return Ok(None),
        };
        session.simulate(&principal, actions).await.map(Some)
    };
    match asked.await {
        Ok(Some(answers)) => Ok(Simulated {
            decisions: answers.into_iter().collect(),
            refused: None,
        }),
        Ok(None) => Ok(not_simulated(NotSimulated::NoPolicies)),
        Err(error) if error.concerns_all_regions() => Err(error),
        Err(error) => Ok(not_simulated(NotSimulated::Refused { error })),
    }
}

fn not_simulated(why: NotSimulated) -> Simulated {
    Simulated {
        refused: Some(why),
        ..Simulated::default()
    }
}

/// Whose policies there are to simulate.
#[derive(Debug, PartialEq)]
enum Caller<'a> {
    User,
    /// By its name: the ARN of a session leaves the role's path out.
    Role(&'a str),
    /// The account's root, a federated user.
    Neither,
}

impl<'a> Caller<'a> {
    fn of(arn: &'a str) -> Self {
        let who = arn.splitn(6, ':').nth(5).unwrap_or_default();
        match who.split_once('/') {
            Some(("user", _)) => Self::User,
            Some(("assumed-role", rest)) => {
                Self::Role(rest.split_once('/').map_or(rest, |(name, _)| name))
            }
            _ => Self::Neither,
        }
    }
}

fn is_named(role: &Role, name: &str, caller: &CallerIdentity) -> bool {
    role.arn.account() == caller.account && role.arn.as_str().rsplit('/').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_granted_on_every_key_may_be_granted_by_a_key() {
        let simulated = Simulated {
            decisions: [
                ("kms:CreateKey", Decision::NotGranted),
                ("kms:ImportKeyMaterial", Decision::NotGranted),
                ("kms:ScheduleKeyDeletion", Decision::Denied),
                ("kms:TagResource", Decision::Allowed),
                ("iam:ListRoles", Decision::NotGranted),
                ("iam:ListUsers", Decision::Conditional),
            ]
            .map(|(action, decision)| (action.to_owned(), decision))
            .into(),
            refused: None,
        };
        for (action, verdict) in [
            ("kms:CreateKey", Some(Verdict::Refused)),
            ("kms:ImportKeyMaterial", Some(Verdict::Unknown)),
            ("kms:ScheduleKeyDeletion", Some(Verdict::Refused)),
            ("kms:TagResource", Some(Verdict::Allowed)),
            ("iam:ListRoles", Some(Verdict::Refused)),
            ("iam:ListUsers", Some(Verdict::Unknown)),
            ("kms:CreateAlias", None),
        ] {
            assert_eq!(simulated.verdict(action), verdict, "{action}");
        }
    }

    #[test]
    fn users_and_roles_have_policies_and_others_have_not() {
        for (arn, caller) in [
            ("arn:aws:iam::111122223333:user/path/jo", Caller::User),
            (
                "arn:aws-cn:sts::111122223333:assumed-role/Admin/a:b",
                Caller::Role("Admin"),
            ),
            ("arn:aws:iam::111122223333:root", Caller::Neither),
            (
                "arn:aws:sts::111122223333:federated-user/jo",
                Caller::Neither,
            ),
            ("", Caller::Neither),
        ] {
            assert_eq!(Caller::of(arn), caller, "{arn}");
        }
    }
}
