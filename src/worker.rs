//! Scans one piece of work after the other, and turns what was found into
//! rows.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dragnet::{
    Content, Integrity, Limit, OpenError, Reason, Rules, ScanReport, Scanner,
    Source as _, Threads, Value,
};

use crate::image::Image;
use crate::report::{
    Failed, Found, Limited, Message, Missed, Output, Place, Report, Row,
    RuleHit, Skipped, StringHit, Tally,
};
use crate::schedule::Ordered;
use crate::walk::{Skip, Work};

/// The name of a module and what it is given.
pub(crate) type ModuleData = (String, Arc<[u8]>);

/// What all threads of a run share.
pub(crate) struct Job {
    pub(crate) rules: Rules,
    pub(crate) report: Box<dyn Report>,
    pub(crate) filter: Filter,
    pub(crate) limits: Limits,
    /// Variables with the value that the user gave.
    pub(crate) defined: Vec<(String, Value)>,
    /// Variables that are set for each file.
    pub(crate) file_externals: Vec<&'static str>,
    pub(crate) module_data: Vec<ModuleData>,
    pub(crate) users: BTreeMap<u32, String>,
    /// Images that were opened.
    pub(crate) images: Mutex<Vec<Arc<Image>>>,
    /// Threads that share the work on large objects.
    pub(crate) threads: Arc<Threads>,
    /// Rules that may still be printed.
    pub(crate) rules_left: Option<AtomicU64>,
}

/// What is printed of what was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) tag: Option<String>,
    pub(crate) identifier: Option<String>,
    pub(crate) negate: bool,
    /// Also objects without a match.
    pub(crate) all: bool,
    pub(crate) console: bool,
    /// Are the matches of patterns printed at all?
    pub(crate) strings: bool,
}

/// Limits of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) max_matches_per_pattern: Option<u32>,
    pub(crate) first_match_only: bool,
    pub(crate) max_size: Option<u64>,
    pub(crate) no_mmap: bool,
    pub(crate) no_links: bool,
    pub(crate) literal_engine: dragnet::LiteralEngine,
}

/// What came of a piece of work.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) output: Output,
    pub(crate) tally: Tally,
}

impl Ordered for Done {
    fn size(&self) -> usize {
        self.output.out.len() + self.output.err.len() + size_of::<Done>()
    }
}

/// One for each thread.
pub(crate) struct Worker<'j> {
    job: &'j Job,
    scanner: Option<Scanner>,
    /// The bytes of an object of an image.
    object: Vec<u8>,
}

/// Larger objects of images are not scanned: they have to fit in memory.
const MAX_OBJECT: u64 = 1 << 30;
/// Memory of an object that is kept for the next.
const KEPT: usize = 64 << 20;

impl<'j> Worker<'j> {
    /// A worker for this job.
    pub(crate) fn new(job: &'j Job) -> Worker<'j> {
        Worker { job, scanner: None, object: Vec::new() }
    }

    /// Does one piece of work. Never panics: a defect in the engine is a
    /// row about this object, and the run goes on.
    pub(crate) fn run(&mut self, work: Work) -> Done {
        let path = match &work {
            Work::File(path) => path.clone(),
            Work::Stdin => "-".into(),
            Work::Object(image, at) => image.name(&image.map.entries[*at]),
            Work::Skip(skip) => skip.path.clone(),
        };
        let result = catch_unwind(AssertUnwindSafe(|| self.attempt(work)));
        result.unwrap_or_else(|panic| {
            // Whatever state it was in, it is not used again.
            self.scanner = None;
            self.defect(&path, panic_message(&*panic))
        })
    }

    fn defect(&self, path: &Path, message: &str) -> Done {
        let mut done = Done::default();
        done.tally.errors += 1;
        done.tally.incomplete = true;
        let message = format!("defect in dragnet, please report: {message}");
        let row = Row::Error(Failed {
            path: Some(path),
            code: "internal",
            message: &message,
            fatal: true,
        });
        self.job.report.row(&row, &mut done.output);
        done
    }

    fn attempt(&mut self, work: Work) -> Done {
        let mut done = Done::default();
        let job = self.job;
        let scanner = self.scanner.get_or_insert_with(|| new_scanner(job));
        if let Some(deadline) = job.limits.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let limit =
                job.limits.timeout.map_or(left, |limit| limit.min(left));
            scanner.limits_mut().timeout = Some(limit);
        }
        match work {
            Work::Skip(skip) => {
                let Skip { path, reason, detail, bytes } = skip;
                let error = OpenError { reason, detail, bytes };
                job.refused(&path, &error, &mut done);
            }
            Work::Stdin => {
                let path = Path::new("-");
                job.set_externals(scanner, path);
                match scanner.scan_stream(std::io::stdin().lock()) {
                    Ok(report) => job.found(path, None, &report, &mut done),
                    Err(error) => job.refused(path, &error, &mut done),
                }
            }
            Work::Object(image, at) => {
                let entry = &image.map.entries[at];
                let path = image.name(entry);
                let Some(content) = image.content(entry) else { return done };
                let buf = &mut self.object;
                match dragnet::read_whole(&content, MAX_OBJECT, buf) {
                    Some(read) => {
                        job.set_externals(scanner, &path);
                        let report = scanner.scan(buf);
                        let within = Some((image.place(entry), &content));
                        job.found(&path, within, &report, &mut done);
                        if let Some(first) = read.first {
                            let reason = Reason::UnreadableSector;
                            let detail = first.to_string();
                            let bytes = Some(read.lost);
                            let error = OpenError { reason, detail, bytes };
                            job.refused(&path, &error, &mut done);
                        }
                    }
                    None => {
                        image.leave_out(entry);
                        let reason = Reason::TooLarge;
                        let detail = "it does not fit in memory".to_owned();
                        let bytes = Some(entry.object.size);
                        let error = OpenError { reason, detail, bytes };
                        job.refused(&path, &error, &mut done);
                    }
                }
                if self.object.capacity() > KEPT {
                    self.object = Vec::new();
                }
            }
            Work::File(path) => {
                job.set_externals(scanner, &path);
                match scanner.scan_file(&path) {
                    Ok(file) => {
                        job.found(&path, None, &file.report, &mut done);
                        let integrity = file.data.integrity();
                        job.damaged(&path, integrity, &mut done);
                    }
                    Err(error) => job.refused(&path, &error, &mut done),
                }
            }
        }
        done
    }
}

