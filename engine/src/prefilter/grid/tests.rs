//! The grid against the automaton, on all instruction sets.

use proptest::prelude::*;

use super::*;
use crate::prefilter::Automaton;

#[derive(Default)]
struct All(Vec<Hit>);

impl Hits for All {
    fn hit(&mut self, hit: Hit) -> bool {
        self.0.push(hit);
        true
    }
    fn block(&mut self) -> bool {
        true
    }
}

fn tables_of(literals: &[&[u8]]) -> Option<Parts> {
    Parts::new(literals.iter().map(|literal| (*literal, [true, false])))
}

fn instruction_sets() -> impl Iterator<Item = Isa> {
    Name::ALL.into_iter().filter_map(Isa::find)
}

fn found(parts: &Parts, isa: Isa, data: &[u8]) -> Vec<Hit> {
    let grid = parts.grid(0).unwrap();
    let lengths: Vec<usize> = parts
        .keys
        .iter()
        .enumerate()
        .map(|(id, _)| {
            let of = |w: &&WindowRec| w.literal.get() as usize == id;
            usize::from(parts.windows.iter().find(of).unwrap().length)
        })
        .collect();
    assert!(grid.is_valid(&lengths));
    let mut hits = All::default();
    let all = 0..data.len();
    grid.find(isa, &mut Scratch::default(), data, all, &mut hits);
    hits.0.sort();
    hits.0
}

fn expected(literals: &[&[u8]], data: &[u8]) -> Vec<Hit> {
    let mut hits = All::default();
    Automaton::new(literals).find(data, &mut hits);
    hits.0.sort();
    hits.0
}

fn literals(
    alphabet: &'static [u8],
    most: usize,
) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let literal =
        prop::collection::vec(prop::sample::select(alphabet), 1..=LONGEST);
    prop::collection::vec(literal, 1..most)
}

proptest! {
    #[test]
    fn finds_what_the_automaton_finds(
        literals in literals(b"abAB\0", 40),
        data in prop::collection::vec(
            prop::sample::select(&b"abAB\0"[..]), 0..600),
        copies in prop::collection::vec((0..40_usize, 0..600_usize), 0..30),
    ) {
        let parts: Vec<&[u8]> = literals.iter().map(|l| &l[..]).collect();
        let mut data = data;
        for (which, at) in copies {
            let literal = parts[which % parts.len()];
            if at + literal.len() <= data.len() {
                data[at..at + literal.len()].copy_from_slice(literal);
            }
        }
        let wanted = expected(&parts, &data);
        let tables = tables_of(&parts).unwrap();
        for isa in instruction_sets() {
            prop_assert_eq!(&found(&tables, isa, &data), &wanted, "{:?}", isa);
        }
    }
}

proptest! {
    /// In runs what was found at a place is taken over to the next.
    #[test]
    fn runs_hide_nothing(
        literals in literals(b"aab", 40),
        runs in prop::collection::vec(
            (prop::sample::select(&b"aaAb\0"[..]), 1..90_usize), 1..20),
    ) {
        let mut parts: Vec<&[u8]> =
            literals.iter().map(|l| &l[..]).collect();
        let all_the_same = [b'a'; LONGEST];
        parts.extend((3..=LONGEST).step_by(2).map(|n| &all_the_same[..n]));
        parts.sort_unstable();
        parts.dedup();
        let data: Vec<u8> = runs
            .iter()
            .flat_map(|(byte, count)| std::iter::repeat_n(*byte, *count))
            .collect();
        let wanted = expected(&parts, &data);
        let tables = tables_of(&parts).unwrap();
        for isa in instruction_sets() {
            prop_assert_eq!(&found(&tables, isa, &data), &wanted, "{:?}", isa);
        }
    }
}

/// Bytes without a pattern, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    next.take(length).collect()
}

#[test]
fn many_literals_are_found_wherever_they_lie() {
    let source = noise(60_000);
    let literals: Vec<&[u8]> =
        (0..4_000).map(|n| &source[n * 14..][..1 + n % LONGEST]).collect();
    let mut data = noise(200_000);
    // All alignments, the borders of the chunks, both ends of the data.
    for (n, literal) in literals.iter().enumerate() {
        let at = (n * 49) % (data.len() - LONGEST);
        data[at..at + literal.len()].copy_from_slice(literal);
    }
    for at in [0, kernel::STEP - 3, 2 * kernel::STEP - 9, data.len() - 16] {
        data[at..at + 16].copy_from_slice(literals[15]);
    }
    let wanted = expected(&literals, &data);
    let tables = tables_of(&literals).unwrap();
    for isa in instruction_sets() {
        assert!(found(&tables, isa, &data) == wanted, "{isa:?}");
    }
}

#[test]
fn what_lies_behind_the_data_is_not_found() {
    let literals: [&[u8]; 4] =
        [b"\0", b"\0\0", b"a\0\0\0\0", b"aa\0\0\0\0\0\0"];
    let tables = tables_of(&literals).unwrap();
    for isa in instruction_sets() {
        for data in [&b"aa"[..], b"a", b"", b"aa\0"] {
            assert_eq!(found(&tables, isa, data), expected(&literals, data));
        }
    }
}

#[test]
fn a_literal_of_no_bytes_or_too_many_is_refused() {
    assert!(tables_of(&[b"abcd", b""]).is_none());
    assert!(tables_of(&[&[b'a'; LONGEST + 1]]).is_none());
}

#[test]
fn damaged_tables_are_refused() {
    let literals: [&[u8]; 2] = [b"literal one", b"two"];
    let tables = || tables_of(&literals).unwrap();
    let valid = |parts: &Parts| {
        parts.grid(0).is_some_and(|grid| grid.is_valid(&[11, 3]))
    };
    assert!(valid(&tables()));
    let mut parts = tables();
    parts.layers[0].bits = 31.into();
    assert!(!valid(&parts));
    let mut parts = tables();
    parts.layers[0].heads = u32::MAX.into();
    assert!(!valid(&parts));
    let mut parts = tables();
    parts.windows[0].literal = 2.into();
    assert!(!valid(&parts));
    let mut parts = tables();
    parts.windows[0].length = 200;
    assert!(!valid(&parts));
    let mut parts = tables();
    parts.keys.pop();
    assert!(!valid(&parts));
    let mut parts = tables();
    let last = parts.slots.len() - 1;
    parts.slots[last] = u32::MAX.into();
    assert!(!valid(&parts));
}
