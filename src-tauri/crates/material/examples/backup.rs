//! Writes a backup of each kind of material into a folder, and the material beside it, for others'
//! programs to compare. `backup FOLDER`; the passphrase is [`PASSPHRASE`].

use std::error::Error;
use std::path::Path;

use ownkey_material::{
    BackupLabel, KeySpec, Passphrase, WorkFactor, generate, make_material_id, write_backup,
};
use ownkey_model::{Partition, Timestamp};

const PASSPHRASE: &str = "correct horse battery staple";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("backup FOLDER")?;
    let folder = Path::new(&folder);
    let passphrase = Passphrase::choose(PASSPHRASE.to_owned())?;
    for spec in KeySpec::ALL {
        let material = generate(spec, Partition::Aws)?;
        let label = BackupLabel {
            id: make_material_id()?,
            created_at: Timestamp::from_unix_seconds(1_790_000_000),
            fingerprint: "a75d 0a12 e8b7 f47e".to_owned(),
        };
        // One as it is in earnest, the others quickly.
        let work = match spec {
            KeySpec::SymmetricDefault => WorkFactor::FULL,
            _ => WorkFactor::REDUCED,
        };
        let file = write_backup(&material, &label, &passphrase, work)?;
        std::fs::write(folder.join(format!("{spec}.age")), file)?;
        std::fs::write(folder.join(format!("{spec}.material")), material.expose())?;
    }
    Ok(())
}
