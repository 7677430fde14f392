//! The segment files of one image, in order, and what is missing of them.

use super::MAGIC;
use super::section::{Geometry, Segment, read};
use super::table::{Group, Table};
use crate::container::field::{Fields, corrupt, peek};
use crate::container::late::problem;
use crate::container::{Cx, Result};
use crate::{Problem, Reason, Shared};

/// `E01` to `E99`, then `EAA` to `ZZZ`.
const MAX_SEGMENTS: u32 = 99 + 22 * 26 * 26;

/// All segments of an image.
#[derive(Default)]
pub(super) struct Set {
    pub(super) files: Vec<Shared>,
    pub(super) geometry: Option<Geometry>,
    pub(super) bad: Vec<(u32, u32)>,
    pub(super) hashes: Vec<(&'static str, String)>,
    pub(super) problems: Vec<Problem>,
    /// No segment is missing.
    pub(super) is_whole: bool,
    /// All tables in order; `None` where nobody knows how many chunks are
    /// missing.
    tables: Vec<Option<Table>>,
}

impl Set {
    /// Opens all segments. The first one is the one that was given.
    pub(super) fn collect(cx: &Cx<'_>) -> Result<Set> {
        let own = Fields(cx.head).le16(9).unwrap_or(0);
        if own > 1 {
            let detail = format!("segment {own}: open the first one");
            return Err(corrupt(detail));
        }
        let mut set = Set { is_whole: true, ..Set::default() };
        let mut is_last = set.add(1, cx.source.clone(), cx.name);
        let names = if is_last { Vec::new() } else { cx.siblings.names() };
        let mut number = 1u32;
        while !is_last && number < MAX_SEGMENTS {
            number = number.saturating_add(1);
            let Some(name) = segment_name(cx.name, number) else { break };
            let found = cx.siblings.open(&name);
            match found {
                Ok(file) => is_last = set.add(number, file, &name),
                Err(error) => {
                    set.lose();
                    let detail = format!("{name}: {error}");
                    let reason = Reason::MissingSegment;
                    set.problems.push(problem(reason, None, 0, detail));
                    match next_present(cx.name, number, &names) {
                        Some(next) => number = next.saturating_sub(1),
                        None => break,
                    }
                }
            }
        }
        Ok(set)
    }

    fn lose(&mut self) {
        self.is_whole = false;
        self.tables.push(None);
    }

    /// True if it says that it is the last one.
    fn add(&mut self, number: u32, file: Shared, name: &str) -> bool {
        let place = self.files.len();
        let head = peek(&file, 0, 16);
        let head = Fields(&head);
        let says = head.le16(9).map(u32::from);
        if !head.has(0, MAGIC) || number > 1 && says != Some(number) {
            let detail = format!("{name} is not segment {number}");
            let reason = Reason::CorruptMetadata;
            self.problems.push(problem(reason, None, 0, detail));
            self.lose();
            return false;
        }
        let segment = read(&file, place);
        self.files.push(file);
        let Segment { geometry, tables, bad, hashes, problems, is_last } =
            segment;
        self.geometry = self.geometry.or(geometry);
        self.bad.extend(bad);
        for hash in hashes {
            if self.hashes.iter().all(|known| known.0 != hash.0) {
                self.hashes.push(hash);
            }
        }
        self.problems.extend(problems.into_iter().map(|mut one| {
            one.detail = format!("{name}: {}", one.detail);
            one
        }));
        self.tables.extend(tables);
        is_last
    }

