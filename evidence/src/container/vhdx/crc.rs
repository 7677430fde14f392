//! CRC-32C, by a table of bytes.

const TABLE: [u32; 256] = table();

#[allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "done by the compiler, which would notice"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let low = value & 1;
            value >>= 1;
            if low != 0 {
                value ^= 0x82F6_3B78;
            }
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
}

fn update(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, byte| {
        let index = (crc ^ u32::from(*byte)) & 0xFF;
        let entry = TABLE.get(index as usize).copied().unwrap_or(0);
        entry ^ (crc >> 8)
    })
}

/// The checksum, where the four bytes at `at` count as zeros.
pub(super) fn sum(bytes: &[u8], at: usize) -> u32 {
    let (front, rest) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
    let behind = rest.get(4..).unwrap_or_default();
    let crc = update(u32::MAX, front);
    !update(update(crc, &[0; 4]), behind)
}

/// Is the checksum at `at` that of the bytes?
pub(super) fn is_summed(bytes: &[u8], at: usize) -> bool {
    let own = crate::container::field::Fields(bytes).le32(at);
    own == Some(sum(bytes, at))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(!super::update(u32::MAX, b"123456789"), 0xE306_9283);
    }
}
