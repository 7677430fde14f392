//! However memory lies in a dump, and however an object of it is read: what
//! is scanned is the memory, and every byte of it once.

mod cli_support;
mod dumps;

use std::sync::Arc;

use cli_support::Dir;
use dragnet::{
    Compiler, Content, Medium, Rules, Scanner, Source, read_whole, spool,
};
use dumps::{Minidump, Range};

const PAGE: u64 = 4096;
/// Short enough to lie across borders of pages and ranges.
const RULE: &str = r#"
rule letters {
    strings:
        $text = "ab"
        $wide = "ba" wide
        $regex = /b[ab]{3,9}c/
        $chain = { 61 62 [0-5000] 63 63 }
    condition: any of them
}"#;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n.max(1)
    }
}

/// Ranges of some pages, next to each other or apart.
fn memory(dice: &mut Dice) -> Vec<Range> {
    let mut address = (1 + dice.below(5)) * PAGE;
    (0..1 + dice.below(6))
        .map(|_| {
            address += match dice.below(3) {
                0 => 0,
                1 => dice.below(9) * PAGE,
                _ => (1 << 27) + dice.below(9) * PAGE,
            };
            let length = (1 + dice.below(4)) * PAGE;
            let letter = |dice: &mut Dice| b"abc\0"[dice.below(4) as usize];
            let bytes = (0..length).map(|_| letter(dice)).collect();
            let range = (address, bytes, dice.below(2) == 0);
            address += length;
            range
        })
        .collect()
}

/// The memory in every format.
fn dumps(ranges: &[Range]) -> Vec<(&'static str, Vec<u8>)> {
    let minidump = |is_full, info_header| {
        let allocations: Vec<u64> = ranges.iter().map(|r| r.0).collect();
        let allocations = &allocations;
        let modules = &[];
        Minidump { ranges, modules, is_full, info_header, allocations }.bytes()
    };
    vec![
        ("ELF", dumps::elf_core(ranges, &[], false)),
        ("ELF with many segments", dumps::elf_core(ranges, &[], true)),
        ("LiME", dumps::lime(ranges)),
        ("AVML", dumps::avml(ranges)),
        ("PAGEDU64", dumps::pagedu64(ranges)),
        ("Mach-O", dumps::macho_core(ranges)),
        ("minidump", minidump(true, 16)),
        ("old minidump", minidump(false, 0)),
    ]
}

/// The bytes from an address on; zeros where there is no memory.
fn expected(ranges: &[Range], address: u64, size: u64) -> Vec<u8> {
    let mut bytes = vec![0; size as usize];
    for (start, content, _) in ranges {
        for (at, byte) in (*start..).zip(content) {
            if let Some(place) = at.checked_sub(address)
                && let Some(slot) = bytes.get_mut(place as usize)
            {
                *slot = *byte;
            }
        }
    }
    bytes
}

fn found(scanner: &mut Scanner, data: &[u8]) -> Vec<(String, u64, u32)> {
    let report = scanner.scan(data);
    let rules = report.rules();
    let patterns = rules.flat_map(|rule| rule.patterns().collect::<Vec<_>>());
    let matches = patterns.flat_map(|pattern| {
        let name = pattern.name().to_owned();
        let all = pattern.matches().to_vec().into_iter();
        all.map(move |found| (name.clone(), found.offset, found.length))
    });
    matches.collect()
}

fn rules() -> Rules {
    let mut compiler = Compiler::new();
    compiler.add_text("test", RULE);
    compiler.compile().into_rules().expect("it compiles")
}

#[test]
fn what_is_scanned_is_the_memory_however_it_is_read() {
    let dir = Dir::new();
    let rules = rules();
    let mut scanner = Scanner::new(&rules);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut hits = 0;
    for round in 0..60 {
        let ranges = memory(&mut dice);
        for (format, dump) in dumps(&ranges) {
            let context = format!("{format}, round {round}");
            dir.write("dump", &dump);
            let medium = Medium::open(&dir.path("dump"));
            let medium = medium.expect(&context).expect(&context);
            let map = medium.map();
            let mut covered = 0;
            for entry in &map.entries {
                let Some(address) = entry.object.address else { continue };
                let size = entry.object.size;
                let wanted = expected(&ranges, address, size);
                let volume = &medium.volumes[entry.volume];
                let source = Arc::clone(&volume.source);
                let content = Content::new(source, entry.object.clone());
                assert_eq!(content.len(), Some(size), "{context}");
                // In memory, in a file, and where it lies.
                let mut whole = Vec::new();
                let read = read_whole(&content, u64::MAX, &mut whole);
                assert_eq!(read.map(|r| r.lost), Some(0), "{context}");
                assert!(whole == wanted, "{context}");
                let path = dir.path("spooled");
                let mut file = std::fs::File::create(&path).unwrap();
                spool(&content, &mut file, &|| false).unwrap();
                assert!(std::fs::read(&path).unwrap() == wanted, "{context}");
                if let Some(bytes) = medium.mapped(entry, &content) {
                    assert!(bytes == wanted, "{context}");
                }
                let whole = found(&mut scanner, &wanted);
                let spooled = scanner.scan_file(&path).expect(&context);
                let count: usize = spooled
                    .report
                    .rules()
                    .flat_map(|rule| rule.patterns().collect::<Vec<_>>())
                    .map(|pattern| pattern.matches().len())
                    .sum();
                assert_eq!(count, whole.len(), "{context}");
                hits += count;
                covered += ranges
                    .iter()
                    .map(|(start, bytes, _)| {
                        let end = start + bytes.len() as u64;
                        let from = (*start).max(address);
                        end.min(address + size).saturating_sub(from)
                    })
                    .sum::<u64>();
            }
            let all = ranges.iter().map(|(_, bytes, _)| bytes.len() as u64);
            assert_eq!(covered, all.sum::<u64>(), "{context}");
        }
    }
    assert!(hits > 10_000, "{hits}");
}
