//! How many fixed bytes in a row a match of a pattern has in any case.

use dragnet_compiler::pattern::hir::Hir;

/// Alternatives beyond this are not taken apart.
const MAX_ALTERNATIVES: usize = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Run {
    prefix: usize,
    suffix: usize,
    best: usize,
    /// All of it is one run.
    whole: bool,
}

impl Run {
    fn fixed(length: usize) -> Run {
        Run { prefix: length, suffix: length, best: length, whole: true }
    }

    fn then(self, next: Run) -> Run {
        let joined = self.suffix + next.prefix;
        Run {
            prefix: match self.whole {
                true => self.prefix + next.prefix,
                false => self.prefix,
            },
            suffix: match next.whole {
                true => self.suffix + next.suffix,
                false => next.suffix,
            },
            best: self.best.max(next.best).max(joined),
            whole: self.whole && next.whole,
        }
    }
}

/// The longest run that every match has.
pub(super) fn longest(hir: &Hir) -> usize {
    run(hir).best
}

/// The same if the alternatives of the first alternation were patterns of
/// their own.
pub(super) fn longest_apart(hir: &Hir) -> usize {
    let parts = match hir {
        Hir::Concat(parts) => parts.as_slice(),
        Hir::Alternation(_) => std::slice::from_ref(hir),
        _ => return longest(hir),
    };
    let found = parts.iter().enumerate().find_map(|(at, part)| match part {
        Hir::Alternation(all) => Some((at, all)),
        _ => None,
    });
    let Some((at, all)) = found else { return longest(hir) };
    if all.len() > MAX_ALTERNATIVES {
        return longest(hir);
    }
    let before = concat(&parts[..at]);
    let after = concat(&parts[at + 1..]);
    let each = all.iter().map(|one| before.then(run(one)).then(after).best);
    each.min().unwrap_or(0)
}

fn concat(parts: &[Hir]) -> Run {
    parts.iter().map(run).fold(Run::fixed(0), Run::then)
}

/// Nesting is bounded where patterns are parsed.
fn run(hir: &Hir) -> Run {
    match hir {
        Hir::Empty | Hir::Look(_) => Run::fixed(0),
        Hir::Literal(bytes) => Run::fixed(bytes.len()),
        // A letter in both cases counts.
        Hir::Class(set) if (1..=2).contains(&set.len()) => Run::fixed(1),
        Hir::Class(_) => Run::default(),
        Hir::Concat(parts) => concat(parts),
        Hir::Alternation(all) => {
            let each = all.iter().map(run);
            let least = each.reduce(|a, b| Run {
                prefix: a.prefix.min(b.prefix),
                suffix: a.suffix.min(b.suffix),
                best: a.best.min(b.best),
                whole: a.whole && b.whole && a.best == b.best,
            });
            least.unwrap_or_default()
        }
        Hir::Repeat { min: 0, .. } => Run::default(),
        Hir::Repeat { min, max, sub, .. } => {
            let one = run(sub);
            let times = (*min as usize).min(1 << 16);
            let all = match one.whole {
                true => Run::fixed(one.best * times),
                false if times > 1 => one.then(one),
                false => one,
            };
            Run { whole: all.whole && *max == Some(*min), ..all }
        }
    }
}
