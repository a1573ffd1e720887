//! Sums over the bytes of objects that the cryptographic library does not have. MD5 says only
//! whether bytes arrived whole (`Content-MD5` and `ETag`) and protects nothing.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>

use crc::Table;
use md5::{Digest, Md5};

/// The digest of `bytes`.
pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// One of the cyclic redundancy checks: reflected, beginning with ones and inverted at the end.
#[derive(Clone, Copy)]
pub(super) enum Crc {
    Short(&'static crc::Crc<u32, Table<16>>),
    Long(&'static crc::Crc<u64, Table<16>>),
}

static CRC32: crc::Crc<u32, Table<16>> = crc::Crc::<u32, Table<16>>::new(&crc::CRC_32_ISO_HDLC);
static CRC32C: crc::Crc<u32, Table<16>> = crc::Crc::<u32, Table<16>>::new(&crc::CRC_32_ISCSI);
static CRC64NVME: crc::Crc<u64, Table<16>> = crc::Crc::<u64, Table<16>>::new(&crc::CRC_64_NVME);

impl Crc {
    /// The one that S3 calls by this word.
    pub(super) fn of(algorithm: &str) -> Option<Self> {
        match algorithm {
            "CRC32" => Some(Self::Short(&CRC32)),
            "CRC32C" => Some(Self::Short(&CRC32C)),
            "CRC64NVME" => Some(Self::Long(&CRC64NVME)),
            _ => None,
        }
    }

    /// The sum of these bytes, most significant byte first.
    pub(super) fn sum(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Short(crc) => crc.checksum(bytes).to_be_bytes().to_vec(),
            Self::Long(crc) => crc.checksum(bytes).to_be_bytes().to_vec(),
        }
    }

    /// The sum of two parts of which only the sums are known, and the length of the second: the
    /// first is carried over as many zeros. None if these are no sums of this check.
    pub(super) fn joined(self, first: &[u8], second: &[u8], length: usize) -> Option<Vec<u8>> {
        let zeros = vec![0; length];
        Some(match self {
            Self::Short(crc) => {
                let first = u32::from_be_bytes(first.try_into().ok()?);
                let second = u32::from_be_bytes(second.try_into().ok()?);
                let mut carried = crc.digest_with_initial(first.reverse_bits());
                carried.update(&zeros);
                (!carried.finalize() ^ second).to_be_bytes().to_vec()
            }
            Self::Long(crc) => {
                let first = u64::from_be_bytes(first.try_into().ok()?);
                let second = u64::from_be_bytes(second.try_into().ok()?);
                let mut carried = crc.digest_with_initial(first.reverse_bits());
                carried.update(&zeros);
                (!carried.finalize() ^ second).to_be_bytes().to_vec()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn the_check_values_of_the_catalogue() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        for (algorithm, sum) in [
            ("CRC32", "cbf43926"),
            ("CRC32C", "e3069283"),
            ("CRC64NVME", "ae8b14860a799888"),
        ] {
            let crc = Crc::of(algorithm).unwrap();
            assert_eq!(hex(&crc.sum(b"123456789")), sum);
            let (first, second) = (crc.sum(b"123"), crc.sum(b"456789"));
            assert_eq!(hex(&crc.joined(&first, &second, 6).unwrap()), sum);
            assert_eq!(crc.joined(b"", &second, 6), None);
        }
    }
}
