//! Memory as one object: matches in all regions count together, offsets are
//! addresses, and conditions read memory again where they may.

use std::ops::Range;

use dragnet::{
    Compiler, Layout, LiteralEngine, RegionBytes, Regions, Scanner,
    SpaceOptions,
};

/// A buffer of which parts lie at addresses.
struct Cut {
    data: Vec<u8>,
    parts: Vec<(u64, Range<usize>)>,
}

impl Regions for Cut {
    fn count(&self) -> usize {
        self.parts.len()
    }

    fn address(&self, region: usize) -> u64 {
        self.parts[region].0
    }

    fn layout(&self, _: usize) -> Layout {
        Layout::File
    }

    fn open(&self, region: usize) -> Option<RegionBytes<'_>> {
        let range = self.parts[region].1.clone();
        Some(Box::new(&self.data[range]))
    }

    fn read(&self, address: u64, buf: &mut [u8]) -> Option<(u64, usize)> {
        self.parts.iter().find_map(|(base, range)| {
            let bytes = &self.data[range.clone()];
            let skip = address.saturating_sub(*base);
            let bytes = bytes.get(usize::try_from(skip).ok()?..)?;
            let count = bytes.len().min(buf.len());
            buf[..count].copy_from_slice(&bytes[..count]);
            (count > 0).then_some((base + skip, count))
        })
    }
}

/// Regions at these addresses.
fn regions(all: &[(u64, &[u8])]) -> Cut {
    let mut cut = Cut { data: Vec::new(), parts: Vec::new() };
    for (address, bytes) in all {
        let start = cut.data.len();
        cut.data.extend_from_slice(bytes);
        cut.parts.push((*address, start..cut.data.len()));
    }
    cut
}

fn scanner(text: &str) -> Scanner {
    let mut compiler = Compiler::new();
    compiler.add_text("test", text);
    let rules = compiler.compile().into_rules().expect("the rules compile");
    Scanner::new(&rules)
}

const LEGACY: SpaceOptions = SpaceOptions { reads: true, modules: true };
const SINGLE: SpaceOptions = SpaceOptions { reads: false, modules: true };
const FAST: SpaceOptions = SpaceOptions { reads: false, modules: false };

/// Does the condition hold?
fn holds(head: &str, condition: &str, of: &Cut, how: SpaceOptions) -> bool {
    let text = format!("{head} condition: {condition} }}");
    let mut scanner = scanner(&text);
    let report = scanner.scan_space(of, how);
    assert!(report.limits().is_empty(), "{:?}", report.limits());
    report.rules().count() == 1
}

const PATTERNS: &str = r#"strings:
    $a = "marker" $b = "mark" nocase $c = "er" $d = "ke" wide fullword
    $e = /m[a-z]{2,9}k/ $f = { 6D ?? 72 [0-400] 65 72 } $g = "rare" xor(1-9)
    $h = /[kq]{3}/"#;

/// Offset, length and key of each match, by pattern.
type Matches = Vec<Vec<(u64, u32, Option<u8>)>>;

fn matches(report: &dragnet::ScanReport<'_>, base: u64) -> Option<Matches> {
    let rule = report.rules().next()?;
    let of = |pattern: dragnet::PatternMatches<'_>| {
        let all = pattern.matches().iter();
        all.map(|m| (base + m.offset, m.length, m.xor_key)).collect()
    };
    Some(rule.patterns().map(of).collect())
}

const WORDS: [&[u8]; 12] = [
    b"marker",
    b"mark",
    b"MARK",
    b"er",
    b" ",
    b"m\0",
    b"k\0e\0",
    b"kkkq",
    b"s`sd",
    b"0123456789012345678901234567890123456789",
    b"m",
    b"\0\0\0",
];

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

/// Text in regions, some of them side by side.
fn random(dice: &mut Dice) -> Cut {
    let words = dice.below(120);
    let data = (0..words).flat_map(|_| WORDS[dice.below(WORDS.len())]);
    let mut cut = Cut { data: data.copied().collect(), parts: Vec::new() };
    let (mut at, mut address) = (0, 0x1000);
    for _ in 0..=dice.below(7) {
        let end = cut.data.len().min(at + 1 + dice.below(200));
        cut.parts.push((address, at..end));
        address += (end - at + dice.below(3) * 5) as u64;
        at = end;
    }
    cut
}

