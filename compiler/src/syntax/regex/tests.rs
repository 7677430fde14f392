//! Regular expressions by example, and against the `regex-syntax` crate.

use proptest::prelude::*;
use regex_automata::meta;

use super::*;
use crate::pattern::hir::ByteSet;
use crate::pattern::to_regex_syntax::convert;

fn literal(body: &str) -> RegexLit {
    RegexLit {
        body: Span::new(0, body.len() as u32),
        case_insensitive: false,
        dot_all: false,
    }
}

fn run(body: &str) -> (Option<ParsedRegex>, Vec<Diagnostic>) {
    parse(body.as_bytes(), &literal(body), FileId(0), Mode::Pattern)
}

fn regex(body: &str) -> ParsedRegex {
    let (parsed, diagnostics) = run(body);
    parsed.unwrap_or_else(|| panic!("{body}: {diagnostics:#?}"))
}

fn hir(body: &str) -> Hir {
    regex(body).hir
}

/// Code and place of each diagnostic.
fn codes(body: &str) -> Vec<(Code, u32, u32)> {
    let (_, diagnostics) = run(body);
    diagnostics.iter().map(|d| (d.code, d.span.lo, d.span.hi)).collect()
}

fn lit(text: &str) -> Hir {
    Hir::Literal(text.as_bytes().to_vec())
}

fn set(bytes: &[u8]) -> Hir {
    Hir::Class(ByteSet::from_bytes(bytes.iter().copied()))
}

fn repeat(sub: Hir, min: u32, max: Option<u32>, greedy: bool) -> Hir {
    Hir::Repeat { min, max, greedy, sub: Box::new(sub) }
}

fn automaton(hir: &Hir) -> meta::Regex {
    let hir = convert(hir).expect("a look that regex-syntax knows");
    meta::Builder::new()
        .configure(meta::Config::new().utf8_empty(false))
        .build_from_hir(&hir)
        .expect("a small expression")
}

/// All matches, not overlapping, as places.
fn matches(regex: &meta::Regex, data: &[u8]) -> Vec<(usize, usize)> {
    regex.find_iter(data).map(|m| (m.start(), m.end())).collect()
}

/// Does the expression match all of `data`?
fn is_all(body: &str, data: &[u8]) -> bool {
    let all = Hir::Concat(vec![
        Hir::Look(Look::Start),
        hir(body),
        Hir::Look(Look::End),
    ]);
    automaton(&all).is_match(data)
}

#[test]
fn repetitions() {
    for (body, min, max, greedy) in [
        ("ab*", 0, None, true),
        ("ab+", 1, None, true),
        ("ab?", 0, Some(1), true),
        ("ab{2}", 2, Some(2), true),
        ("ab{2,}", 2, None, true),
        ("ab{2,3}", 2, Some(3), true),
        ("ab{,3}", 0, Some(3), true),
        ("ab{,}", 0, None, true),
        ("ab{ 2 , 3 }", 2, Some(3), true),
        ("ab{4294967295}", u32::MAX, Some(u32::MAX), true),
        ("ab*?", 0, None, false),
        ("ab+?", 1, None, false),
        ("ab??", 0, Some(1), false),
        ("ab{2,3}?", 2, Some(3), false),
    ] {
        let expected =
            Hir::Concat(vec![lit("a"), repeat(lit("b"), min, max, greedy)]);
        assert_eq!(run(body).1, [], "{body}");
        assert_eq!(hir(body), expected, "{body}");
    }
    assert_eq!(
        hir("a**"),
        repeat(repeat(lit("a"), 0, None, true), 0, None, true)
    );
    assert_eq!(hir("ab{0}c"), lit("ac"));
    assert_eq!(hir("ab{1}c"), lit("abc"));
    assert_eq!(hir("()*a"), lit("a"));
    assert_eq!(
        hir("aé{2}"),
        Hir::Concat(vec![lit("a"), repeat(lit("é"), 2, Some(2), true),])
    );
}

#[test]
fn greediness_is_that_of_the_first_repetition_with_a_choice() {
    let first = |body| {
        let parsed = regex(body);
        (parsed.first_greedy, parsed.first_lazy)
    };
    assert_eq!(first("a{3}b"), (None, None));
    assert_eq!(first("a{3}?b"), (None, None));
    assert_eq!(first("ab+c?"), (Some(Span::new(2, 3)), None));
    assert_eq!(first("a*?b+"), (Some(Span::new(4, 5)), Some(Span::new(1, 3))));
    assert_eq!(first("(?U)a+"), (None, Some(Span::new(5, 6))));
}

