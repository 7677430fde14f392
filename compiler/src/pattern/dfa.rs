//! Builds automata for regular expressions, where they stay small.

use regex_automata::MatchKind;
use regex_automata::dfa::{StartKind, dense};
use regex_automata::nfa::thompson;

use super::hir::Hir;
use super::to_regex_syntax::convert;

/// Largest automaton of a pattern, in bytes,
const PATTERN_SIZE: usize = 32 << 10;
/// and smallest one worth the attempt.
const SMALLEST: usize = 512;
/// Bytes that an automaton may have for each hit in a GiB. With less, what
/// it saves is not measurable: a hit costs the program about 0.1 µs more.
const BYTES_PER_HIT: f64 = 0.5;
/// Largest automaton of an operand of `matches`.
const OPERAND_SIZE: usize = 128 << 10;

/// The automaton that finds the end of the preferred match from a given
/// start, for a pattern that is hit so often, in hits a byte. `None`: too
/// large for that, or a construct it cannot express.
pub(crate) fn forward(hir: &Hir, wide: bool, often: f64) -> Option<Vec<u8>> {
    let worth = often * f64::from(1 << 30) * BYTES_PER_HIT;
    let size = (worth as usize).min(PATTERN_SIZE);
    if size < SMALLEST {
        return None;
    }
    let widened;
    let hir = if wide {
        widened = widen(hir)?;
        &widened
    } else {
        hir
    };
    build(hir, StartKind::Anchored, size)
}

/// The automaton that tells whether an operand matches anywhere.
pub(crate) fn anywhere(hir: &Hir) -> Option<Vec<u8>> {
    build(hir, StartKind::Unanchored, OPERAND_SIZE)
}

fn build(hir: &Hir, start: StartKind, size: usize) -> Option<Vec<u8>> {
    if weight(hir) > 4096 {
        return None;
    }
    let hir = convert(hir)?;
    let nfa = thompson::Compiler::new()
        .configure(
            thompson::Config::new()
                .utf8(false)
                .which_captures(thompson::WhichCaptures::None)
                .nfa_size_limit(Some(size * 4)),
        )
        .build_from_hir(&hir)
        .ok()?;
    let config = dense::Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .start_kind(start)
        .dfa_size_limit(Some(size))
        .determinize_size_limit(Some(size * 4));
    let dfa =
        dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
    let (bytes, padding) = dfa.to_bytes_little_endian();
    Some(bytes[padding..].to_vec())
}

/// A rough count of the states a repetition unrolls to: large ones are not
/// worth the attempt.
fn weight(hir: &Hir) -> u64 {
    match hir {
        Hir::Empty | Hir::Look(_) | Hir::Class(_) => 1,
        Hir::Literal(bytes) => bytes.len() as u64,
        Hir::Concat(parts) | Hir::Alternation(parts) => {
            parts.iter().map(weight).fold(0, u64::saturating_add)
        }
        Hir::Repeat { min, max, sub, .. } => {
            let count = u64::from(max.unwrap_or(*min).max(1));
            weight(sub).saturating_mul(count)
        }
    }
}

/// The pattern with a zero after each byte; `None` if it looks at
/// neighbours, which mean something else in the wide form.
fn widen(hir: &Hir) -> Option<Hir> {
    let zero = || Hir::Literal(vec![0]);
    Some(match hir {
        Hir::Empty => Hir::Empty,
        Hir::Literal(bytes) => {
            Hir::Literal(bytes.iter().flat_map(|b| [*b, 0]).collect())
        }
        Hir::Class(_) => Hir::Concat(vec![hir.clone(), zero()]),
        Hir::Look(_) => return None,
        Hir::Concat(parts) => Hir::Concat(widen_all(parts)?),
        Hir::Alternation(parts) => Hir::Alternation(widen_all(parts)?),
        Hir::Repeat { min, max, greedy, sub } => Hir::Repeat {
            min: *min,
            max: *max,
            greedy: *greedy,
            sub: Box::new(widen(sub)?),
        },
    })
}

fn widen_all(parts: &[Hir]) -> Option<Vec<Hir>> {
    parts.iter().map(widen).collect()
}
