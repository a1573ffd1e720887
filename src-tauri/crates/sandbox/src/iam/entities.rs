//! `ListEntitiesForPolicy`: who has a managed policy.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>

use super::answers::Asked;
use super::holders::Kind;
use crate::api::ApiError;
use crate::xml::Xml;

impl Asked<'_> {
    pub(super) fn entities_of_policy(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let filter = self.params.one("EntityFilter");
        let usage = self.params.one("PolicyUsageFilter");
        self.read_policy("iam:ListEntitiesForPolicy", |account, _, arn| {
            let holders = account.into_iter().flat_map(|account| account.holders());
            let having = holders.filter(|holder| {
                let attached = holder.attached.iter().any(|known| known == arn);
                let bounded = holder.boundary == Some(arn);
                match usage {
                    Some("PermissionsPolicy") => attached,
                    Some(_) => bounded,
                    None => attached || bounded,
                }
            });
            let having = having
                .filter(|holder| filter.is_none_or(|filter| filter == holder.kind.title()))
                .filter(|holder| holder.path.starts_with(prefix))
                .map(|holder| (format!("{}/{}", holder.kind.title(), holder.name), holder));
            let (entries, ending) = page.cut(having).apart();
            let list = |kind: Kind| {
                let of_kind = entries.iter().filter(|holder| holder.kind == kind);
                of_kind.fold(Xml::new(), |list, holder| {
                    let shown = Xml::new()
                        .text(kind.member(), holder.name)
                        .text(&format!("{}Id", kind.title()), holder.id);
                    list.inside("member", shown)
                })
            };
            Ok(Xml::new()
                .inside("PolicyGroups", list(Kind::Group))
                .inside("PolicyUsers", list(Kind::User))
                .inside("PolicyRoles", list(Kind::Role))
                .append(ending))
        })
    }
}
