//! From the report of a scan to rows.

use std::borrow::Cow;
use std::path::Path;
use std::sync::atomic::Ordering;

use dragnet::{
    Content, Integrity, Limit, Match, OpenCx, OpenError, Origin, Reason,
    ScanReport, Source as _,
};

use super::space::Memory;
use super::{Done, Job, open_module};
use crate::image::Image;
use crate::report::{
    Failed, Found, Limited, Message, Missed, Parsed, Place, Row, RuleHit,
    Skipped, StringHit,
};

/// Bytes that are shown on both sides of a match on a disk,
const ON_DISK: usize = 16;
/// and in memory, where a match may lie in the rules of another scanner.
pub(super) const IN_MEMORY: usize = 64;

/// What was scanned.
pub(super) enum Subject<'s> {
    /// A file, or what was piped in.
    File,
    /// An object of an image.
    Object(Place<'s>, &'s Content),
    /// Memory, as one object.
    Memory(Place<'s>, &'s Memory<'s>),
}

impl<'s> Subject<'s> {
    fn place(&self) -> Option<&Place<'s>> {
        match self {
            Subject::File => None,
            Subject::Object(place, _) | Subject::Memory(place, _) => {
                Some(place)
            }
        }
    }

    /// The bytes of a match and those around it.
    fn bytes<'r>(
        &self,
        data: &'r [u8],
        found: &Match,
    ) -> (Cow<'r, [u8]>, [Cow<'r, [u8]>; 2]) {
        let context = match self {
            Subject::Memory(_, memory) => {
                let (bytes, context) = memory.shown(found);
                return (bytes.into(), context.map(Cow::from));
            }
            Subject::Object(place, _) if place.memory.is_some() => IN_MEMORY,
            Subject::Object(..) => ON_DISK,
            Subject::File => 0,
        };
        let start = found.offset as usize;
        let end = start.saturating_add(found.length as usize);
        let end = end.min(data.len());
        let before = start.saturating_sub(context)..start;
        let after = end..data.len().min(end.saturating_add(context));
        let part = |range| Cow::from(data.get(range).unwrap_or_default());
        (part(start..end), [part(before), part(after)])
    }

    /// Where on the medium an offset is. Where a page of a process was read
    /// from is its address.
    fn origin(&self, offset: u64) -> Option<Origin> {
        let memory = self.place().and_then(|place| place.memory);
        if memory.is_some_and(|memory| memory.space.is_live) {
            return None;
        }
        match self {
            Subject::File => None,
            Subject::Object(_, content) => content.origin(offset),
            Subject::Memory(_, memory) => memory.origin(offset),
        }
    }
}

impl Job {
    /// There were no bytes to scan.
    pub(super) fn refused(
        &self,
        path: &Path,
        error: &OpenError,
        done: &mut Done,
    ) {
        let bytes = error.bytes.unwrap_or(0);
        done.tally.note(error.reason, bytes);
        let row = if is_error(error.reason) {
            Row::Error(Failed {
                path: Some(path),
                code: error.reason.name(),
                message: &error.detail,
                fatal: true,
            })
        } else {
            Row::Skipped(Skipped {
                path,
                reason: error.reason,
                bytes: error.bytes,
                detail: &error.detail,
            })
        };
        self.report.row(&row, &mut done.output);
    }

    /// The bytes were not those of the file to the end.
    pub(super) fn damaged(
        &self,
        path: &Path,
        integrity: Integrity,
        done: &mut Done,
    ) {
        let Some(reason) = integrity.reason() else { return };
        done.tally.note(reason, 0);
        let message = match integrity {
            Integrity::Truncated => "the file became shorter while scanned",
            _ => "parts of the file could not be read",
        };
        let row = Row::Error(Failed {
            path: Some(path),
            code: reason.name(),
            message,
            fatal: true,
        });
        self.report.row(&row, &mut done.output);
    }

    /// What is to be said about an image when all of it was scanned.
    pub(crate) fn finish_image(&self, image: &Image) -> Done {
        let mut done = Done::default();
        for problem in image.late_problems() {
            let path = image.name_of_problem(None, &problem);
            let bytes = Some(problem.bytes);
            let (reason, detail) = (problem.reason, problem.detail);
            let error = OpenError { reason, detail, bytes };
            self.refused(&path, &error, &mut done);
        }
        let whole = image.whole();
        done.tally.holes += whole.holes;
        self.report.row(&Row::Medium(whole), &mut done.output);
        done
    }

    /// An object was scanned.
    pub(super) fn found(
        &self,
        path: &Path,
        subject: Subject<'_>,
        report: &ScanReport<'_>,
        done: &mut Done,
    ) {
        let data = report.data();
        let (bytes, size) = match &subject {
            Subject::Memory(_, memory) => (None, memory.size.get()),
            _ => (Some(data), data.len() as u64),
        };
        let missed = |rules| Missed { path, size, data: bytes, rules };
        done.tally.scanned += 1;
        done.tally.bytes += size;
        if bytes.is_some() {
            self.modules(path, &subject, data, done);
        }
        let mut hits: Vec<RuleHit<'_>> = report
            .rules()
            .filter(|rule| self.is_wanted(rule.name(), rule.tags()))
            .map(|rule| self.hit(data, &subject, &rule))
            .collect();
        if !hits.is_empty() {
            done.tally.matched += 1;
            done.tally.rule_matches += hits.len() as u64;
        }
        if self.filter.negate {
            let mut rules = self.negated(report);
            self.take(&mut rules);
            if !rules.is_empty() {
                let row = Row::NoMatch(missed(Some(rules)));
                self.report.row(&row, &mut done.output);
            }
        } else if hits.is_empty() {
            if self.filter.all {
                let row = Row::NoMatch(missed(None));
                self.report.row(&row, &mut done.output);
            }
        } else {
            self.take(&mut hits);
            let is_file = subject.place().is_none_or(Place::is_file);
            // What is skipped when known is not known here.
            let asked = is_file && !self.skip_known;
            let known = asked.then(|| self.known.list_of(data)).flatten();
            let place = subject.place().cloned();
            let row = Row::Match(Found { path, place, known, rules: hits });
            self.report.row(&row, &mut done.output);
        }
        self.side_effects(path, report, done);
    }

