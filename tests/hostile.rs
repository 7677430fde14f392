//! Rules made to break a compiler, and data made to break a scanner. Nothing
//! may panic, hang, or take resources out of proportion.
//!
//! The sizes here are chosen so that anything quadratic would be felt;
//! `tests/differential/hostile.py` runs the full sizes against the command.

mod support;

use std::mem::offset_of;

use dragnet::diag::Code;
use dragnet::{Compiler, Limit, LimitHit, Scanner, Value};
use dragnet_engine::ruleset::layout::{
    Header, LiteralRec, ProgramRec, Section, SectionRec,
};
use support::{codes, compile, rules, scan};

/// A rule with one pattern.
fn one(pattern: &str) -> String {
    format!("rule r {{ strings: $a = {pattern} condition: $a }}")
}

#[test]
fn parentheses_do_not_exhaust_the_stack() {
    for (open, close) in [("(", ")"), ("not (", ")"), ("-(", ")")] {
        let text = format!(
            "rule r {{ condition: {}1{} == 1 }}",
            open.repeat(200_000),
            close.repeat(200_000)
        );
        let got = codes(&compile(text).diagnostics);
        assert!(got.contains(&Code::NestingDepth), "{open}: {got:?}");
    }
}

#[test]
fn open_ends_do_not_exhaust_the_stack() {
    for piece in [
        "(",
        "[",
        "{",
        "a.",
        "a[",
        "f(",
        "not ",
        "-",
        "~",
        "defined ",
        "for any i in (",
        "1 + ",
        "1 or ",
        "all of (",
        "with a = ",
        "rule a { condition: ",
        "/*",
        "\"",
        "/a",
        "$a = { (",
    ] {
        let tail = piece.repeat(100_000);
        for head in ["rule r { condition: ", "rule r { strings: $a = ", ""] {
            let compiled = compile(format!("{head}{tail}"));
            assert!(
                !compiled.diagnostics.is_empty(),
                "{head}{piece} gives no diagnostic"
            );
        }
    }
}

#[test]
fn groups_of_patterns_do_not_exhaust_the_stack() {
    let n = 200_000;
    for text in [
        one(&format!("/x{}y{}/", "(".repeat(n), ")".repeat(n))),
        one(&format!("/x{}y{}/", "(?:".repeat(n), ")".repeat(n))),
        one(&format!("/x{}/", "(a|".repeat(n))),
        one(&format!("/x{}/", "[".repeat(n))),
        one(&format!("{{ 01 {} 02 {} }}", "(".repeat(n), ")".repeat(n))),
        one(&format!("{{ 01 {} }}", "( 02 | ".repeat(n))),
    ] {
        let compiled = compile(text);
        assert!(compiled.errors().count() > 0);
    }
}

#[test]
fn long_chains_compile() {
    let ors = vec!["filesize == 1"; 50_000].join(" or ");
    let sum = vec!["1"; 50_000].join(" + ");
    let text = format!(
        "rule a {{ condition: {ors} }} rule b {{ condition: {sum} == 50000 }}"
    );
    let compiled = compile(text);
    for error in compiled.errors() {
        assert!(matches!(
            error.code,
            Code::ConditionTooLarge | Code::NestingDepth
        ));
    }
}

#[test]
fn expressions_that_explode_elsewhere_are_searched_or_refused() {
    let bombs = [
        "/x(a+)+b/",
        "/x(a*)*b/",
        "/x(a|aa)+b/",
        "/x(a|a|a|a|a)+b/",
        "/x(.*)*y/s",
        "/x((a{1,100}){1,100}){1,100}b/",
        "/x((((a{1,100}){1,100}){1,100}){1,100}){1,100}b/",
        "/x(a?){1000}a{1000}/",
        "/(x+x+)+y/",
        "/x[a-z]{1,30000}y/",
        "/x.{0,4294967295}y/s",
        "/x(ab|cd|ef|gh){0,30000}y/",
        "/x(\\w|\\d|_|[a-f])+\\b!/",
    ];
    let data = [b"x".as_slice(), &b"a".repeat(20_000), b"!"].concat();
    let text = b"xa".repeat(10_000);
    for bomb in bombs {
        let compiled = compile(one(bomb));
        let Some(rules) = &compiled.rules else { continue };
        for data in [&data, &text] {
            let mut scanner = Scanner::new(rules);
            let _ = scanner.scan(data).rules().count();
        }
    }
}

