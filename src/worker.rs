//! Scans one piece of work after the other, and turns what was found into
//! rows.

mod job;
mod rows;
mod space;

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use dragnet::{
    Content, Layout, ObjectKind, OpenError, ReadReport, Reason, ScanReport,
    Scanner, Source,
};
use tempfile::NamedTempFile;

use crate::image::Image;
use crate::report::{Failed, Output, Place, Row, Tally};
use crate::schedule::Ordered;
use crate::walk::{Skip, Work};
use rows::Subject;

pub(crate) use job::{Filter, Job, Limits, ModuleData, open_module};

/// What came of a piece of work.
#[derive(Default)]
pub(crate) struct Done {
    /// What it is about.
    pub(crate) path: PathBuf,
    pub(crate) output: Output,
    pub(crate) tally: Tally,
    /// Bytes of an image that were not scanned after all.
    pub(crate) left_out: Option<(Arc<Image>, u64)>,
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
    /// It rests so long before it goes on.
    rest: Duration,
}

/// Larger objects of images are put in a file and mapped.
const IN_MEMORY: u64 = 64 << 20;

impl<'j> Worker<'j> {
    /// A worker for this job.
    pub(crate) fn new(job: &'j Job) -> Worker<'j> {
        let rest = Duration::ZERO;
        Worker { job, scanner: None, object: Vec::new(), rest }
    }

    /// Does one piece of work. Never panics: a defect in the engine is a
    /// row about this object, and the run goes on.
    pub(crate) fn run(&mut self, work: Work) -> Done {
        let path = work.name();
        if !self.rest.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "no event: a rest")]
            std::thread::sleep(self.rest);
        }
        let began = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| self.attempt(work)));
        let done = result.unwrap_or_else(|panic| {
            // Whatever state it was in, it is not used again.
            self.scanner = None;
            self.defect(&path, panic_message(&*panic))
        });
        self.rest = self.job.rest(began.elapsed());
        Done { path, ..done }
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
        job.set_timeout(scanner);
        match work {
            Work::Skip(skip) => {
                let Skip { path, reason, detail, bytes } = skip;
                let error = OpenError { reason, detail, bytes };
                job.refused(&path, &error, &mut done);
            }
            Work::Stdin => {
                let path = Path::new("-");
                scanner.set_layout(Layout::File);
                job.set_externals(scanner, path);
                match scanner.scan_stream(std::io::stdin().lock()) {
                    Ok(report) => {
                        job.found(path, Subject::File, &report, &mut done);
                    }
                    Err(error) => job.refused(path, &error, &mut done),
                }
            }
            Work::Object(image, at) => {
                object(job, scanner, &mut self.object, &image, at, &mut done);
            }
            Work::Space(image, volume) => {
                let buf = &mut self.object;
                space::scan(job, scanner, buf, &image, volume, &mut done);
            }
            Work::File(path) => {
                scanner.set_layout(Layout::File);
                job.set_externals(scanner, &path);
                let check = |bytes: &[u8]| job.check_known(bytes);
                match scanner.scan_file_if(&path, check) {
                    Ok(file) => {
                        let report = &file.report;
                        job.found(&path, Subject::File, report, &mut done);
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

/// Scans an object of an image, in `buf` or in a file.
fn object(
    job: &Job,
    scanner: &mut Scanner,
    buf: &mut Vec<u8>,
    image: &Arc<Image>,
    at: usize,
    done: &mut Done,
) {
    let entry = &image.map.entries[at];
    let path = image.name(entry);
    let Some(content) = image.content(entry) else { return };
    job.set_externals(scanner, &path);
    let place = image.place(entry);
    scanner.set_layout(layout(&place));
    // What is no file was not put there as it is.
    let may_be_known = place.is_file();
    let within = Subject::Object(place, &content);
    let check = |bytes: &[u8]| {
        if may_be_known { job.check_known(bytes) } else { Ok(()) }
    };
    let medium = image.medium.size();
    let in_place = || {
        let may_map = !job.limits.no_mmap;
        may_map.then(|| image.medium.mapped(entry, &content)).flatten()
    };
    let read = if let Some(error) = job.too_large(entry.object.size, medium) {
        Err(error)
    } else if let Some(bytes) = in_place()
        && let Some(result) = scan_in_place(image, scanner, bytes, &check)
    {
        result.map(|report| {
            job.found(&path, within, &report, done);
            ReadReport::default()
        })
    } else if let Some(read) = dragnet::read_whole(&content, IN_MEMORY, buf) {
        check(buf).map(|()| {
            job.found(&path, within, &scanner.scan(buf), done);
            read
        })
    } else {
        spooled(job, &content).and_then(|(file, read)| {
            job.set_timeout(scanner);
            let scanned = scanner.scan_file_if(file.path(), |bytes| {
                // Whatever ends the process, nothing is left behind. Where a
                // mapped file cannot go, it goes with its value.
                let _ = std::fs::remove_file(file.path());
                check(bytes)
            })?;
            job.found(&path, within, &scanned.report, done);
            job.damaged(&path, scanned.data.integrity(), done);
            Ok(read)
        })
    };
    match read {
        Ok(ReadReport { first: None, .. }) => {}
        Ok(ReadReport { first: Some(first), lost }) => {
            let weight = lost.min(image.weight(entry));
            done.left_out = Some((Arc::clone(image), weight));
            let error = OpenError {
                reason: image.medium.reason_of_loss(entry, first.offset),
                detail: first.to_string(),
                bytes: Some(lost),
            };
            job.refused(&path, &error, done);
        }
        Err(error) => {
            done.left_out = Some((Arc::clone(image), image.weight(entry)));
            job.refused(&path, &error, done);
        }
    }
}

/// How a program would lie in an object: as it was loaded where the system
/// says that it loaded one.
fn layout(place: &Place<'_>) -> Layout {
    let Some(memory) = place.memory else { return Layout::File };
    let module = memory.space.module_at(memory.base);
    let is_loaded = module.is_some_and(|module| module.base == memory.base);
    match place.kind {
        ObjectKind::Module => Layout::Memory,
        ObjectKind::Mapping if is_loaded => Layout::Memory,
        _ => Layout::File,
    }
}

/// Scans an object where it lies in the mapped file of its image; `None` if
/// the file is not what it was, so that its parts have to be read with care.
fn scan_in_place<'s>(
    image: &Image,
    scanner: &'s mut Scanner,
    bytes: &'s [u8],
    check: &dyn Fn(&[u8]) -> Result<(), OpenError>,
) -> Option<Result<ScanReport<'s>, OpenError>> {
    let result = check(bytes).map(|()| scanner.scan(bytes));
    image.medium.is_intact().then_some(result)
}

/// A file with the bytes of an object; it disappears with its value, if not
/// before.
fn spooled(
    job: &Job,
    content: &Content,
) -> Result<(NamedTempFile, ReadReport), OpenError> {
    let spool = || {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("dragnet-");
        let mut file = match &job.spool {
            Some(folder) => builder.tempfile_in(folder)?,
            None => builder.tempfile()?,
        };
        let read =
            dragnet::spool(content, file.as_file_mut(), &|| job.is_late())?;
        Ok((file, read))
    };
    spool().map_err(|error: std::io::Error| {
        let (reason, detail) = match error.kind() {
            ErrorKind::TimedOut => {
                (Reason::Timeout, "the deadline was reached".to_owned())
            }
            _ => {
                let what = "it fits neither in memory nor on disk";
                (Reason::TooLarge, format!("{what}: {error}"))
            }
        };
        OpenError { reason, detail, bytes: content.len() }
    })
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
    if job.counted.is_some() {
        scanner.count_work();
    }
    scanner
}

impl Drop for Worker<'_> {
    /// Hands over what was counted.
    fn drop(&mut self) {
        let work = self.scanner.as_ref().and_then(Scanner::work);
        if let (Some(work), Some(counted)) = (work, &self.job.counted) {
            let all = counted.lock();
            all.unwrap_or_else(PoisonError::into_inner).add(&work);
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}