#[test]
fn regions_give_what_each_alone_gives() {
    let every = "#a + #b + #c + #d + #e + #f + #g + #h >= 0";
    // Of a rule that needs several, some are put off in a file.
    let some = format!("$a and #c > 0 and {every}");
    let scanner_of = |condition: &str, engine| {
        let text = format!("rule r {{ {PATTERNS} condition: {condition} }}");
        let mut scanner = scanner(&text);
        scanner.set_literal_engine(engine);
        scanner
    };
    let conditions = [every, "all of them", &some];
    let engines = [LiteralEngine::default(), LiteralEngine::Automaton];
    let mut alone = scanner_of(every, LiteralEngine::Automaton);
    let mut scanners = conditions
        .map(|condition| engines.map(|engine| scanner_of(condition, engine)));
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut hits = [0; 3];
    for _ in 0..2_000 {
        let cut = random(&mut dice);
        let mut expected: Matches = vec![Vec::new(); 8];
        for (base, range) in &cut.parts {
            let report = alone.scan(&cut.data[range.clone()]);
            let found = matches(&report, *base).expect("it always holds");
            for (all, found) in expected.iter_mut().zip(found) {
                all.extend(found);
            }
        }
        let has = |at: usize| !expected[at].is_empty();
        let holds = [true, (0..8).all(has), has(0) && has(2)];
        for (at, engines) in scanners.iter_mut().enumerate() {
            hits[at] += usize::from(holds[at]);
            for scanner in engines {
                let report = scanner.scan_space(&cut, FAST);
                let found = matches(&report, 0);
                assert_eq!(found, holds[at].then(|| expected.clone()));
            }
        }
    }
    assert!(hits.iter().all(|hits| *hits > 100), "{hits:?}");
}

fn two_regions() -> Cut {
    let second = [b"....MARK-TWO".to_vec(), vec![0; 20]].concat();
    regions(&[(0x1000, b"MARK-ONE padding"), (0x7f00_0000_2000, &second)])
}

const TWO: &str = r#"rule r { strings: $a = "MARK-ONE" $b = "MARK-TWO""#;

#[test]
fn what_is_found_in_different_regions_counts_together() {
    let of = two_regions();
    for (condition, expected) in [
        ("all of them", true),
        ("$a at 0x1000 and $b at 0x7f0000002004", true),
        ("$a at 0 or $b at 4", false),
        ("$b in (0x7f0000002000..0x7f0000002004) and $a", true),
        ("@b > @a and @a == 0x1000 and all of them", true),
        ("#a == 1 and #b == 1", true),
        ("filesize >= 0 and all of them", false),
        ("not (filesize > 5) and all of them", false),
        ("(filesize < 10MB or defined filesize) and all of them", false),
        ("for all of them : ($ at @)", true),
    ] {
        for how in [LEGACY, SINGLE, FAST] {
            assert_eq!(
                holds(TWO, condition, &of, how),
                expected,
                "{condition}"
            );
        }
    }
}

#[test]
fn size_and_header_of_no_region_rule_anything_out() {
    // For a file, each of these is told before the search.
    let of = two_regions();
    for condition in [
        "uint32(0x1000) == 0x4b52414d and all of them",
        "not defined uint32(0) and all of them",
        "(filesize < 4 or $a) and $b",
    ] {
        assert!(holds(TWO, condition, &of, LEGACY), "{condition}");
    }
}

#[test]
fn integers_are_read_by_address_where_that_is_allowed() {
    let of = regions(&[
        (0x1000, b"\x01\x02\x03\x04\x05\x06\x07\x08"),
        (0x1008, b"\x09\x0a"),
        (0x5000, &[&[0; 70_000][..], b"\xde\xad\xbe\xef"].concat()),
    ]);
    for (condition, expected) in [
        ("uint32(0x1000) == 0x04030201", true),
        ("uint32be(0x1004) == 0x05060708", true),
        ("uint8(0x1009) == 10", true),
        ("int16(0x1008) == 0x0a09", true),
        // Across a border, behind the end, and where nothing is.
        ("defined uint32(0x1006)", false),
        ("defined uint16(0x1009)", false),
        ("defined uint8(0x100a)", false),
        ("defined uint8(0)", false),
        ("defined uint8(-1)", false),
        ("defined uint64(0x1000)", true),
        ("for any i in (0..3) : (uint8(0x1000 + i) == 4)", true),
        // A search through memory, and one that ends before.
        ("for any i in (0..0xffffff) : (uint32be(i) == 0xdeadbeef)", true),
        ("for any i in (0..0x16170) : (uint32be(i) == 0xdeadbeef)", true),
        ("for any i in (0..0x1616f) : (uint32be(i) == 0xdeadbeef)", false),
        ("for any i in (0..0x1003) : (uint8(i + 1) == 4)", true),
        ("for any i in (0..0xfff) : (uint16(i + 2) == 0x0605)", false),
        ("for any i in (0..0xfffff) : (uint16(i) == 0x0908)", false),
    ] {
        assert_eq!(
            holds("rule r {", condition, &of, LEGACY),
            expected,
            "{condition}"
        );
        if expected {
            assert!(!holds("rule r {", condition, &of, SINGLE), "{condition}");
            assert!(!holds("rule r {", condition, &of, FAST), "{condition}");
        }
    }
}

