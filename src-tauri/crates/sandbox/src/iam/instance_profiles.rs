//! Instance profiles: what carries a role to a machine. The sandbox has no machines; the profiles are
//! kept, and hold on to their roles, as AWS's do.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html>

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::{Account, Tags};
use super::answers::{
    Asked, about_tagged, conflict, exists, limit, missing, over_quota, with_tags,
};
use super::holders::Kind;
use super::inline::refuse_protected;
use super::tags;
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of instance profiles in an account.
pub(super) const MOST_PROFILES: usize = 1_000;

/// An instance profile.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    name: String,
    path: String,
    id: String,
    #[serde(with = "rfc3339")]
    created: OffsetDateTime,
    /// The name of its role: there is never more than one.
    role: Option<String>,
    pub(super) tags: Tags,
}

impl InstanceProfile {
    pub(super) fn resource(&self) -> String {
        format!("instance-profile{}{}", self.path, self.name)
    }
}

impl Account {
    /// The profiles that carry a role.
    pub(super) fn profiles_of<'s>(
        &'s self,
        role: &'s str,
    ) -> impl Iterator<Item = &'s InstanceProfile> {
        let profiles = self.instance_profiles.values();
        profiles.filter(move |profile| profile.role.as_deref() == Some(role))
    }
}

impl Asked<'_> {
    pub(super) fn create_instance_profile(&self) -> Result<Xml, ApiError> {
        let name = self.need("InstanceProfileName")?;
        let path = self.params.one("Path").unwrap_or("/");
        let tags = self.new_tags()?;
        let arn = self.arn(&format!("instance-profile{path}{name}"));
        self.allow_with_tags("iam:CreateInstanceProfile", &arn, &tags)?;
        self.change(|account, random| {
            let mut known = account.instance_profiles.keys();
            if known.any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(exists("Instance Profile", name));
            }
            if account.instance_profiles.len() >= MOST_PROFILES {
                return Err(over_quota("InstanceProfilesPerAccount", MOST_PROFILES));
            }
            let profile = InstanceProfile {
                name: name.to_owned(),
                path: path.to_owned(),
                id: format!("AIPA{}", random.id(17)),
                created: self.call.now,
                role: None,
                tags,
            };
            let shown = self.show_instance_profile(account, &profile);
            account.instance_profiles.insert(name.to_owned(), profile);
            Ok(Xml::new().inside("InstanceProfile", shown))
        })
    }

    pub(super) fn instance_profile(&self) -> Result<Xml, ApiError> {
        self.read_instance_profile("iam:GetInstanceProfile", |account, profile| {
            let shown = self.show_instance_profile(account, profile);
            Xml::new().inside("InstanceProfile", shown)
        })
    }

    pub(super) fn instance_profiles(&self) -> Result<Xml, ApiError> {
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let resource = self.arn(&format!("instance-profile{prefix}"));
        self.allow("iam:ListInstanceProfiles", &resource)?;
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let profiles = account.into_iter().flat_map(|account| {
            let profiles = account.instance_profiles.values();
            profiles.map(move |profile| (account, profile))
        });
        let profiles = profiles.filter(|(_, profile)| profile.path.starts_with(prefix));
        let named = profiles.map(|entry| (entry.1.name.clone(), entry));
        // The tags are told of one profile only.
        Ok(page
            .cut(named)
            .show("InstanceProfiles", |(account, profile)| {
                self.show_untagged_profile(account, profile)
            }))
    }

    pub(super) fn instance_profiles_of_role(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        let action = "iam:ListInstanceProfilesForRole";
        self.read_holder(Kind::Role, action, |account, role| {
            let profiles = account.profiles_of(role.name);
            let named = profiles.map(|profile| (profile.name.clone(), profile));
            Ok(page.cut(named).show("InstanceProfiles", |profile| {
                self.show_untagged_profile(account, profile)
            }))
        })
    }

    pub(super) fn add_role_to_instance_profile(&self) -> Result<Xml, ApiError> {
        let role = self.need("RoleName")?;
        self.change_instance_profile("iam:AddRoleToInstanceProfile", |account, name| {
            self.allow_on(
                Some(account),
                (Kind::Role, role),
                "iam:PassRole",
                |context| context.with("iam:PassedToService", "ec2.amazonaws.com"),
            )?;
            let known = account.roles.get(role);
            let known = known.ok_or_else(|| missing("role", role))?;
            refuse_protected(Kind::Role, &known.path, role)?;
            let profile = account.instance_profiles.get_mut(name);
            let profile = profile.ok_or_else(|| missing("Instance Profile", name))?;
            if profile.role.is_some() {
                return Err(limit(
                    "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
                ));
            }
            profile.role = Some(role.to_owned());
            Ok(())
        })
    }

    pub(super) fn remove_role_from_instance_profile(&self) -> Result<Xml, ApiError> {
        let role = self.need("RoleName")?;
        self.change_instance_profile("iam:RemoveRoleFromInstanceProfile", |account, name| {
            let profile = account.instance_profiles.get_mut(name);
            let profile = profile.filter(|profile| profile.role.as_deref() == Some(role));
            let profile = profile.ok_or_else(|| missing("role", role))?;
            profile.role = None;
            Ok(())
        })
    }

    pub(super) fn delete_instance_profile(&self) -> Result<Xml, ApiError> {
        self.change_instance_profile("iam:DeleteInstanceProfile", |account, name| {
            let profile = account.instance_profiles.get(name);
            if profile.is_some_and(|profile| profile.role.is_some()) {
                return Err(conflict(
                    "Cannot delete entity, must remove roles from instance profile first.",
                ));
            }
            account.instance_profiles.remove(name);
            Ok(())
        })
    }

    pub(super) fn tag_instance_profile(&self) -> Result<Xml, ApiError> {
        let new = self.new_tags()?;
        let name = self.need("InstanceProfileName")?;
        self.change(|account, _| {
            self.allow_on_profile(Some(&*account), "iam:TagInstanceProfile", &new)?;
            let profile = account.instance_profiles.get_mut(name);
            let profile = profile.ok_or_else(|| missing("Instance Profile", name))?;
            tags::add(&mut profile.tags, &new)?;
            Ok(Xml::new())
        })
    }

    pub(super) fn untag_instance_profile(&self) -> Result<Xml, ApiError> {
        self.change_instance_profile("iam:UntagInstanceProfile", |account, name| {
            if let Some(profile) = account.instance_profiles.get_mut(name) {
                self.remove_tags(&mut profile.tags);
            }
            Ok(())
        })
    }

    pub(super) fn instance_profile_tags(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_instance_profile("iam:ListInstanceProfileTags", |_, profile| {
            tags::list(&page, &profile.tags)
        })
    }

    fn allow_on_profile(
        &self,
        account: Option<&Account>,
        action: &str,
        new: &Tags,
    ) -> Result<(), ApiError> {
        let name = self.need("InstanceProfileName")?;
        let known = account.and_then(|account| account.instance_profiles.get(name));
        let resource = known.map_or_else(
            || format!("instance-profile/{name}"),
            InstanceProfile::resource,
        );
        let tags = known.map_or(&[][..], |profile| &profile.tags);
        self.allow_with(action, &self.arn(&resource), |context| {
            with_tags(about_tagged(context, tags), new)
        })
    }

    fn read_instance_profile(
        &self,
        action: &str,
        show: impl FnOnce(&Account, &InstanceProfile) -> Xml,
    ) -> Result<Xml, ApiError> {
        let name = self.need("InstanceProfileName")?;
        let state = self.iam.read();
        let account = self.account(&state);
        self.allow_on_profile(account, action, &Tags::new())?;
        let found =
            account.and_then(|account| Some((account, account.instance_profiles.get(name)?)));
        let (account, profile) = found.ok_or_else(|| missing("Instance Profile", name))?;
        Ok(show(account, profile))
    }

    /// Changes the profile that the request names, which is there.
    fn change_instance_profile(
        &self,
        action: &str,
        change: impl FnOnce(&mut Account, &str) -> Result<(), ApiError>,
    ) -> Result<Xml, ApiError> {
        let name = self.need("InstanceProfileName")?;
        self.change(|account, _| {
            self.allow_on_profile(Some(&*account), action, &Tags::new())?;
            if !account.instance_profiles.contains_key(name) {
                return Err(missing("Instance Profile", name));
            }
            change(account, name)?;
            Ok(Xml::new())
        })
    }

    pub(super) fn show_untagged_profile(
        &self,
        account: &Account,
        profile: &InstanceProfile,
    ) -> Xml {
        let role = profile.role.as_ref();
        let role = role.and_then(|role| account.roles.get(role));
        let roles = role.map_or_else(Xml::new, |role| {
            Xml::new().inside("member", self.show_role(role))
        });
        Xml::new()
            .text("Path", &profile.path)
            .text("InstanceProfileName", &profile.name)
            .text("InstanceProfileId", &profile.id)
            .text("Arn", self.arn(&profile.resource()))
            .text("CreateDate", seconds(profile.created))
            .inside("Roles", roles)
    }

    fn show_instance_profile(&self, account: &Account, profile: &InstanceProfile) -> Xml {
        self.show_untagged_profile(account, profile)
            .append(tags::show(&profile.tags))
    }
}