#[test]
fn nothing_to_repeat() {
    for body in
        ["*a", "+a", "?a", "a|*b", "(+a)", "{2}a", "a|{2}", "a(?s)*", "a{3,2}"]
    {
        assert_eq!(codes(body)[0].0, Code::RegexSyntax, "{body}");
    }
    assert_eq!(codes("ab|*c"), [(Code::RegexSyntax, 3, 4)]);
    assert_eq!(codes("a{4294967296}"), [(Code::RegexSyntax, 1, 13)]);
}

#[test]
fn braces_that_open_no_repetition_are_literal() {
    for (body, text, at) in [
        ("ab{", "ab{", 2),
        ("{abc", "{abc", 0),
        ("ab{}", "ab{}", 2),
        ("a{1:5}", "a{1:5}", 1),
        ("a{,N}", "a{,N}", 1),
        ("a{1", "a{1", 1),
        ("a{1 2}", "a{1 2}", 1),
    ] {
        assert_eq!(hir(body), lit(text), "{body}");
        assert_eq!(
            codes(body),
            [(Code::RegexUnescapedBrace, at, at + 1)],
            "{body}"
        );
    }
    assert_eq!(run("ab}c]").1, []);
    assert_eq!(hir("ab}c]"), lit("ab}c]"));
}

#[test]
fn escapes() {
    assert_eq!(hir(r"\a\f\t\n\r\v"), lit("\x07\x0c\t\n\r\x0b"));
    assert_eq!(hir(r"\x41\xe9"), Hir::Literal(b"A\xe9".to_vec()));
    for body in [r"\x{e9}", r"\u00e9", r"\u{e9}", r"\U000000e9", "é"] {
        assert_eq!(hir(body), lit("é"), "{body}");
    }
    assert_eq!(hir(r"\.\/\ \<\>\-\_\'"), lit("./ <>-_'"));
    assert_eq!(hir("(?u)\\xe9"), lit("é"));
    let raw = [b'a', 0xff, b'*'];
    let (parsed, _) = parse(
        &raw,
        &RegexLit { body: Span::new(0, 3), ..literal("") },
        FileId(0),
        Mode::Pattern,
    );
    assert_eq!(
        parsed.unwrap().hir,
        Hir::Concat(vec![
            lit("a"),
            repeat(Hir::Literal(vec![0xff]), 0, None, true)
        ])
    );
}

#[test]
fn unknown_escapes_stand_for_the_letter() {
    for (body, text) in [
        (r"a\Rb", "aRb"),
        (r"a\Zb", "aZb"),
        (r"a\eb", "aeb"),
        (r"a\Qb", "aQb"),
        (r"a\cA", "acA"),
        (r"a\pL", "apL"),
        (r"a\u12", "au12"),
        (r"a\ud800", "aud800"),
        (r"a\é", "aé"),
    ] {
        assert_eq!(hir(body), lit(text), "{body}");
        let found = codes(body);
        assert_eq!(found.len(), 1, "{body}");
        assert_eq!((found[0].0, found[0].1), (Code::RegexUnknownEscape, 1));
    }
    let (_, diagnostics) = run(r"a\Rb");
    let edit = &diagnostics[0].fixes[0].edits[0];
    assert_eq!((edit.span, edit.text.as_str()), (Span::new(1, 2), r"\\"));
}

#[test]
fn escapes_that_are_wrong() {
    for (body, code, lo, hi) in [
        (r"a\x4", Code::RegexSyntax, 1, 4),
        (r"a\xg0", Code::RegexSyntax, 1, 3),
        (r"a\x{}", Code::RegexSyntax, 1, 4),
        (r"a\x{110000}", Code::RegexSyntax, 1, 11),
        (r"a\x{d800}", Code::RegexSyntax, 1, 9),
        (r"a\1", Code::RegexUnsupported, 1, 3),
        (r"a\0", Code::RegexUnsupported, 1, 3),
        (r"(?u)\ba", Code::RegexUnsupported, 4, 6),
        (r"(?u)\p{Klingon}", Code::RegexSyntax, 4, 15),
    ] {
        assert_eq!(codes(body), [(code, lo, hi)], "{body}");
    }
}

