//! MD5, which says only whether bytes arrived whole: `Content-MD5` and `ETag`. It protects nothing.
//!
//! <https://www.rfc-editor.org/rfc/rfc1321>

const SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

/// The digest of `bytes`.
pub(in crate::s3) fn md5(bytes: &[u8]) -> [u8; 16] {
    let table = table();
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    let blocks = bytes.chunks_exact(64);
    let mut tail = blocks.remainder().to_vec();
    for block in blocks {
        absorb(&mut state, block, &table);
    }
    tail.push(0x80);
    while tail.len() % 64 != 56 {
        tail.push(0);
    }
    let bits = (bytes.len() as u64).wrapping_mul(8);
    tail.extend_from_slice(&bits.to_le_bytes());
    for block in tail.chunks_exact(64) {
        absorb(&mut state, block, &table);
    }
    let mut out = [0; 16];
    for (place, word) in out.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    out
}

/// The integer part of 2³² times the sine of each turn.
fn table() -> [u32; 64] {
    std::array::from_fn(|turn| ((turn as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32)
}

fn absorb(state: &mut [u32; 4], block: &[u8], table: &[u32; 64]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for turn in 0..64 {
        let (mixed, place) = match turn / 16 {
            0 => ((b & c) | (!b & d), turn),
            1 => ((d & b) | (!d & c), (5 * turn + 1) % 16),
            2 => (b ^ c ^ d, (3 * turn + 5) % 16),
            _ => (c ^ (b | !d), (7 * turn) % 16),
        };
        let sum = a
            .wrapping_add(mixed)
            .wrapping_add(table[turn])
            .wrapping_add(words[place]);
        let turned = b.wrapping_add(sum.rotate_left(SHIFTS[turn / 16][turn % 4]));
        (a, d, c, b) = (d, c, b, turned);
    }
    for (kept, new) in state.iter_mut().zip([a, b, c, d]) {
        *kept = kept.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::md5;
    use crate::encoding::hex;

    #[test]
    fn the_vectors_of_the_rfc() {
        for (text, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(hex(&md5(text.as_bytes())), digest);
        }
    }
}