fn new_scanner(job: &Job) -> Scanner {
    let mut scanner = Scanner::new(&job.rules);
    scanner.set_literal_engine(job.limits.literal_engine);
    scanner.set_threads(Arc::clone(&job.threads));
    let limits = scanner.limits_mut();
    limits.timeout = job.limits.timeout;
    if let Some(limit) = job.limits.max_matches_per_pattern {
        limits.matches_per_pattern = limit as usize;
    }
    limits.first_match_only = job.limits.first_match_only;
    for (module, data) in &job.module_data {
        scanner.module_data(module, data.to_vec());
    }
    let opener = scanner.opener_mut();
    opener.max_size = job.limits.max_size;
    opener.use_maps = !job.limits.no_mmap;
    opener.follow_links = !job.limits.no_links;
    for (name, value) in &job.defined {
        // Checked before the run began.
        let _ = scanner.define(name, value.clone());
    }
    scanner
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

impl Job {
    /// Has the time for the whole run passed?
    pub(crate) fn is_late(&self) -> bool {
        self.limits.deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// Are there rules left to print?
    pub(crate) fn is_full(&self) -> bool {
        self.rules_left
            .as_ref()
            .is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    fn set_externals(&self, scanner: &mut Scanner, path: &Path) {
        for name in &self.file_externals {
            let text = self.file_external(name, path);
            // Rules may have declared it with another type: leave it then.
            let _ = scanner.define(name, Value::Text(text));
        }
    }

    fn file_external(&self, name: &str, path: &Path) -> Vec<u8> {
        let bytes = |part: Option<&std::ffi::OsStr>| {
            let part = part.unwrap_or_default();
            part.as_encoded_bytes().to_vec()
        };
        match name {
            "filename" => bytes(path.file_name()),
            "filepath" => {
                let full = std::path::absolute(path);
                bytes(full.as_deref().ok().map(Path::as_os_str))
            }
            "extension" => match path.extension() {
                None => Vec::new(),
                Some(part) => [b".", part.as_encoded_bytes()].concat(),
            },
            "owner" => self.owner(path).into_bytes(),
            _ => Vec::new(),
        }
    }

    #[cfg(unix)]
    fn owner(&self, path: &Path) -> String {
        use std::os::unix::fs::MetadataExt;
        let Ok(meta) = path.metadata() else { return String::new() };
        let name = self.users.get(&meta.uid());
        name.cloned().unwrap_or_else(|| meta.uid().to_string())
    }

    #[cfg(not(unix))]
    fn owner(&self, _: &Path) -> String {
        String::new()
    }

    /// There were no bytes to scan.
    fn refused(&self, path: &Path, error: &OpenError, done: &mut Done) {
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
    fn damaged(&self, path: &Path, integrity: Integrity, done: &mut Done) {
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
        for problem in image.medium.late_problems() {
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
    fn found(
        &self,
        path: &Path,
        within: Option<(Place<'_>, &Content)>,
        report: &ScanReport<'_>,
        done: &mut Done,
    ) {
        let (place, content) = within.unzip();
        let data = report.data();
        done.tally.scanned += 1;
        done.tally.bytes += data.len() as u64;
        let mut hits: Vec<RuleHit<'_>> = report
            .rules()
            .filter(|rule| self.is_wanted(rule.name(), rule.tags()))
            .map(|rule| self.hit(data, content, &rule))
            .collect();
        if !hits.is_empty() {
            done.tally.matched += 1;
            done.tally.rule_matches += hits.len() as u64;
        }
        if self.filter.negate {
            let mut rules = self.negated(report);
            self.take(&mut rules);
            if !rules.is_empty() {
                let rules = Some(rules);
                let row = Row::NoMatch(Missed { path, data, rules });
                self.report.row(&row, &mut done.output);
            }
        } else if hits.is_empty() {
            if self.filter.all {
                let row = Row::NoMatch(Missed { path, data, rules: None });
                self.report.row(&row, &mut done.output);
            }
        } else {
            self.take(&mut hits);
            let row = Row::Match(Found { path, place, rules: hits });
            self.report.row(&row, &mut done.output);
        }
        self.side_effects(path, report, done);
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
        content: Option<&Content>,
        rule: &dragnet::RuleMatch<'r>,
    ) -> RuleHit<'r> {
        let mut strings = Vec::new();
        let patterns = rule.patterns().filter(|p| !p.is_private());
        for pattern in patterns.filter(|_| self.filter.strings) {
            for found in pattern.matches() {
                let start = found.offset as usize;
                let end = start.saturating_add(found.length as usize);
                let end = end.min(data.len());
                strings.push(StringHit {
                    name: pattern.name(),
                    offset: found.offset,
                    length: u64::from(found.length),
                    data: data.get(start..end).unwrap_or_default(),
                    xor_key: found.xor_key,
                    is_hex: pattern.is_hex(),
                    is_cut: found.truncated,
                    origin: content.and_then(|c| c.origin(found.offset)),
                });
            }
        }
        // Stable: patterns with one offset stay in the order of the rule.
        strings.sort_by_key(|hit| hit.offset);
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
