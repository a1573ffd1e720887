//! What can be seen of a key in one Region: by asking the sandbox, and as the model expects it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::model::{Material, Model, Moment, Name, Part};
use super::steps::{Kind, REGIONS, Region};
use super::table::State;
use crate::kms::testing::{Bench, NOW};

/// One key, without the names that only one of both sides can know.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    state: String,
    enabled: bool,
    /// Primary and replicas, if it is multi-Region.
    family: Option<(Region, BTreeSet<Region>)>,
    deletion: Option<Moment>,
    window: Option<u64>,
    /// Only of a key that has all its material.
    valid_to: Option<Option<Moment>>,
    aliases: BTreeSet<String>,
    /// Whether it is on, the period, and the next date.
    rotation: Option<(bool, Option<u64>, Option<Moment>)>,
    pub(super) materials: Vec<SeenMaterial>,
}

/// One entry of `ListKeyRotations`.
#[derive(Debug)]
pub(super) struct SeenMaterial {
    /// Known to the model alone; the ids on the other side are compared beside it.
    pub(super) name: Name,
    state: String,
    imported: Option<bool>,
    valid_to: Option<Moment>,
    rotated: Option<(Moment, String)>,
}

impl PartialEq for SeenMaterial {
    fn eq(&self, other: &Self) -> bool {
        let parts = |it: &Self| {
            (
                it.state.clone(),
                it.imported,
                it.valid_to,
                it.rotated.clone(),
            )
        };
        parts(self) == parts(other)
    }
}

impl Seen {
    /// `None` if there is no key in this Region.
    pub(super) fn by_model(model: &Model, kind: Kind, at: Region) -> Option<Self> {
        let key = model.keys[at].as_ref()?;
        let regions = (0..REGIONS.len()).filter(|at| model.keys[*at].is_some());
        let replicas = regions.filter(|at| *at != model.primary).collect();
        let primary_is_enabled = |model: &Model| {
            let primary = model.keys[model.primary].as_ref();
            primary.is_some_and(|key| key.state == State::Enabled)
        };
        let is_deleted = matches!(
            key.state,
            State::PendingDeletion | State::PendingReplicaDeletion
        );
        let rotation = match model.rotation {
            Some((days, next)) if !is_deleted => {
                let is_due = key.state == State::Enabled && primary_is_enabled(model);
                (true, Some(days.into()), is_due.then_some(next))
            }
            _ => (false, None, None),
        };
        let permanent = |name: &Name| {
            model
                .materials
                .iter()
                .any(|m| m.name == *name && m.part != Part::Pending)
        };
        let ends = key.held.iter().filter(|(name, _)| permanent(name));
        let has_all = matches!(key.state, State::Enabled | State::Disabled);
        Some(Self {
            state: format!("{:?}", key.state),
            enabled: key.state == State::Enabled,
            family: model.multi_region.then_some((model.primary, replicas)),
            deletion: key.deleted_at,
            window: (key.state == State::PendingReplicaDeletion).then_some(key.window.into()),
            valid_to: (kind != Kind::Native && has_all)
                .then(|| ends.filter_map(|(_, end)| *end).min()),
            aliases: key
                .aliases
                .iter()
                .map(|alias| format!("alias/{alias}"))
                .collect(),
            rotation: (kind == Kind::Native).then_some(rotation),
            materials: match kind {
                Kind::ImportedMac => Vec::new(),
                _ => model
                    .materials
                    .iter()
                    .map(|material| SeenMaterial::by_model(model, kind, at, material))
                    .collect(),
            },
        })
    }

