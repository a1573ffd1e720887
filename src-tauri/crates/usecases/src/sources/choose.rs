//! The material that the user chose: made, read from a file, or taken from the store.

use ownkey_material::{Found, Imported, Material, ReadError, Reading, generate, read};
use ownkey_model::{
    AppError, Field, FileProblem, FileReading, KeySpec, MaterialChoice, MaterialId, MaterialOrigin,
    Partition, PossibleReading, Result,
};

use super::{fingerprint_of, open_sealed, open_vault};
use crate::Context;

/// Material in memory, and what is known of it.
pub(crate) struct Chosen {
    pub(crate) material: Material,
    pub(crate) origin: MaterialOrigin,
    /// How the file was read, if it was one.
    pub(crate) reading: Option<FileReading>,
    /// The stored material with the same bytes.
    pub(crate) known_as: Option<MaterialId>,
    /// Its fingerprint here; absent while nothing was ever sealed.
    pub(crate) fingerprint: Option<ownkey_material::Fingerprint>,
}

/// Makes, reads or opens the chosen material; nothing for [`MaterialChoice::Later`]. `FileRefused` says
/// what is wrong with a file.
pub(crate) fn choose(
    cx: &Context,
    choice: &MaterialChoice,
    spec: KeySpec,
    partition: Partition,
) -> Result<Option<Chosen>> {
    let (material, origin, reading) = match choice {
        MaterialChoice::Later => return Ok(None),
        MaterialChoice::Generate => {
            let made =
                generate(spec, partition).map_err(|failure| cx.unexpected("generate", &failure))?;
            (made, MaterialOrigin::Generated, None)
        }
        MaterialChoice::File { handle, reading } => {
            let (imported, name) = read_file(cx, handle, spec, partition, *reading)?;
            let reading = Some(told(imported.reading));
            (imported.material, MaterialOrigin::File { name }, reading)
        }
        MaterialChoice::Stored { id } => {
            let stored = cx.store.material(id)?;
            if stored.spec != spec {
                return Err(AppError::invalid(
                    Field::Material,
                    format!("This material is for {} keys, not for {spec}.", stored.spec),
                ));
            }
            let master = open_vault(cx)?.ok_or(AppError::MasterKeyMissing)?;
            let material = open_sealed(cx, &master, id)?;
            check_length(&material, partition)?;
            (material, stored.origin, None)
        }
    };
    let fingerprint = match open_vault(cx)? {
        Some(master) => Some(fingerprint_of(cx, &master, &material)?),
        None => None,
    };
    let known_as = match (choice, &fingerprint) {
        (MaterialChoice::Stored { id }, _) => Some(id.clone()),
        (_, Some(fingerprint)) => cx.store.material_of(fingerprint)?,
        (_, None) => None,
    };
    Ok(Some(Chosen {
        material,
        origin,
        reading,
        known_as,
        fingerprint,
    }))
}

/// Symmetric keys have another length in China than elsewhere.
fn check_length(material: &Material, partition: Partition) -> Result<()> {
    let length = material.expose().len();
    match material.spec().byte_length(partition) {
        Some(expected) if expected != length => Err(AppError::invalid(
            Field::Material,
            format!("This material has {length} bytes; keys in this partition take {expected}."),
        )),
        _ => Ok(()),
    }
}

/// Reads a picked file for a kind of key.
pub(super) fn read_file(
    cx: &Context,
    handle: &str,
    spec: KeySpec,
    partition: Partition,
    reading: Option<FileReading>,
) -> Result<(Imported, String)> {
    cx.in_hand.with_file(handle, |file| {
        match read(file.bytes.expose(), spec, partition, reading.map(meant)) {
            Ok(imported) => Ok((imported, file.name.clone())),
            Err(error) => Err(AppError::FileRefused {
                name: file.name.clone(),
                problem: problem(error),
                expected: spec,
            }),
        }
    })
}

fn problem(error: ReadError) -> FileProblem {
    use FileProblem as P;
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match error {
        ReadError::Empty => P::Empty,
        ReadError::TooLarge { found, limit } => P::TooLarge {
            found: size(found),
            limit: size(limit),
        },
        ReadError::Ambiguous { readings } => P::Ambiguous {
            readings: readings
                .into_iter()
                .map(|one| PossibleReading {
                    reading: told(one.reading),
                    length: size(one.length),
                })
                .collect(),
        },
        ReadError::Unreadable { .. } => P::Unreadable,
        ReadError::WrongLength {
            reading,
            found,
            expected,
        } => P::WrongLength {
            reading: told(reading),
            found: size(found),
            expected: size(expected),
        },
        ReadError::WrongKind { found, .. } => P::WrongKind {
            found: kind(found).into(),
        },
        ReadError::WrongSize { found, .. } => P::WrongSize { found: size(found) },
        ReadError::WrongCurve { .. } => P::WrongCurve,
        ReadError::Encrypted => P::Encrypted,
        ReadError::TrailingBytes { count } => P::TrailingBytes { count: size(count) },
        ReadError::Inconsistent { .. } => P::Inconsistent,
        ReadError::OneByteRepeated { zero: true } => P::AllZero,
        ReadError::OneByteRepeated { zero: false } => P::OneByteRepeated,
        ReadError::SeveralKeys { found } => P::SeveralKeys { found: size(found) },
    }
}

fn kind(found: Found) -> &'static str {
    match found {
        Found::SymmetricKey => "a symmetric key",
        Found::RsaPrivateKey => "an RSA private key",
        Found::EcPrivateKey => "a private key on an elliptic curve",
        Found::OtherPrivateKey => "a private key of another algorithm",
        Found::OpenSshPrivateKey => {
            "a private key in OpenSSH's own form (ssh-keygen -p -m PKCS8 changes it)"
        }
        Found::PublicKey => "a public key",
        Found::Certificate => "a certificate",
        Found::Pkcs12 => "a PKCS#12 container",
    }
}

fn told(reading: Reading) -> FileReading {
    match reading {
        Reading::Raw => FileReading::Raw,
        Reading::Jwk => FileReading::Jwk,
        Reading::Pem => FileReading::Pem,
        Reading::Der => FileReading::Der,
        Reading::Hex => FileReading::Hex,
        Reading::Base64 => FileReading::Base64,
    }
}

fn meant(reading: FileReading) -> Reading {
    match reading {
        FileReading::Raw => Reading::Raw,
        FileReading::Jwk => Reading::Jwk,
        FileReading::Pem => Reading::Pem,
        FileReading::Der => Reading::Der,
        FileReading::Hex => Reading::Hex,
        FileReading::Base64 => Reading::Base64,
    }
}
