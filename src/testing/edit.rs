//! Changes in manifests: observed results, inputs that must not lie around
//! as plain text. Whatever else is in the file stays as it is.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::run::{Outcome, Status};
use super::{input, packed};
use crate::replace;
use crate::report::base64;

/// A replacement of some bytes of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) new: String,
}

/// The edits that make the golden fields of a case say what was observed.
pub(crate) fn update(outcome: &Outcome<'_>) -> Vec<Edit> {
    let case = outcome.case;
    let mut edits = Vec::new();
    if outcome.status == Status::Missing {
        return edits;
    }
    let first = |offsets: &Vec<u64>| offsets.first().copied();
    if let Some(strings) = &case.strings {
        let found: Vec<String> = outcome.observed.keys().cloned().collect();
        let mut written = strings.get_ref().clone();
        written.sort();
        if written != found {
            let items: Vec<String> =
                found.iter().map(|name| quoted(name)).collect();
            let new = format!("[{}]", items.join(", "));
            edits.push(Edit { range: strings.span(), new });
        }
    }
    let tables = [
        (&case.offsets, &first as &dyn Fn(&Vec<u64>) -> Option<u64>),
        (&case.counts, &|offsets: &Vec<u64>| Some(offsets.len() as u64)),
    ];
    for (table, value) in tables {
        let Some(table) = table else { continue };
        let found: BTreeMap<String, u64> = table
            .get_ref()
            .keys()
            .filter_map(|name| {
                let none = Vec::new();
                let offsets = outcome.observed.get(name).unwrap_or(&none);
                Some((name.clone(), value(offsets)?))
            })
            .collect();
        if found != *table.get_ref() {
            let items: Vec<String> = found
                .iter()
                .map(|(name, value)| format!("{} = {value}", quoted(name)))
                .collect();
            let new = format!("{{ {} }}", items.join(", "));
            edits.push(Edit { range: table.span(), new });
        }
    }
    let text = &outcome.manifest.text;
    // A table with a header of its own is not one value in the text.
    edits.retain(|edit| {
        let old = text.get(edit.range.clone()).unwrap_or_default();
        old.starts_with(['[', '{'])
    });
    edits
}

/// The edit that writes a plain text input as base64, if rules report it.
pub(crate) fn encode(outcome: &Outcome<'_>) -> Option<Edit> {
    let input = outcome.case.text.as_ref()?;
    if outcome.found.is_empty() || outcome.case.spelling.is_some() {
        return None;
    }
    let before = outcome.manifest.text.get(..input.span().start)?;
    let key = before.rfind("text")?;
    let between = before.get(key + 4..)?;
    if between.trim() != "=" {
        return None;
    }
    let new = format!("base64 = \"{}\"", base64(&outcome.data));
    Some(Edit { range: key..input.span().end, new })
}

/// The plain file that a case reads, if rules report it.
pub(crate) fn plain_file(outcome: &Outcome<'_>) -> Option<PathBuf> {
    let path = file_of(outcome)?;
    let plain = !outcome.found.is_empty() && !input::is_encoded(&path);
    (plain && outcome.case.spelling.is_none()).then_some(path)
}

/// The edit that names the packed file in the place of the plain one.
pub(crate) fn rename(outcome: &Outcome<'_>, plain: &Path) -> Option<Edit> {
    let name = outcome.case.file.as_ref()?;
    let new = quoted(&format!("{}{PACKED}", name.get_ref()));
    (file_of(outcome)? == plain).then(|| Edit { range: name.span(), new })
}

fn file_of(outcome: &Outcome<'_>) -> Option<PathBuf> {
    outcome.case.file.as_ref()?;
    outcome.case.source(outcome.manifest)
}

/// The ending that a packed file gets.
const PACKED: &str = ".xz";

/// Puts the packed file beside a plain one.
pub(crate) fn pack(plain: &Path) -> io::Result<()> {
    let mut name = plain.as_os_str().to_owned();
    name.push(PACKED);
    let packed = packed::xz(&std::fs::read(plain)?)?;
    replace::new_file(Path::new(&name), &packed)
}

/// A text with the edits made; they must not overlap.
pub(crate) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.range, &edit.new);
    }
    text
}

/// The lines that differ, marked as `diff` does.
pub(crate) fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest);
    let tail = tail.take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let (old, new) =
        (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    // Edits keep the number of lines, mostly: pairs that are equal are left
    // out.
    if old.len() == new.len() {
        for (a, b) in old.iter().zip(new).filter(|(a, b)| a != b) {
            text.push_str(&format!("-{a}\n+{b}\n"));
        }
        return text;
    }
    gone.extend(old.iter().map(|line| format!("-{line}\n")));
    come.extend(new.iter().map(|line| format!("+{line}\n")));
    text.extend(gone);
    text.extend(come);
    text
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_leave_the_rest_alone() {
        let text = "a = 1 # one\nb = [2]\n";
        let edits = vec![
            Edit { range: 4..5, new: "10".to_owned() },
            Edit { range: 16..19, new: "[]".to_owned() },
        ];
        let new = apply(text, edits);
        assert_eq!(new, "a = 10 # one\nb = []\n");
        let lines = difference(text, &new);
        assert_eq!(lines, "-a = 1 # one\n+a = 10 # one\n-b = [2]\n+b = []\n");
    }
}
