//! Why KMS refuses a step, by the texts of the operations.

use super::model::{Model, Name, Part};
use super::steps::{DAY, Expiry, HOUR, Import, Kind, Region, Step};
use super::table::{
    Code, EXISTS, INCORRECT, NOT_FOUND, STATE, UNSUPPORTED, USAGE, VALIDATION, state_refuses,
};

impl Model {
    /// All that is wrong with it.
    pub(super) fn refusals(&self, step: &Step) -> Vec<Code> {
        let (at, operation) = step.names();
        let Some(key) = &self.keys[at] else {
            // Whatever else is wrong with a request for a key that is not there.
            let mut codes = self.parameters_refuse(step);
            codes.push(NOT_FOUND);
            return codes;
        };
        let mut codes = self.parameters_refuse(step);
        codes.extend(self.kind_refuses(operation));
        codes.extend(state_refuses(operation, key.state));
        let is_primary = at == self.primary;
        match step {
            Step::Simple(_, "RotateKeyOnDemand") => {
                let pending = self
                    .materials
                    .iter()
                    .find(|material| material.part == Part::Pending);
                if !is_primary {
                    codes.push(UNSUPPORTED);
                }
                if self.on_demand >= 25 {
                    codes.push("LimitExceededException");
                }
                if self.kind == Kind::Imported
                    && !pending.is_some_and(|new| self.is_complete(new.name))
                {
                    codes.push(STATE);
                }
                if self
                    .rotation
                    .is_some_and(|(_, next)| next - self.now <= HOUR / 3)
                {
                    codes.push("ConflictException");
                }
            }
            Step::Simple(_, "DisableKeyRotation") | Step::EnableRotation(..) if !is_primary => {
                codes.push(UNSUPPORTED)
            }
            Step::CreateAlias(_, alias) if key.aliases.contains(alias) => codes.push(EXISTS),
            Step::DeleteAlias(_, alias) if !key.aliases.contains(alias) => codes.push(NOT_FOUND),
            Step::Simple(_, "UpdateAlias") if !key.aliases.contains(&0) => codes.push(NOT_FOUND),
            Step::RevokeGrant(_) if key.grants == 0 => codes.push(NOT_FOUND),
            Step::Import(_, import) => codes.extend(self.import_refuses(at, import)),
            Step::DeleteMaterial(_, Some(_)) if self.kind == Kind::ImportedMac => {
                codes.push(UNSUPPORTED)
            }
            Step::DeleteMaterial(_, Some(name)) if !self.knows(Name((*name).into())) => {
                codes.push(NOT_FOUND)
            }
            Step::Replicate(_, to) => {
                if !self.multi_region || !is_primary {
                    codes.push(UNSUPPORTED);
                }
                if self.keys[*to].is_some() {
                    codes.push(EXISTS);
                }
            }
            Step::UpdatePrimary(_, to) => {
                if !self.multi_region || !is_primary || *to == at {
                    codes.push(UNSUPPORTED);
                }
                match &self.keys[*to] {
                    Some(replica) => codes.extend(state_refuses(operation, replica.state)),
                    None => codes.push(NOT_FOUND),
                }
            }
            _ => {}
        }
        codes
    }

    /// What is wrong with a request whatever the key.
    fn parameters_refuse(&self, step: &Step) -> Vec<Code> {
        let is_wrong = match step {
            Step::Schedule(_, days) => days.is_some_and(|days| !(7..=30).contains(&days)),
            Step::EnableRotation(_, days) => days.is_some_and(|days| !(90..=2_560).contains(&days)),
            Step::Import(_, import) => {
                let expiry_is_wrong = match import.expiry {
                    Expiry::Never => false,
                    Expiry::After(seconds) => !(1..=365 * DAY).contains(&seconds),
                    Expiry::Missing | Expiry::Contradicted => true,
                };
                expiry_is_wrong || import.new == Some(true) && import.named.is_some()
            }
            _ => false,
        };
        if is_wrong {
            vec![VALIDATION]
        } else {
            Vec::new()
        }
    }

    fn kind_refuses(&self, operation: &str) -> Option<Code> {
        let imports = [
            "GetParametersForImport",
            "ImportKeyMaterial",
            "DeleteImportedKeyMaterial",
        ];
        let rotates_by_itself = [
            "EnableKeyRotation",
            "DisableKeyRotation",
            "GetKeyRotationStatus",
        ];
        let has_rotations = ["RotateKeyOnDemand", "ListKeyRotations"];
        match self.kind {
            Kind::Native if imports.contains(&operation) => Some(UNSUPPORTED),
            Kind::Imported | Kind::ImportedMac if rotates_by_itself.contains(&operation) => {
                Some(UNSUPPORTED)
            }
            Kind::ImportedMac if has_rotations.contains(&operation) => Some(UNSUPPORTED),
            Kind::ImportedMac if ["Encrypt", "GenerateDataKey"].contains(&operation) => Some(USAGE),
            Kind::Native | Kind::Imported if operation == "GenerateMac" => Some(USAGE),
            _ => None,
        }
    }

    fn import_refuses(&self, at: Region, import: &Import) -> Vec<Code> {
        let mut codes = Vec::new();
        if self.kind == Kind::ImportedMac && (import.new.is_some() || import.named.is_some()) {
            codes.push(UNSUPPORTED);
        }
        let set = self
            .set(at, import.parameters)
            .map(|which| self.sets[which]);
        match set {
            Some((region, _)) if region != at => codes.push("InvalidImportTokenException"),
            None => codes.push("InvalidImportTokenException"),
            Some(_) => {}
        }
        if set.is_some_and(|(_, given)| self.now >= given + DAY) {
            codes.push("ExpiredImportTokenException");
        }
        if !codes.is_empty() {
            return codes;
        }
        if import.broken {
            return vec!["InvalidCiphertextException"];
        }
        let name = Name(import.material.into());
        let never_imported = self.materials.is_empty();
        let is_expected = if import.new.unwrap_or(never_imported) {
            let may_add = self.kind == Kind::Imported && at == self.primary;
            !self.knows(name) && (never_imported || may_add)
        } else {
            self.knows(name)
        };
        if !is_expected
            || import
                .named
                .is_some_and(|named| Name(named.into()) != name || never_imported)
        {
            codes.push(INCORRECT);
        }
        codes
    }
}
