//! What AWS's documentation says about key states, and nothing else: a second, independent telling of
//! it, in the words of the documentation and without any cryptography.
//!
//! Written from <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html> (the table and
//! its footnotes), the texts of the operations in the API reference, and the pages on multi-Region
//! keys, importing and rotation. It must not use the modules that it judges.
//!
//! Where two refusals apply, the documentation seldom says which one is told: then either will do.
//! For a key that is pending deletion the table leaves two codes open for cryptographic operations;
//! this model holds to `KMSInvalidStateException`, which is right in every row.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{DAY, Expiry, HOUR, Import, Kind, Parameters, Region, Step};
use super::table::{Code, State};

/// Seconds since the start of the sequence.
pub(super) type Moment = i64;

/// Names one material: the imported bytes, or the count of those that KMS made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(pub(super) u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Current,
    NonCurrent,
    Pending,
}

/// One of the materials of a key, and so of all its replicas.
pub(super) struct Material {
    pub(super) name: Name,
    pub(super) part: Part,
    pub(super) rotated: Option<(Moment, &'static str)>,
}

/// The key in one Region.
pub(super) struct Key {
    pub(super) state: State,
    pub(super) deleted_at: Option<Moment>,
    pub(super) window: u32,
    /// The materials that are in KMS here, and until when.
    pub(super) held: BTreeMap<Name, Option<Moment>>,
    pub(super) aliases: BTreeSet<u8>,
    pub(super) grants: u32,
}

/// One KMS key with all its replicas.
pub(super) struct Model {
    pub(super) kind: Kind,
    pub(super) multi_region: bool,
    pub(super) now: Moment,
    pub(super) primary: Region,
    pub(super) keys: [Option<Key>; 3],
    pub(super) materials: Vec<Material>,
    /// Period in days, and the next date.
    pub(super) rotation: Option<(u32, Moment)>,
    pub(super) on_demand: u32,
    made: u32,
    /// Import parameters that were given out: for which Region's key, and when.
    pub(super) sets: Vec<(Region, Moment)>,
    /// The material of every ciphertext so far.
    ciphertexts: Vec<Name>,
}

impl Model {
    /// Just created in the first Region.
    pub(super) fn new(kind: Kind, multi_region: bool) -> Self {
        let mut model = Self {
            kind,
            multi_region,
            now: 0,
            primary: 0,
            keys: [None, None, None],
            materials: Vec::new(),
            rotation: None,
            on_demand: 0,
            made: 0,
            sets: Vec::new(),
            ciphertexts: Vec::new(),
        };
        model.keys[0] = Some(model.new_key());
        if kind == Kind::Native {
            model.make_material(None);
        }
        model
    }

    /// All reasons to refuse the step; if there is none, the step is done.
    pub(super) fn take(&mut self, step: &Step) -> Vec<Code> {
        match step {
            Step::Wait(seconds) => self.pass(self.now + seconds),
            Step::WaitForRotation => {
                let next = self.rotation.map_or(self.now, |(_, next)| next);
                self.pass(self.now.max(next - HOUR / 6));
            }
            _ => {
                let refusals = self.refusals(step);
                if refusals.is_empty() {
                    self.act(step);
                }
                return refusals;
            }
        }
        Vec::new()
    }

    /// The set that an import into this Region's key uses; `None` if there is none.
    pub(super) fn set(&self, at: Region, parameters: Parameters) -> Option<usize> {
        let is_good = |(region, given): &(Region, Moment)| *region == at && self.now < given + DAY;
        match parameters {
            Parameters::Usual => self.sets.iter().rposition(is_good),
            Parameters::Earlier(which) => which.checked_rem(self.sets.len()),
            Parameters::Forged => None,
        }
    }

    /// Which ciphertext a step means.
    pub(super) fn ciphertext(&self, which: usize) -> Option<usize> {
        which.checked_rem(self.ciphertexts.len())
    }

    /// Whether every key has the pending material.
    pub(super) fn is_complete(&self, name: Name) -> bool {
        self.keys
            .iter()
            .flatten()
            .all(|key| key.held.contains_key(&name))
    }

