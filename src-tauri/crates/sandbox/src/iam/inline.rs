//! Inline policies of users, groups and roles.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>

use super::account::InlinePolicy;
use super::answers::{Asked, limit, missing};
use super::documents;
use super::holders::Kind;
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::xml::Xml;

impl Kind {
    /// How long all inline policies of one may be together, in characters without white space.
    fn inline_size(self) -> usize {
        match self {
            Self::User => 2_048,
            Self::Group => 5_120,
            Self::Role => 10_240,
        }
    }
}

impl Asked<'_> {
    pub(super) fn put_inline_policy(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need("PolicyName")?;
        let text = self.need("PolicyDocument")?;
        let action = format!("iam:Put{}Policy", kind.title());
        let holder_name = self.need(kind.member())?;
        self.change_holder(kind, &action, |holder| {
            refuse_protected(kind, holder.path, holder_name)?;
            let policy = documents::identity(text, self.caller.partition)?;
            let others = holder.policies.iter().filter(|known| known.name != name);
            let before: usize = others
                .map(|known| documents::size(&known.policy.text))
                .sum();
            let most = kind.inline_size();
            if before + documents::size(text) > most {
                return Err(limit(format!(
                    "Maximum policy size of {most} bytes exceeded for {} {holder_name}",
                    kind.word()
                )));
            }
            holder.policies.retain(|known| known.name != name);
            holder.policies.push(InlinePolicy {
                name: name.to_owned(),
                policy,
            });
            holder
                .policies
                .sort_by(|left, right| left.name.cmp(&right.name));
            Ok(Xml::new())
        })
    }

    pub(super) fn inline_policy(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need("PolicyName")?;
        let action = format!("iam:Get{}Policy", kind.title());
        self.read_holder(kind, &action, |_, holder| {
            let inline = holder.policies.iter().find(|known| known.name == name);
            let inline = inline.ok_or_else(|| no_policy(kind, name))?;
            Ok(Xml::new()
                .text(kind.member(), holder.name)
                .text("PolicyName", name)
                .text(
                    "PolicyDocument",
                    percent_encode(inline.policy.text.as_bytes()),
                ))
        })
    }

    pub(super) fn delete_inline_policy(&self, kind: Kind) -> Result<Xml, ApiError> {
        let name = self.need("PolicyName")?;
        let action = format!("iam:Delete{}Policy", kind.title());
        let holder_name = self.need(kind.member())?;
        self.change_holder(kind, &action, |holder| {
            refuse_protected(kind, holder.path, holder_name)?;
            let before = holder.policies.len();
            holder.policies.retain(|known| known.name != name);
            if holder.policies.len() == before {
                return Err(no_policy(kind, name));
            }
            Ok(Xml::new())
        })
    }

    pub(super) fn inline_policies(&self, kind: Kind) -> Result<Xml, ApiError> {
        let action = format!("iam:List{}Policies", kind.title());
        let page = self.page()?;
        self.read_holder(kind, &action, |_, holder| {
            let names = holder.policies.iter().map(|inline| inline.name.clone());
            let names = names.map(|name| (name.clone(), name));
            Ok(page.cut(names).show_texts("PolicyNames"))
        })
    }
}

/// What belongs to a service of AWS, such as the roles of Identity Center's permission sets, is changed
/// by that service alone.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-service-linked-role.html>
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
pub(super) fn refuse_protected(kind: Kind, path: &str, name: &str) -> Result<(), ApiError> {
    if kind != Kind::Role || !is_reserved(path) {
        return Ok(());
    }
    let sentence = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable \
         by AWS"
    );
    Err(ApiError::new("UnmodifiableEntity", sentence))
}

/// Whether a path is for roles that AWS's services make.
pub(super) fn is_reserved(path: &str) -> bool {
    path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/")
}

fn no_policy(kind: Kind, name: &str) -> ApiError {
    missing(&format!("{} policy", kind.word()), name)
}
