//! Symmetric and HMAC keys: plain bytes, and the doubt about what is bytes and what is text.

use ownkey_model::Partition;

use super::{Imported, PossibleReading, ReadError, Reading, asn1, jwk, pem, text};
use crate::{KeySpec, Material, Secret};

/// Reads plain bytes in the way that is chosen, or recognised.
pub(super) fn read_bytes(
    file: &[u8],
    spec: KeySpec,
    partition: Partition,
    choice: Option<Reading>,
) -> Result<Imported, ReadError> {
    let (reading, bytes) = match choice {
        Some(reading) => (reading, read_as(file, spec, reading)?),
        None => recognise(file, spec, partition)?,
    };
    check_bytes(spec, partition, reading, &bytes)?;
    Ok(Imported {
        material: Material::checked_bytes(spec, bytes),
        reading,
    })
}

/// Checks length and looks of plain bytes.
pub(crate) fn check_bytes(
    spec: KeySpec,
    partition: Partition,
    reading: Reading,
    bytes: &Secret,
) -> Result<(), ReadError> {
    let (found, bytes) = (bytes.expose().len(), bytes.expose());
    let expected = spec.byte_length(partition);
    let expected = expected.ok_or(ReadError::Unreadable { expected: spec })?;
    if found != expected {
        return Err(ReadError::WrongLength {
            reading,
            found,
            expected,
        });
    }
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return Err(ReadError::OneByteRepeated {
            zero: bytes[0] == 0,
        });
    }
    Ok(())
}

fn read_as(file: &[u8], spec: KeySpec, reading: Reading) -> Result<Secret, ReadError> {
    let unreadable = || ReadError::Unreadable { expected: spec };
    match reading {
        Reading::Raw => Ok(Secret::new(file.to_vec())),
        Reading::Hex => text::read_hex(file).ok_or_else(unreadable),
        Reading::Base64 => text::read_base64(file).ok_or_else(unreadable),
        Reading::Jwk => jwk::read_oct(file, spec),
        Reading::Pem => Err(pem::refuse(file, spec)),
        Reading::Der => Err(asn1::refuse(file, spec).unwrap_or_else(unreadable)),
    }
}

/// Raw bytes of the right length come first, but bytes that all happen to be digits or letters are
/// more likely text: then somebody has to say so.
fn recognise(
    file: &[u8],
    spec: KeySpec,
    partition: Partition,
) -> Result<(Reading, Secret), ReadError> {
    let expected = spec.byte_length(partition);
    let fits_raw = expected == Some(file.len());
    let text = read_text(file, spec);
    if fits_raw {
        return match text {
            Ok(texts) if texts.is_empty() => Ok((Reading::Raw, Secret::new(file.to_vec()))),
            Ok(texts) => {
                let raw = (Reading::Raw, file.len());
                Err(ambiguous(lengths(&texts).chain([raw])))
            }
            // It begins like JSON or PEM and is neither: perhaps bytes that look so by chance.
            Err(ReadError::Unreadable { .. }) => {
                Err(ambiguous([(Reading::Raw, file.len())].into_iter()))
            }
            Err(refused) => Err(refused),
        };
    }
    let mut texts = text?;
    match texts
        .iter()
        .position(|(_, bytes)| expected == Some(bytes.expose().len()))
    {
        // The likeliest reading fits.
        Some(0) => Ok(texts.swap_remove(0)),
        // Hexadecimal digits, of which the wrong number, are base64 only by chance.
        Some(_) => Err(ambiguous(lengths(&texts))),
        None if texts.is_empty() => match asn1::refuse(file, spec) {
            Some(refused) => Err(refused),
            None => Ok((Reading::Raw, Secret::new(file.to_vec()))),
        },
        // The wrong length is told for the likeliest reading.
        None => Ok(texts.swap_remove(0)),
    }
}

/// Every way to read a file as text, the likeliest first; none if it is no text.
fn read_text(file: &[u8], spec: KeySpec) -> Result<Vec<(Reading, Secret)>, ReadError> {
    if !text::is_text(file) {
        return Ok(Vec::new());
    }
    if jwk::looks_like_jwk(file) {
        return Ok(vec![(Reading::Jwk, jwk::read_oct(file, spec)?)]);
    }
    if pem::looks_like_pem(file) {
        return Err(pem::refuse(file, spec));
    }
    let hex = text::read_hex(file).map(|bytes| (Reading::Hex, bytes));
    let base64 = text::read_base64(file).map(|bytes| (Reading::Base64, bytes));
    Ok(hex.into_iter().chain(base64).collect())
}

fn lengths(texts: &[(Reading, Secret)]) -> impl Iterator<Item = (Reading, usize)> {
    texts
        .iter()
        .map(|(reading, bytes)| (*reading, bytes.expose().len()))
}

fn ambiguous(readings: impl Iterator<Item = (Reading, usize)>) -> ReadError {
    ReadError::Ambiguous {
        readings: readings
            .map(|(reading, length)| PossibleReading { reading, length })
            .collect(),
    }
}