#[test]
fn a_search_of_a_text_that_is_given_up_is_in_the_report() {
    // Too many states for an automaton, and from each of the many starts the
    // whole rest of the text has to be read.
    let mut compiler = Compiler::new();
    compiler.define("text", Value::Text("ab".repeat(10_000).into())).add_text(
        "default",
        "rule costly { condition: text matches /(a|b)*a(a|b){40}c/ }
         rule cheap { condition: text matches /ab/ }",
    );
    let rules = compiler.compile().into_rules().expect("a rule set");
    let costly = rules.rule(0).expect("a rule").name();
    assert_eq!(costly, "costly");
    let mut scanner = Scanner::new(&rules);
    let limits = scanner.limits_mut();
    let one = limits.verification_fuel;
    let report = scanner.scan(b"");
    assert_eq!(report.rules().count(), 1);
    assert!(!report.is_complete());
    let hit = LimitHit {
        limit: Limit::Verification,
        rule: Some(0),
        pattern: None,
        value: one,
    };
    assert_eq!(report.limits(), [hit]);

    scanner.limits_mut().fuel = 100_000;
    let report = scanner.scan(b"");
    let hit = LimitHit { limit: Limit::Fuel, value: 100_000, ..hit };
    assert_eq!(report.limits()[0], hit);
}

#[test]
fn huge_jumps_are_searched() {
    let compiled = compile(one("{ 01 02 [0-9999999] 03 04 }"));
    assert_eq!(compiled.errors().count(), 0);
    let rules = compiled.rules.expect("a rule set");
    let mut data = vec![0; 100_000];
    data[10..12].copy_from_slice(&[1, 2]);
    data[90_000..90_002].copy_from_slice(&[3, 4]);
    let hits = scan(&rules, &data).hits;
    assert_eq!((hits[0].offset, hits[0].length), (10, 89_992));

    let wild = compile(one("{ ?? [0-9999999] ?? }"));
    if let Some(rules) = &wild.rules {
        let _ = scan(rules, &[0; 5_000]);
    }
}

#[test]
fn chains_of_many_heads_and_tails_stay_linear() {
    let rules = rules(one("{ 41 42 [0-500000] 43 44 [0-500000] 45 46 }"));
    let heads = b"AB".repeat(20_000);
    let tails = b"CD".repeat(20_000);
    let data = [heads, tails, b"EF".to_vec()].concat();
    assert_eq!(scan(&rules, &data).hits.len(), 20_000);
    let data = [b"AB".repeat(20_000), b"CD".repeat(20_000)].concat();
    assert_eq!(scan(&rules, &data).hits.len(), 0);
}

#[test]
fn many_patterns_in_one_rule_compile_in_proportion() {
    let mut text = String::from("rule many { strings:\n");
    for n in 0..20_000 {
        text.push_str(&format!("$p{n} = \"pattern {n:06}\"\n"));
    }
    text.push_str("condition: any of them }");
    let rules = rules(text);
    let found = scan(&rules, b"pattern 012345, pattern 999999");
    assert_eq!(found.hits.len(), 1);
    assert_eq!(found.hits[0].pattern, "$p12345");
}

#[test]
fn many_rules_compile_in_proportion() {
    let mut text = String::new();
    for n in 0..20_000 {
        text.push_str(&format!(
            "rule r{n} {{ strings: $a = \"text {n:06}\" condition: $a }}\n"
        ));
    }
    let rules = rules(text);
    assert_eq!(rules.len(), 20_000);
    assert_eq!(scan(&rules, b"text 012345").rules, ["r12345"]);
}

#[test]
fn many_errors_are_reported_without_drowning() {
    let text = "rule { condition: } ".repeat(20_000);
    let compiled = compile(text);
    assert!(compiled.errors().count() > 0);
    let text = "rule r { condition: a and b } ".repeat(20_000);
    assert!(compile(text).errors().count() > 0);
}

#[test]
fn random_bytes_are_no_rules() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for length in [0, 1, 2, 3, 10, 100, 10_000] {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect();
        let _ = compile(&bytes);
    }
}

