//! Takes the steps of a sequence in the sandbox's KMS and in the model, and compares what both say.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Range;

use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use serde_json::{Value, json};

use super::model::{Model, Moment, Name};
use super::seen::Seen;
use super::steps::{Expiry, HOUR, Import, Kind, Parameters, REGIONS, Region, Step};
use crate::kms::testing::{Bench, NOW, QUICK, base64, request};
use crate::kms::wrapping_keys;

/// Where the sandbox and the model part.
pub(super) struct Disagreement {
    /// The place of the step in the sequence.
    pub(super) step: usize,
    pub(super) what: String,
}

/// How often which operation ended how.
pub(super) type Outcomes = BTreeMap<(&'static str, &'static str), u64>;

/// Wrapping keys that all sequences of a thread share: making one takes longer than a sequence.
pub(super) struct WrappingKeys(Vec<PrivateDecryptingKey>);

impl WrappingKeys {
    pub(super) fn make() -> Self {
        let make = |_| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        Self((0..3).map(make).collect())
    }
}

/// Takes the steps until the end or the first disagreement.
pub(super) async fn drive(
    (kind, multi_region): (Kind, bool),
    steps: &[Step],
    wrapping_keys: &WrappingKeys,
    outcomes: &mut Outcomes,
) -> Result<(), Disagreement> {
    let mut pair = Pair::new(kind, multi_region, wrapping_keys).await;
    for (number, step) in steps.iter().enumerate() {
        pair.take(step, outcomes)
            .await
            .map_err(|what| Disagreement { step: number, what })?;
    }
    Ok(())
}

/// The two that must agree, and what the customer keeps.
struct Pair<'a> {
    bench: Bench,
    model: Model,
    kind: Kind,
    key: String,
    wrapping_keys: &'a WrappingKeys,
    sets: Vec<Value>,
    ciphertexts: Vec<(Value, Name)>,
    grants: [Vec<String>; 3],
    ids: BTreeMap<Name, String>,
}

impl<'a> Pair<'a> {
    async fn new(kind: Kind, multi_region: bool, wrapping_keys: &'a WrappingKeys) -> Self {
        let bench = Bench::new();
        let key = bench.create(kind.as_input(multi_region)).await;
        Self {
            bench,
            model: Model::new(kind, multi_region),
            kind,
            key,
            wrapping_keys,
            sets: Vec::new(),
            ciphertexts: Vec::new(),
            grants: Default::default(),
            ids: BTreeMap::new(),
        }
    }

    async fn take(&mut self, step: &Step, outcomes: &mut Outcomes) -> Result<(), String> {
        let (at, _) = step.names();
        match step {
            Step::Decrypt(..) if self.ciphertexts.is_empty() => return Ok(()),
            Step::Wait(_) | Step::WaitForRotation => {
                self.model.take(step);
                self.bench.now = NOW + time::Duration::seconds(self.model.now);
                return self.compare(0..REGIONS.len()).await;
            }
            Step::Import(_, import)
                if import.parameters == Parameters::Usual
                    && self.model.set(at, Parameters::Usual).is_none() =>
            {
                self.ask(&Step::Simple(at, "GetParametersForImport"), outcomes)
                    .await?;
            }
            _ => {}
        }
        // What was refused has changed nothing, and so nothing elsewhere.
        let regions = match self.ask(step, outcomes).await? {
            true => 0..REGIONS.len(),
            false => at..at + 1,
        };
        self.compare(regions).await
    }