#[test]
fn looks() {
    for (body, look) in [
        ("^", Look::Start),
        (r"\A", Look::Start),
        ("$", Look::End),
        (r"\z", Look::End),
        (r"\b", Look::WordBoundary),
        (r"\B", Look::NotWordBoundary),
        (r"\b{start}", Look::WordStart),
        (r"\b{end}", Look::WordEnd),
        (r"\b{start-half}", Look::WordStartHalf),
        (r"\b{end-half}", Look::WordEndHalf),
        ("(?m)^", Look::LineStart),
        ("(?m)$", Look::LineEnd),
    ] {
        assert_eq!(hir(body), Hir::Look(look), "{body}");
    }
    let operand = |body: &str| {
        let lit = literal(body);
        parse(body.as_bytes(), &lit, FileId(0), Mode::Operand).0.unwrap().hir
    };
    assert_eq!(operand("(?m)^"), Hir::Look(Look::LineStartLf));
    assert_eq!(operand("(?m)$"), Hir::Look(Look::LineEndLf));
    assert_eq!(operand("(?mR)$"), Hir::Look(Look::LineEnd));
    assert_eq!(
        hir(r"a\b{foo}"),
        Hir::Concat(vec![
            lit("a"),
            Hir::Look(Look::WordBoundary),
            lit("{foo}")
        ])
    );
}

#[test]
fn dot() {
    let but = |bytes: &[u8]| {
        let bytes = ByteSet::from_bytes(bytes.iter().copied());
        Hir::Class(bytes.complement())
    };
    assert_eq!(hir("."), but(b"\n"));
    assert_eq!(hir("(?s)."), but(b""));
    assert_eq!(hir("(?R)."), but(b"\r\n"));
    assert!(is_all("(?u)a.", "aé".as_bytes()));
    assert!(!is_all("(?u)a.", b"a\xff"));
}

#[test]
fn groups_and_alternatives() {
    assert_eq!(hir("a(?:b)(?P<n>c)(?<m>d)(e)"), lit("abcde"));
    let abc = Hir::Alternation(vec![lit("a"), lit("b"), lit("c")]);
    assert_eq!(hir("a|b|c"), abc);
    assert_eq!(hir("(a|b)|c"), abc);
    assert_eq!(hir("a|(b|c)"), abc);
    assert_eq!(
        hir("(|a)b"),
        Hir::Concat(vec![
            Hir::Alternation(vec![Hir::Empty, lit("a")]),
            lit("b")
        ])
    );
    assert_eq!(hir("a|"), Hir::Alternation(vec![lit("a"), Hir::Empty]));
    assert_eq!(hir("()"), Hir::Empty);
}

#[test]
fn groups_that_are_wrong() {
    for (body, code, lo, hi) in [
        ("a(b", Code::RegexSyntax, 1, 2),
        ("ab)c", Code::RegexSyntax, 2, 3),
        ("(?)a", Code::RegexSyntax, 2, 3),
        ("(?i-)a", Code::RegexSyntax, 4, 5),
        ("(?ii)a", Code::RegexSyntax, 3, 4),
        ("(?z)a", Code::RegexSyntax, 2, 3),
        ("(?P<1>a)", Code::RegexSyntax, 4, 5),
        ("(?P<n>a)(?P<n>b)", Code::RegexSyntax, 12, 13),
        ("(?P<n", Code::RegexSyntax, 3, 4),
        ("a(?=b)", Code::RegexUnsupported, 1, 4),
        ("a(?!b)", Code::RegexUnsupported, 1, 4),
        ("(?<=a)b", Code::RegexUnsupported, 0, 4),
        ("(?<!a)b", Code::RegexUnsupported, 0, 4),
        ("(?>a)b", Code::RegexUnsupported, 0, 3),
        ("a(?#b)", Code::RegexUnsupported, 1, 4),
        ("(?P=n)", Code::RegexUnsupported, 0, 4),
    ] {
        assert_eq!(codes(body), [(code, lo, hi)], "{body}");
    }
}

#[test]
fn flags_last_to_the_end_of_their_group() {
    assert!(is_all("(?i)aB", b"Ab"));
    assert!(is_all("a(?i)b|c", b"C"));
    assert!(!is_all("a(?i)b|c", b"AB"));
    assert!(is_all("(a(?i)b)c", b"aBc"));
    assert!(!is_all("(a(?i)b)c", b"aBC"));
    assert!(is_all("(?i:a)b", b"Ab"));
    assert!(!is_all("(?i:a)b", b"AB"));
    assert!(is_all("(?i)a(?-i)b", b"Ab"));
    assert!(!is_all("(?i)a(?-i)b", b"AB"));
    assert!(is_all("(?x) a b [ c d ] \\  # e)", b"abc "));
    assert!(is_all("(?x)a {2} + ?", b"aaaa"));
    assert!(is_all("(?iu)é", "É".as_bytes()));
    assert!(!is_all("(?i)é", "É".as_bytes()));
    assert!(is_all("(?u)\\d", "\u{661}".as_bytes()));
    assert!(is_all("(?u)\\p{Greek}", "α".as_bytes()));
    assert!(!is_all("(?u)\\P{Greek}", "α".as_bytes()));
}

