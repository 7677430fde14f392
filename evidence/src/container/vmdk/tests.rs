//! Disks made by hand, from the format's specification.

use crate::Reason;
use crate::container::testing::{Folder, open_bytes, open_in, read_all};

/// A sparse extent with grains of 8 sectors and tables of 4 grains; the
/// directory in sector 1, one table in sector 2, grains from sector 8 on.
fn sparse(sectors: u64, table: &[u32], grains: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 8 * 512];
    let mut put = |at: usize, bytes: &[u8]| {
        image[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(0, b"KDMV");
    put(4, &1u32.to_le_bytes());
    put(8, &7u32.to_le_bytes());
    put(12, &sectors.to_le_bytes());
    put(20, &8u64.to_le_bytes());
    put(44, &4u32.to_le_bytes());
    put(56, &1u64.to_le_bytes());
    put(512, &2u32.to_le_bytes());
    for (at, entry) in table.iter().enumerate() {
        put(1024 + 4 * at, &entry.to_le_bytes());
    }
    image.extend_from_slice(grains);
    image
}

#[test]
fn grains_are_stored_zero_or_nowhere() {
    let grains = [[1; 4096], [2; 4096]].concat();
    let image = sparse(48, &[16, 0, 8, 1], &grains);
    let opened = open_bytes(image).unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    let mut expected = [[2u8; 4096], [0; 4096], [1; 4096]].concat();
    expected.resize(48 * 512, 0);
    assert_eq!(all, expected);
}

#[test]
fn a_text_puts_extents_together() {
    let mut folder = Folder::default();
    let text = b"# Disk DescriptorFile\nparentCID=ffffffff\n\
        RW 2 FLAT \"flat\" 1\nRW 32 SPARSE \"sparse\"\nRW 1 ZERO\n\
        RW 4 FLAT \"gone\" 0\nRW 1 FLAT \"flat\" 0\n";
    folder.put("disk", text.to_vec());
    folder.put("flat", [[1; 512], [2; 512], [3; 512]].concat());
    folder.put("sparse", sparse(32, &[0, 8], &[4; 4096]));
    let opened = open_in(&folder, "disk").unwrap().unwrap();
    assert_eq!(opened.source.len(), Some(40 * 512));
    let mut all = vec![9; 35 * 512];
    assert_eq!(opened.source.read_at(0, &mut all), Ok(35 * 512));
    assert_eq!(all[..512], [2; 512]);
    assert_eq!(all[512..1024], [3; 512]);
    assert_eq!(all[1024..5120], [0; 4096]);
    assert_eq!(all[5120..9216], [4; 4096]);
    let mut last = [9; 512];
    assert_eq!(opened.source.read_at(39 * 512, &mut last), Ok(512));
    assert_eq!(last, [1; 512]);
    let error = opened.source.read_at(36 * 512, &mut last).unwrap_err();
    assert_eq!(error.offset, 36 * 512);
    let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
    assert_eq!(lost, 4 * 512);
    let reason = Reason::MissingSegment;
    assert!(opened.problems.iter().all(|p| p.reason == reason));
}

#[test]
fn names_of_extents_lead_nowhere_else() {
    for name in ["/etc/passwd", "../x", "C:\\\\x.vmdk", "/dev/sda"] {
        let text = format!("# Disk DescriptorFile\nRW 1 FLAT \"{name}\" 0\n");
        let opened = open_bytes(text.into_bytes()).unwrap().unwrap();
        let reason = Reason::MissingSegment;
        assert!(opened.problems.iter().all(|p| p.reason == reason));
        assert!(opened.source.read_at(0, &mut [0]).is_err());
    }
}

#[test]
fn a_delta_shows_its_parent() {
    let mut folder = Folder::default();
    let mut delta = sparse(32, &[0, 8, 0, 1], &[7; 4096]);
    let text = b"# Disk DescriptorFile\nparentCID=12345678\n\
        parentFileNameHint=\"base.vmdk\"\n";
    delta[28..36].copy_from_slice(&3u64.to_le_bytes());
    delta[36..44].copy_from_slice(&1u64.to_le_bytes());
    delta[1536..1536 + text.len()].copy_from_slice(text);
    folder.put("delta.vmdk", delta);
    let grains = [[1; 4096], [2; 4096], [3; 4096], [4; 4096]].concat();
    folder.put("base.vmdk", sparse(32, &[8, 16, 24, 32], &grains));
    let opened = open_in(&folder, "delta.vmdk").unwrap().unwrap();
    let all = read_all(&opened.source);
    let expected = [[1; 4096], [7; 4096], [3; 4096], [0; 4096]].concat();
    assert_eq!(all, expected);
}

#[test]
fn impossible_headers_are_refused() {
    for (at, bytes) in [(20, [0xFF; 8]), (12, [0xFF; 8]), (20, [0; 8])] {
        let mut image = sparse(32, &[0], &[]);
        image[at..at + 8].copy_from_slice(&bytes);
        let error = open_bytes(image).err().unwrap();
        assert_eq!(error.reason, Reason::CorruptMetadata);
    }
    let mut image = sparse(32, &[0], &[]);
    image[56..64].copy_from_slice(&[0xFF; 8]);
    let error = open_bytes(image).err().unwrap();
    assert_eq!(error.reason, Reason::Truncated);
}
