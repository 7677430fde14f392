//! Strings that nearly match: in another case, inside of a word, elsewhere,
//! or their first part only.

use dragnet_compiler::ir::{PatternId, Rule};
use dragnet_compiler::pattern::Value;

use super::Sample;
use super::tree::excerpt;
use super::variant::{Variant, part_count};

/// Prefixes of an expression that are looked for.
const MOST_PREFIXES: usize = 24;
/// Shorter common parts are chance.
const SHORTEST: usize = 4;
/// Objects in which common parts of texts are looked for,
const LARGEST: usize = 1 << 20;
/// and how many bytes of a text.
const LONGEST: usize = 256;

impl Variant {
    /// The variants of the patterns of a rule that show near misses.
    pub fn near(rule: &Rule) -> Vec<(PatternId, Variant)> {
        let mut all = Vec::new();
        for (id, pattern) in (0..).map(PatternId).zip(&rule.patterns) {
            let kinds =
                [Variant::Anywhere, Variant::NoFullword, Variant::AnyCase];
            let count = part_count(&pattern.value);
            let step = count.div_ceil(MOST_PREFIXES).max(1);
            let prefixes = (1..count).step_by(step);
            let prefixes = prefixes.map(|n| Variant::Prefix(n as u16));
            let wanted = kinds.into_iter().chain(prefixes);
            let possible = wanted.filter(|v| v.of(pattern).is_some());
            all.extend(possible.map(|variant| (id, variant)));
        }
        all
    }
}

/// How near a string without a match comes to one.
pub(super) fn miss(
    sample: &Sample<'_, '_, '_, '_>,
    rule: u32,
    id: PatternId,
) -> Option<String> {
    let at = |variant: Variant| {
        let first = sample.variant(rule, id, variant).first()?;
        Some(first.offset)
    };
    for (variant, why) in [
        (Variant::Anywhere, "not where the condition wants it"),
        (Variant::NoFullword, "not as a whole word"),
        (Variant::AnyCase, "in another case"),
    ] {
        if let Some(offset) = at(variant) {
            return Some(format!("at {offset:#x}, but {why}"));
        }
    }
    let pattern =
        &sample.facts().rules()[rule as usize].patterns[id.0 as usize];
    if let Value::Text(text) = &pattern.value {
        let wide: Vec<u8> = text.iter().flat_map(|b| [*b, 0]).collect();
        let forms = [(pattern.ascii, text), (pattern.wide, &wide)];
        let forms = forms.into_iter().filter(|(wanted, _)| *wanted);
        let best = forms
            .filter_map(|(_, text)| {
                let found = longest(text, sample.data(), pattern.nocase)?;
                Some((found, text.len()))
            })
            .max_by_key(|((_, length), _)| *length)?;
        let ((offset, length), all) = best;
        let start = offset.min(sample.data().len());
        let end = (start + length).min(sample.data().len());
        let part = excerpt(&sample.data()[start..end]);
        return Some(format!(
            "the first {length} of {all} bytes at {offset:#x}: {part}"
        ));
    }
    let count = part_count(&pattern.value);
    let found = (1..count as u16).rev().find_map(|parts| {
        let variant = Variant::Prefix(parts);
        let first = sample.variant(rule, id, variant).first()?;
        Some((parts, *first))
    });
    let (parts, first) = found?;
    let start = first.offset as usize;
    let end = start.saturating_add(first.length as usize);
    let part = sample.data().get(start..end).unwrap_or_default();
    Some(format!(
        "the first {parts} of {count} parts at {start:#x}: {}",
        excerpt(part)
    ))
}

/// The place with the most first bytes of a text, and how many.
fn longest(text: &[u8], data: &[u8], nocase: bool) -> Option<(usize, usize)> {
    let data = data.get(..LARGEST).unwrap_or(data);
    let same = |a: &u8, b: &u8| match nocase {
        true => a.eq_ignore_ascii_case(b),
        false => a == b,
    };
    let mut best = (0, 0);
    for at in 0..data.len() {
        let common = text.iter().take(LONGEST).zip(&data[at..]);
        let common = common.take_while(|(a, b)| same(a, b)).count();
        if common > best.1 {
            best = (at, common);
        }
    }
    (best.1 >= SHORTEST.min(text.len() - 1).max(2)).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_first_part_is_found() {
        let data = b"evil eval( evaluate eval($x eva";
        assert_eq!(longest(b"eval($_P", data, false), Some((20, 6)));
        assert_eq!(longest(b"EVAL($_P", data, true), Some((20, 6)));
        assert_eq!(longest(b"EVAL($_P", data, false), None);
        assert_eq!(longest(b"zzzz", data, false), None);
        assert_eq!(longest(b"a", b"", false), None);
    }
}
