//! `dragnet scan`

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dragnet::{OpenError, Reason, Scanner, Threads};

use crate::args::{
    ExitOn, Format, ScanArgs, ScanAs, Symlinks, parse_module_data, split_last,
};
use crate::checkpoint::{Checkpoint, Kept, KeptImage};
use crate::commands::stats;
use crate::config::FILE_EXTERNALS;
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::image::Image;
use crate::known::Known;
use crate::load::{self, Loaded, use_colours};
use crate::progress::Progress;
use crate::report::{
    Dialect, Failed, JsonReport, Layout, Output, Report, Row, Summary, Tally,
    TextReport, TextSettings, YrReport, YrSettings, sha256,
};
use crate::schedule;
use crate::shard::Turns;
use crate::sink::Sink;
use crate::walk::{Globs, Policy, Skip, Walker, Work};
use crate::worker::{Done, Filter, Job, Limits, ModuleData, Worker};

/// Scans, and gives the exit code.
pub(crate) fn run(args: &ScanArgs) -> Result<u8, Failure> {
    if args.module_names {
        return print_modules();
    }
    let (loaded, targets) = rules_and_targets(args)?;
    if args.print_stats {
        stats::print(&loaded.rules)?;
    }
    let policy = policy(args)?;
    if args.scan_list && targets.len() > 1 {
        return Err(Failure::usage("--scan-list takes one list"));
    }
    for target in targets.iter().filter(|target| *target != "-") {
        // A link that leads nowhere is there, though not scanned.
        Path::new(target)
            .symlink_metadata()
            .map_err(|error| Failure::path(Path::new(target), error))?;
    }
    let job = job(args, loaded)?;
    let tally = scan(args, &job, &targets, &policy)?;
    if let (Some(top), Some(counted)) = (slowest(args), &job.counted) {
        let work = counted.lock().unwrap_or_else(PoisonError::into_inner);
        stats::print_slowest(&job.rules, &work, top);
    }
    Ok(exit_code(args, &tally))
}

/// How many strings are listed that cost most.
fn slowest(args: &ScanArgs) -> Option<usize> {
    args.slowest.or(args.profiling.then_some(10))
}

fn exit_code(args: &ScanArgs, tally: &Tally) -> u8 {
    let matched = tally.matched > 0;
    if args.exit_on == Some(ExitOn::Match) && matched {
        FINDINGS
    } else if tally.incomplete && !args.allow_incomplete {
        INCOMPLETE
    } else if args.exit_on == Some(ExitOn::Miss) && !matched {
        FINDINGS
    } else {
        DONE
    }
}

fn rules_and_targets(
    args: &ScanArgs,
) -> Result<(Loaded, Vec<OsString>), Failure> {
    let operands = args.operands.clone();
    let is_foreign = matches!(args.format, Format::YaraText | Format::YrText);
    if !args.rules.is_empty() {
        let loaded =
            load::load(&args.rules, &args.rule_args, args.compiled_rules)?;
        return Ok((loaded, operands));
    }
    let (rules, target) = match args.pid.is_empty() && !args.processes {
        true => split_last(operands),
        false => (operands, None),
    };
    let target = target.into_iter().collect();
    if !rules.is_empty() {
        let loaded = load::load(&rules, &args.rule_args, args.compiled_rules)?;
        return Ok((loaded, target));
    }
    if is_foreign || args.compiled_rules {
        return Err(Failure::usage("rules and a target are needed"));
    }
    Ok((load::embedded(&args.rule_args)?, target))
}

fn policy(args: &ScanArgs) -> Result<Policy, Failure> {
    let depth = match args.recursive.as_deref() {
        _ if args.no_recursive => 1,
        None | Some("max") => usize::MAX,
        Some(text) => match text.parse::<usize>() {
            Ok(depth) => depth.saturating_add(1),
            Err(_) => {
                let message = format!("`{text}` is not a depth");
                return Err(Failure::usage(message));
            }
        },
    };
    let symlinks = if args.no_follow_symlinks {
        Symlinks::Skip
    } else {
        args.symlinks.unwrap_or_default()
    };
    let globs = |all: &[String]| Globs::new(all).map_err(Failure::usage);
    Ok(Policy {
        depth,
        symlinks,
        one_file_system: args.one_file_system,
        exclude: globs(&args.exclude)?,
        include: globs(&args.include)?,
    })
}

