//! Where diagnostics go: hides which of them are wanted, which warnings
//! count as errors, and how many of one file are kept.

use std::collections::{HashMap, HashSet};

use super::suppress::Suppressions;
use super::{Code, Diagnostic, Severity};
use crate::source::{FileId, Span};

/// As many errors, and as many warnings, are kept for one file.
pub const MAX_PER_FILE: usize = 1_000;

/// Collects diagnostics.
#[derive(Debug, Default)]
pub struct Collector {
    disabled: HashSet<Code>,
    all_disabled: bool,
    raised: HashSet<Code>,
    deaf: bool,
    files: HashMap<FileId, OfFile>,
    list: Vec<Diagnostic>,
}

#[derive(Debug, Default)]
struct OfFile {
    suppressions: Suppressions,
    errors: usize,
    warnings: usize,
}

impl Collector {
    /// Drops warnings of this code.
    pub fn disable(&mut self, code: Code) {
        self.disabled.insert(code);
    }

    /// Drops all warnings but the raised ones.
    pub fn disable_all(&mut self) {
        self.all_disabled = true;
    }

    /// Turns warnings of this code into errors.
    pub fn raise(&mut self, code: Code) {
        self.raised.insert(code);
    }

    /// Reports also what comments suppress.
    pub fn ignore_suppressions(&mut self) {
        self.deaf = true;
    }

    /// Sets the suppression comments of a file.
    pub fn suppress(&mut self, file: FileId, suppressions: Suppressions) {
        if self.deaf {
            return;
        }
        self.files.entry(file).or_default().suppressions = suppressions;
    }

    /// Takes a diagnostic. Returns what it counts as; `None` if nobody
    /// wants it.
    pub fn report(&mut self, mut new: Diagnostic) -> Option<Severity> {
        let raised = self.raised.contains(&new.code);
        let of_file = self.files.entry(new.file).or_default();
        if new.severity == Severity::Warning {
            let unwanted = self.disabled.contains(&new.code)
                || (self.all_disabled && !raised)
                || of_file.suppressions.covers(new.code, new.span);
            if unwanted {
                return None;
            }
            if raised {
                new.severity = Severity::Error;
            }
        }
        let severity = new.severity;
        let count = match severity {
            Severity::Error => &mut of_file.errors,
            Severity::Warning => &mut of_file.warnings,
        };
        *count += 1;
        if *count <= MAX_PER_FILE {
            self.list.push(new);
        }
        Some(severity)
    }

    /// All diagnostics, sorted by file and place. Where some of a file were
    /// left out, its last one says how many.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|d| {
            (d.file, d.span.lo, d.span.hi, std::cmp::Reverse(d.severity))
        });
        for (file, of_file) in &self.files {
            let left_out = of_file.errors.saturating_sub(MAX_PER_FILE)
                + of_file.warnings.saturating_sub(MAX_PER_FILE);
            let last = self.list.iter_mut().rfind(|d| d.file == *file);
            if let (1.., Some(last)) = (left_out, last) {
                last.notes.push(format!(
                    "{left_out} more messages about this file are not shown"
                ));
            }
        }
        self.list
    }

    /// Errors so far: file and place.
    pub fn errors(&self) -> impl Iterator<Item = (FileId, Span, Code)> + '_ {
        self.list
            .iter()
            .filter(|d| d.is_error())
            .map(|d| (d.file, d.span, d.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warning(at: u32) -> Diagnostic {
        let span = Span::new(at, at + 1);
        Diagnostic::new(Code::SlowLoop, FileId(0), span, "m")
    }

    #[test]
    fn a_raised_warning_is_an_error() {
        let mut collector = Collector::default();
        collector.disable_all();
        assert_eq!(collector.report(warning(0)), None);
        collector.raise(Code::SlowLoop);
        assert_eq!(collector.report(warning(0)), Some(Severity::Error));
        collector.disable(Code::SlowLoop);
        assert_eq!(collector.report(warning(0)), None);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut collector = Collector::default();
        for at in 0..1_500 {
            collector.report(warning(at));
        }
        let list = collector.finish();
        assert_eq!(list.len(), 1_000);
        let note = &list.last().unwrap().notes[0];
        assert!(note.starts_with("500 more"), "{note}");
    }
}
