//! Organizational units.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html>

use serde_json::{Value, json};

use super::asked::{Asked, nothing, violation};
use super::input::{is_parent, is_unit};
use super::organization::make_id;
use super::record::{Organization, Unit};
use crate::api::{ApiError, ApiResult};

/// AWS's limit of units inside each other.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const DEEPEST: usize = 5;

/// AWS's limit of units in an organization.
const MOST: usize = 2_000;

impl Asked<'_> {
    pub(super) fn create_unit(&self) -> ApiResult {
        let parent = self.input.id("ParentId", is_parent)?;
        let name = self.input.need("Name", 128)?;
        let tags = self.input.tags()?.unwrap_or_default();
        let action = "CreateOrganizationalUnit";
        self.change_controls(action, Some(parent), |organization| {
            organization.need_parent(parent)?;
            organization.refuse_same_name(parent, name, None)?;
            // The root is on the way too.
            if organization.way_to(parent).len() > DEEPEST {
                return Err(violation(
                    "OU_DEPTH_LIMIT_EXCEEDED",
                    "You attempted to create an OU tree that is too many levels deep.",
                ));
            }
            if organization.units.len() >= MOST {
                return Err(violation(
                    "OU_NUMBER_LIMIT_EXCEEDED",
                    "You attempted to exceed the number of OUs that you can have in an \
                     organization.",
                ));
            }
            let root = organization.root.trim_start_matches("r-");
            let id = make_id(&format!("ou-{root}"), 8, self.around.random);
            let unit = Unit {
                name: name.to_owned(),
                parent: parent.to_owned(),
            };
            organization.units.insert(id.clone(), unit);
            organization.begin_controls(&id);
            if !tags.is_empty() {
                organization.tags.insert(id.clone(), tags);
            }
            Ok(json!({ "OrganizationalUnit": organization.show_unit(&id)? }))
        })
    }

    pub(super) fn describe_unit(&self) -> ApiResult {
        let id = self.input.id("OrganizationalUnitId", is_unit)?;
        self.look("DescribeOrganizationalUnit", Some(id), |organization| {
            Ok(json!({ "OrganizationalUnit": organization.show_unit(id)? }))
        })
    }

    pub(super) fn list_units(&self) -> ApiResult {
        let parent = self.input.id("ParentId", is_parent)?;
        let page = self.input.page()?;
        let action = "ListOrganizationalUnitsForParent";
        self.look(action, Some(parent), |organization| {
            organization.need_parent(parent)?;
            let units = organization.units.iter();
            let inside = units.filter(|(_, unit)| unit.parent == parent);
            let shown = inside
                .map(|(id, _)| Ok((id, organization.show_unit(id)?)))
                .collect::<Result<Vec<_>, ApiError>>()?;
            page.cut("OrganizationalUnits", shown)
        })
    }

    pub(super) fn update_unit(&self) -> ApiResult {
        let id = self.input.id("OrganizationalUnitId", is_unit)?;
        let name = self.input.text("Name", 1, 128)?;
        self.change("UpdateOrganizationalUnit", Some(id), |organization| {
            let unit = organization.units.get(id).ok_or_else(not_found)?;
            if let Some(name) = name {
                organization.refuse_same_name(&unit.parent, name, Some(id))?;
                let unit = organization.units.get_mut(id).ok_or_else(not_found)?;
                name.clone_into(&mut unit.name);
            }
            Ok(json!({ "OrganizationalUnit": organization.show_unit(id)? }))
        })
    }

    pub(super) fn delete_unit(&self) -> ApiResult {
        let id = self.input.id("OrganizationalUnitId", is_unit)?;
        self.change("DeleteOrganizationalUnit", Some(id), |organization| {
            if !organization.units.contains_key(id) {
                return Err(not_found());
            }
            let mut units = organization.units.values();
            let mut members = organization.members.values();
            if units.any(|unit| unit.parent == id) || members.any(|member| member.parent == id) {
                return Err(ApiError::new(
                    "OrganizationalUnitNotEmptyException",
                    "The specified OU is not empty. Move all accounts to another root or to other \
                     OUs, remove all child OUs, and try the operation again.",
                ));
            }
            organization.units.remove(id);
            organization.attached.remove(id);
            organization.tags.remove(id);
            nothing()
        })
    }
}

impl Organization {
    fn show_unit(&self, id: &str) -> Result<Value, ApiError> {
        let unit = self.units.get(id).ok_or_else(not_found)?;
        Ok(json!({
            "Id": id,
            "Arn": self.arn_of(id),
            "Name": unit.name,
            "Path": self.path_of(id),
        }))
    }

    fn refuse_same_name(
        &self,
        parent: &str,
        name: &str,
        but: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut others = self.units.iter().filter(|(id, _)| Some(id.as_str()) != but);
        if others.any(|(_, unit)| unit.parent == parent && unit.name == name) {
            return Err(ApiError::new(
                "DuplicateOrganizationalUnitException",
                "An OU with the same name already exists.",
            ));
        }
        Ok(())
    }
}

fn not_found() -> ApiError {
    ApiError::new(
        "OrganizationalUnitNotFoundException",
        "You specified an organizational unit that doesn't exist.",
    )
}