    /// Gives every table the number of its first chunk. The tables do not
    /// say it: those before the first gap are counted from the start, those
    /// behind the last one from the end.
    pub(super) fn place(
        &self,
        geometry: &Geometry,
    ) -> (Vec<Group>, Vec<Problem>) {
        let is_gap = |table: &Option<Table>| table.is_none();
        let all = self.tables.len();
        let front = self.tables.iter().position(is_gap).unwrap_or(all);
        let back = self.tables.iter().rposition(is_gap);
        let back = back.map_or(all, |last| last.saturating_add(1));
        let part = |range: std::ops::Range<usize>| {
            let tables = self.tables.get(range).unwrap_or_default();
            tables.iter().flatten()
        };
        let mut groups = Vec::new();
        let mut end = number(part(0..front), 0, &mut groups);
        let behind = part(back..all).map(|table| u64::from(table.count));
        let behind = behind.fold(0, u64::saturating_add);
        let start = geometry.chunks.saturating_sub(behind);
        let mut lost = part(front..back).count();
        if start >= end {
            end = number(part(back..all), start, &mut groups);
        } else {
            lost = lost.saturating_add(part(back..all).count());
        }
        let mut problems = Vec::new();
        if lost > 0 {
            let detail = format!("{lost} tables of chunks without a place");
            let reason = Reason::CorruptMetadata;
            problems.push(problem(reason, None, 0, detail));
        }
        if end > geometry.chunks {
            let detail = "more chunks than the medium has";
            let reason = Reason::CorruptMetadata;
            problems.push(problem(reason, None, 0, detail));
        }
        (groups, problems)
    }
}

/// Numbers the chunks of tables from `first` on; returns the next number.
fn number<'a>(
    tables: impl Iterator<Item = &'a Table>,
    first: u64,
    groups: &mut Vec<Group>,
) -> u64 {
    tables.fold(first, |first, table| {
        groups.push(Group { first, table: table.clone() });
        first.saturating_add(u64::from(table.count))
    })
}

/// The name of a segment, with the letters of the first one's.
fn segment_name(first: &str, number: u32) -> Option<String> {
    let (stem, extension) = first.rsplit_once('.')?;
    let letter = extension.bytes().next().filter(u8::is_ascii_alphabetic)?;
    let letter_after = |base: u8, steps: u32| {
        let letter = u8::try_from(steps).ok()?.checked_add(base)?;
        let last = if letter.is_ascii_uppercase() { b'Z' } else { b'z' };
        (letter.is_ascii_alphabetic() && letter <= last)
            .then_some(char::from(letter))
    };
    if number <= 99 {
        return Some(format!("{stem}.{}{number:02}", char::from(letter)));
    }
    let rest = number.checked_sub(100)?;
    let a = if letter.is_ascii_uppercase() { b'A' } else { b'a' };
    let one = letter_after(letter, rest / (26 * 26))?;
    let two = letter_after(a, rest / 26 % 26)?;
    let three = letter_after(a, rest % 26)?;
    Some(format!("{stem}.{one}{two}{three}"))
}

/// The next segment behind `number` that is there.
fn next_present(first: &str, number: u32, names: &[String]) -> Option<u32> {
    let (stem, _) = first.rsplit_once('.')?;
    let of_set: std::collections::HashSet<&str> = names
        .iter()
        .filter(|name| name.starts_with(stem))
        .map(String::as_str)
        .collect();
    if of_set.len() < 2 {
        return None;
    }
    (number.saturating_add(1)..=MAX_SEGMENTS).find(|number| {
        segment_name(first, *number)
            .is_some_and(|name| of_set.contains(name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_named_by_the_first() {
        let name = |number| segment_name("a.b.E01", number);
        assert_eq!(name(2).as_deref(), Some("a.b.E02"));
        assert_eq!(name(99).as_deref(), Some("a.b.E99"));
        assert_eq!(name(100).as_deref(), Some("a.b.EAA"));
        assert_eq!(name(126).as_deref(), Some("a.b.EBA"));
        assert_eq!(name(100 + 676).as_deref(), Some("a.b.FAA"));
        assert_eq!(name(MAX_SEGMENTS).as_deref(), Some("a.b.ZZZ"));
        assert_eq!(name(MAX_SEGMENTS + 1), None);
        assert_eq!(segment_name("x.s01", 100).as_deref(), Some("x.saa"));
        assert_eq!(segment_name("noname", 2), None);
    }
}
