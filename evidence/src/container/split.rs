//! A raw image cut into files: `disk.001`, `disk.002` and so on.

use super::disk::{Map, Parts, Place, Stretch};
use super::late::problem;
use super::{Cx, Opened, Result};
use crate::{Problem, Reason, Shared};

/// Most files of one set.
const MAX_SEGMENTS: u64 = 100_000;

/// Files one behind the other.
struct Row {
    /// Where each begins; `None` for one that is lost.
    starts: Vec<(u64, Option<usize>)>,
    size: u64,
}

impl Map for Row {
    fn find(&self, offset: u64) -> Stretch {
        let next = self.starts.partition_point(|(start, _)| *start <= offset);
        let end = self.starts.get(next).map_or(self.size, |next| next.0);
        let own = next.checked_sub(1).and_then(|own| self.starts.get(own));
        let place = match own {
            Some((start, Some(file))) => {
                let at = offset.saturating_sub(*start);
                Place::Stored { file: *file, at }
            }
            _ => Place::Lost(Reason::MissingSegment),
        };
        Stretch { place, length: end.saturating_sub(offset) }
    }
}

/// What is before the number, and the number as it is written.
fn parse(name: &str) -> Option<(&str, &str, u64)> {
    let (stem, digits) = name.rsplit_once('.')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !(2..=5).contains(&digits.len()) || stem.is_empty() {
        return None;
    }
    Some((stem, digits, digits.parse().ok()?))
}

/// All numbers of the set, ascending, with the names.
fn members(cx: &Cx<'_>, stem: &str, width: usize) -> Vec<(u64, String)> {
    let names = cx.siblings.names().into_iter();
    let mut found: Vec<(u64, String)> = names
        .filter_map(|name| match parse(&name) {
            Some((other, digits, number))
                // After 999 comes 1000.
                if other == stem
                    && (digits.len() == width
                        || digits.len() > width
                            && !digits.starts_with('0')) =>
            {
                Some((number, name))
            }
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup_by_key(|member| member.0);
    found
}

#[derive(Default)]
struct Set {
    files: Vec<Shared>,
    starts: Vec<(u64, Option<usize>)>,
    problems: Vec<Problem>,
    end: u64,
    /// Size of all files but the last.
    usual: u64,
}

impl Set {
    fn put(&mut self, file: Shared) {
        self.starts.push((self.end, Some(self.files.len())));
        self.end = self.end.saturating_add(file.len().unwrap_or(0));
        self.files.push(file);
    }

    fn lose(&mut self, count: u64, detail: String) {
        let reason = Reason::MissingSegment;
        self.problems.push(problem(reason, self.end, 0, detail));
        self.starts.push((self.end, None));
        let bytes = self.usual.saturating_mul(count);
        self.end = self.end.saturating_add(bytes);
    }
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let Some((stem, digits, own)) = parse(cx.name) else { return Ok(None) };
    let members = members(cx, stem, digits.len());
    if members.len() < 2 || members.first().is_none_or(|m| m.0 != own) {
        return Ok(None);
    }
    let usual = cx.source.len().unwrap_or(0);
    let mut set = Set { usual, ..Set::default() };
    let mut expected = own.min(1);
    for (number, name) in members {
        if number > MAX_SEGMENTS {
            break;
        }
        let gap = number.saturating_sub(expected);
        if gap > 0 {
            set.lose(gap, format!("{gap} files before {name} are missing"));
        }
        expected = number.saturating_add(1);
        if number == own {
            set.put(cx.source.clone());
            continue;
        }
        match cx.siblings.open(&name) {
            Ok(file) => set.put(file),
            Err(error) => set.lose(1, format!("{name}: {error}")),
        }
    }
    let row = Row { starts: set.starts, size: set.end };
    let parts = Parts::new(row, set.files, set.end);
    let mut opened = Opened::of_disk("split", parts);
    opened.problems.extend(set.problems);
    Ok(Some(opened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::testing::{Folder, open_in, read_all};

    #[test]
    fn files_are_ordered_by_number_and_a_gap_is_no_shift() {
        let mut folder = Folder::default();
        for number in [1, 2, 9, 10] {
            let bytes = vec![number as u8; if number == 10 { 3 } else { 5 }];
            folder.put(&format!("d.{number:02}"), bytes);
        }
        let opened = open_in(&folder, "d.01").unwrap().unwrap();
        assert_eq!(opened.source.len(), Some(48));
        let mut two = [0; 10];
        assert_eq!(opened.source.read_at(0, &mut two), Ok(10));
        assert_eq!(two, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
        let mut last = [0; 9];
        assert_eq!(opened.source.read_at(40, &mut last), Ok(8));
        assert_eq!(last, [9, 9, 9, 9, 9, 10, 10, 10, 0]);
        let error = opened.source.read_at(8, &mut last).unwrap_err();
        assert_eq!(error.offset, 10);
        let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(lost, 30);
        let reason = Reason::MissingSegment;
        assert!(opened.problems.iter().all(|p| p.reason == reason));
        // Only the first one stands for the set.
        assert!(open_in(&folder, "d.02").unwrap().is_none());
    }

    #[test]
    fn the_first_may_be_missing_too() {
        let mut folder = Folder::default();
        folder.put("d.002", vec![2; 4]);
        folder.put("d.003", vec![3; 4]);
        folder.put("other.001", vec![9; 4]);
        let opened = open_in(&folder, "d.002").unwrap().unwrap();
        assert_eq!(opened.source.len(), Some(12));
        assert!(opened.source.read_at(0, &mut [0; 4]).is_err());
        assert!(open_in(&folder, "other.001").unwrap().is_none());
        folder.put("d.001", vec![1; 4]);
        let opened = open_in(&folder, "d.001").unwrap().unwrap();
        let all = [[1; 4], [2; 4], [3; 4]].concat();
        assert_eq!(read_all(&opened.source), all);
    }
}