    pub(super) fn knows(&self, name: Name) -> bool {
        self.materials.iter().any(|material| material.name == name)
    }

    pub(super) fn current(&self) -> Option<Name> {
        let mut materials = self.materials.iter();
        materials
            .find(|material| material.part == Part::Current)
            .map(|material| material.name)
    }

    fn act(&mut self, step: &Step) {
        let (at, _) = step.names();
        let now = self.now;
        match step {
            Step::Simple(_, "EnableKey") => {
                self.key(at).state = State::Enabled;
                // A rotation that was missed meanwhile is made up for at once.
                if let Some((_, next)) = self.rotation.as_mut().filter(|_| at == self.primary) {
                    *next = now.max(*next);
                }
                self.pass(now);
            }
            Step::Simple(_, "DisableKey") => self.key(at).state = State::Disabled,
            Step::Simple(_, "CancelKeyDeletion") => {
                let has_all = self.has_all(at);
                let key = self.key(at);
                key.deleted_at = None;
                key.state = if has_all {
                    State::Disabled
                } else {
                    State::PendingImport
                };
            }
            Step::Simple(_, "Encrypt" | "GenerateDataKey") => {
                self.ciphertexts.extend(self.current())
            }
            Step::Simple(_, "DisableKeyRotation") => self.rotation = None,
            Step::Simple(_, "RotateKeyOnDemand") => {
                self.on_demand += 1;
                match self.kind {
                    Kind::Native => self.make_material(Some((now, "ON_DEMAND"))),
                    _ => self.turn_over(Some((now, "ON_DEMAND"))),
                }
            }
            Step::Simple(_, "GetParametersForImport") => self.sets.push((at, now)),
            Step::Simple(_, "CreateGrant") => self.key(at).grants += 1,
            Step::RevokeGrant(_) => self.key(at).grants -= 1,
            Step::Schedule(_, days) => {
                let waits = at == self.primary && self.keys.iter().flatten().count() > 1;
                let key = self.key(at);
                key.window = days.unwrap_or(30);
                if waits {
                    key.state = State::PendingReplicaDeletion;
                } else {
                    key.wait_for_deletion(now);
                }
            }
            Step::EnableRotation(_, days) => {
                let days = days.unwrap_or(365);
                self.rotation = Some((days, now + i64::from(days) * DAY));
            }
            Step::CreateAlias(_, alias) => {
                self.key(at).aliases.insert(*alias);
            }
            Step::DeleteAlias(_, alias) => {
                self.key(at).aliases.remove(alias);
            }
            Step::Import(_, import) => self.import(at, import),
            Step::DeleteMaterial(_, name) => {
                if let Some(name) =
                    name.map_or_else(|| self.current(), |name| Some(Name(name.into())))
                {
                    self.lose(at, name);
                }
            }
            Step::Replicate(_, to) => {
                let mut replica = self.new_key();
                if self.kind == Kind::Native {
                    replica.held = self
                        .materials
                        .iter()
                        .map(|material| (material.name, None))
                        .collect();
                }
                self.keys[*to] = Some(replica);
            }
            Step::UpdatePrimary(_, to) => self.primary = *to,
            _ => {}
        }
    }

    fn import(&mut self, at: Region, import: &Import) {
        let name = Name(import.material.into());
        let end = match import.expiry {
            Expiry::After(seconds) => Some(self.now + seconds),
            _ => None,
        };
        if !self.knows(name) {
            let part = if self.materials.is_empty() {
                Part::Current
            } else {
                Part::Pending
            };
            // What was pending is not permanently associated with the key: it makes room.
            let pending = self
                .materials
                .iter()
                .find(|material| material.part == Part::Pending);
            if let Some(old) = pending.map(|material| material.name) {
                self.forget(old);
            }
            self.materials.push(Material {
                name,
                part,
                rotated: None,
            });
        }
        self.key(at).held.insert(name, end);
        if self.key(at).state == State::PendingImport && self.has_all(at) {
            self.key(at).state = State::Enabled;
        }
    }

