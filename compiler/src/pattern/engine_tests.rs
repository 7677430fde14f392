//! Compares the engine with the naive matcher on random patterns.

use dragnet_engine::cond::op::{Inst, Op};
use dragnet_engine::ruleset::layout::{NamespaceRec, PatternRec, RuleRec};
use dragnet_engine::ruleset::{Builder, RuleSet};
use dragnet_engine::scan::Scanner;
use proptest::prelude::*;

use super::hir::{ByteSet, Hir, Look};
use super::lower::Lowering;
use super::prepare::Prepared;
use super::{Pattern, Value, naive, standard_alphabet};

/// A rule set of one rule that is always true and has these patterns.
fn compile(patterns: &[Pattern], atom_length: usize) -> Option<RuleSet> {
    let mut builder = Builder::default();
    let name = builder.text(b"test");
    builder.namespaces.push(NamespaceRec { name: name.into() });
    let tags = builder.list(&[]);
    for pattern in patterns {
        let anchor = pattern.anchored_at.map_or(-1, |at| at as i64);
        builder.patterns.push(PatternRec {
            name: name.into(),
            anchor: anchor.into(),
            ..PatternRec::default()
        });
    }
    builder.code.push(Inst::new(Op::End).regs(1, 0, 0));
    builder.rules.push(RuleRec {
        name: name.into(),
        tags: tags.into(),
        pattern_count: (patterns.len() as u32).into(),
        code_count: 1.into(),
        max_size: u64::MAX.into(),
        ..RuleRec::default()
    });
    let mut lowering = Lowering::new(&mut builder, atom_length);
    for (id, pattern) in patterns.iter().enumerate() {
        let prepared = Prepared::new(pattern, atom_length);
        lowering.pattern(id as u32, pattern, prepared).ok()?;
    }
    lowering.finish();
    Some(RuleSet::from_bytes(builder.finish()).expect("loads"))
}

fn pattern(value: Value) -> Pattern {
    Pattern {
        name: "a".to_owned(),
        private: false,
        value,
        ascii: true,
        wide: false,
        nocase: false,
        fullword: false,
        anchored_at: None,
        unused: false,
    }
}

fn compare(
    pattern: &Pattern,
    data: &[u8],
    atom_length: usize,
) -> Result<(), TestCaseError> {
    let Some(rules) = compile(std::slice::from_ref(pattern), atom_length)
    else {
        return Ok(());
    };
    let mut scanner = Scanner::new(&rules);
    let report = scanner.scan(data);
    let rule = report.rules().next().expect("the rule is always true");
    let found = rule.patterns().next().expect("one pattern").matches();
    let expected = naive::find(pattern, data);
    let offsets: Vec<u64> = found.iter().map(|m| m.offset).collect();
    let wanted: Vec<u64> = expected.iter().map(|m| m.offset).collect();
    prop_assert_eq!(offsets, wanted);
    for (found, expected) in found.iter().zip(&expected) {
        prop_assert!(
            expected.lengths.contains(&found.length),
            "{:?} against {:?}",
            found,
            expected
        );
    }
    Ok(())
}

/// Offsets and lengths of all matches.
fn found(pattern: &Pattern, data: &[u8]) -> Option<Vec<(u64, u32)>> {
    let rules = compile(std::slice::from_ref(pattern), 16)?;
    let mut scanner = Scanner::new(&rules);
    let report = scanner.scan(data);
    let rule = report.rules().next().expect("the rule is always true");
    let matches = rule.patterns().next().expect("one pattern").matches();
    Some(matches.iter().map(|m| (m.offset, m.length)).collect())
}

/// A pattern that counts at each offset only gives what one that counts
/// everywhere has there.
fn compare_anchored(
    pattern: &Pattern,
    data: &[u8],
) -> Result<(), TestCaseError> {
    let Some(everywhere) = found(pattern, data) else { return Ok(()) };
    for at in 0..=data.len() as u64 + 1 {
        let anchored = Pattern { anchored_at: Some(at), ..pattern.clone() };
        let mut wanted = everywhere.clone();
        wanted.retain(|m| m.0 == at);
        prop_assert_eq!(found(&anchored, data), Some(wanted), "at {}", at);
    }
    Ok(())
}

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&b"aAbB1 \0\n"[..]), 1..max)
}

