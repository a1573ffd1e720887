//! `GetAccountAuthorizationDetails`: users, groups, roles and managed policies with all that decides.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use super::account::{Account, InlinePolicy};
use super::answers::{Asked, invalid};
use super::attached::{show_all_attached, show_boundary};
use super::catalogue;
use super::holders::{Holder, Kind};
use super::managed::Managed;
use super::tags;
use super::versions::{show_version, versions};
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::protocol::seconds;
use crate::xml::Xml;

const FILTERS: [&str; 5] = [
    "User",
    "Role",
    "Group",
    "LocalManagedPolicy",
    "AWSManagedPolicy",
];

/// One entry of one of the four lists.
enum Entry<'a> {
    Holder(Holder<'a>),
    Policy(Managed<'a>),
}

impl Asked<'_> {
    pub(super) fn authorization_details(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetAccountAuthorizationDetails", "*")?;
        let wanted = self.params.list("Filter.member");
        if wanted.iter().any(|filter| !FILTERS.contains(filter)) {
            let set = FILTERS.join(", ");
            return Err(invalid(&format!(
                "1 validation error detected: Value at 'filter' failed to satisfy constraint: \
                 Member must satisfy constraint: [Member must satisfy enum value set: [{set}]]"
            )));
        }
        let wants = |filter: &str| wanted.is_empty() || wanted.contains(&filter);
        let page = self.page()?;
        let nobody = Account::default();
        let state = self.iam.read();
        let account = self.account(&state).unwrap_or(&nobody);
        let holders = account
            .holders()
            .filter(|holder| wants(holder.kind.title()));
        let holders = holders.map(|holder| {
            let key = format!("{}/{}", holder.kind.title(), holder.name);
            (key, Entry::Holder(holder))
        });
        let own = account.policies.values().map(Managed::Own);
        let own = own.filter(|_| wants("LocalManagedPolicy"));
        let uses = account.uses();
        // Without a filter AWS shows of its own policies those that are in use.
        let aws = catalogue::all()
            .map(Managed::Aws)
            .filter(|policy| match wanted.is_empty() {
                true => uses.contains_key(self.policy_arn(*policy).as_str()),
                false => wants("AWSManagedPolicy"),
            });
        let policies = own.chain(aws).map(|policy| {
            let key = format!("{}/{}", "policy", self.policy_arn(policy));
            (key, Entry::Policy(policy))
        });
        let (entries, ending) = page.cut(holders.chain(policies)).apart();
        let mut lists = [Xml::new(), Xml::new(), Xml::new(), Xml::new()];
        for entry in entries {
            let (turn, shown) = match entry {
                Entry::Holder(holder) => match holder.kind {
                    Kind::User => (0, self.user_detail(account, &holder)),
                    Kind::Group => (1, self.group_detail(account, &holder)),
                    Kind::Role => (2, self.role_detail(account, &holder)),
                },
                Entry::Policy(policy) => {
                    let used = uses.get(self.policy_arn(policy).as_str());
                    let shown = self.show_policy(policy, used.copied().unwrap_or_default());
                    let list = versions(policy)
                        .into_iter()
                        .fold(Xml::new(), |list, version| {
                            list.inside("member", show_version(version, true))
                        });
                    (3, shown.inside("PolicyVersionList", list))
                }
            };
            lists[turn] = std::mem::take(&mut lists[turn]).inside("member", shown);
        }
        let names = [
            "UserDetailList",
            "GroupDetailList",
            "RoleDetailList",
            "Policies",
        ];
        let shown = names.into_iter().zip(lists);
        let shown = shown.fold(Xml::new(), |all, (name, list)| all.inside(name, list));
        Ok(shown.append(ending))
    }

    fn user_detail(&self, account: &Account, holder: &Holder<'_>) -> Xml {
        let Some(user) = account.users.get(holder.name) else {
            return Xml::new();
        };
        let groups = account.groups_of(&user.name);
        let groups = groups.fold(Xml::new(), |list, group| list.text("member", &group.name));
        self.show_user(user)
            .inside("UserPolicyList", show_inline(&user.policies))
            .inside("GroupList", groups)
            .append(show_all_attached(account, holder))
            .append(show_boundary(holder.boundary))
            .append(tags::show(&user.tags))
    }

    fn group_detail(&self, account: &Account, holder: &Holder<'_>) -> Xml {
        let Some(group) = account.groups.get(holder.name) else {
            return Xml::new();
        };
        self.show_group(group)
            .inside("GroupPolicyList", show_inline(&group.policies))
            .append(show_all_attached(account, holder))
    }

    fn role_detail(&self, account: &Account, holder: &Holder<'_>) -> Xml {
        let Some(role) = account.roles.get(holder.name) else {
            return Xml::new();
        };
        let arn = role.arn(self.caller.partition, &self.call.account);
        let profiles = account.profiles_of(&role.name);
        let profiles = profiles.fold(Xml::new(), |list, profile| {
            list.inside("member", self.show_untagged_profile(account, profile))
        });
        Xml::new()
            .text("Path", &role.path)
            .text("RoleName", &role.name)
            .text("RoleId", &role.id)
            .text("Arn", &arn)
            .text("CreateDate", seconds(role.created))
            .text(
                "AssumeRolePolicyDocument",
                percent_encode(role.trust.text.as_bytes()),
            )
            .inside("InstanceProfileList", profiles)
            .inside("RolePolicyList", show_inline(&role.policies))
            .append(show_all_attached(account, holder))
            .append(show_boundary(holder.boundary))
            .append(tags::show(&role.tags))
            .append(self.show_last_used(&arn))
    }
}

fn show_inline(policies: &[InlinePolicy]) -> Xml {
    policies.iter().fold(Xml::new(), |list, inline| {
        let document = percent_encode(inline.policy.text.as_bytes());
        let shown = Xml::new()
            .text("PolicyName", &inline.name)
            .text("PolicyDocument", document);
        list.inside("member", shown)
    })
}