    /// Material that is deleted, or expires, in one Region.
    fn lose(&mut self, at: Region, name: Name) {
        let is_pending = self
            .materials
            .iter()
            .any(|m| m.name == name && m.part == Part::Pending);
        if is_pending && at == self.primary {
            return self.forget(name);
        }
        let key = self.key(at);
        key.held.remove(&name);
        if !is_pending && matches!(key.state, State::Enabled | State::Disabled) {
            key.state = State::PendingImport;
        }
    }

    fn forget(&mut self, name: Name) {
        self.materials.retain(|material| material.name != name);
        for key in self.keys.iter_mut().flatten() {
            key.held.remove(&name);
        }
    }

    fn make_material(&mut self, rotated: Option<(Moment, &'static str)>) {
        let name = Name(self.made);
        self.made += 1;
        self.materials.push(Material {
            name,
            part: Part::Pending,
            rotated: None,
        });
        for key in self.keys.iter_mut().flatten() {
            key.held.insert(name, None);
        }
        self.turn_over(rotated);
    }

    /// The pending material becomes the current one.
    fn turn_over(&mut self, rotated: Option<(Moment, &'static str)>) {
        for material in &mut self.materials {
            match material.part {
                Part::Pending => (material.part, material.rotated) = (Part::Current, rotated),
                Part::Current | Part::NonCurrent => material.part = Part::NonCurrent,
            }
        }
    }

    /// Lets happen what happens by itself until `end`, in the order of the dates.
    fn pass(&mut self, end: Moment) {
        while let Some((moment, event)) = self.next_event().filter(|(moment, _)| *moment <= end) {
            match event {
                Event::Deletion(at) => self.delete(at, moment),
                Event::Expiry(at, name) => self.lose(at, name),
                Event::Rotation(days) => {
                    self.rotation = Some((days, moment + i64::from(days) * DAY));
                    self.make_material(Some((moment, "AUTOMATIC")));
                }
            }
        }
        self.now = end;
    }

    fn next_event(&self) -> Option<(Moment, Event)> {
        let mut events = Vec::new();
        for (at, key) in self.keys.iter().enumerate() {
            let Some(key) = key else { continue };
            events.extend(key.deleted_at.map(|date| (date, Event::Deletion(at))));
            let ends = key
                .held
                .iter()
                .filter_map(|(name, end)| end.map(|end| (end, Event::Expiry(at, *name))));
            events.extend(ends);
            if let Some((days, next)) = self
                .rotation
                .filter(|_| at == self.primary && key.state == State::Enabled)
            {
                events.push((next, Event::Rotation(days)));
            }
        }
        events.into_iter().min_by_key(|(moment, _)| *moment)
    }

    fn delete(&mut self, at: Region, moment: Moment) {
        self.keys[at] = None;
        if self.keys.iter().flatten().count() == 1
            && let Some(last) = self.keys[self.primary]
                .as_mut()
                .filter(|key| key.state == State::PendingReplicaDeletion)
        {
            last.wait_for_deletion(moment);
        }
    }

    fn has_all(&self, at: Region) -> bool {
        let mut permanent = self
            .materials
            .iter()
            .filter(|material| material.part != Part::Pending);
        let held = self.keys[at].as_ref().map(|key| &key.held);
        !self.materials.is_empty()
            && permanent.all(|material| held.is_some_and(|held| held.contains_key(&material.name)))
    }

    fn new_key(&self) -> Key {
        Key {
            state: if self.kind == Kind::Native {
                State::Enabled
            } else {
                State::PendingImport
            },
            deleted_at: None,
            window: 0,
            held: BTreeMap::new(),
            aliases: BTreeSet::new(),
            grants: 0,
        }
    }

    /// A key of which [`Model::refusals`] found out that it is there.
    fn key(&mut self, at: Region) -> &mut Key {
        self.keys[at].as_mut().expect("a key in this Region")
    }
}

impl Key {
    fn wait_for_deletion(&mut self, from: Moment) {
        self.state = State::PendingDeletion;
        self.deleted_at = Some(from + i64::from(self.window) * DAY);
    }
}

enum Event {
    Deletion(Region),
    Expiry(Region, Name),
    Rotation(u32),
}
