//! What files were before: only what changed since is reported.

use std::collections::HashMap;
use std::ops::Range;

use dragnet_compiler::check::Unit;
use dragnet_compiler::source::{FileId, SourceMap};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::meta::shown;
use super::subject::Finding;
use crate::logic_hash::{LogicHash, logic_hashes};

/// A rule as it was: name, logic, metadata.
pub(super) type OldRule = (String, Option<LogicHash>, Vec<(String, String)>);

/// Earlier texts of files, by the names of the files.
#[derive(Clone, Debug, Default)]
pub struct History {
    files: HashMap<String, Vec<u8>>,
}

impl History {
    /// A history that knows nothing: everything is new.
    pub fn new() -> History {
        History::default()
    }

    /// Adds the earlier text of a file.
    pub fn add(&mut self, name: impl Into<String>, text: Vec<u8>) {
        self.files.insert(name.into(), text);
    }

    /// The rules that a file had.
    pub(super) fn rules(&self, name: &str) -> Option<Vec<OldRule>> {
        let text = self.files.get(name)?;
        let rules = logic_hashes(text).into_iter().map(|rule| {
            let meta = rule.meta.into_iter();
            let meta = meta.map(|(key, value)| (key, shown(&value)));
            (rule.name, rule.hash, meta.collect())
        });
        Some(rules.collect())
    }

    /// Is the finding about a line or a rule that changed?
    pub(super) fn is_new(
        &self,
        finding: &Finding,
        sources: &SourceMap,
        units: &[&Unit],
        cache: &mut HashMap<FileId, Vec<Range<usize>>>,
    ) -> bool {
        let source = sources.get(finding.file);
        let Some(old) = self.files.get(&source.name) else { return true };
        if old.as_slice() == &source.text[..] {
            return false;
        }
        let changed = cache
            .entry(finding.file)
            .or_insert_with(|| changed_lines(old, &source.text));
        let touches = |lo: u32, hi: u32| {
            let first = source.line_column(lo).line as usize - 1;
            let last = source.line_column(hi).line as usize - 1;
            changed.iter().any(|lines| {
                lines.start <= last && first < lines.end.max(lines.start + 1)
            })
        };
        let unit = units.iter().find(|unit| unit.file == finding.file);
        let rule = unit.and_then(|unit| {
            super::rules(&unit.ast).find(|rule| {
                rule.span.lo <= finding.span.lo
                    && finding.span.lo < rule.span.hi
            })
        });
        match rule {
            Some(rule) => touches(rule.span.lo, rule.span.hi),
            None => touches(finding.span.lo, finding.span.hi),
        }
    }
}

/// Lines of the new text that are not in the old one, and places where
/// lines of the old one are missing.
fn changed_lines(old: &[u8], new: &[u8]) -> Vec<Range<usize>> {
    let lines = |text| <[u8]>::split(text, |b| *b == b'\n');
    let old: Vec<&[u8]> = lines(old).collect();
    let new: Vec<&[u8]> = lines(new).collect();
    let ops = capture_diff_slices(Algorithm::Patience, &old, &new);
    let changed = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed.map(DiffOp::new_range).collect()
}
