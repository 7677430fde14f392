//! What all threads of a run share, and what it says of each file to its
//! rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use dragnet::{
    OpenCx, OpenError, Opened, Reason, Rules, Scanner, Threads, Value,
};

use crate::image::Image;
use crate::known::Known;
use crate::report::Report;

/// The name of a module and what it is given.
pub(crate) type ModuleData = (String, Arc<[u8]>);

/// Opens a module outside of a scan, with what it was given.
pub(crate) fn open_module<'d>(
    name: &str,
    given: &'d [ModuleData],
    cx: OpenCx<'d>,
) -> Option<Opened<'d>> {
    let of = given.iter().find(|(module, _)| module == name);
    let module_data = of.map(|(_, data)| &**data);
    let now = SystemTime::UNIX_EPOCH.elapsed();
    let now = now.map_or(0, |time| time.as_secs() as i64);
    let cx = OpenCx { module_data, now, ..cx };
    dragnet::module(name).map(|module| Opened::open(module, cx))
}

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
    /// Content that is known to be good.
    pub(crate) known: Known,
    /// Is that not scanned?
    pub(crate) skip_known: bool,
    /// Where objects are put that do not fit into memory.
    pub(crate) spool: Option<PathBuf>,
    /// Threads that share the work on large objects.
    pub(crate) threads: Arc<Threads>,
    /// Rules that may still be printed.
    pub(crate) rules_left: Option<AtomicU64>,
    /// What strings and conditions cost, if that is counted.
    pub(crate) counted: Option<Mutex<dragnet::Work>>,
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
    /// The modules whose fields are printed for each object.
    pub(crate) modules: Vec<String>,
    /// Are the matches of patterns printed at all?
    pub(crate) strings: bool,
    /// In the order of their offsets, not pattern by pattern?
    pub(crate) by_offset: bool,
    /// Most bytes of a match that are printed.
    pub(crate) match_bytes: usize,
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
    /// Of the time of a processor, in per cent.
    pub(crate) cpu_share: Option<u32>,
}

/// Objects may be so many times larger than the medium that they are on:
/// more is nothing but holes, and takes as long to scan as if it were not.
const EXPANSION: u64 = 8;
/// Up to this size they may be whatever they want.
const HARMLESS: u64 = 1 << 30;

impl Job {
    /// Gives a scan the time that is left.
    pub(super) fn set_timeout(&self, scanner: &mut Scanner) {
        if let Some(deadline) = self.limits.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            let own = self.limits.timeout;
            let limit = own.map_or(left, |limit| limit.min(left));
            scanner.limits_mut().timeout = Some(limit);
        }
    }

    /// How long a thread rests that worked for this time.
    pub(super) fn rest(&self, busy: Duration) -> Duration {
        let share = self.limits.cpu_share.unwrap_or(100);
        let rest = busy * 100_u32.saturating_sub(share) / share.max(1);
        let deadline = self.limits.deadline;
        let left = deadline.map(|at| at.duration_since(Instant::now()));
        left.map_or(rest, |left| rest.min(left))
    }

    /// Is this content left out because it is known?
    pub(super) fn check_known(&self, data: &[u8]) -> Result<(), OpenError> {
        let wanted = self.skip_known && !self.known.is_empty();
        let list = wanted.then(|| self.known.list_of(data)).flatten();
        list.map_or(Ok(()), |list| {
            Err(OpenError {
                reason: Reason::KnownGood,
                detail: format!("its hash is in {list}"),
                bytes: Some(data.len() as u64),
            })
        })
    }

    /// Why an object of this size is not scanned.
    pub(super) fn too_large(
        &self,
        size: u64,
        medium: u64,
    ) -> Option<OpenError> {
        let bound = medium.saturating_mul(EXPANSION).max(HARMLESS);
        let most = self.limits.max_size.unwrap_or(u64::MAX);
        let (reason, detail) = if size > most {
            (Reason::Excluded, "larger than the size limit")
        } else if size > bound {
            (Reason::ExpansionLimit, "much larger than the medium")
        } else {
            return None;
        };
        let detail = detail.to_owned();
        Some(OpenError { reason, detail, bytes: Some(size) })
    }

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

    pub(super) fn set_externals(&self, scanner: &mut Scanner, path: &Path) {
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
}
