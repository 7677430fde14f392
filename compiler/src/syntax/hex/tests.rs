//! Hex patterns by example; the examples are those of the language
//! reference.

use super::*;

fn run(body: &str) -> (Option<Hir>, Vec<Diagnostic>) {
    let span = Span::new(0, body.len() as u32);
    parse(body.as_bytes(), span, FileId(0))
}

fn hir(body: &str) -> Hir {
    let (hir, diagnostics) = run(body);
    assert_eq!(diagnostics, [], "{body}");
    hir.unwrap()
}

/// Code and place of each diagnostic.
fn codes(body: &str) -> Vec<(Code, u32, u32)> {
    let (_, diagnostics) = run(body);
    diagnostics.iter().map(|d| (d.code, d.span.lo, d.span.hi)).collect()
}

fn lit(bytes: &[u8]) -> Hir {
    Hir::Literal(bytes.to_vec())
}

fn jump(min: u32, max: Option<u32>) -> Hir {
    let sub = Box::new(Hir::Class(ByteSet::ALL));
    Hir::Repeat { min, max, greedy: false, sub }
}

fn mask(value: u8, mask: u8) -> Hir {
    Hir::Class(ByteSet::from_mask(value, mask))
}

#[test]
fn bytes_merge_into_literals() {
    assert_eq!(hir("4D5a 90 // MZ\n 00 /* ] */"), lit(b"MZ\x90\0"));
    assert_eq!(hir("01 (02 03) 04"), lit(&[1, 2, 3, 4]));
    assert_eq!(hir("01\u{a0}02\u{2003}03"), lit(&[1, 2, 3]));
}

#[test]
fn nibbles_and_negation() {
    let not = |set: Hir| match set {
        Hir::Class(set) => Hir::Class(set.complement()),
        other => other,
    };
    assert_eq!(hir("A?"), mask(0xa0, 0xf0));
    assert_eq!(hir("?A"), mask(0x0a, 0x0f));
    assert_eq!(hir("??"), Hir::Class(ByteSet::ALL));
    assert_eq!(hir("~AB"), not(mask(0xab, 0xff)));
    assert_eq!(hir("~A?"), not(mask(0xa0, 0xf0)));
    assert_eq!(hir("~?B"), not(mask(0x0b, 0x0f)));
    assert_eq!(
        hir("01 ~02 03"),
        Hir::Concat(vec![lit(&[1]), not(mask(2, 0xff)), lit(&[3])])
    );
    assert_eq!(codes("01 ~?? 02"), [(Code::InvalidPattern, 3, 6)]);
}

#[test]
fn jumps_in_every_notation() {
    let between = |middle| Hir::Concat(vec![lit(&[1]), middle, lit(&[2])]);
    for (text, min, max) in [
        ("[4]", 4, Some(4)),
        ("[1-3]", 1, Some(3)),
        ("[ 1 - 3 ]", 1, Some(3)),
        ("[5-]", 5, None),
        ("[-]", 0, None),
        ("[-7]", 0, Some(7)),
        ("[0x10-0o30]", 16, Some(24)),
        ("[010]", 10, Some(10)),
        ("[0-4294967295]", 0, Some(u32::MAX)),
        ("[1/* ] */-3]", 1, Some(3)),
    ] {
        assert_eq!(hir(&format!("01 {text} 02")), between(jump(min, max)));
    }
}

#[test]
fn jumps_that_are_wrong() {
    for (body, code, lo, hi) in [
        ("01 [0] 02", Code::InvalidPattern, 3, 6),
        ("01 [5-3] 02", Code::InvalidRange, 3, 8),
        ("[2] 01", Code::InvalidPattern, 0, 3),
        ("01 [2]", Code::InvalidPattern, 3, 6),
        ("01 (02 | [2] 03) 04", Code::InvalidPattern, 9, 12),
        ("01 (02 [2] | 03) 04", Code::InvalidPattern, 7, 10),
        ("01 [0-4294967296] 02", Code::IntegerRange, 6, 16),
        ("01 [4294967295][1] 02", Code::IntegerRange, 3, 18),
        ("01 [1--2] 02", Code::InvalidPattern, 6, 7),
        ("01 [] 02", Code::InvalidPattern, 3, 5),
        ("01 [1_0] 02", Code::InvalidPattern, 5, 6),
        ("01 [1", Code::InvalidPattern, 3, 4),
    ] {
        assert_eq!(codes(body), [(code, lo, hi)], "{body}");
    }
}

