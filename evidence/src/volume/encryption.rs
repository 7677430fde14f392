//! Volumes that are encrypted as a whole.

use crate::Shared;
use crate::container::field::{Fields, peek};

/// What BitLocker writes into volumes that other systems can mount.
const TO_GO: &[u8; 16] =
    b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01";

/// Where the second header of LUKS can be, if the first one is destroyed.
const SECOND: [u64; 9] = [
    0x4000, 0x8000, 0x1_0000, 0x2_0000, 0x4_0000, 0x8_0000, 0x10_0000,
    0x20_0000, 0x40_0000,
];

/// With what a volume is encrypted, if it says so.
pub fn encryption(volume: &Shared) -> Option<&'static str> {
    let head = peek(volume, 0, 512);
    let head = Fields(&head);
    if head.has(0, b"LUKS\xba\xbe") {
        return Some("LUKS");
    }
    let is_to_go = head.has(3, b"MSWIN4.1") && head.has(424, TO_GO);
    if head.has(3, b"-FVE-FS-") || is_to_go {
        return Some("BitLocker");
    }
    let is_second = |at: &u64| {
        let second = peek(volume, *at, 512);
        let second = Fields(&second);
        // It says where it is itself.
        second.has(0, b"SKUL\xba\xbe") && second.be64(256) == Some(*at)
    };
    SECOND.iter().any(is_second).then_some("LUKS")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::tests::shared;

    #[test]
    fn encrypted_volumes_say_so() {
        let mut volume = vec![0; 0x9000];
        assert_eq!(encryption(&shared(volume.clone())), None);
        volume[0x8000..0x8006].copy_from_slice(b"SKUL\xba\xbe");
        assert_eq!(encryption(&shared(volume.clone())), None);
        volume[0x8106] = 0x80;
        assert_eq!(encryption(&shared(volume.clone())), Some("LUKS"));
        volume[3..11].copy_from_slice(b"-FVE-FS-");
        assert_eq!(encryption(&shared(volume.clone())), Some("BitLocker"));
        volume[3..11].copy_from_slice(b"MSWIN4.1");
        volume[424..440].copy_from_slice(TO_GO);
        assert_eq!(encryption(&shared(volume)), Some("BitLocker"));
        assert_eq!(encryption(&shared(Vec::new())), None);
    }
}