#[test]
fn every_prefix_of_a_rule_is_answered() {
    let text = br#"import "math"
// suppress: slow_pattern
private rule r : tag { meta: a = "b\x41" n = -1
strings: $a = "text" wide ascii xor(1-2) $b = /a(b|c)+[^d]{2,3}?\b/is
$c = { 01 ?2 ~03 [1-2] ( 04 | 05 06 ) } $d = "x" base64("a")
condition: for any i in (1..#a) : (@a[i] + 1KB > 0x10) and 50% of ($a*) or
math.entropy(0, filesize) >= 7.5 and not defined uint8(1) /* end */ }"#;
    for end in 0..text.len() {
        let _ = compile(&text[..end]);
        let _ = compile(&text[end..]);
    }
}

#[test]
fn data_of_one_byte_value_is_scanned() {
    let rules = rules(
        r#"rule r { strings:
            $a = "aaaa" $b = /a{2,50}/ $c = /a+b/ $d = { 61 61 [2-90] 61 61 }
            $e = "aaaa" xor $f = "aaaa" base64 $g = "aaaa" wide nocase
            condition: any of them }"#,
    );
    let found = scan(&rules, &b"a".repeat(10_000));
    let count = |name: &str| {
        found.hits.iter().filter(|hit| hit.pattern == name).count()
    };
    assert_eq!(count("$a"), 9_997);
    assert_eq!(count("$b"), 9_999);
    assert_eq!(count("$c"), 0);
    assert_eq!(count("$e"), 9_997);
    assert_eq!(scan(&rules, b""), support::Found::default());
}

#[cfg(unix)]
mod files {
    //! Files that are none, or that change.

    use std::path::{Path, PathBuf};
    use std::process::Command;

    use dragnet::Scanner;

    fn scanner() -> Scanner {
        Scanner::new(&super::rules(super::one("\"needle\"")))
    }

    fn folder(name: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        path
    }

    #[test]
    fn special_files_are_refused_at_once() {
        let folder = folder("hostile-special");
        let fifo = folder.join("fifo");
        let made = Command::new("mkfifo").arg(&fifo).status();
        assert!(made.is_ok_and(|status| status.success()));
        for path in [fifo.as_path(), Path::new("/dev/zero"), &folder] {
            assert!(
                scanner().scan_file(path).is_err(),
                "{} was scanned",
                path.display()
            );
        }
    }

    #[test]
    fn files_without_a_size_are_read_or_refused() {
        for path in ["/proc/self/maps", "/proc/self/mem", "/proc/kmsg"] {
            if Path::new(path).exists() {
                let _ = scanner().scan_file(path).map(|_| ());
            }
        }
    }

    #[test]
    fn a_file_that_shrinks_does_not_end_the_process() {
        let path = folder("hostile-shrink").join("data");
        let size = 64 << 20;
        let file = std::fs::File::create(&path).expect("a file");
        file.set_len(size).expect("a sparse file");
        let mut scanner = scanner();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for step in (0..16).rev() {
                    file.set_len(size * step / 16).expect("a shorter file");
                }
            });
            for _ in 0..3 {
                let _ = scanner.scan_file(&path).map(|_| ());
            }
        });
    }
}

/// A compiled set whose second program and second literal claim what belongs
/// to the first: a small file of such records would ask for hours of checks.
#[test]
fn records_that_share_what_they_own_are_refused() {
    let rule = "rule r { strings: $a = /ab+c[0-9]/ $b = /xy+z[a-f]/ \
                condition: any of them }";
    let good = rules(rule).bytes().to_vec();
    let field = |at: usize, length: usize| {
        let mut bytes = [0; 8];
        bytes[..length].copy_from_slice(&good[at..][..length]);
        u64::from_le_bytes(bytes) as usize
    };
    let place = |section: Section| {
        let mut records = (0..field(offset_of!(Header, sections), 4))
            .map(|n| size_of::<Header>() + n * size_of::<SectionRec>());
        let of = |at: &usize| {
            field(at + offset_of!(SectionRec, kind), 4) == section as usize
        };
        let at = records.find(of).expect("there is one");
        field(at + offset_of!(SectionRec, offset), 8)
    };
    let damages = [
        (
            place(Section::Programs) + size_of::<ProgramRec>(),
            offset_of!(ProgramRec, start),
        ),
        (
            place(Section::Literals) + size_of::<LiteralRec>(),
            offset_of!(LiteralRec, atom_start),
        ),
    ];
    for (record, start) in damages {
        let mut bad = good.clone();
        assert_ne!(bad[record + start..][..4], [0; 4]);
        bad[record + start..][..4].fill(0);
        let sum = crc32fast::hash(&bad[size_of::<Header>()..]);
        let sum = sum.to_le_bytes();
        bad[offset_of!(Header, checksum)..][..4].copy_from_slice(&sum);
        let refused = dragnet::Rules::from_bytes(bad);
        let wanted = |error: &dragnet::LoadError| {
            error.to_string().contains("program")
                || error.to_string().contains("literal")
        };
        assert!(refused.as_ref().is_err_and(wanted), "{refused:?}");
    }
}
