//! Sums over the bytes of objects: what S3 uses and the crypto library does not have.

mod crc;
mod md5;

pub(super) use self::crc::{CRC32, CRC32C, CRC64NVME, Crc};
pub(super) use self::md5::md5;