    /// The same as the sandbox tells it, with the ids of the materials.
    pub(super) async fn by_sandbox(
        bench: &Bench,
        kind: Kind,
        key: &str,
    ) -> Option<(Self, Vec<String>)> {
        let id = || json!({ "KeyId": key });
        let described = match bench.try_ask("DescribeKey", id()).await {
            Ok(answer) => answer["KeyMetadata"].clone(),
            Err(error) => {
                assert_eq!(error.code, "NotFoundException");
                return None;
            }
        };
        let state = text(&described["KeyState"]);
        let has_all = matches!(state.as_str(), "Enabled" | "Disabled");
        let rotation = match kind {
            Kind::Native => {
                let status = bench.ask("GetKeyRotationStatus", id()).await;
                let is_on = status["KeyRotationEnabled"] == true;
                let period = status["RotationPeriodInDays"].as_u64().filter(|_| is_on);
                let next = moment(&status["NextRotationDate"]).filter(|_| is_on);
                Some((is_on, period, next))
            }
            _ => None,
        };
        let listed = match kind {
            Kind::ImportedMac => json!([]),
            _ => {
                let all = json!({ "KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
                bench.ask("ListKeyRotations", all).await["Rotations"].clone()
            }
        };
        let listed = listed.as_array().unwrap();
        let aliases = bench.ask("ListAliases", id()).await;
        let seen = Self {
            enabled: described["Enabled"] == true,
            family: family(&described["MultiRegionConfiguration"]),
            deletion: moment(&described["DeletionDate"]),
            window: described["PendingDeletionWindowInDays"].as_u64(),
            valid_to: (kind != Kind::Native && has_all).then(|| moment(&described["ValidTo"])),
            aliases: aliases["Aliases"]
                .as_array()
                .unwrap()
                .iter()
                .map(|alias| text(&alias["AliasName"]))
                .collect(),
            rotation,
            materials: listed.iter().map(SeenMaterial::by_sandbox).collect(),
            state,
        };
        let ids = listed
            .iter()
            .map(|entry| text(&entry["KeyMaterialId"]))
            .collect();
        Some((seen, ids))
    }
}

impl Seen {
    /// Drops the next rotation where `expected` has none: the documentation does not say what it is
    /// while nothing is rotated.
    pub(super) fn without_open_date(mut self, expected: &Self) -> Self {
        if let (Some((_, _, next)), Some((_, _, None))) = (&mut self.rotation, &expected.rotation) {
            *next = None;
        }
        self
    }
}

impl SeenMaterial {
    fn by_model(model: &Model, kind: Kind, at: Region, material: &Material) -> Self {
        let held = model.keys[at]
            .as_ref()
            .and_then(|key| key.held.get(&material.name));
        let state = match material.part {
            Part::Current => "CURRENT",
            Part::NonCurrent => "NON_CURRENT",
            Part::Pending if model.is_complete(material.name) => "PENDING_ROTATION",
            Part::Pending => "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
        };
        Self {
            name: material.name,
            state: state.to_owned(),
            imported: (kind == Kind::Imported).then_some(held.is_some()),
            valid_to: held.copied().flatten(),
            rotated: material.rotated.map(|(date, how)| (date, how.to_owned())),
        }
    }

    fn by_sandbox(entry: &Value) -> Self {
        Self {
            name: Name(0),
            state: text(&entry["KeyMaterialState"]),
            imported: entry["ImportState"]
                .as_str()
                .map(|state| state == "IMPORTED"),
            valid_to: moment(&entry["ValidTo"]),
            rotated: moment(&entry["RotationDate"])
                .map(|date| (date, text(&entry["RotationType"]))),
        }
    }
}

fn family(configuration: &Value) -> Option<(Region, BTreeSet<Region>)> {
    let region = |key: &Value| {
        REGIONS
            .iter()
            .position(|region| key["Region"] == *region)
            .unwrap()
    };
    let replicas = configuration["ReplicaKeys"].as_array()?;
    Some((
        region(&configuration["PrimaryKey"]),
        replicas.iter().map(region).collect(),
    ))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn moment(value: &Value) -> Option<Moment> {
    let start = NOW.unix_timestamp_nanos() as f64 / 1e9;
    value
        .as_f64()
        .map(|seconds| (seconds - start).round() as Moment)
}