fn job(args: &ScanArgs, loaded: Loaded) -> Result<Job, Failure> {
    let Loaded { rules, defined, is_compiled } = loaded;
    let mut probe = Scanner::new(&rules);
    for (name, value) in &defined {
        let known = probe.define(name, value.clone());
        if let Err(error) = known
            && is_compiled
        {
            let message = format!("-d {name}: {error}");
            return Err(Failure::usage(message));
        }
    }
    let is_free = |name: &&'static str| {
        !defined.iter().any(|(other, _)| other == name)
            && rules.externals().any(|(other, _)| other == *name)
    };
    let file_externals: Vec<&'static str> =
        FILE_EXTERNALS.into_iter().filter(is_free).collect();
    let users = if file_externals.contains(&"owner") {
        users()
    } else {
        BTreeMap::new()
    };
    let mut filter = filter(args);
    if args.print_module_data {
        let modules = rules.modules();
        filter.modules = modules.into_iter().map(str::to_owned).collect();
    }
    Ok(Job {
        rules,
        report: report(args),
        filter,
        limits: limits(args)?,
        defined,
        file_externals,
        module_data: module_data(&args.module_data)?,
        users,
        images: Mutex::default(),
        known: known(&args.known)?,
        skip_known: args.skip_known,
        spool: args.spool.clone(),
        threads: Arc::new(Threads::new(threads(args))),
        rules_left: args.max_rules.map(AtomicU64::new),
        counted: slowest(args).map(|_| Mutex::default()),
    })
}

/// Threads to use; 0: as many as the machine has.
fn threads(args: &ScanArgs) -> usize {
    match args.max_rules {
        Some(_) => 1,
        None => args.threads.unwrap_or(0),
    }
}

/// Names of users, where the system keeps them in a file.
fn users() -> BTreeMap<u32, String> {
    let text = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let id = fields.nth(1)?.parse().ok()?;
        Some((id, name))
    };
    // Of two names for one number, the first counts.
    text.lines().rev().filter_map(user).collect()
}

fn known(lists: &[PathBuf]) -> Result<Known, Failure> {
    let mut known = Known::default();
    for path in lists {
        let add = |file| {
            let name = path.display().to_string();
            known.add(name, BufReader::with_capacity(1 << 16, file))
        };
        let count = File::open(path).and_then(add);
        let count = count.map_err(|error| Failure::path(path, error))?;
        if count == 0 {
            let help = "it has no MD5, SHA-1 or SHA-256 in hexadecimal digits";
            return Err(Failure::path(path, help));
        }
    }
    Ok(known)
}

pub(crate) fn module_data(
    given: &[OsString],
) -> Result<Vec<ModuleData>, Failure> {
    let read = |text: &OsString| {
        let (module, path) =
            parse_module_data(text).map_err(Failure::usage)?;
        let data = std::fs::read(&path)
            .map_err(|error| Failure::path(&path, error))?;
        Ok((module, Arc::from(data)))
    };
    given.iter().map(read).collect()
}

fn limits(args: &ScanArgs) -> Result<Limits, Failure> {
    // A time that the clock cannot hold is no limit.
    let deadline = args.deadline.and_then(|seconds| {
        Instant::now().checked_add(Duration::from_secs(seconds))
    });
    let literal_engine = args.literal_engine.engine().ok_or_else(|| {
        Failure::usage("this processor lacks the instructions of the chosen --literal-engine")
    })?;
    Ok(Limits {
        timeout: args.timeout.map(Duration::from_secs),
        deadline,
        max_matches_per_pattern: args.max_matches_per_pattern,
        first_match_only: args.fast_scan,
        max_size: args.max_size,
        no_mmap: args.no_mmap,
        no_links: args.no_follow_symlinks,
        literal_engine,
        cpu_share: args.cpu_limit,
    })
}

fn filter(args: &ScanArgs) -> Filter {
    let prints_strings = args.print_strings.is_some()
        || args.print_string_length
        || args.print_xor_key;
    let is_rows = matches!(args.format, Format::Json | Format::Ndjson);
    let is_lines = matches!(args.format, Format::Text | Format::YaraText);
    Filter {
        tag: args.tag.clone(),
        identifier: args.identifier.clone(),
        negate: args.negate,
        all: args.all || (args.count && is_lines),
        console: !args.disable_console_logs,
        modules: Vec::new(),
        strings: is_rows || prints_strings,
        // As the tools print them whose format it is.
        by_offset: is_rows || args.format == Format::Text,
        match_bytes: match is_rows {
            true => args.match_bytes,
            false => args.print_strings.unwrap_or(120),
        },
    }
}

