//! CRC-32C, as the framing of Snappy writes it.

/// The polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

const TABLES: [[u32; 256]; 8] = tables();

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
const fn tables() -> [[u32; 256]; 8] {
    let mut all = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ if sum & 1 != 0 { POLYNOMIAL } else { 0 };
            bit += 1;
        }
        all[0][byte] = sum;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let sum = all[table - 1][byte];
            all[table][byte] = (sum >> 8) ^ all[0][(sum & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    all
}

/// The sum of these bytes, turned and moved so that sums of sums differ.
pub(super) fn masked(bytes: &[u8]) -> u32 {
    let sum = crc(bytes);
    sum.rotate_right(15).wrapping_add(0xa282_ead8)
}

fn crc(bytes: &[u8]) -> u32 {
    let look = |table: usize, byte: u64| {
        let table = TABLES.get(table);
        let entry = table.and_then(|table| table.get((byte & 0xff) as usize));
        entry.copied().unwrap_or(0)
    };
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut sum = u32::MAX;
    for eight in eights {
        let word = u64::from_le_bytes(*eight) ^ u64::from(sum);
        sum = look(7, word)
            ^ look(6, word >> 8)
            ^ look(5, word >> 16)
            ^ look(4, word >> 24)
            ^ look(3, word >> 32)
            ^ look(2, word >> 40)
            ^ look(1, word >> 48)
            ^ look(0, word >> 56);
    }
    for byte in rest {
        let index = u64::from(sum) ^ u64::from(*byte);
        sum = (sum >> 8) ^ look(0, index);
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_standard() {
        // The check value of CRC-32/ISCSI, and vectors of RFC 3720.
        assert_eq!(crc(b"123456789"), 0xe306_9283);
        assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
    }
}
