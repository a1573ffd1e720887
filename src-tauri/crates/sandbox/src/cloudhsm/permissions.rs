//! Which permission an operation needs: on which cluster or backup, with which condition keys. It is asked
//! for once the request has the right shape.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_cloudhsm.html>

use std::collections::BTreeMap;

use super::CloudHsm;
use crate::api::{ApiError, Call};
use crate::iam::authorise::{authorize_with, context};
use crate::regions::Partition;

/// The condition keys, in lower case, that are absent from a request where it does not bring them.
const UNDERSTOOD: &[&str] = &["aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"];

/// What a request says about tags.
#[derive(Default)]
pub(super) struct Tagged<'a> {
    /// Those that it brings.
    pub(super) added: Option<&'a BTreeMap<String, String>>,
    /// The keys of those that it removes.
    pub(super) removed: &'a [String],
}

impl CloudHsm {
    /// Whether the caller may do this to the cluster or backup of this id, or to nothing in particular.
    pub(super) fn allow(
        &self,
        call: &Call,
        action: &str,
        on: Option<&str>,
        tagged: &Tagged<'_>,
    ) -> Result<(), ApiError> {
        let mut context = context(&call.caller, call).understanding(UNDERSTOOD);
        for (key, value) in tagged.added.into_iter().flatten() {
            context = context.with(&format!("aws:RequestTag/{key}"), value);
        }
        let added = tagged.added.into_iter().flat_map(BTreeMap::keys);
        let keys: Vec<&str> = added.chain(tagged.removed).map(String::as_str).collect();
        if !keys.is_empty() {
            context = context.with_all("aws:TagKeys", &keys);
        }
        for (key, value) in self.tags_of(call, on) {
            context = context.with(&format!("aws:ResourceTag/{key}"), value);
        }
        let resource = on.map_or_else(|| "*".to_owned(), |id| arn(call, id));
        let action = format!("cloudhsm:{action}");
        authorize_with(&call.caller, &context, &action, &resource).map_err(denied)
    }

    fn tags_of(&self, call: &Call, id: Option<&str>) -> BTreeMap<String, String> {
        let Some(id) = id else {
            return BTreeMap::new();
        };
        self.with_room(call, |room, now| {
            let cluster = room.cluster(id, now);
            cluster.map_or_else(BTreeMap::new, |cluster| cluster.tags.clone())
        })
    }
}

fn arn(call: &Call, id: &str) -> String {
    let kind = id.split('-').next().unwrap_or_default();
    let partition = Partition::of(&call.region).word();
    let (region, account) = (&call.region, &call.account);
    format!("arn:{partition}:cloudhsm:{region}:{account}:{kind}/{id}")
}

/// CloudHSM has a code of its own for what IAM refuses.
fn denied(refusal: ApiError) -> ApiError {
    ApiError {
        code: "CloudHsmAccessDeniedException",
        ..refusal
    }
}