#[test]
fn classes() {
    for (body, members) in [
        ("[abc]", &b"abc"[..]),
        ("[a-c]", b"abc"),
        ("[]a]", b"]a"),
        ("[a-]", b"a-"),
        ("[-a]", b"-a"),
        ("[a-c-e]", b"abc-e"),
        (r"[\d-]", b"0123456789-"),
        (r"[\x41\]\\]", b"A]\\"),
        ("[+--]", b"+"),
        ("[a-f&&[bcx]]", b"bc"),
        ("[a-f--[bc]--d]", b"aef"),
        ("[abc~~bcd]", b"ad"),
        ("[a-z&&aeiou--a]", b"eiou"),
        ("[[:digit:]]", b"0123456789"),
        ("[[a]b]", b"ab"),
        ("[a&b]", b"ab&"),
        ("[:alpha:]", b":alph"),
        ("[[:foo:]]", b":fo"),
        (r"[\v\a]", b"\x07\x0b"),
        ("[a&&b]", b""),
        ("(?i)[a-c]", b"abcABC"),
        ("(?i)[[a-c]--b]", b"acAC"),
        ("(?x)[ a - c ]", b"abc"),
    ] {
        let expected = match members {
            [one] => Hir::Literal(vec![*one]),
            members => set(members),
        };
        assert_eq!(hir(body), expected, "{body}");
    }
    let not = |bytes: &[u8]| {
        let set = ByteSet::from_bytes(bytes.iter().copied());
        Hir::Class(set.complement())
    };
    assert_eq!(hir("[^a]"), not(b"a"));
    assert_eq!(hir("[^]a]"), not(b"]a"));
    assert_eq!(hir("[^a&&b]"), Hir::Class(ByteSet::ALL));
    assert_eq!(hir("(?i)[^a]"), not(b"aA"));
    assert_eq!(hir("[[:^digit:]]"), not(b"0123456789"));
    assert_eq!(hir("[.]"), lit("."));
}

#[test]
fn classes_that_libyara_reads_differently() {
    for (body, members, code, at) in [
        ("[a--b]", &b"a"[..], Code::RegexClassSetOp, 2),
        ("[a&&a]", b"a", Code::RegexClassSetOp, 2),
        ("[[:digit:]]", b"0123456789", Code::RegexClassSetOp, 1),
        ("[--a]", b"-a", Code::RegexClassSetOp, 1),
        ("[x[y]", b"x[y", Code::RegexClassBracket, 2),
        ("[[:a:]", b"[:a", Code::RegexClassBracket, 1),
        (r"[a-\d]", b"abcd", Code::RegexUnknownEscape, 3),
        (r"[\w-z]", b"wxyz", Code::RegexUnknownEscape, 1),
        (r"[\bc]", b"bc", Code::RegexUnknownEscape, 1),
        (r"[\0a]", b"0a", Code::RegexUnknownEscape, 1),
        (r"[\qa]", b"qa", Code::RegexUnknownEscape, 1),
    ] {
        let expected = match members {
            [one] => Hir::Literal(vec![*one]),
            members => set(members),
        };
        assert_eq!(hir(body), expected, "{body}");
        let found = codes(body);
        assert_eq!(found.len(), 1, "{body}");
        assert_eq!((found[0].0, found[0].1), (code, at), "{body}");
    }
    assert_eq!(
        hir("[a[]]"),
        Hir::Concat(vec![set(b"a["), lit("]")]),
        "the class ends at the first bracket"
    );
}

#[test]
fn classes_that_are_wrong() {
    for (body, lo, hi) in [
        ("a[bc", 1, 2),
        ("a[]", 1, 2),
        ("a[^]", 1, 2),
        ("a[z-a]", 2, 5),
        ("a[é]", 2, 4),
        (r"a[\x{e9}]", 2, 8),
        (r"a[\x4]", 2, 5),
        (r"a[b\]c", 1, 2),
    ] {
        assert_eq!(codes(body), [(Code::RegexSyntax, lo, hi)], "{body}");
    }
}

