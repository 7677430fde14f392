//! Dumps of memory with damage in them.

#[path = "../../tests/dumps/mod.rs"]
mod dumps;

use std::sync::{Arc, LazyLock};

use dragnet_engine::source::Source;
use dragnet_evidence::{
    Content, ObjectKind, OpenError, Reason, Shared, container::Siblings,
};
use dragnet_evidence::{Medium, Unit};
use dumps::Minidump;

use super::bytes::Bytes;
use super::containers::Memory;

/// Memory may be so many times larger than what the dump has of it,
const EXPANSION: u64 = 8;
/// or as large as this.
const HARMLESS: u64 = 1 << 30;

/// A folder with nothing else in it.
struct Alone;

impl Siblings for Alone {
    fn open(&self, _: &str) -> Result<Shared, OpenError> {
        Err(OpenError::new(Reason::Gone, "no such file"))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

static DUMPS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let ranges = [
        (0x1000, vec![b'a'; 0x2000], true),
        (0x3000, vec![b'b'; 0x1000], false),
        (0x10_0000, vec![b'c'; 0x1000], false),
    ];
    let files = [(0x1000, 0x5000, 0, "/lib/a.so"), (0x9000, 0xa000, 1, "/b")];
    let minidump = |is_full, info_header| {
        let modules = &[(0x1000, 0x3000, "a.dll")];
        let allocations = &[0x1000, 0x1000, 0x10_0000];
        let ranges = &ranges;
        let dump =
            Minidump { ranges, modules, is_full, info_header, allocations };
        dump.bytes()
    };
    vec![
        dumps::elf_core(&ranges, &files, false),
        dumps::elf_core(&ranges, &files, true),
        minidump(true, 16),
        minidump(false, 12),
        dumps::lime(&ranges),
        dumps::pagedu64(&ranges),
        dumps::macho_core(&ranges),
    ]
});

/// Whatever a dump says: what is read of it lies in it, objects do not
/// overlap, they are not much larger than the dump, and each byte of the
/// dump is in one of them or a structure at most.
///
/// The first byte chooses a dump, the others change it: mostly in front,
/// where its tables are.
pub fn memory(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let choice = usize::from(*first) % DUMPS.len();
    let mut bytes = Bytes::new(rest);
    let mut dump = DUMPS[choice].clone();
    while !bytes.is_empty() {
        let place = usize::from(bytes.byte()) << 8 | usize::from(bytes.byte());
        let reach = if bytes.once_in(4) { dump.len() } else { 1200 };
        let at = place % reach.min(dump.len()).max(1);
        let value = bytes.byte();
        let end = dump.len();
        match bytes.below(5) {
            0 => dump[at] ^= 1 << (value % 8),
            1 => dump[at..(at + 8).min(end)].fill(value),
            2 => dump.truncate(end - usize::from(value).min(end - 1)),
            3 => dump.copy_within(at..(at + 8).min(end), at / 2),
            _ => dump[at] = value,
        }
    }
    let size = dump.len() as u64;
    let source: Shared = Arc::new(Memory(dump));
    for unit in [Unit::Mapping, Unit::Module] {
        let medium = Medium::of(source.clone(), "dump", &Alone);
        let Ok(Some(mut medium)) = medium else { return };
        medium.unit = unit;
        check(&medium, size);
    }
}

fn check(medium: &Medium, size: u64) {
    let map = medium.map();
    let mut end = 0;
    let mut whole = 0_u64;
    let mut buf = [0; 700];
    let mut objects: Vec<_> = map.entries.iter().collect();
    objects.sort_by_key(|entry| entry.object.address);
    for entry in objects {
        let object = &entry.object;
        for run in &object.runs {
            let at = run.physical.expect("a run is stored");
            let last = at.checked_add(run.length);
            assert!(last.is_some_and(|last| last <= size), "{run:?}");
            assert!(run.end() <= object.size);
        }
        if object.kind == ObjectKind::Metadata {
            continue;
        }
        whole = whole.checked_add(object.size).expect("a sum");
        if let Some(address) = object.address {
            assert!(address >= end, "{object:?}");
            end = address.checked_add(object.size).expect("an end");
        }
        let volume = &medium.volumes[entry.volume];
        let content = Content::new(volume.source.clone(), object.clone());
        let middle = object.size / 2;
        for at in [0, middle, object.size.saturating_sub(1), u64::MAX] {
            let _ = content.read_at(at, &mut buf);
            let _ = content.origin(at);
        }
    }
    // What is no memory comes on top.
    let bound = size.saturating_mul(EXPANSION).max(HARMLESS) + size;
    assert!(whole <= bound, "{whole} bytes out of {size}");
    let mut last = 0;
    for (at, length, _) in &map.tiles {
        assert!(*at >= last);
        last = at + length;
    }
    assert!(last <= size);
}
