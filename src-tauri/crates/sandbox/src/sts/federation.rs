//! `GetFederationToken`: a session of a user under another name, that may do what both the user and the
//! session's own policies allow.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use super::session_policies::{self, ALLOTTED};
use super::session_tags::SessionTags;
use super::{check_text, duration, required, show_credentials};
use crate::api::{ApiError, Call};
use crate::iam::Iam;
use crate::iam::authorise::{authorize, context, decide, refusal};
use crate::iam::caller::{Brought, Caller, SessionFacts};
use crate::iam::evaluate::Decision;
use crate::query::Params;
use crate::xml::Xml;

pub(super) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    let name = required(params, "Name", "name")?;
    check_text("name", name, 2..=32, "=,.@-", "[\\w+=,.@-]*")?;
    let duration = duration(params, 900..=129_600, 43_200)?;
    let tags = SessionTags::read(params)?;
    let word = caller.partition.word();
    let arn = format!("arn:{word}:sts::{}:federated-user/{name}", caller.account);
    authorize(caller, call, "sts:GetFederationToken", &arn)?;
    if !tags.given.is_empty() {
        let context = with_tags(context(caller, call), &tags);
        let action = "sts:TagSession";
        if decide(caller, &context, action, &arn).0 != Decision::Allowed {
            return Err(refusal(caller, action, &arn, ""));
        }
    }
    // Only who may ask learns which managed policies there are.
    let narrowing = session_policies::read(params, &iam.read(), &caller.account)?;
    let size = narrowing.size + tags.size();
    let facts = SessionFacts {
        issued_at: call.now,
        mfa_at: None,
        policy: narrowing.policy,
        brought: Brought {
            federated: Some(name.to_owned()),
            ..tags.chained(caller)?
        },
    };
    let identity = caller.identity.clone();
    let session = iam.start_session(&caller.account, identity, facts, call.now + duration);
    let user = Xml::new()
        .text("FederatedUserId", format!("{}:{name}", caller.account))
        .text("Arn", arn);
    Ok(Xml::new()
        .inside("Credentials", show_credentials(&session))
        .inside("FederatedUser", user)
        .maybe("PackedPolicySize", packed(size)?))
}

/// The condition keys of session tags in a request.
pub(super) fn with_tags(
    context: crate::iam::condition::Context,
    tags: &SessionTags,
) -> crate::iam::condition::Context {
    let keys: Vec<&str> = tags.given.iter().map(|(key, _)| key.as_str()).collect();
    let transitive: Vec<&str> = tags.transitive.iter().map(String::as_str).collect();
    let mut context = context;
    if !keys.is_empty() {
        context = context.with_all("aws:TagKeys", &keys);
    }
    if !transitive.is_empty() {
        context = context.with_all("sts:TransitiveTagKeys", &transitive);
    }
    for (key, value) in &tags.given {
        context = context.with(&format!("aws:RequestTag/{key}"), value);
    }
    context
}

/// How much of the allotted space policies and tags take, in percent; nothing if there are none.
pub(super) fn packed(size: usize) -> Result<Option<usize>, ApiError> {
    if size > ALLOTTED {
        return Err(session_policies::too_large());
    }
    Ok((size > 0).then_some((size * 100).div_ceil(ALLOTTED)))
}