#[test]
fn functions_over_ranges_read_by_address() {
    let of = regions(&[(0x1000, b"xab"), (0x1003, b"cx"), (0x9000, b"abc")]);
    let head = "import \"hash\" import \"math\" rule r {";
    let abc = "900150983cd24fb0d6963f7d28e17f72";
    for (condition, reads) in [
        (format!("hash.md5(0x9000, 3) == \"{abc}\""), true),
        (format!("hash.md5(0x1001, 3) == \"{abc}\""), true),
        ("math.mean(0x9000, 3) == 98.0".to_owned(), true),
        ("math.count(97, 0x9000, 3) == 1".to_owned(), true),
        ("math.serial_correlation(0x9000, 3) < 1.0".to_owned(), true),
    ] {
        assert!(holds(head, &condition, &of, LEGACY) == reads, "{condition}");
        assert!(!holds(head, &condition, &of, SINGLE), "{condition}");
    }
    for condition in [
        "defined hash.md5(0x1001, 5)",
        "defined hash.md5(0x9000, 0x7fffffffffffffff)",
        "defined hash.crc32(-1, 3)",
        "defined math.entropy(0, 10)",
        "defined math.mode()",
    ] {
        for how in [LEGACY, SINGLE, FAST] {
            assert!(!holds(head, condition, &of, how), "{condition}");
        }
    }
    let text = format!("hash.md5(\"abc\") == \"{abc}\"");
    assert!(holds(head, &text, &of, FAST));
}

/// The head of a PE file for x86, of a program or of a library.
fn pe(flags: u16, entry: u32) -> Vec<u8> {
    let mut file = vec![0; 1024];
    file[..2].copy_from_slice(b"MZ");
    file[60] = 64;
    file[64..70].copy_from_slice(b"PE\0\0\x4c\x01");
    file[84..86].copy_from_slice(&224_u16.to_le_bytes());
    file[86..88].copy_from_slice(&(flags | 2).to_le_bytes());
    file[88..90].copy_from_slice(&0x10b_u16.to_le_bytes());
    file[104..108].copy_from_slice(&entry.to_le_bytes());
    file
}

/// The head of an ELF file for x86-64, of this type.
fn elf(kind: u8, entry: u64) -> Vec<u8> {
    let mut file = vec![0; 256];
    file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (file[16], file[18], file[20]) = (kind, 62, 1);
    file[24..32].copy_from_slice(&entry.to_le_bytes());
    (file[52], file[54]) = (64, 56);
    file
}

#[test]
fn modules_look_at_the_first_region_that_they_know() {
    let head = "import \"pe\" import \"elf\" import \"magic\" rule r {";
    let (library, program) = (pe(0x2000, 0x111), pe(0, 0x222));
    let shared = elf(3, 0x40);
    let of = regions(&[
        (0x1000, b"nothing"),
        (0x2000, &library),
        (0x3000, &shared),
        (0x4000, &program),
        (0x5000, &pe(0, 0x333)),
    ]);
    for condition in [
        "pe.is_pe and pe.machine == pe.MACHINE_I386",
        "pe.entry_point_raw == 0x222",
        "not pe.is_dll()",
        "elf.machine == elf.EM_X86_64 and elf.type == elf.ET_DYN",
        "magic.mime_type() == \"text/plain\"",
    ] {
        assert!(holds(head, condition, &of, LEGACY), "{condition}");
        assert!(holds(head, condition, &of, SINGLE), "{condition}");
        assert!(!holds(head, condition, &of, FAST), "{condition}");
    }
    assert!(holds(head, "not pe.is_pe", &of, FAST));
    assert!(holds(head, "entrypoint == 0x4222", &of, LEGACY));
    let of = regions(&[(0x1000, &shared), (0x40_0000, &elf(2, 0x40_1234))]);
    assert!(holds(head, "entrypoint == 0x401234", &of, LEGACY));
    assert!(!holds(head, "defined entrypoint", &of, SINGLE));
    let of = regions(&[(0x1000, &shared), (0x2000, &library)]);
    assert!(!holds(head, "defined entrypoint or pe.is_pe", &of, LEGACY));
}

#[test]
fn limits_hold_for_all_regions_together() {
    let bytes = b"mark ".repeat(10);
    let of: Vec<(u64, &[u8])> =
        (0..10).map(|at| (at * 0x1000, bytes.as_slice())).collect();
    let of = regions(&of);
    let mut scanner = scanner(
        r#"rule r { strings: $a = "mark" $b = { 6D 61 [0-300] 72 6B }
            condition: any of them }"#,
    );
    scanner.limits_mut().matches_per_pattern = 25;
    let report = scanner.scan_space(&of, LEGACY);
    assert_eq!(report.limits().len(), 2, "{:?}", report.limits());
    let rule = report.rules().next().expect("it matches");
    for pattern in rule.patterns() {
        let all = pattern.matches();
        let last = all.last().expect("there are matches").offset;
        assert_eq!((all.len(), last), (25, 0x2000 + 4 * 5));
    }
    scanner.limits_mut().timeout = Some(std::time::Duration::ZERO);
    let report = scanner.scan_space(&of, LEGACY);
    assert!(!report.is_complete());
}
