//! Groups made by hand.

use super::*;
use crate::volume::tests::shared;

/// Extents of one sector, which begin at sector 8; sector k of extents is
/// filled with k.
fn member(id: u8, text: &str) -> Vec<u8> {
    let mut disk = vec![0; 40 * 512];
    let mut label = vec![0; 512];
    label[..8].copy_from_slice(b"LABELONE");
    label[20] = 32;
    label[24..32].copy_from_slice(b"LVM2 001");
    label[32..64].fill(id);
    label[72] = 1;
    label[72 + 32..][..8].copy_from_slice(&1024u64.to_le_bytes());
    label[72 + 40..][..8].copy_from_slice(&3072u64.to_le_bytes());
    let sum = label::crc(&label[20..]);
    label[16..20].copy_from_slice(&sum.to_le_bytes());
    disk[512..1024].copy_from_slice(&label);
    let mut area = vec![0; 512];
    area[4..20].copy_from_slice(b" LVM2 x[5A%r0N*>");
    // Begins near the end of the ring and goes on at its start.
    area[40..48].copy_from_slice(&3000u64.to_le_bytes());
    area[48..56].copy_from_slice(&(text.len() as u64).to_le_bytes());
    let sum = label::crc(text.as_bytes());
    area[56..60].copy_from_slice(&sum.to_le_bytes());
    let sum = label::crc(&area[4..]);
    area[..4].copy_from_slice(&sum.to_le_bytes());
    disk[1024..1536].copy_from_slice(&area);
    let (first, rest) = text.as_bytes().split_at(text.len().min(72));
    disk[4024..4024 + first.len()].copy_from_slice(first);
    disk[1536..1536 + rest.len()].copy_from_slice(rest);
    for extent in 0..32u8 {
        disk[(8 + extent as usize) * 512..][..512].fill(extent + id);
    }
    disk
}

fn text(sequence: u32, volumes: &str) -> String {
    let id = |byte: u8| char::from(byte).to_string().repeat(32);
    format!(
        "vg {{ id = \"G\" seqno = {sequence} extent_size = 1\n\
         physical_volumes {{\n\
         pv0 {{ id = \"{}\" pe_start = 8 pe_count = 32 }}\n\
         pv1 {{ id = \"{}\" pe_start = 8 pe_count = 32 }} }}\n\
         logical_volumes {{ {volumes} }} }}\n",
        id(b'A'),
        id(b'a'),
    )
}

fn segment(start: u32, count: u32, rest: &str) -> String {
    format!(
        "segment{start} {{ start_extent = {start} extent_count = {count} \
         {rest} }} "
    )
}

fn linear(start: u32, count: u32, pv: &str, extent: u32) -> String {
    let rest = format!(
        "type = \"striped\" stripe_count = 1 stripes = [\"{pv}\", {extent}]"
    );
    segment(start, count, &rest)
}

fn first_bytes(volume: &Volume) -> Vec<u8> {
    let mut bytes = vec![0; volume.length as usize];
    assert_eq!(volume.source.read_at(0, &mut bytes), Ok(bytes.len()));
    bytes.chunks(512).map(|sector| sector[0]).collect()
}

#[test]
fn segments_and_stripes_over_two_disks() {
    let stripes = "type = \"striped\" stripe_count = 2 stripe_size = 1 \
        stripes = [\"pv1\", 10, \"pv0\", 20]";
    let volumes = format!(
        "two {{ id = \"1\" {}{} }} stripes {{ id = \"2\" {} }}",
        linear(2, 2, "pv0", 0),
        linear(0, 2, "pv1", 5),
        segment(0, 4, stripes),
    );
    let text = text(1, &volumes);
    let disks = [shared(member(b'A', &text)), shared(member(b'a', &text))];
    let groups = assemble(&disks);
    let group = &groups[0];
    assert_eq!((groups.len(), group.problems.len()), (1, 0));
    assert_eq!(group.members, [0, 1]);
    let (a, b) = (b'A', b'a');
    assert_eq!(first_bytes(&group.volumes[0]), [b + 5, b + 6, a, a + 1]);
    let expected = [b + 10, a + 20, b + 11, a + 21];
    assert_eq!(first_bytes(&group.volumes[1]), expected);
    let origin = group.volumes[0].source.origin(600).unwrap();
    assert_eq!(origin.file_offset, Some((8 + 5) * 512 + 600));
    let sum: u64 = group.gaps.iter().map(|gap| gap.2).sum();
    assert_eq!(sum, (80 - 8) * 512);
    assert!(group.gaps.contains(&(0, 0, 8 * 512)));
}

#[test]
fn a_missing_disk_costs_only_its_part() {
    let volumes = format!(
        "two {{ id = \"1\" {}{} }}",
        linear(0, 2, "pv0", 3),
        linear(2, 2, "pv1", 3)
    );
    let disks = [shared(member(b'A', &text(1, &volumes)))];
    let group = &assemble(&disks)[0];
    let volume = &group.volumes[0];
    let mut bytes = [0; 1024];
    assert_eq!(volume.source.read_at(0, &mut bytes), Ok(1024));
    assert_eq!((bytes[0], bytes[512]), (b'A' + 3, b'A' + 4));
    assert!(volume.source.read_at(1024, &mut bytes).is_err());
    let lost: u64 = group.problems.iter().map(|p| p.bytes).sum();
    assert_eq!(lost, 1024);
    let reason = Reason::MissingSegment;
    assert!(group.problems.iter().all(|p| p.reason == reason));
}

#[test]
fn the_newest_description_counts() {
    let old = text(3, &format!("a {{ {} }}", linear(0, 1, "pv0", 3)));
    let new = text(4, &format!("a {{ {} }}", linear(0, 1, "pv0", 9)));
    let disks = [shared(member(b'A', &new)), shared(member(b'a', &old))];
    let group = &assemble(&disks)[0];
    assert_eq!(first_bytes(&group.volumes[0]), [b'A' + 9]);
}

#[test]
fn thin_volumes_and_segments_that_lie_are_told() {
    let thin = "type = \"thin\" thin_pool = \"p\"";
    let odd = "type = \"striped\" stripe_count = 1 stripes = [\"a\", 0]";
    let volumes = format!(
        "thin {{ {} }} odd {{ {} }} far {{ {} }} hole {{ {} }}",
        segment(0, 2, thin),
        segment(0, 1, odd),
        linear(0, 1, "pv0", 4_000_000_000),
        linear(1, 1, "pv0", 1)
    );
    let text = text(1, &volumes);
    let table = read(&shared(member(b'A', &text))).unwrap();
    let found: Vec<_> = table
        .problems
        .iter()
        .filter(|p| p.bytes > 0)
        .map(|p| (p.reason, p.bytes))
        .collect();
    let expected = [
        (Reason::UnsupportedFormat, 1024),
        (Reason::CorruptMetadata, 512),
        (Reason::Truncated, 512),
        (Reason::CorruptMetadata, 512),
    ];
    assert_eq!(found, expected);
    assert_eq!(table.volumes[0].kind, "thin");
}

#[test]
fn a_label_without_a_description_is_no_table_of_nothing() {
    let mut disk = member(b'A', &text(1, ""));
    disk[1024 + 200] = 1;
    let table = read(&shared(disk)).unwrap();
    assert_eq!(table.problems[0].reason, Reason::CorruptMetadata);
    assert_eq!(table.gaps, [(0, 40 * 512)]);
}