    /// What modules know of an object, if that was asked for.
    fn modules(
        &self,
        path: &Path,
        subject: &Subject<'_>,
        data: &[u8],
        done: &mut Done,
    ) {
        if self.filter.modules.is_empty() {
            return;
        }
        let layout = subject.place().map(super::layout).unwrap_or_default();
        let cx = OpenCx { layout, ..OpenCx::new(data) };
        for module in &self.filter.modules {
            let opened = open_module(module, &self.module_data, cx);
            let Some(opened) = opened else { continue };
            let fields = &opened.tree();
            let row = Row::Module(Parsed { path, module, fields });
            self.report.row(&row, &mut done.output);
        }
    }

    /// Messages of rules, and limits that were reached.
    fn side_effects(
        &self,
        path: &Path,
        report: &ScanReport<'_>,
        done: &mut Done,
    ) {
        let console = report.console().iter();
        for line in console.filter(|_| self.filter.console) {
            let row = Row::Console(Message {
                path,
                rule: self.rule_name(line.rule).unwrap_or_default(),
                message: &line.message,
            });
            self.report.row(&row, &mut done.output);
        }
        for hit in report.limits() {
            let pattern = hit.pattern.and_then(|id| {
                let name = self.rules.pattern_name(id)?;
                Some(format!("${name}"))
            });
            let row = Row::Limit(Limited {
                path,
                rule: hit.rule.and_then(|id| self.rule_name(id)),
                pattern: pattern.as_deref(),
                limit: hit.limit.name(),
                value: hit.value,
            });
            self.report.row(&row, &mut done.output);
            match hit.limit {
                Limit::Timeout => done.tally.note(Reason::Timeout, 0),
                Limit::Fuel | Limit::Verification => {
                    done.tally.note(Reason::Fuel, 0);
                }
                Limit::Matches => {}
            }
        }
        done.tally.incomplete |= !report.is_complete();
    }

    fn rule_name(&self, number: u32) -> Option<&str> {
        self.rules.rule(number).map(|rule| rule.name())
    }

    fn is_wanted<'r>(
        &self,
        name: &str,
        mut tags: impl Iterator<Item = &'r str>,
    ) -> bool {
        let filter = &self.filter;
        filter.identifier.as_deref().is_none_or(|wanted| wanted == name)
            && filter
                .tag
                .as_deref()
                .is_none_or(|wanted| tags.any(|tag| tag == wanted))
    }

    fn hit<'r>(
        &self,
        data: &'r [u8],
        subject: &Subject<'_>,
        rule: &dragnet::RuleMatch<'r>,
    ) -> RuleHit<'r> {
        let memory = subject.place().and_then(|place| place.memory);
        let mut strings = Vec::new();
        let patterns = rule.patterns().filter(|p| !p.is_private());
        for pattern in patterns.filter(|_| self.filter.strings) {
            for found in pattern.matches() {
                let (data, context) = subject.bytes(data, found);
                strings.push(StringHit {
                    name: pattern.name(),
                    offset: found.offset,
                    length: u64::from(found.length),
                    data,
                    xor_key: found.xor_key,
                    is_hex: pattern.is_hex(),
                    is_cut: found.truncated,
                    origin: subject.origin(found.offset),
                    address: memory
                        .map(|m| m.base.saturating_add(found.offset)),
                    context,
                });
            }
        }
        if self.filter.by_offset {
            // Stable: patterns with one offset stay in the order of the rule.
            strings.sort_by_key(|hit| hit.offset);
        }
        RuleHit {
            identifier: rule.name(),
            namespace: rule.namespace(),
            tags: rule.tags().collect(),
            meta: rule.meta().collect(),
            strings,
        }
    }

    /// The rules that did not match.
    fn negated<'r>(&'r self, report: &ScanReport<'_>) -> Vec<RuleHit<'r>> {
        let matched: std::collections::HashSet<(&str, &str)> = report
            .rules()
            .map(|rule| (rule.namespace(), rule.name()))
            .collect();
        let rules = self.rules.iter();
        rules
            .filter(|rule| !rule.is_private())
            .filter(|r| !matched.contains(&(r.namespace(), r.name())))
            .filter(|rule| self.is_wanted(rule.name(), rule.tags()))
            .map(|rule| RuleHit {
                identifier: rule.name(),
                namespace: rule.namespace(),
                tags: rule.tags().collect(),
                meta: rule.meta().collect(),
                strings: Vec::new(),
            })
            .collect()
    }

    /// Keeps as many rules as may still be printed.
    fn take(&self, rules: &mut Vec<RuleHit<'_>>) {
        // With such a limit there is one thread: no rule is lost between
        // the two accesses.
        if let Some(left) = &self.rules_left {
            let count = left.load(Ordering::Relaxed);
            rules.truncate(count.try_into().unwrap_or(usize::MAX));
            left.fetch_sub(rules.len() as u64, Ordering::Relaxed);
        }
    }
}

/// What the user, or whoever owns the machine, has to look at.
fn is_error(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NoPermission
            | Reason::Gone
            | Reason::UnreadableSector
            | Reason::Truncated
            | Reason::CorruptMetadata
    )
}
