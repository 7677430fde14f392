//! Splits a pattern at its long jumps.
//!
//! `{ A [0-9999] B }` is searched as two pieces that are joined by their
//! offsets, so a match has no limit in length. A jump is long if it varies
//! by more than 200 bytes, which is where both peers split.

use super::hir::{ByteSet, Hir};

/// A jump that varies by more than this is cut.
const LONG: u32 = 200;
/// A shorter piece stays with its neighbour: it would be found everywhere.
const SHORTEST: u64 = 2;

/// A part of a pattern and the gap in front of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) hir: Hir,
    /// Smallest and largest gap in units; zero for the first piece.
    pub(crate) gap: (u32, Option<u32>),
}

/// The pattern as one piece.
pub(crate) fn whole(hir: &Hir) -> Piece {
    Piece { hir: hir.clone(), gap: (0, Some(0)) }
}

/// The pieces of a pattern; one if it has no long jump at its top level.
pub(crate) fn split(hir: &Hir) -> Vec<Piece> {
    let Hir::Concat(parts) = hir else { return vec![whole(hir)] };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut current = Vec::new();
    let mut gap = (0, Some(0));
    for part in parts {
        match long_jump(part) {
            Some(next) if is_long_enough(&current) => {
                let hir = concat(std::mem::take(&mut current));
                pieces.push(Piece { hir, gap });
                gap = next;
            }
            _ => current.push(part.clone()),
        }
    }
    if is_long_enough(&current) || pieces.is_empty() {
        pieces.push(Piece { hir: concat(current), gap });
        return pieces;
    }
    // The last piece is too short: it goes back to the one before, with
    // the jump between them.
    if let Some(mut last) = pieces.pop() {
        let jump = Hir::Repeat {
            min: gap.0,
            max: gap.1,
            greedy: is_greedy(parts),
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        };
        let mut all = vec![last.hir, jump];
        all.extend(current);
        last.hir = Hir::Concat(all);
        pieces.push(last);
    }
    pieces
}

fn long_jump(hir: &Hir) -> Option<(u32, Option<u32>)> {
    let Hir::Repeat { min, max, sub, .. } = hir else { return None };
    let any = matches!(&**sub, Hir::Class(set) if *set == ByteSet::ALL);
    let varies = max.map_or(u32::MAX, |max| max - min);
    (any && varies > LONG).then_some((*min, *max))
}

fn is_greedy(parts: &[Hir]) -> bool {
    parts.iter().any(|p| {
        long_jump(p).is_some() && matches!(p, Hir::Repeat { greedy: true, .. })
    })
}

fn is_long_enough(parts: &[Hir]) -> bool {
    let length: u64 = parts.iter().map(|p| p.length().0).sum();
    length >= SHORTEST && parts.iter().any(|p| !is_any(p))
}

fn is_any(hir: &Hir) -> bool {
    match hir {
        Hir::Class(set) => *set == ByteSet::ALL,
        Hir::Repeat { sub, .. } => is_any(sub),
        Hir::Concat(parts) => parts.iter().all(is_any),
        _ => false,
    }
}

fn concat(mut parts: Vec<Hir>) -> Hir {
    if parts.len() == 1 { parts.remove(0) } else { Hir::Concat(parts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump(min: u32, max: Option<u32>) -> Hir {
        Hir::Repeat {
            min,
            max,
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        }
    }

    fn text(text: &str) -> Hir {
        Hir::Literal(text.as_bytes().to_vec())
    }

    #[test]
    fn a_long_jump_cuts() {
        let hir = Hir::Concat(vec![
            text("ab"),
            jump(5, None),
            text("cd"),
            jump(0, Some(100)),
            text("ef"),
        ]);
        let pieces = split(&hir);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[1].gap, (5, None));
    }

    #[test]
    fn a_piece_of_one_byte_stays_with_its_neighbour() {
        let hir = Hir::Concat(vec![text("ab"), jump(0, Some(500)), text("c")]);
        assert_eq!(split(&hir).len(), 1);
        let hir = Hir::Concat(vec![text("a"), jump(0, None), text("cd")]);
        assert_eq!(split(&hir).len(), 1);
    }

    #[test]
    fn fixed_jumps_of_any_length_stay() {
        let hir =
            Hir::Concat(vec![text("ab"), jump(900, Some(900)), text("cd")]);
        assert_eq!(split(&hir).len(), 1);
    }
}