fn report(args: &ScanArgs) -> Box<dyn Report> {
    let json = |layout| {
        let match_bytes = args.match_bytes;
        Box::new(JsonReport { layout, match_bytes })
    };
    let text = |dialect| {
        let is_ours = dialect == Dialect::Dragnet;
        let colours = is_ours && use_colours(io::stdout().is_terminal());
        Box::new(TextReport(TextSettings {
            dialect,
            colours,
            verbose: args.verbose,
            namespace: args.print_namespace,
            tags: args.print_tags,
            meta: args.print_meta,
            count: args.count,
            strings: args.print_strings,
            lengths: args.print_string_length,
            xor_keys: args.print_xor_key,
        }))
    };
    let yr = |document| {
        Box::new(YrReport(YrSettings {
            document,
            namespace: args.print_namespace,
            meta: args.print_meta,
            tags: args.print_tags,
            strings: args.print_strings,
            count: args.count,
        }))
    };
    match args.format {
        Format::Json => json(Layout::Document),
        Format::Ndjson => json(Layout::Lines),
        Format::Text => text(Dialect::Dragnet),
        Format::YaraText => text(Dialect::Yara),
        Format::YrText => text(Dialect::Yr),
        Format::YrNdjson => yr(false),
        Format::YrJson => yr(true),
    }
}

fn scan(
    args: &ScanArgs,
    job: &Job,
    targets: &[OsString],
    policy: &Policy,
) -> Result<Tally, Failure> {
    let visible =
        !args.no_progress && !args.scan_list && io::stderr().is_terminal();
    let progress = Progress::new(visible);
    let mut sink = Sink::new(job.report.as_ref(), &progress, &job.images);
    let kept = open_output(args, job, targets, &mut sink)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let failed = |error: io::Error| Failure::output(&error);
    if kept.is_none() {
        sink.begin().map_err(failed)?;
    }
    let mut left = Left::new(kept.as_ref());
    let mut list_error = None;
    let produce = |hand_out: &mut dyn FnMut(Work) -> bool| {
        let mut shard = args.shard.map(Turns::new);
        let mut next = |work: Work| {
            let ours = shard.as_mut().is_none_or(|turns| turns.take(&work));
            let goes_on = !job.is_late() && !job.is_full();
            goes_on
                && (!ours || left.is_done(&work) || {
                    !left.is_changed && hand_out(work)
                })
        };
        let images = kept.as_ref().map_or(&[][..], |kept| &kept.images);
        let all = Targets { job, args, targets, policy, images };
        list_error = all.produce(&mut next).err();
    };
    let result = std::thread::scope(|scope| {
        if progress.is_visible() {
            scope.spawn(|| progress.count(targets, policy));
        }
        let result = schedule::run(
            threads(args),
            produce,
            || Worker::new(job),
            |worker, work| worker.run(work),
            |done: Done| sink.write(&done).map(|()| !job.is_full()),
        );
        progress.finish();
        result
    });
    result.map_err(failed)?;
    if left.is_changed || left.done > 0 && !job.is_late() {
        let message = "the targets are not what they were when the \
                       checkpoint was written; delete it to begin anew";
        return Err(Failure::usage(message));
    }
    finish(job, &sink, list_error).map_err(failed)
}

/// Opens the file for the output, and says where an earlier run stopped.
fn open_output(
    args: &ScanArgs,
    job: &Job,
    targets: &[OsString],
    sink: &mut Sink<'_>,
) -> io::Result<Option<Kept>> {
    let Some(output) = &args.output else { return Ok(None) };
    let Some(path) = &args.checkpoint else {
        sink.open(output, None, None)?;
        return Ok(None);
    };
    // How a run is done does not change what comes of it.
    let same = ScanArgs {
        threads: None,
        no_progress: true,
        checkpoint_every: 0,
        ..args.clone()
    };
    let rules = sha256(job.rules.bytes());
    let run = format!("{rules} {:?} {same:?}", job.defined);
    let targets: Vec<PathBuf> = targets.iter().map(PathBuf::from).collect();
    let every = Duration::from_secs(args.checkpoint_every);
    let checkpoint = Checkpoint::new(path, every, &run, &targets)?;
    let kept = checkpoint.kept()?;
    sink.open(output, Some(checkpoint), kept.as_ref())?;
    Ok(kept)
}

/// Work that an earlier run has done.
struct Left<'k> {
    done: u64,
    last: &'k str,
    /// The work is not what it was then.
    is_changed: bool,
}

impl<'k> Left<'k> {
    fn new(kept: Option<&'k Kept>) -> Left<'k> {
        let done = kept.map_or(0, |kept| kept.done);
        let last = kept.map_or("", |kept| kept.last.as_str());
        Left { done, last, is_changed: false }
    }

    /// Is this piece of work done already?
    fn is_done(&mut self, work: &Work) -> bool {
        if self.done == 0 {
            return false;
        }
        self.done -= 1;
        if self.done == 0 {
            self.is_changed = dragnet::display_path(&work.name()) != self.last;
        }
        true
    }
}

/// What there is to do.
struct Targets<'a> {
    job: &'a Job,
    args: &'a ScanArgs,
    targets: &'a [OsString],
    policy: &'a Policy,
    /// What an earlier run learned of the images.
    images: &'a [KeptImage],
}

