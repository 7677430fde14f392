//! The searches for literals, and what they leave out, change no result:
//! the grid on every instruction set, with deferred patterns and without
//! those of dead rules, against the automaton that looks for everything.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dragnet_compiler::driver::{Compiler, Source};
use dragnet_compiler::ir::Const;
use dragnet_engine::prefilter::Engine;
use dragnet_engine::prefilter::grid::{Isa, Name};
use dragnet_engine::ruleset::RuleSet;
use dragnet_engine::scan::{Helpers, Scanner};

/// Everything that a report says about matches.
type Found = Vec<(String, String, u64, u32, Option<u8>)>;

fn found(scanner: &mut Scanner, data: &[u8]) -> Found {
    let report = scanner.scan(data);
    let mut found = Vec::new();
    for rule in report.rules() {
        found.push((rule.name().to_owned(), String::new(), 0, 0, None));
        for pattern in rule.patterns() {
            let all = pattern.matches().iter().map(|m| {
                let name = pattern.name().to_owned();
                (rule.name().to_owned(), name, m.offset, m.length, m.xor_key)
            });
            found.extend(all);
        }
    }
    found
}

fn slow_scanner(rules: &RuleSet) -> Scanner {
    let mut scanner = Scanner::new(rules);
    scanner.set_engine(Engine::Automaton);
    scanner.search_for_dead_rules();
    scanner
}

fn fast_scanners(rules: &RuleSet) -> Vec<(Name, Scanner)> {
    let available = Name::ALL.into_iter().filter_map(Isa::find);
    available
        .map(|isa| {
            let mut scanner = Scanner::new(rules);
            scanner.set_engine(Engine::Grid(isa));
            (isa.name(), scanner)
        })
        .collect()
}

/// Compares all searches on each of these objects.
fn compare(rules: &RuleSet, objects: impl Iterator<Item = Vec<u8>>) -> usize {
    let mut slow = slow_scanner(rules);
    let mut fast = fast_scanners(rules);
    let mut hits = 0;
    for data in objects {
        let wanted = found(&mut slow, &data);
        hits += wanted.len();
        for (name, scanner) in &mut fast {
            let found = found(scanner, &data);
            assert!(
                found == wanted,
                "{name:?} differs on {} bytes: {:?}",
                data.len(),
                wanted
                    .iter()
                    .filter(|w| !found.contains(w))
                    .chain(found.iter().filter(|f| !wanted.contains(f)))
                    .take(5)
                    .collect::<Vec<_>>()
            );
        }
    }
    hits
}

fn compiled(text: &str) -> RuleSet {
    let mut compiler = dragnet::Compiler::new();
    compiler.add_text("default", text);
    let rules = compiler.compile().into_rules().expect("the rules compile");
    RuleSet::from_bytes(rules.bytes().to_vec()).expect("the set loads")
}

/// Files below a folder, in order.
fn files(folder: &Path, most: usize) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    found.truncate(most);
    found
}

#[test]
fn our_rules_find_the_same_with_every_search() {
    let embedded = dragnet::Rules::embedded().expect("the embedded rules");
    let rules =
        RuleSet::from_bytes(embedded.bytes().to_vec()).expect("they load");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut objects = support::decoded_cases(&root.join("rules"));
    assert!(objects.len() > 300, "{} cases", objects.len());
    let sources = files(&root.join("src"), 40);
    objects.extend(sources.iter().filter_map(|p| std::fs::read(p).ok()));
    // All of them at once, large enough for tables of its own.
    let mut all = objects.concat();
    while all.len() < 5 << 20 {
        all.extend_from_within(..);
    }
    objects.push(all);
    let hits = compare(&rules, objects.into_iter());
    assert!(hits > 1_000, "only {hits} hits");
}