/// Data in which wide text is not too rare.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        prop_oneof![
            bytes(6),
            bytes(6).prop_map(|b| {
                b.into_iter().flat_map(|b| [b, 0]).collect()
            }),
        ],
        0..24,
    )
    .prop_map(|parts| parts.concat())
}

fn set() -> impl Strategy<Value = ByteSet> {
    prop_oneof![
        Just(ByteSet::ALL),
        bytes(4).prop_map(ByteSet::from_bytes),
        bytes(3).prop_map(|b| ByteSet::from_bytes(b).complement()),
    ]
}

fn look() -> impl Strategy<Value = Hir> {
    prop::sample::select(vec![
        Look::Start,
        Look::End,
        Look::LineStart,
        Look::LineEnd,
        Look::WordBoundary,
        Look::NotWordBoundary,
        Look::WordStart,
        Look::WordEndHalf,
    ])
    .prop_map(Hir::Look)
}

/// Few bytes, so that short literals, optional bytes and small alternatives
/// stand side by side: what covers are built across.
fn spread() -> impl Strategy<Value = Hir> {
    let text = || {
        prop::collection::vec(prop::sample::select(&b"aAb1"[..]), 1..3)
            .prop_map(Hir::Literal)
    };
    let class = prop::sample::select(vec![&b"ab"[..], b"aA", b"b1", b"1"])
        .prop_map(|b| Hir::Class(ByteSet::from_bytes(b.iter().copied())));
    let few = (0_u32..3, prop::option::weighted(0.8, 0_u32..4));
    let part = prop_oneof![
        3 => text(),
        2 => class.clone(),
        2 => (few, prop_oneof![class, text()]).prop_map(
            |((min, more), sub)| Hir::Repeat {
                min,
                max: more.map(|more| min + more),
                greedy: true,
                sub: Box::new(sub),
            }),
    ];
    let sequence =
        prop::collection::vec(part.clone(), 0..3).prop_map(Hir::Concat);
    let choice =
        prop::collection::vec(sequence, 2..4).prop_map(Hir::Alternation);
    let part = prop_oneof![2 => part, 3 => choice, 1 => look()];
    prop::collection::vec(part, 2..6).prop_map(Hir::Concat)
}

/// Places stand outside of repetitions: what an empty turn of a loop is
/// worth differs from engine to engine.
fn placed(greedy: bool) -> impl Strategy<Value = Hir> {
    let part = prop_oneof![4 => hir(greedy), 1 => look()];
    prop::collection::vec(part, 1..4).prop_map(Hir::Concat)
}