#[test]
fn jump_at_an_edge_can_be_removed() {
    let (_, diagnostics) = run("01 02 [2-3]");
    let edit = &diagnostics[0].fixes[0].edits[0];
    // With the blank before it.
    assert_eq!((edit.span, edit.text.as_str()), (Span::new(5, 11), ""));
}

#[test]
fn adjacent_jumps_are_one() {
    let (hir, diagnostics) = run("01 [1-2][3] [-] 02");
    let expected = Hir::Concat(vec![lit(&[1]), jump(4, None), lit(&[2])]);
    assert_eq!(hir, Some(expected));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, Code::ConsecutiveJumps);
    assert_eq!(diagnostics[0].fixes[0].edits[0].text, "[4-]");
}

#[test]
fn zero_jump_warns_and_does_nothing() {
    let (hir, diagnostics) = run("01 [0-0] 02");
    assert_eq!(hir, Some(lit(&[1, 2])));
    assert_eq!(diagnostics[0].code, Code::ZeroJump);
    assert!(!diagnostics[0].is_error());
}

#[test]
fn alternatives_nest_and_keep_their_order() {
    let expected = Hir::Concat(vec![
        lit(&[1]),
        Hir::Alternation(vec![
            lit(&[2]),
            Hir::Concat(vec![lit(&[3]), jump(2, Some(2)), lit(&[4])]),
            lit(&[2]),
        ]),
        lit(&[5]),
    ]);
    assert_eq!(hir("01 (02 | 03 [2] 04 | 02) 05"), expected);
    assert_eq!(hir("01 ((02 | 03 [2] 04) | 02) 05"), expected);
}

#[test]
fn what_is_not_hex_has_an_exact_place() {
    for (body, code, lo, hi) in [
        ("01 0", Code::InvalidPattern, 3, 4),
        ("012", Code::InvalidPattern, 2, 3),
        ("01 zz", Code::InvalidPattern, 3, 4),
        ("01 ~ 02", Code::InvalidPattern, 3, 4),
        ("01 | 02", Code::InvalidPattern, 3, 4),
        ("01 (02 |) 03", Code::InvalidPattern, 8, 9),
        ("01 () 03", Code::InvalidPattern, 4, 5),
        ("01 ) 03", Code::InvalidPattern, 3, 4),
        ("01 (02", Code::InvalidPattern, 3, 4),
    ] {
        assert_eq!(codes(body)[0], (code, lo, hi), "{body}");
    }
    assert_eq!(codes("  ")[0].0, Code::EmptyPattern);
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let nested = |depth: usize| {
        format!("{}01|02{}", "(03".repeat(depth), ")".repeat(depth))
    };
    let (hir, diagnostics) = run(&nested(4_096));
    assert_eq!(diagnostics, []);
    assert!(hir.is_some());
    let too_deep = nested(200_000);
    let place = 3 * 4_096;
    assert_eq!(codes(&too_deep), [(Code::NestingDepth, place, place + 1)]);
}

#[test]
fn printable_patterns_are_texts() {
    assert_eq!(as_text(&hir("61 62 20 63")), Some("ab c"));
    assert_eq!(as_text(&hir("61 0D 0A 09")), Some("a\r\n\t"));
    assert_eq!(as_text(&hir("61 62 00")), None);
    assert_eq!(as_text(&hir("61 ?? 62")), None);
}

#[test]
fn errors_are_counted_out() {
    let many = "z ".repeat(1_000_000);
    assert_eq!(codes(&many).len(), MAX_ERRORS);
}
