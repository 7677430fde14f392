//! Which name was meant.

/// Names longer than this are compared with nothing.
const LONGEST: usize = 64;

/// The name closest to `wrong`, if one is close enough to be meant.
pub(crate) fn closest<'a>(
    wrong: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (wrong.len() / 3).max(1);
    if wrong.len() > LONGEST {
        return None;
    }
    let near = names.filter(|name| {
        *name != wrong && name.len().abs_diff(wrong.len()) <= limit
    });
    let rated = near.map(|name| (distance(wrong, name), name));
    let best = rated.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= limit).then_some(best.1)
}

/// Edits from one name to the other: insert, drop, replace, swap two
/// neighbours. A change of case counts as none.
fn distance(a: &str, b: &str) -> usize {
    let a = a.to_ascii_lowercase().into_bytes();
    let b = b.to_ascii_lowercase().into_bytes();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replace = last[j] + usize::from(a[i] != b[j]);
            let mut best = replace.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped =
                i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
            if swapped {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["number_of_sections", "sections", "machine"];
        let find = |wrong| closest(wrong, names.iter().copied());
        assert_eq!(find("section"), Some("sections"));
        assert_eq!(find("mahcine"), Some("machine"));
        assert_eq!(find("Machine"), Some("machine"));
        assert_eq!(find("overlay"), None);
    }
}