fn hir(greedy: bool) -> impl Strategy<Value = Hir> {
    let leaf = prop_oneof![
        4 => bytes(4).prop_map(Hir::Literal),
        2 => set().prop_map(Hir::Class),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 1..4)
                .prop_map(Hir::Concat),
            1 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(Hir::Alternation),
            2 => (0_u32..3, prop::option::of(0_u32..4), inner).prop_map(
                move |(min, more, sub)| Hir::Repeat {
                    min,
                    max: more.map(|more| min + more),
                    greedy,
                    sub: Box::new(sub),
                }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn texts_are_found_as_by_the_naive_matcher(
        text in bytes(6), nocase: bool, fullword: bool, wide in 0..3,
        data in data(), atom in 1_usize..5,
    ) {
        let pattern = Pattern {
            nocase,
            fullword,
            ascii: wide != 1,
            wide: wide != 0,
            ..pattern(Value::Text(text))
        };
        compare(&pattern, &data, atom)?;
    }

    #[test]
    fn xored_texts_are_found_as_by_the_naive_matcher(
        text in bytes(5), fullword: bool, wide in 0..3,
        keys in (0_u8..4, 0_u8..4), data in data(), atom in 1_usize..5,
    ) {
        let (lo, hi) = (keys.0.min(keys.1), keys.0.max(keys.1));
        let pattern = Pattern {
            fullword,
            ascii: wide != 1,
            wide: wide != 0,
            ..pattern(Value::Xor(text, lo, hi))
        };
        compare(&pattern, &data, atom)?;
    }

    #[test]
    fn regular_expressions_are_found_as_by_the_naive_matcher(
        (greedy, hir) in any::<bool>()
            .prop_flat_map(|g| (Just(g), placed(g))),
        fullword: bool, wide in 0..3,
        data in data(), atom in 1_usize..5,
    ) {
        let pattern = Pattern {
            fullword,
            ascii: wide != 1,
            wide: wide != 0,
            ..pattern(Value::Regex { hir, greedy, longest: greedy })
        };
        compare(&pattern, &data, atom)?;
    }

    #[test]
    fn alternatives_are_found_as_by_the_naive_matcher(
        hir in spread(), fullword: bool, wide in 0..3,
        data in data(), atom in prop::sample::select(vec![2, 4, 8, 16]),
    ) {
        let pattern = Pattern {
            fullword,
            ascii: wide != 1,
            wide: wide != 0,
            ..pattern(Value::Regex { hir, greedy: true, longest: true })
        };
        compare(&pattern, &data, atom)?;
    }

    #[test]
    fn base64_forms_are_found_as_by_the_naive_matcher(
        text in bytes(7), forms in 1..4, wide in 0..3,
        front in bytes(4), back in bytes(4), noise in bytes(3),
    ) {
        let pattern = Pattern {
            ascii: wide != 1,
            wide: wide != 0,
            ..pattern(Value::Base64 {
                text: text.clone(),
                plain: (forms & 1 != 0).then(standard_alphabet),
                wide: (forms & 2 != 0).then(standard_alphabet),
            })
        };
        let whole: Vec<u8> = [&front[..], &text, &back].concat();
        let mut data = noise;
        let mut encoded = encode(&whole);
        data.extend(&encoded);
        data.push(b' ');
        encoded = encode(&whole);
        data.extend(encoded.iter().flat_map(|b| [*b, 0]));
        compare(&pattern, &data, 4)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn anchored_texts_are_found_where_they_are_anchored(
        text in bytes(4), nocase: bool, fullword: bool, wide: bool,
        keys in prop::option::of(0_u8..4), data in data(),
    ) {
        let value = match keys {
            None => Value::Text(text),
            Some(key) => Value::Xor(text, 0, key),
        };
        // Which form counts where both match at one place is not defined.
        let pattern = Pattern {
            nocase: nocase && keys.is_none(),
            fullword,
            ascii: !wide,
            wide,
            ..pattern(value)
        };
        compare_anchored(&pattern, &data)?;
    }

    #[test]
    fn anchored_expressions_are_found_where_they_are_anchored(
        (greedy, hir) in any::<bool>()
            .prop_flat_map(|g| (Just(g), placed(g))),
        fullword: bool, wide: bool, jump in prop::option::of(0_u32..4),
        data in data(),
    ) {
        let hir = match jump {
            None => hir,
            // A long jump makes a chain of pieces.
            Some(min) => Hir::Concat(vec![
                hir,
                Hir::Repeat {
                    min,
                    max: Some(min + 300),
                    greedy,
                    sub: Box::new(Hir::Class(ByteSet::ALL)),
                },
                Hir::Literal(b"ab".to_vec()),
            ]),
        };
        let pattern = Pattern {
            fullword,
            ascii: !wide,
            wide,
            ..pattern(Value::Regex { hir, greedy, longest: greedy })
        };
        compare_anchored(&pattern, &data)?;
    }
}

/// Base64 with padding, written independently of the engine.
fn encode(bytes: &[u8]) -> Vec<u8> {
    let alphabet = standard_alphabet();
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for at in 0..4 {
            let six = (bits >> (18 - 6 * at)) & 63;
            out.push(if at <= chunk.len() {
                alphabet[six as usize]
            } else {
                b'='
            });
        }
    }
    out
}

#[test]
fn a_match_across_a_long_jump_has_no_limit() {
    let hir = Hir::Concat(vec![
        Hir::Literal(b"head".to_vec()),
        Hir::Repeat {
            min: 0,
            max: None,
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        },
        Hir::Literal(b"tail".to_vec()),
    ]);
    let mut data = b"head".to_vec();
    data.resize(100_000, b'.');
    data.extend(b"tail and tail");
    let rules = compile(&[pattern(Value::Hex(hir))], 4).expect("compiles");
    let mut scanner = Scanner::new(&rules);
    let report = scanner.scan(&data);
    let rule = report.rules().next().expect("matches");
    let found = rule.patterns().next().expect("one").matches();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].offset, found[0].length), (0, 100_004));
}
