//! The one person of Identity Center, the permission sets, and the accounts they are assigned in.

use time::OffsetDateTime;

use crate::iam::Iam;
use crate::iam::account::Role;
use crate::iam::company::{
    ADMINISTRATOR_ACCESS, ANALYTICS, KEY_CUSTODIAN, PRODUCTION, READ_ONLY, reserved_role,
};

/// The start URL of the instance, which answers to other names as well.
pub const START_URL: &str = "https://sandbox.awsapps.com/start";

/// The region of the instance. It answers in all of them.
pub const SSO_REGION: &str = "eu-central-1";

/// Who signs in, whoever sits at the browser.
pub(crate) const USER: &str = "anna.berger";

/// What somebody may do in an account, as the role that Identity Center makes of it.
pub(super) struct PermissionSet {
    pub(super) name: &'static str,
    id: &'static str,
    about: &'static str,
    policy: &'static str,
}

/// An account with what [`USER`] may do there.
pub(super) struct Assignment {
    pub(super) account: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) permission_sets: &'static [PermissionSet],
}

const ADMINISTRATOR: PermissionSet = PermissionSet {
    name: "AdministratorAccess",
    id: "9a41d7c2e8f05b36",
    about: "Everything, through IAM Identity Center",
    policy: ADMINISTRATOR_ACCESS,
};

const READER: PermissionSet = PermissionSet {
    name: "ReadOnly",
    id: "2f7e0b94c6d1a853",
    about: "Looking only, through IAM Identity Center",
    policy: READ_ONLY,
};

const CUSTODIAN: PermissionSet = PermissionSet {
    name: "KeyCustodians",
    id: "5f0c2be19d37a84e",
    about: "Key custodians, through IAM Identity Center",
    policy: KEY_CUSTODIAN,
};

/// In the order in which they are listed. Those of accounts that the seed does not have are left
/// out.
const ASSIGNMENTS: &[Assignment] = &[
    Assignment {
        account: "000000000000",
        name: "sandbox",
        email: "aws@example.com",
        permission_sets: &[ADMINISTRATOR, READER],
    },
    Assignment {
        account: PRODUCTION,
        name: "acme-production",
        email: "aws+production@example.com",
        permission_sets: &[ADMINISTRATOR, CUSTODIAN, READER],
    },
    Assignment {
        account: ANALYTICS,
        name: "acme-analytics",
        email: "aws+analytics@example.com",
        permission_sets: &[ADMINISTRATOR, READER],
    },
];

impl PermissionSet {
    /// The name of its role in every account.
    pub(super) fn role_name(&self) -> String {
        format!("AWSReservedSSO_{}_{}", self.name, self.id)
    }

    fn role(&self, account: &str, now: OffsetDateTime) -> Role {
        let name = self.role_name();
        reserved_role(account, SSO_REGION, &name, self.about, self.policy, now)
    }
}

/// The assignments in accounts that are there.
pub(super) fn assignments(iam: &Iam) -> Vec<&'static Assignment> {
    let state = iam.read();
    ASSIGNMENTS
        .iter()
        .filter(|assignment| state.accounts.contains_key(assignment.account))
        .collect()
}

/// Puts the roles that are not there yet into the accounts.
pub(super) fn provision(iam: &Iam, now: OffsetDateTime) {
    for assignment in assignments(iam) {
        for set in assignment.permission_sets {
            let name = set.role_name();
            let account = assignment.account;
            let has = |state: &crate::iam::State| {
                let account = state.accounts.get(account);
                account.is_some_and(|account| account.roles.contains_key(&name))
            };
            if !has(&iam.read()) {
                iam.change(|state, _| state.add_role(account, set.role(account, now)));
            }
        }
    }
}