#[test]
fn deep_nesting_is_an_error_not_a_crash() {
    let groups = |n: usize| format!("{}a{}", "(b".repeat(n), ")".repeat(n));
    assert!(run(&groups(4_096)).0.is_some());
    let at = 2 * 4_096;
    assert_eq!(codes(&groups(200_000)), [(Code::NestingDepth, at, at + 1)]);
    let stars = format!("a{}", "*".repeat(200_000));
    assert_eq!(codes(&stars), [(Code::NestingDepth, 4_097, 4_098)]);
    let mixed = format!("{}a{}", "(".repeat(4_000), ")*b".repeat(4_000));
    assert_eq!(codes(&mixed).last().map(|d| d.0), Some(Code::NestingDepth));
    let alternatives =
        format!("{}a{}", "(b|".repeat(4_000), "c)".repeat(4_000));
    assert!(run(&alternatives).0.is_some());
    let classes = "[a".repeat(200_000);
    assert_eq!(codes(&classes).last().map(|d| d.0), Some(Code::NestingDepth));
}

#[test]
fn hostile_expressions_take_linear_time() {
    let unclosed = "[x[y]".repeat(20_000);
    run(&unclosed);
    let escapes = r"\q".repeat(500_000);
    assert_eq!(run(&escapes).1.len(), MAX_WARNINGS);
    let wide = format!("(?u){}", r"\w".repeat(10_000));
    assert_eq!(codes(&wide).last().map(|d| d.0), Some(Code::RegexTooLarge));
}

/// Expressions that both parsers read the same way.
fn common() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        4 => "[abAB0_ ]",
        1 => Just(".".to_owned()),
        1 => prop::sample::select(vec![
            r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\x61", r"\.", "^",
            "$", r"\b", r"\B", r"\A", r"\z", r"\b{start}", r"\b{end-half}",
            "[a-c]", "[^a]", "[[:alpha:]]", "[a-z&&[^b]]", "[ab--b]",
            "[ab~~bc]", r"[\w--\d]", "[]a]", "[^]a]", "[a-]", "()",
        ])
        .prop_map(str::to_owned),
    ];
    atom.prop_recursive(4, 24, 4, |inner| {
        let flags = prop::sample::select(vec![
            "(", "(?:", "(?i:", "(?s:", "(?-i:", "(?U:", "(?x:", "(?P<n>",
        ]);
        let suffix = prop::sample::select(vec![
            "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?",
            "{1,}",
        ]);
        let list = prop::collection::vec(inner, 1..4);
        (list, flags, suffix, any::<bool>()).prop_map(
            |(parts, open, suffix, alternatives)| {
                let separator = if alternatives { "|" } else { "" };
                format!("{open}{}){suffix}", parts.join(separator))
            },
        )
    })
    .prop_filter("names must differ", |body| body.matches("<n>").count() < 2)
}

fn theirs(body: &str) -> Option<meta::Regex> {
    meta::Builder::new()
        .configure(meta::Config::new().utf8_empty(false))
        .syntax(
            regex_automata::util::syntax::Config::new()
                .unicode(false)
                .utf8(false),
        )
        .build(body)
        .ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn matches_what_regex_syntax_matches(
        body in common(),
        data in prop::collection::vec(
            prop::collection::vec(
                prop::sample::select(b"abAB0_ .\n\xff".to_vec()),
                0..12,
            ),
            8,
        ),
    ) {
        let Some(theirs) = theirs(&body) else {
            return Err(TestCaseError::fail(format!("not common: {body}")));
        };
        let ours = automaton(&hir(&body));
        for data in data {
            prop_assert_eq!(
                matches(&ours, &data),
                matches(&theirs, &data),
                "{} on {:?}", body, data
            );
        }
    }

    #[test]
    fn any_bytes_are_refused_or_parsed(
        body in prop::collection::vec(
            prop::sample::select(
                b"ab()[]{}*+?|^$.\\-:=<>&~,019ixsmuURP#\x80\xc3\xa9 ".to_vec()
            ),
            0..40,
        ),
    ) {
        let lit = RegexLit {
            body: Span::new(0, body.len() as u32),
            case_insensitive: true,
            dot_all: false,
        };
        let (parsed, diagnostics) =
            parse(&body, &lit, FileId(0), Mode::Pattern);
        let errors = diagnostics.iter().filter(|d| d.is_error()).count();
        prop_assert_eq!(parsed.is_none(), errors == 1);
        for diagnostic in diagnostics {
            prop_assert!(diagnostic.span.lo <= diagnostic.span.hi);
            prop_assert!(diagnostic.span.hi as usize <= body.len());
        }
    }
}