    /// One operation, and what it answers; `false` if both refuse it.
    async fn ask(&mut self, step: &Step, outcomes: &mut Outcomes) -> Result<bool, String> {
        let (at, operation) = step.names();
        let input = self.input(at, step);
        let named = self.named_by_answer(step);
        let refusals = self.model.take(step);
        self.bench.region = REGIONS[at];
        if operation == "GetParametersForImport" {
            let next = self.sets.len() % self.wrapping_keys.0.len();
            wrapping_keys::lay_ready(self.wrapping_keys.0[next].clone());
        }
        let answer = self.bench.try_ask(operation, input).await;
        let code = answer.as_ref().map_or_else(|error| error.code, |_| "ok");
        *outcomes.entry((operation, code)).or_default() += 1;
        let agrees = match refusals.as_slice() {
            [] => code == "ok",
            codes => codes.contains(&code),
        };
        if !agrees {
            let message = answer.map_or_else(|error| error.message, |answer| answer.to_string());
            return Err(format!(
                "{operation}: the sandbox says {code} ({message}), the model {refusals:?}"
            ));
        }
        let Ok(answer) = answer else {
            return Ok(false);
        };
        if let (Some(name), Some(id)) = (named, answer["KeyMaterialId"].as_str()) {
            let known = self.ids.entry(name).or_insert_with(|| id.to_owned());
            agree("the key material id", known.as_str(), id)?;
        }
        match operation {
            "GetParametersForImport" => self.sets.push(answer),
            "Encrypt" | "GenerateDataKey" => {
                let current = self.model.current().ok_or("nothing to encrypt with")?;
                self.ciphertexts
                    .push((answer["CiphertextBlob"].clone(), current));
            }
            "CreateGrant" => self.grants[at].extend(answer["GrantId"].as_str().map(str::to_owned)),
            _ => {}
        }
        Ok(true)
    }

    /// The material that the answer of this step names.
    fn named_by_answer(&self, step: &Step) -> Option<Name> {
        match step {
            Step::Import(_, import) => Some(Name(import.material.into())),
            Step::DeleteMaterial(_, Some(name)) => Some(Name((*name).into())),
            Step::DeleteMaterial(_, None) | Step::Simple(_, "GenerateDataKey") => {
                self.model.current()
            }
            Step::Decrypt(_, which) => self
                .model
                .ciphertext(*which)
                .map(|which| self.ciphertexts[which].1),
            _ => None,
        }
    }