/// Conditions that put patterns off, and some that must not.
const DEFERRING: &str = r#"
    rule every { strings: $a = "GetProcAddress" $b = "func" $c = "::" $d = "qzj"
        condition: all of them }
    rule but { strings: $a = "rare words" $b = "func"
        condition: $a and not $b }
    rule counted { strings: $a = "rare words" $b = "{" $c = /f[a-z]n/
        condition: #a == 1 and #b > 2 and #c >= 1 }
    rule placed { strings: $a = "rare words" $b = "fn" $c = { 0A ?? 20 }
        condition: $a and @b[2] > @a and !c[1] == 3 }
    rule some { strings: $a = "rare words" $b = "fn" $c = "let" $d = "mut"
        condition: 3 of them }
    rule percent { strings: $a = "rare words" $b = "fn" $c = "let"
        condition: 60% of them }
    rule looped { strings: $a = "rare words" $b = "fn" $c = "let"
        condition: $a and for all of ($b, $c) : (# > 2 and @ < 5000) }
    rule turns { strings: $a = "rare words" $b = "fn"
        condition: for any i in (1..#a) : (@a[i] > 5 and $b in (0..@a[i])) }
    rule bools { strings: $a = "rare words" $b = "fn" $c = "let"
        condition: 2 of ($a, $b at 0, #c > 1) }
    rule chained { strings: $a = "rare words" $c = { 66 6E [0-900] 6C 65 74 }
        condition: all of them }
    rule forms { strings: $a = "rare words" $w = "fn" wide ascii nocase
        $x = "mut" xor $b = "let" base64 $f = "as" fullword
        condition: $a and ($w or $x) and ($b or $f) }
    rule sized { strings: $a = "rare words" $b = "fn"
        condition: filesize < 6000 and all of them }
    rule headed { strings: $a = "rare words" $b = "fn"
        condition: uint16(0) == 0x2f2f and all of them }
    rule after { strings: $b = "fn" $c = "zq"
        condition: every and ($b or $c) }
"#;

#[test]
fn deferred_patterns_change_no_result() {
    let rules = compiled(DEFERRING);
    let deferred = rules.tables().patterns.iter().filter(|pattern| {
        use dragnet_engine::ruleset::layout::pattern_flags::DEFERRED;
        pattern.flags.get() & DEFERRED != 0
    });
    assert!(deferred.count() > 15, "the patterns are not put off");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut objects = Vec::new();
    for path in files(&root.join("src"), 30) {
        let mut data = std::fs::read(path).expect("a source file");
        objects.push(data.clone());
        data.extend_from_slice(b" rare words GetProcAddress qzj fn\0m\0");
        objects.push(data.clone());
        data.splice(..0, *b"fn rare words let mut YXMgbGV0IGZu ");
        objects.push(data);
    }
    let hits = compare(&rules, objects.into_iter());
    assert!(hits > 500, "only {hits} hits");
}

#[test]
fn public_rules_find_the_same_with_every_search() {
    let folder = "corpora/signature-base/yara";
    let Some(folder) = support::shared(folder) else { return };
    let mut compiler = dragnet::Compiler::new();
    for name in ["filename", "filepath", "extension", "filetype", "owner"] {
        compiler.define(name, dragnet::Value::Text(Vec::new()));
    }
    for path in files(&folder, usize::MAX) {
        let text = std::fs::read(&path).expect("a rule file");
        compiler.add_text(&path.display().to_string(), &text);
    }
    let rules = compiler.compile().rules.expect("rules");
    let rules =
        RuleSet::from_bytes(rules.bytes().to_vec()).expect("the set loads");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = files(&root.join("src"), 10);
    paths.extend(files(&folder, 60));
    paths.extend(std::env::current_exe());
    let objects = paths.iter().filter_map(|path| std::fs::read(path).ok());
    compare(&rules, objects);
}

/// Where a piece in front of a long jump may end in several ways, any of
/// them may be the one that the rest goes on from.
#[test]
fn a_piece_may_end_in_several_ways() {
    let cases: [(&str, &[u8], u64); 6] = [
        (r"/xab+.*bbc/s", b"xabbbbbc", 8),
        (r"/\xff.{2,}aa.*aaa/s", b"\xffbbaaaaa", 8),
        (r"/xab+?.*?bbc/s", b"xabbbbbc", 8),
        ("{ AA BB (CC | CC DD) [0-300] DD EE }", b"\xaa\xbb\xcc\xdd\xee", 5),
        (r"/xy[a-z]{1,9}.{0,400}yz!/s", b"xyabcdyz!", 9),
        // The gap takes what it can, though less would match more.
        (r"/a.+(aa.+(axa{2,}bz|(a)))a/s", b"abaabaxaabza", 9),
    ];
    for (pattern, data, length) in cases {
        let text =
            format!("rule r {{ strings: $a = {pattern} condition: $a }}");
        let found = support::scan(&support::rules(&text), data);
        let lengths: Vec<u64> = found.hits.iter().map(|h| h.length).collect();
        assert_eq!(lengths, [length], "{pattern}");
    }
}

/// Which of several lengths counts; libyara and YARA-X agree on these, but
/// for those that say so.
#[test]
fn of_several_lengths_one_counts() {
    let many: String = (0..30).map(|n| format!("bar{n}|")).collect();
    let nested = format!("/foobar|({many}foo)/");
    type Case<'c> = (&'c str, &'c [u8], &'c [(u64, u64)]);
    let cases: [Case<'_>; 11] = [
        // Words are looked for each by itself.
        ("/foobar|foo/", b"foobar", &[(0, 3)]),
        ("/(foobar|foo)x?/", b"foobarx", &[(0, 7)]),
        ("/(fo|foo)bar/", b"foobar", &[(0, 6)]),
        // So they are in groups for libyara; YARA-X has the first of these.
        ("/bB|(1|b)/", b"bB", &[(0, 1)]),
        ("/(foobar)|(foo)/", b"foobar", &[(0, 3)]),
        (&nested, b"foobar", &[(0, 3)]),
        // Without a repetition, the first form that matches.
        ("/a.b/ ascii wide", b"a\0b\0b\0", &[(0, 3)]),
        // A full word is the preferred length that is one.
        ("/(cmd|cmdline)/ fullword", b" cmdline ", &[(1, 7)]),
        ("/(cmdline|cmd)/ fullword", b" cmd cmdline ", &[(1, 3), (5, 7)]),
        ("/.*b/ fullword", b"xb yb bz", &[(0, 5), (3, 2)]),
        ("/.*?b/ fullword", b"xb yb bz", &[(0, 2), (3, 2)]),
    ];
    for (pattern, data, expected) in cases {
        let text =
            format!("rule r {{ strings: $a = {pattern} condition: $a }}");
        let found = support::scan(&support::rules(&text), data);
        let found: Vec<(u64, u64)> =
            found.hits.iter().map(|hit| (hit.offset, hit.length)).collect();
        assert_eq!(found, expected, "{pattern}");
    }
}

/// Patterns of all kinds; what they look for is planted.
const PLANTED: &str = r#"
    rule forms { strings: $a = "planted marker" $w = "planted" wide
        $x = "xored marker" xor(1-9) $b = "base sixty-four" base64
        condition: any of them }
    rule chain { strings: $a = { 71 7A 6A 76 [0-3000000] 76 6A 7A 71 }
        $b = /head_[0-9]{3}.{2000,2500000}tail_[0-9]{3}/s
        condition: any of them }
    rule slow { strings: $a = /[\x80-\xff][#-%][0-9][\x01-\x09]{2}/
        condition: $a }
    rule at_an_end { strings: $a = "first" $z = "last"
        condition: $a at 0 and $z at filesize - 4 }
    rule put_off { strings: $a = "planted marker" $b = "mut" $c = "e"
        condition: $a and $b and #c > 3 }
"#;

/// Bounds beyond what a step has room for mean what they say, and cost no
/// more than others: `{0,60000}` fits into one step, `{0,80000}` does not.
#[test]
fn repetitions_of_operands_go_as_far_as_they_say() {
    let text = format!("x{}c xbZ", "b".repeat(70_000));
    let holds = |regex: &str, text: &str| {
        let mut compiler = Compiler::new();
        let value = Const::Str(text.as_bytes().to_vec());
        compiler.define("s", value).expect("a good name");
        let rule = format!("rule r {{ condition: s matches /{regex}/ }}");
        compiler.add_source("default", Source::new("test", rule));
        let bytes = compiler.compile().rules.expect("the rule compiles");
        let rules = RuleSet::from_bytes(bytes).expect("the set loads");
        let mut scanner = Scanner::new(&rules);
        let report = scanner.scan(b"");
        assert!(report.limits().is_empty(), "{regex}");
        report.rules().next().is_some()
    };
    for lazy in ["", "?"] {
        for bound in [60_000, 80_000] {
            let regex = format!("x[a-c]{{0,{bound}}}{lazy}Z");
            assert!(holds(&regex, &text), "{regex}");
        }
        let regex = format!("xb{{70000}}{lazy}c");
        assert!(holds(&regex, &text), "{regex}");
        let regex = format!("xb{{70001,}}{lazy}c");
        assert!(!holds(&regex, &text), "{regex}");
    }
}

#[test]
fn several_threads_find_what_one_finds() {
    const PART: usize = 1 << 20;
    let mut state = 9_u64;
    let mut data: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(17 * PART + 12_345)
    .collect();
    // Across every border of a part, each time a bit further to the right.
    let planted: [&[u8]; 7] = [
        b"planted marker",
        b"p\0l\0a\0n\0t\0e\0d\0",
        b"{lqfg#nbqhfq",
        b"YmFzZSBzaXh0eS1mb3Vy",
        b"qzjv....vjzq",
        b"head_123",
        b"tail_456",
    ];
    for (at, text) in (0..).zip(planted.iter().cycle().take(153)) {
        let border = (at / 9 % 17 + 1) * PART;
        let start = border - 165 - at % 37 + 40 * (at % 9);
        data[start..start + text.len()].copy_from_slice(text);
    }
    data[..5].copy_from_slice(b"first");
    let end = data.len();
    data[end - 4..].copy_from_slice(b"last");

    let rules = compiled(PLANTED);
    for (most, least) in [(1_000_000, 120), (15, 60)] {
        let limited = |mut scanner: Scanner| {
            scanner.limits_mut().matches_per_pattern = most;
            scanner
        };
        // Which pieces of a chain are dropped beyond the limit depends on
        // the order in which they are met.
        let found = |scanner: &mut Scanner| {
            let mut all = found(scanner, &data);
            all.retain(|hit| most > 40 || hit.0 != "chain");
            all
        };
        let wanted = found(&mut limited(Scanner::new(&rules)));
        assert!(wanted.len() > least, "only {} hits", wanted.len());
        for (name, scanner) in fast_scanners(&rules) {
            let mut scanner = limited(scanner);
            scanner.set_helpers(Arc::new(dragnet::Threads::new(3)));
            // Twice, since the memory of helpers is used again.
            for _ in 0..2 {
                let found = found(&mut scanner);
                assert!(found == wanted, "{name:?}, limit {most}");
            }
        }
    }
}

/// Says of zeros that they are some, and counts what was asked.
#[derive(Default)]
struct Holes {
    skipped: AtomicUsize,
    searched: AtomicUsize,
}

impl Helpers for Holes {
    fn run(&self, job: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            scope.spawn(job);
            job();
        });
    }

    fn are_zeros(&self, bytes: &[u8]) -> bool {
        let are = bytes.iter().all(|byte| *byte == 0);
        let count = if are { &self.skipped } else { &self.searched };
        count.fetch_add(1, Ordering::Relaxed);
        are
    }
}

const IN_HOLES: [&str; 3] = [
    r#"rule quiet { strings:
        $border = { 00 00 00 00 00 00 00 61 62 63 }
        $behind = { 78 79 7A 00 00 00 00 00 00 }
        $far = { 78 79 7A [0-60000] 61 62 63 }
        condition: any of them }"#,
    "rule loud { strings: $a = { 00 00 00 00 [2] 00 00 } condition: $a }",
    r"rule slow { strings: $a = /\x00.\x00[^a]{3}/ condition: #a > 9 }",
];

/// Number of matches of each pattern, and the sums of offsets and lengths.
fn sums(scanner: &mut Scanner, data: &[u8]) -> Vec<(usize, u64, u64)> {
    let report = scanner.scan(data);
    let patterns = report.rules().flat_map(|rule| {
        let sums = rule.patterns().map(|pattern| {
            let all = pattern.matches();
            let offsets = all.iter().map(|found| found.offset).sum();
            let lengths = all.iter().map(|found| u64::from(found.length));
            (all.len(), offsets, lengths.sum())
        });
        sums.collect::<Vec<_>>()
    });
    patterns.collect()
}

#[test]
fn holes_that_are_not_searched_hide_nothing() {
    const PART: usize = 1 << 20;
    let mut data = vec![b'.'; 20 * PART];
    let hole = 3 * PART + 17..18 * PART - 5;
    data[hole.clone()].fill(0);
    // At both ends, and near the border of a part.
    let texts = [(hole.start - 3, b"xyz"), (hole.end, b"abc")];
    let within = [(9 * PART - 2, b"xyz"), (9 * PART + 50_000, b"abc")];
    for (at, text) in texts.into_iter().chain(within) {
        data[at..at + 3].copy_from_slice(text);
    }
    for text in IN_HOLES {
        let rules = compiled(text);
        for (name, mut scanner) in fast_scanners(&rules).into_iter().take(1) {
            // More than the parts have that are searched in any case.
            scanner.limits_mut().matches_per_pattern = 9_000_000;
            let wanted = sums(&mut scanner, &data);
            assert!(wanted.iter().all(|sum| sum.0 > 0), "{wanted:?}");
            let holes = Arc::new(Holes::default());
            let helpers: Arc<dyn Helpers> = Arc::clone(&holes) as _;
            scanner.set_helpers(helpers);
            let found = sums(&mut scanner, &data);
            assert_eq!(found, wanted, "{name:?}: {text}");
            // Once zeros are known to match, nobody asks for them.
            let least = if text.starts_with("rule quiet") { 3 } else { 0 };
            assert!(holes.skipped.load(Ordering::Relaxed) > least);
            assert!(holes.searched.load(Ordering::Relaxed) > 0);
        }
    }
}

#[test]
fn a_set_does_not_hold_the_texts_that_it_finds() {
    let text = r#"rule own {
        meta: note = "a note may be read"
        strings:
            $text = "the own marker" nocase wide ascii
            $xor = "xor of a marker" xor
            $base64 = "base64 of a marker" base64
            $regex = /regex (of|with) a marker[0-9]{1,4}x/
            $hex = { 68 65 78 20 6F 66 20 ?? 20 6D 61 72 6B 65 72 }
        condition: any of them }"#;
    let rules = compiled(text);
    let set = rules.as_bytes();
    let holds = |part: &[u8]| set.windows(part.len()).any(|all| all == part);
    assert!(holds(b"a note may be read"));
    for part in ["own ma", "marker", "regex ", "hex of", "m\0a\0r\0"] {
        assert!(!holds(part.as_bytes()), "{part}");
    }
    // Nor do they match there in any other way, nor do those that everybody
    // has.
    assert_eq!(found(&mut Scanner::new(&rules), set), []);
    let embedded = RuleSet::from_bytes(dragnet::EMBEDDED.to_vec()).unwrap();
    let found = found(&mut Scanner::new(&embedded), dragnet::EMBEDDED);
    assert_eq!(found, []);
}