impl Targets<'_> {
    fn produce(
        &self,
        hand_out: &mut dyn FnMut(Work) -> bool,
    ) -> io::Result<()> {
        let Targets { job, args, .. } = *self;
        let mut walker = Walker::new(self.policy);
        for target in self.targets {
            let goes_on = if !args.scan_list {
                match open_image(job, args, Path::new(target)) {
                    Ok(None) => walker.target(target, hand_out),
                    Ok(Some(image)) => self.objects(image, hand_out),
                    Err(skip) => hand_out(Work::Skip(skip)),
                }
            } else if target == "-" {
                walker.list(io::stdin().lock(), hand_out)?
            } else {
                walker.list(BufReader::new(File::open(target)?), hand_out)?
            };
            if !goes_on {
                return Ok(());
            }
        }
        for pid in pids(args)? {
            let goes_on = match Image::process(pid, args.mode.unit()) {
                Ok(image) => self.objects(image, hand_out),
                Err(error) => {
                    let name = Image::name_of_process(pid);
                    hand_out(Work::Skip(Skip::of(name, error)))
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// Hands out the objects of an image, and what is wrong with it.
    fn objects(
        &self,
        image: Image,
        hand_out: &mut dyn FnMut(Work) -> bool,
    ) -> bool {
        let image = Arc::new(image);
        let mut images =
            self.job.images.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = self.images.get(images.len()) {
            image.resume(kept.left_out, kept.problems());
        }
        images.push(Arc::clone(&image));
        drop(images);
        let problems = image.problems().map(|(path, problem)| {
            Work::Skip(Skip {
                path,
                reason: problem.reason,
                detail: problem.detail.clone(),
                bytes: Some(problem.bytes),
            })
        });
        let objects = image.scannable();
        let objects = objects.map(|at| Work::Object(Arc::clone(&image), at));
        let spaces = image.spaces().into_iter();
        let spaces = spaces.map(|at| Work::Space(Arc::clone(&image), at));
        problems.chain(spaces).chain(objects).all(hand_out)
    }
}

/// The processes to scan, each once.
fn pids(args: &ScanArgs) -> io::Result<Vec<u64>> {
    let mut all = args.pid.clone();
    if args.processes {
        all.extend(dragnet::memory::processes()?);
        all.sort_unstable();
    }
    let mut seen = HashSet::new();
    all.retain(|pid| seen.insert(*pid));
    Ok(all)
}

/// Opens a target as an image; `None` if it is none, or is to be scanned as
/// the file that it is.
fn open_image(
    job: &Job,
    args: &ScanArgs,
    path: &Path,
) -> Result<Option<Image>, Skip> {
    let is_file = path.metadata().is_ok_and(|meta| meta.is_file());
    let whole = match args.scan_as {
        ScanAs::Auto => !is_file || !job.report.knows_images(),
        ScanAs::File => true,
        ScanAs::Image => false,
    };
    if whole {
        return Ok(None);
    }
    let skip = |error: OpenError| Skip::of(path.to_owned(), error);
    match Image::open(path, args.mode.unit()).map_err(skip)? {
        None if args.scan_as == ScanAs::Image => {
            let detail = "this is no image of a known kind";
            let error = OpenError::new(Reason::UnsupportedFormat, detail);
            Err(skip(error))
        }
        image => Ok(image),
    }
}

/// What is to be said about the run as a whole.
fn finish(
    job: &Job,
    sink: &Sink<'_>,
    list_error: Option<io::Error>,
) -> io::Result<Tally> {
    let mut state = sink.lock();
    let late = "the deadline was reached, the rest was not scanned";
    let late = job.is_late().then(|| ("timeout", late.to_owned()));
    let list = list_error.map(|error| {
        ("unreadable_sector", format!("the list of paths: {error}"))
    });
    for (code, message) in late.into_iter().chain(list) {
        let message = message.as_str();
        let failed = Failed { path: None, code, message, fatal: true };
        let mut output = Output::default();
        job.report.row(&Row::Error(failed), &mut output);
        state.tally.errors += 1;
        state.tally.incomplete = true;
        state.tally.clocked |= code == "timeout";
        sink.put(&mut state, &output, true)?;
    }
    let images = job.images.lock().unwrap_or_else(PoisonError::into_inner);
    for image in images.iter() {
        let done = job.finish_image(image);
        state.tally.add(&done.tally);
        sink.put(&mut state, &done.output, true)?;
    }
    let tally = state.tally.clone();
    let summary = Summary { tally: &tally, rules: &job.rules };
    sink.put(&mut state, &job.report.end(&summary), false)?;
    // After a deadline the same command may go on.
    sink.end(&mut state, !job.is_late())?;
    Ok(tally)
}

fn print_modules() -> Result<u8, Failure> {
    let mut text = String::new();
    for name in dragnet::module_names() {
        text.push_str(name);
        text.push('\n');
    }
    super::print(&text)?;
    Ok(DONE)
}
