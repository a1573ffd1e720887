//! Vectors, and a vault in memory.

use std::collections::HashMap;
use std::sync::Mutex;

use ownkey_material::{KeySpec, MASTER_KEY_ENTRY, MasterKey, Material, Secret, Vault, read};
use ownkey_model::{AppError, Partition, Result, Timestamp};

/// A file of `tests/vectors`.
macro_rules! vector {
    ($($name:expr),+) => {
        include_bytes!(concat!("../vectors/", $($name),+)).as_slice()
    };
}
pub(crate) use vector;

/// Each kind of RSA and ECC key: spec, PKCS#8 in PEM.
pub(crate) const KEYS: [(KeySpec, &[u8]); 7] = [
    (KeySpec::Rsa2048, vector!("rsa_2048.pkcs8.pem")),
    (KeySpec::Rsa3072, vector!("rsa_3072.pkcs8.pem")),
    (KeySpec::Rsa4096, vector!("rsa_4096.pkcs8.pem")),
    (KeySpec::EccNistP256, vector!("p256.pkcs8.pem")),
    (KeySpec::EccNistP384, vector!("p384.pkcs8.pem")),
    (KeySpec::EccNistP521, vector!("p521.pkcs8.pem")),
    (KeySpec::EccSecgP256K1, vector!("secp256k1.pkcs8.pem")),
];

/// Material of every kind, always the same.
pub(crate) fn every_material() -> Vec<Material> {
    let plain = KeySpec::ALL.into_iter().filter_map(|spec| {
        let length = u8::try_from(spec.byte_length(Partition::Aws)?).expect("short");
        Some(canonical(spec, (1..=length).collect()))
    });
    let keys = KEYS.into_iter().map(|(spec, pem)| read_as(spec, pem));
    plain.chain(keys).collect()
}

pub(crate) fn canonical(spec: KeySpec, bytes: Vec<u8>) -> Material {
    match Material::from_canonical(spec, Secret::new(bytes)) {
        Ok(material) => material,
        Err(refused) => panic!("{refused}"),
    }
}

pub(crate) fn read_as(spec: KeySpec, file: &[u8]) -> Material {
    match read(file, spec, Partition::Aws, None) {
        Ok(imported) => imported.material,
        Err(refused) => panic!("{spec}: {refused}"),
    }
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

pub(crate) fn at(unix_seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(unix_seconds)
}

/// The master key of the known answers: 0, 1, 2, … 31.
pub(crate) fn known_master_key() -> MasterKey {
    master_key((0..32).collect())
}

pub(crate) fn master_key(bytes: Vec<u8>) -> MasterKey {
    let vault = Memory::default();
    let kept = vault.keep(MASTER_KEY_ENTRY, &Secret::new(bytes));
    kept.expect("a vault in memory");
    match MasterKey::open(&vault) {
        Ok(Some(key)) => key,
        _ => panic!("it was just kept"),
    }
}

/// A vault in memory, with a fault.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) kept: Mutex<HashMap<String, Vec<u8>>>,
    pub(crate) fault: Option<Fault>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    Locked,
    ForgetsAtOnce,
    AltersOneBit,
}

impl Vault for Memory {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        let mut bytes = secret.expose().to_vec();
        match self.fault {
            Some(Fault::ForgetsAtOnce) => return Ok(()),
            Some(Fault::AltersOneBit) => bytes[31] ^= 1,
            _ => {}
        }
        let mut kept = self.kept.lock().expect("no panic before");
        kept.insert(entry.to_owned(), bytes);
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        if self.fault == Some(Fault::Locked) {
            return Err(AppError::KeychainLocked);
        }
        let kept = self.kept.lock().expect("no panic before");
        Ok(kept.get(entry).cloned().map(Secret::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.kept.lock().expect("no panic before").remove(entry);
        Ok(())
    }
}
