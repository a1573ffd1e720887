//! What only reads, tried for real.

use std::collections::{BTreeMap, HashSet};

use ownkey_aws::{Described, Kms, Session};
use ownkey_model::{AppError, Key, KeyArn, KeySpec, KeyState, Origin, Result, Verdict};

use super::is_refusal;

/// How many keys are looked at to find one of each kind.
const KEYS: usize = 25;

/// After so many refusals no other key is described: in the account's trail they look like somebody
/// who feels their way.
const REFUSALS: usize = 2;

/// What AWS said to what was tried.
#[derive(Default)]
pub(super) struct Tried(BTreeMap<&'static str, Result<()>>);

impl Tried {
    /// Whether an action is permitted, with AWS's refusal; nothing if the trial did not tell.
    pub(super) fn verdict(&self, action: &str) -> Option<(Verdict, Option<&AppError>)> {
        match self.0.get(action)? {
            Ok(()) => Some((Verdict::Allowed, None)),
            Err(error) if is_refusal(error) => Some((Verdict::Refused, Some(error))),
            Err(_) => None,
        }
    }

    /// Why a trial did not tell.
    pub(super) fn trouble(&self, action: &str) -> Option<&AppError> {
        self.0.get(action)?.as_ref().err()
    }

    /// Notes an answer and hands it on, if there is one. Of several answers the least favourable one
    /// counts, and any of them more than none. A failure of the sign-in ends everything.
    fn note<T>(&mut self, action: &'static str, answer: Result<T>) -> Result<Option<T>> {
        let (value, said) = match answer {
            Ok(value) => (Some(value), Ok(())),
            Err(error) if error.concerns_all_regions() => return Err(error),
            Err(error) => (None, Err(error)),
        };
        let told = self.verdict(action).is_some();
        if !told || said.as_ref().is_err_and(is_refusal) {
            self.0.insert(action, said);
        }
        Ok(value)
    }
}

/// Lists and describes what is there. Nothing is paged through.
pub(super) async fn try_reading(session: &Session, kms: &Kms) -> Result<Tried> {
    let mut tried = Tried::default();
    let (regions, keys, aliases) = tokio::join!(
        session.regions(),
        kms.list_keys(None),
        kms.list_aliases(None, None),
    );
    if let Err(error @ AppError::EndpointUnreachable { .. }) = keys {
        return Err(error);
    }
    tried.note("ec2:DescribeRegions", regions)?;
    let listed = tried.note("kms:ListKeys", keys)?;
    let aliases = tried.note("kms:ListAliases", aliases)?;
    let aws_managed: HashSet<String> = aliases
        .into_iter()
        .flat_map(|(aliases, _)| aliases)
        .filter(|alias| alias.name.starts_with("alias/aws/"))
        .filter_map(|alias| alias.target_key_id)
        .collect();
    let ids = listed.into_iter().flat_map(|listed| listed.ids);
    let ids = ids.filter(|id| !aws_managed.contains(id)).take(KEYS);
    let examples = Examples::among(ids.collect(), kms, &mut tried).await?;
    try_on(&examples, kms, &mut tried).await?;
    Ok(tried)
}

/// Keys to try something on, each the first of its kind.
#[derive(Default)]
struct Examples {
    /// Of any kind; one that may not be described, if all are.
    any: Option<String>,
    /// One that rotates by itself.
    rotating: Option<String>,
    /// One with a list of imported materials.
    imported: Option<String>,
    /// One with a public key.
    public: Option<KeyArn>,
}

impl Examples {
    async fn among(ids: Vec<String>, kms: &Kms, tried: &mut Tried) -> Result<Self> {
        let mut found = Self::default();
        let mut undescribed = None;
        let mut refusals = 0;
        for id in ids {
            if found.are_complete() || refusals == REFUSALS {
                break;
            }
            match tried.note("kms:DescribeKey", kms.describe_key(&id).await)? {
                Some(Described::CustomerManaged(key)) => found.take(&id, &key),
                Some(Described::ManagedByAws) => {}
                None => {
                    undescribed = undescribed.or(Some(id));
                    refusals += 1;
                }
            }
        }
        found.any = found.any.or(undescribed);
        Ok(found)
    }

    fn take(&mut self, id: &str, key: &Key) {
        let named = || Some(id.to_owned());
        let symmetric = key.spec == KeySpec::SymmetricDefault.as_str();
        self.any = self.any.take().or_else(named);
        if symmetric && key.origin == Origin::AwsKms {
            self.rotating = self.rotating.take().or_else(named);
        }
        if symmetric && key.origin == Origin::External {
            self.imported = self.imported.take().or_else(named);
        }
        let asymmetric = key.spec.starts_with("RSA_") || key.spec.starts_with("ECC_");
        if asymmetric && key.state == KeyState::Enabled {
            let arn = || Some(key.arn.clone());
            self.public = self.public.take().or_else(arn);
        }
    }

    fn are_complete(&self) -> bool {
        self.rotating.is_some() && self.imported.is_some() && self.public.is_some()
    }
}

async fn try_on(examples: &Examples, kms: &Kms, tried: &mut Tried) -> Result<()> {
    if let Some(id) = &examples.any {
        let (policy, tags) = tokio::join!(kms.key_policy(id), kms.tags(id));
        tried.note("kms:GetKeyPolicy", policy)?;
        tried.note("kms:ListResourceTags", tags)?;
    }
    if let Some(id) = &examples.rotating {
        tried.note("kms:GetKeyRotationStatus", kms.rotation(id).await)?;
    }
    if let Some(id) = &examples.imported {
        tried.note("kms:ListKeyRotations", kms.materials(id).await)?;
    }
    if let Some(arn) = &examples.public {
        tried.note("kms:GetPublicKey", kms.public_key(arn).await)?;
    }
    Ok(())
}