    fn input(&mut self, at: Region, step: &Step) -> Value {
        let mut input = json!({ "KeyId": self.key });
        let more = match step {
            Step::Simple(_, operation) => simple(operation, &self.key),
            Step::Schedule(_, Some(days)) => json!({ "PendingWindowInDays": days }),
            Step::EnableRotation(_, Some(days)) => json!({ "RotationPeriodInDays": days }),
            Step::CreateAlias(_, alias) => {
                json!({ "AliasName": alias_name(*alias), "TargetKeyId": self.key })
            }
            Step::DeleteAlias(_, alias) => json!({ "AliasName": alias_name(*alias) }),
            Step::Decrypt(_, which) => match self.model.ciphertext(*which) {
                Some(which) => json!({ "CiphertextBlob": self.ciphertexts[which].0 }),
                None => json!({}),
            },
            Step::RevokeGrant(_) => {
                if self.model.keys[at]
                    .as_ref()
                    .is_none_or(|key| key.grants == 0)
                {
                    self.grants[at].clear();
                }
                json!({ "GrantId": self.grants[at].pop().unwrap_or_else(|| "0".repeat(64)) })
            }
            Step::Import(_, import) => self.import(at, import),
            Step::DeleteMaterial(_, Some(name)) => json!({ "KeyMaterialId": self.id(*name) }),
            Step::Replicate(_, to) => json!({ "ReplicaRegion": REGIONS[*to] }),
            Step::UpdatePrimary(_, to) => json!({ "PrimaryRegion": REGIONS[*to] }),
            _ => json!({}),
        };
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    fn import(&self, at: Region, import: &Import) -> Value {
        let bytes = [import.material; 32];
        let mut input = match self.model.set(at, import.parameters) {
            Some(which) => request(&self.sets[which], QUICK.0, &bytes),
            None => {
                json!({ "ImportToken": base64(&[7; 600]), "EncryptedKeyMaterial": base64(&[7; 256]) })
            }
        };
        // The request is for the key of the step, whichever key the parameters are for.
        input["KeyId"] = json!(self.key);
        if import.broken {
            input["EncryptedKeyMaterial"] = json!(base64(&[1; 256]));
        }
        let moment = |seconds: Moment| unix(self.model.now + seconds);
        (input["ExpirationModel"], input["ValidTo"]) = match import.expiry {
            Expiry::Never => (json!("KEY_MATERIAL_DOES_NOT_EXPIRE"), Value::Null),
            Expiry::After(seconds) => (json!("KEY_MATERIAL_EXPIRES"), moment(seconds)),
            Expiry::Missing => (Value::Null, Value::Null),
            Expiry::Contradicted => (json!("KEY_MATERIAL_DOES_NOT_EXPIRE"), moment(HOUR)),
        };
        input["ImportType"] = match import.new {
            None => Value::Null,
            Some(true) => json!("NEW_KEY_MATERIAL"),
            Some(false) => json!("EXISTING_KEY_MATERIAL"),
        };
        if let Some(name) = import.named {
            input["KeyMaterialId"] = json!(self.id(name));
        }
        input
    }

    /// The id of a material; one that nothing has if it was never seen.
    fn id(&self, name: u8) -> String {
        let known = self.ids.get(&Name(name.into()));
        known.cloned().unwrap_or_else(|| format!("{name:064x}"))
    }

    /// The keys in these Regions, as both see them.
    async fn compare(&mut self, regions: Range<Region>) -> Result<(), String> {
        for at in regions {
            self.bench.region = REGIONS[at];
            let expected = Seen::by_model(&self.model, self.kind, at);
            let seen = Seen::by_sandbox(&self.bench, self.kind, &self.key).await;
            agree(REGIONS[at], &expected.is_some(), &seen.is_some())?;
            let (Some(expected), Some((seen, materials))) = (&expected, seen) else {
                continue;
            };
            agree(REGIONS[at], expected, &seen.without_open_date(expected))?;
            for (material, id) in expected.materials.iter().zip(materials) {
                let known = self.ids.entry(material.name).or_insert_with(|| id.clone());
                agree("the key material id", &*known, &id)?;
            }
        }
        Ok(())
    }
}

/// What an operation needs beside the key.
fn simple(operation: &str, key: &str) -> Value {
    match operation {
        "Encrypt" => json!({ "Plaintext": base64(b"text") }),
        "GenerateDataKey" => json!({ "KeySpec": "AES_256" }),
        "GenerateMac" => json!({ "Message": base64(b"text"), "MacAlgorithm": "HMAC_SHA_256" }),
        "GetParametersForImport" => {
            json!({ "WrappingAlgorithm": QUICK.0, "WrappingKeySpec": QUICK.1 })
        }
        "PutKeyPolicy" => json!({ "Policy": POLICY }),
        "TagResource" => json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        "UntagResource" => json!({ "TagKeys": ["a"] }),
        "UpdateKeyDescription" => json!({ "Description": "text" }),
        "UpdateAlias" => json!({ "AliasName": alias_name(0), "TargetKeyId": key }),
        "CreateGrant" => {
            json!({ "GranteePrincipal": "arn:aws:iam::111111111111:root", "Operations": ["DescribeKey"] })
        }
        _ => json!({}),
    }
}

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}]}"#;

fn alias_name(alias: u8) -> String {
    format!("alias/{alias}")
}

fn agree<T: PartialEq + Debug + ?Sized>(about: &str, expected: &T, seen: &T) -> Result<(), String> {
    if expected == seen {
        return Ok(());
    }
    Err(format!(
        "{about}:\n  the model   {expected:?}\n  the sandbox {seen:?}"
    ))
}

/// A moment as KMS writes it.
pub(super) fn unix(moment: Moment) -> Value {
    let at = NOW + time::Duration::seconds(moment);
    json!(at.unix_timestamp_nanos() as f64 / 1e9)
}

impl Kind {
    fn as_input(self, multi_region: bool) -> Value {
        let mut input = json!({ "MultiRegion": multi_region });
        if self != Self::Native {
            input["Origin"] = json!("EXTERNAL");
        }
        if self == Self::ImportedMac {
            input["KeySpec"] = json!("HMAC_256");
            input["KeyUsage"] = json!("GENERATE_VERIFY_MAC");
        }
        input
    }
}
