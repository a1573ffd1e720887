//! The cyclic redundancy checks of S3, byte by byte with a table each.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>

/// One of them: reflected, beginning with ones and inverted at the end.
pub(in crate::s3) struct Crc {
    table: [u64; 256],
    polynomial: u64,
    ones: u64,
    /// How long the sum is.
    width: usize,
}

pub(in crate::s3) static CRC32: Crc = Crc::new(0xedb8_8320, 4);
pub(in crate::s3) static CRC32C: Crc = Crc::new(0x82f6_3b78, 4);
pub(in crate::s3) static CRC64NVME: Crc = Crc::new(0x9a6c_9329_ac4b_c9b5, 8);

impl Crc {
    const fn new(polynomial: u64, width: usize) -> Self {
        let mut table = [0; 256];
        let mut index = 0;
        while index < 256 {
            let mut value = index as u64;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 {
                    value >> 1 ^ polynomial
                } else {
                    value >> 1
                };
                bit += 1;
            }
            table[index] = value;
            index += 1;
        }
        let ones = if width == 8 { u64::MAX } else { 0xffff_ffff };
        Self {
            table,
            polynomial,
            ones,
            width,
        }
    }

    /// The sum of the parts one after the other, most significant byte first.
    pub(in crate::s3) fn sum<'b>(&self, parts: impl IntoIterator<Item = &'b [u8]>) -> Vec<u8> {
        let mut value = self.ones;
        for byte in parts.into_iter().flatten() {
            let index = (value ^ u64::from(*byte)) & 0xff;
            value = self.table[index as usize] ^ value >> 8;
        }
        self.bytes(value ^ self.ones)
    }

    /// The sum of two parts of which only the sums are known, and the length of the second.
    pub(in crate::s3) fn joined(&self, first: &[u8], second: &[u8], length: usize) -> Vec<u8> {
        let number = |sum: &[u8]| sum.iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
        // As many zeros are put behind the first: a multiplication by x to the power of their bits.
        let (mut power, mut factor) = (self.top() >> 1, self.top());
        let mut bits = length as u64 * 8;
        while bits > 0 {
            if bits & 1 == 1 {
                factor = self.product(power, factor);
            }
            power = self.product(power, power);
            bits >>= 1;
        }
        self.bytes(self.product(factor, number(first)) ^ number(second))
    }

    fn product(&self, one: u64, other: u64) -> u64 {
        let (mut mask, mut factor, mut product) = (self.top(), other, 0);
        while mask != 0 {
            if one & mask != 0 {
                product ^= factor;
            }
            mask >>= 1;
            let low = factor & 1;
            factor >>= 1;
            if low == 1 {
                factor ^= self.polynomial;
            }
        }
        product
    }

    /// The polynomial 1: the highest bit is the lowest power.
    fn top(&self) -> u64 {
        1 << (self.width * 8 - 1)
    }

    fn bytes(&self, sum: u64) -> Vec<u8> {
        sum.to_be_bytes()[8 - self.width..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn the_check_values_of_the_catalogue() {
        let text: &[&[u8]] = &[b"1234", b"", b"56789"];
        for (crc, sum) in [
            (&CRC32, "cbf43926"),
            (&CRC32C, "e3069283"),
            (&CRC64NVME, "ae8b14860a799888"),
        ] {
            assert_eq!(hex(&crc.sum(text.iter().copied())), sum);
            let (first, second) = (crc.sum([&b"123"[..]]), crc.sum([&b"456789"[..]]));
            assert_eq!(hex(&crc.joined(&first, &second, 6)), sum);
        }
    }
}
